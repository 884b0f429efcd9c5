/**
 * How much margin a drawn position is given, in float64: this decides what a synthetic account
 * brings to the start, not what the ledger later believes. Every amount is rounded up to a whole
 * column unit and carries 5 % of spare maintenance, far more than float64 can lose.
 */
import { log } from '../basics/maths.ts';
import type { Market } from '../rules/market.ts';
import type { MarketRules } from '../rules/ruleSet.ts';

/** Equity at the start is at least this multiple of maintenance margin; assumed. */
const SPARE = 1.05;
/** An account outside the liquidatable share survives marks down to 25 % of the first ... */
const SOLVENT_DOWN = 0.25;
/** ... and up to 400 % of it; both assumed: wider than any move of the events in docs/validation.md. */
const SOLVENT_UP = 4;

/** Mean free collateral as a multiple of position margin; docs/method.md (Population), assumed. */
const FREE_MEAN = 0.6;

/** Collateral beside the margin of positions: exponential, at a draw u in [0, 1); in the unit of the margin. */
export const freeCollateral = (marginF64: number, u: number): number => -FREE_MEAN * marginF64 * log(1 - u);

/** A market's contract and margin schedule as plain numbers. */
export interface Terms {
  readonly linear: boolean;
  readonly faceF64: number;
  readonly stepF64: number;
  readonly tickF64: number;
  readonly byQty: boolean;
  readonly atEntry: boolean;
  /** Added to the rates for a unit of size: base units (linear), settlement units of notional (inverse). */
  readonly slope: { readonly maintenance: number; readonly initial: number };
  readonly tiers: readonly {
    readonly upToF64: number;
    readonly rate: number;
    readonly deductionF64: number;
    readonly initialRate: number;
  }[];
}

/** A position before it has margin. */
export interface Opened {
  readonly side: 1 | -1;
  readonly qtyF64: number;
  readonly entryValueF64: number;
}

/** The terms of a market that its collateral depends on, as float64. */
export function termsOf(market: Market, rules: MarketRules): Terms {
  return {
    linear: market.kind === 'linear',
    faceF64: market.faceValue.toNumber(),
    stepF64: market.qtyStep.toNumber(),
    tickF64: market.priceTick.toNumber(),
    byQty: rules.tierKey === 'qty',
    atEntry: rules.notionalAt === 'entry',
    slope: {
      maintenance: rules.sizeSlope?.maintenance.toNumber() ?? 0,
      initial: rules.sizeSlope?.initial.toNumber() ?? 0,
    },
    tiers: rules.tiers.map((tier) => ({
      upToF64: tier.upTo.toNumber(),
      rate: tier.maintenanceRate.toNumber() + (rules.closingFee?.toNumber() ?? 0),
      deductionF64: tier.maintenanceDeduction.toNumber(),
      initialRate: tier.initialRate.toNumber(),
    })),
  };
}

/** Value of a quantity at a price, settlement units: qty * price, or contracts * face / price. */
export const valueF64 = (terms: Terms, qtyF64: number, priceF64: number): number =>
  terms.linear ? qtyF64 * priceF64 : (qtyF64 * terms.faceF64) / priceF64;

/** The tier of a position; the last also serves above its bound. */
function tierOf(terms: Terms, qtyF64: number, notionalF64: number) {
  const key = terms.byQty ? qtyF64 : notionalF64;
  return terms.tiers.find((tier) => key <= tier.upToF64) ?? terms.tiers.at(-1)!;
}

/** Size that the slope multiplies. */
const sizeOf = (terms: Terms, qtyF64: number, notionalF64: number): number =>
  terms.linear ? qtyF64 : notionalF64;

/** Maintenance of a position as rate * notional - deduction, settlement units, in the tier of its notional. */
export function maintenanceOf(terms: Terms, qtyF64: number, notionalF64: number) {
  const { rate, deductionF64 } = tierOf(terms, qtyF64, notionalF64);
  return { rate: rate + terms.slope.maintenance * sizeOf(terms, qtyF64, notionalF64), deductionF64 };
}

/** Highest leverage that the venue allows for a position of this value at entry: 1 / initialRate. */
export const leverageMax = (terms: Terms, qtyF64: number, entryValueF64: number): number =>
  1 /
  (tierOf(terms, qtyF64, entryValueF64).initialRate +
    terms.slope.initial * sizeOf(terms, qtyF64, entryValueF64));

/**
 * Margin with which equity at a mark is 1.05 times maintenance margin:
 *
 *   need = 1.05 * (notional * rate - deduction) - unrealized profit
 *
 * @returns settlement units; negative where profit alone carries the position
 */
export function marginNeeded(terms: Terms, position: Opened, markF64: number): number {
  const { side, qtyF64, entryValueF64 } = position;
  const atMark = valueF64(terms, qtyF64, markF64);
  const notional = terms.atEntry ? entryValueF64 : atMark;
  const { rate, deductionF64 } = maintenanceOf(terms, qtyF64, notional);
  const profit = (terms.linear ? side : -side) * (atMark - entryValueF64);
  return SPARE * (notional * rate - deductionF64) - profit;
}

/** Margin that keeps a position solvent at every mark in [25 %, 400 %] of the first. */
export const solventMargin = (terms: Terms, position: Opened, firstMarkF64: number): number =>
  Math.max(
    marginNeeded(terms, position, firstMarkF64 * SOLVENT_DOWN),
    marginNeeded(terms, position, firstMarkF64 * SOLVENT_UP),
    marginNeeded(terms, position, firstMarkF64),
  );
