/** How the calculator writes amounts, units and legs, and what a step of its arithmetic is. */
import { cut, type Exact, product, rate, type Unit } from '../basics/exact.ts';
import type { Leg } from '../margin/leg.ts';
import type { Market } from '../rules/market.ts';

export interface Step {
  readonly step: string;
  readonly formula: string;
  readonly value: string;
  readonly unit: string;
}

/** Decimal places of an amount for a person; the JSON has all of them. */
const SHOWN = 10;
const HUNDRED = rate('100');

/** An amount with at most ten decimal places, half to even. */
export const shown = (amount: Exact<Unit>): string => cut(amount, SHOWN, 'even').toString();

/** A share as per cent, with at most four decimal places, half to even. */
export const percent = (share: Exact<Unit>): string => `${cut(product('rate', share, HUNDRED), 4, 'even')} %`;

/** What a quantity counts, and what a price is in. */
export const qtyUnit = ({ kind }: Market): string => (kind === 'linear' ? 'base units' : 'contracts');
export const priceUnit = ({ kind, settle }: Market): string => (kind === 'linear' ? settle : 'quote units');

/** `long 1 BTCUSDT` */
export const legName = ({ side, qty, market }: Leg): string => `${side} ${qty} ${market.id}`;
