/**
 * A population in another contract: what `--convert` does. Positions keep side, entry price and their
 * notional in quote units at the first mark; collateral keeps its worth at the first index.
 */
import {
  cut,
  type Money,
  perUnit,
  type Price,
  product,
  quotient,
  scaled,
  steps,
  unscaled,
  value,
} from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import { type Behaviour, COLUMN_SCALE, type Population } from '../ledger/population.ts';
import type { Market } from '../rules/market.ts';

/** One market before and after, with the prices by which it is restated. */
export interface Restating {
  readonly from: Market;
  readonly to: Market;
  /** First mark of the window. */
  readonly mark: Price;
  /** First index of the window. */
  readonly index: Price;
}

/**
 * Lots in the new contract with the same notional in quote units at the first mark.
 *
 *   to inverse   qty * mark / faceValue contracts          to linear   contracts * faceValue / mark base units
 *
 * @returns  whole lots to nearest, ties to even, at least 1: no position vanishes
 */
export function restatedLots(lots: number, { from, to, mark }: Restating): number {
  if (lots === 0) return 0;
  const qty = steps(lots, from.qtyStep);
  const notional = from.kind === 'linear' ? value(qty, mark) : perUnit(qty, from.faceValue);
  const perLot = to.kind === 'linear' ? value(to.qtyStep, mark) : perUnit(to.qtyStep, to.faceValue);
  return Math.max(1, Number(quotient('rate', notional, perLot, 0, 'even').n));
}

/**
 * Entry value of the new lots at the old entry price.
 *
 * @param entryValue  of the old position, settlement units, above 0
 * @returns           settlement units, ties to even at 8 places, or at the venue's own unit where coarser
 */
export function restatedEntryValue(
  position: { readonly lots: number; readonly entryValue: Money },
  newLots: number,
  { from, to }: Restating,
): Money {
  const qty = steps(position.lots, from.qtyStep);
  const newQty = steps(newLots, to.qtyStep);
  // entry price = above / below, without dividing
  const [above, below] =
    from.kind === 'linear' ? [position.entryValue, qty] : [perUnit(qty, from.faceValue), position.entryValue];
  if (to.kind === 'linear') {
    return quotient('money', product('money', newQty, above), below, COLUMN_SCALE, 'even');
  }
  const scale = Math.min(to.valueScale, COLUMN_SCALE);
  return quotient('money', product('money', perUnit(newQty, to.faceValue), below), above, scale, 'even');
}

/**
 * Money of the same worth in the new settlement asset, cut downward at 8 places: dollars to coin divide by
 * the first index, coin to dollars multiply; one dollar is another.
 */
export function restatedMoney(amount: Money, { from, to, index }: Restating): Money {
  if (from.kind === to.kind) return amount;
  return to.kind === 'inverse'
    ? quotient('money', amount, index, COLUMN_SCALE, 'down')
    : cut(product('money', amount, index), COLUMN_SCALE, 'down');
}

/** Last price at an instant in the old contract of the m-th market. */
export type LastAt = (market: number, tsUs: Micros) => Price;

/**
 * The whole population in the new contracts. What accounts do by themselves stays: multiples of prices,
 * leverages and instants are of no contract, and lots that arrive keep the notional that they have then.
 *
 * @param by      one a market, in the order of the population's markets; all settle in one asset where the
 *                kind of contract changes
 * @param lastAt  needed where the population has arrivals
 */
export function restatePopulation(
  population: Population,
  by: readonly Restating[],
  lastAt?: LastAt,
): Population {
  const first = by[0]!;
  const money = (column: BigInt64Array, of: (i: number) => Restating): BigInt64Array =>
    column.map((n, i) =>
      n === 0n ? 0n : scaled(restatedMoney(unscaled('money', n, COLUMN_SCALE), of(i)), COLUMN_SCALE),
    );
  const ofLeg = (row: number): Restating => by[population.legMarket[row]!]!;
  const legLots = population.legLots.map((lots, row) => restatedLots(lots, ofLeg(row)));
  const legEntryValue = population.legEntryValue.map((n, row) => {
    const lots = population.legLots[row]!;
    if (lots === 0 || n === 0n) return 0n;
    const entryValue = unscaled('money', n, COLUMN_SCALE);
    return scaled(restatedEntryValue({ lots, entryValue }, legLots[row]!, ofLeg(row)), COLUMN_SCALE);
  });
  const settleOf = (asset: string): string =>
    by.find(({ from }) => from.settle === asset)?.to.settle ?? asset;
  return {
    ...population,
    assets: population.assets.map(settleOf),
    wallet: money(population.wallet, () => first),
    orderMargin: money(population.orderMargin, () => first),
    legLots,
    legEntryValue,
    legMargin: money(population.legMargin, ofLeg),
    ...restatedBehaviour(population, by, lastAt),
  };
}

function restatedBehaviour(
  { behaviour, legMarket }: Population,
  by: readonly Restating[],
  lastAt: LastAt | undefined,
): { behaviour?: Behaviour } {
  if (behaviour === undefined) return {};
  const { arrivals } = behaviour;
  const lots = arrivals.lots.map((was, i) => {
    const market = legMarket[arrivals.row[i]!]!;
    if (lastAt === undefined) throw new RangeError('arrivals need the prices at which they open');
    return restatedLots(was, { ...by[market]!, mark: lastAt(market, arrivals.tsUs[i]!) });
  });
  return { behaviour: { ...behaviour, arrivals: { ...arrivals, lots } } };
}
