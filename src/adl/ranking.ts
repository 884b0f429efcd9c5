/**
 * Who is deleveraged first, or how much of everybody: scores of positions, and their order. Scores
 * are float64 (relative error below 1e-10); where two overlap within that bound at the cut, exact
 * scores decide.
 */
import { type Exact, max, type Money, money, product, quotient, ZERO_MONEY } from '../basics/exact.ts';
import type { AdlRule } from '../rules/ruleSet.ts';

export type Ranking = AdlRule['ranking'];

/** What a score is made of. All in settlement units. */
export interface ScoreInput<N> {
  /** Unrealized profit of the position. */
  readonly profit: N;
  /** Wallet of the pocket: isolated margin or cross wallet. */
  readonly wallet: N;
  /** Maintenance margin and equity of the pocket. */
  readonly maintenance: N;
  readonly equity: N;
  /** Value at mark of the pocket's legs, and of this position alone. */
  readonly notional: N;
  readonly value: N;
  readonly entryValue: N;
  /** What of the collateral stands behind this position: its margin, or its share of the wallet. */
  readonly margin: N;
  /** Closing fee inside the bankruptcy price, on `value`. */
  readonly fee: N;
  /** The owner gains when the value grows: a linear long, an inverse short. */
  readonly gains: boolean;
}

/**
 * Score as float64, higher first. For rules that share (science.md 5.2) it is the weight by which
 * they do. Losers have one too, for rules that close them (`eligible: anySolvent`); 0 where equity is
 * not above 0, except for `profitOnly`.
 *
 *   binance              max(0, profit) / max(1, wallet) * (maintenance / equity; 0 if equity <= 0)
 *   profitTimesLeverage  p * L of a winner, p / L of a loser; p = profit / entryValue, L = notional / equity
 *   bitmex               the same with L = value (1 -/+ f) / (profit + margin - f value) = |MV| / (MV - BV)
 *   hyperliquid          mark / entry (entry / mark of a short) * value / equity
 *   profitOnly           p
 *   proRataProfit, minMaxHaircut, socialise   max(0, profit)
 *   riskWeighted                   max(0, profit) * L
 *   leverageDrain                  value / equity
 *   random, proRataContracts       1
 *
 * @see docs/method.md (Auto-deleveraging) for the sources of each
 */
export function score(ranking: Ranking, i: ScoreInput<number>): number {
  const percent = i.profit / i.entryValue;
  if (ranking === 'profitOnly') return percent;
  if (i.equity <= 0) return 0;
  switch (ranking) {
    case 'binance':
      return ((Math.max(0, i.profit) / Math.max(1, i.wallet)) * i.maintenance) / i.equity;
    case 'profitTimesLeverage':
      return tilted(i.profit, percent, i.notional, i.equity);
    case 'bitmex': {
      const backed = i.profit + i.margin - i.fee;
      if (backed <= 0) return 0;
      return tilted(i.profit, percent, i.value - (i.gains ? i.fee : -i.fee), backed);
    }
    case 'hyperliquid':
      return ((i.gains ? i.value / i.entryValue : i.entryValue / i.value) * i.value) / i.equity;
    case 'proRataProfit':
    case 'minMaxHaircut':
    case 'socialise':
      return Math.max(0, i.profit);
    case 'riskWeighted':
      return (Math.max(0, i.profit) * i.notional) / i.equity;
    case 'leverageDrain':
      return i.value / i.equity;
    case 'random':
    case 'proRataContracts':
      return 1;
    default:
      return 0; // none: nobody is closed
  }
}

/** Percent times leverage (size / backing) of a winner, percent over leverage of a loser. */
const tilted = (profit: number, percent: number, size: number, backing: number): number =>
  profit > 0 ? (percent * size) / backing : (percent * backing) / size;

/** A score as an exact fraction; `under` is above 0. */
export interface ExactScore {
  readonly over: Money;
  readonly under: Money;
}

/** The same score as an exact fraction, numerator over denominator > 0. */
export function exactScore(ranking: Ranking, i: ScoreInput<Money>): ExactScore {
  const none = { over: ZERO_MONEY, under: money('1') };
  if (ranking === 'profitOnly') return { over: i.profit, under: i.entryValue };
  if (!i.equity.isPositive()) return none;
  const gain = max(ZERO_MONEY, i.profit);
  const times = (...list: readonly Money[]): Money =>
    list.reduce((total, a) => product('money', total, a), money('1'));
  const tilt = (size: Money, backing: Money): ExactScore =>
    i.profit.isPositive()
      ? { over: times(i.profit, size), under: times(i.entryValue, backing) }
      : { over: times(i.profit, backing), under: times(i.entryValue, size) };
  switch (ranking) {
    case 'binance':
      return { over: times(gain, i.maintenance), under: times(max(money('1'), i.wallet), i.equity) };
    case 'profitTimesLeverage':
      return tilt(i.notional, i.equity);
    case 'bitmex': {
      const backed = i.profit.plus(i.margin).minus(i.fee);
      if (!backed.isPositive()) return none;
      return tilt(i.gains ? i.value.minus(i.fee) : i.value.plus(i.fee), backed);
    }
    case 'hyperliquid':
      return i.gains
        ? { over: times(i.value, i.value), under: times(i.entryValue, i.equity) }
        : { over: i.entryValue, under: i.equity };
    case 'proRataProfit':
    case 'minMaxHaircut':
    case 'socialise':
      return { over: gain, under: money('1') };
    case 'riskWeighted':
      return { over: times(gain, i.notional), under: i.equity };
    case 'leverageDrain':
      return { over: i.value, under: i.equity };
    case 'random':
    case 'proRataContracts':
      return { over: money('1'), under: money('1') };
    default:
      return none;
  }
}

/** -1 when `a` ranks before `b`. */
export function compareExact(a: ExactScore, b: ExactScore): -1 | 0 | 1 {
  const left: Exact<'money'> = product('money', a.over, b.under);
  return product('money', b.over, a.under).cmp(left);
}

/** PnL percent and score of Binance's page as exact decimals, for conformance and `explain`. */
export function binanceScore(
  profit: Money,
  wallet: Money,
  marginRatio: Exact<'rate'>,
): { percent: Money; score: Money } {
  const percent = quotient('money', max(ZERO_MONEY, profit), max(money('1'), wallet), 18, 'even');
  return { percent, score: percent.times(marginRatio) };
}

/** Rules that close a part of everybody. */
export type SharePolicy = Extract<
  Ranking,
  'proRataContracts' | 'proRataProfit' | 'riskWeighted' | 'leverageDrain' | 'minMaxHaircut'
>;

const SHARES: ReadonlySet<Ranking> = new Set<SharePolicy>([
  'proRataContracts',
  'proRataProfit',
  'riskWeighted',
  'leverageDrain',
  'minMaxHaircut',
]);

/** Whether a rule closes a part of everybody instead of going down a queue. */
export const isShare = (ranking: Ranking): ranking is SharePolicy => SHARES.has(ranking);

/** Whether a place in the queue means anything: lights and ranks. */
export const isRanked = (ranking: Ranking): boolean =>
  !isShare(ranking) && ranking !== 'random' && ranking !== 'none' && ranking !== 'socialise';

/** Five lights: 5 is first in the queue. @param rank  from 1 @param count  winners on that side */
export const lights = (rank: number, count: number): number =>
  Math.min(5, Math.max(1, 5 - Math.floor(((rank - 1) * 5) / Math.max(1, count))));

/** Relative width within which two float64 scores may be in the wrong order. */
export const SCORE_BOUND = 1e-10;
