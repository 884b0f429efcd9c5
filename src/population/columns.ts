/** From exact amounts to the columns of `ledger/population.ts`, for drawn and for loaded positions alike. */
import { cut, type Price, type Qty, scaled } from '../basics/exact.ts';
import { COLUMN_SCALE } from '../ledger/population.ts';
import { valueAt } from '../margin/leg.ts';
import type { Market } from '../rules/market.ts';

/**
 * Value of a position at its entry: qty * price, or contracts * face / price cut to the venue's unit;
 * in column units. More than 8 decimal places are cut, half to even.
 */
export const entryValueOf = (market: Market, qty: Qty, price: Price): bigint =>
  scaled(cut(valueAt(market, qty, price), COLUMN_SCALE, 'even'), COLUMN_SCALE);

/** One column unit of money as float64. */
const UNIT_F64 = 100_000_000;

/** A float64 amount of money in whole column units, rounded up; never below 0. */
export const columnUp = (moneyF64: number): bigint => BigInt(Math.max(0, Math.ceil(moneyF64 * UNIT_F64)));

/** A column amount as float64 settlement units. */
export const columnF64 = (column: bigint): number => Number(column) / UNIT_F64;

/** Settlement assets of markets, in the order of their first market. */
export const assetsOf = (markets: readonly Market[]): string[] => [...new Set(markets.map((m) => m.settle))];
