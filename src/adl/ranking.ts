/**
 * Who is deleveraged first: scores of the winners' positions, and their order. Scores are float64
 * (relative error below 1e-10); where two overlap within that bound at the cut, exact scores decide.
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
  readonly notional: N;
  readonly entryValue: N;
}

/**
 * Score as float64, higher first; 0 or below is no winner.
 *
 *   binance              max(0, profit) / max(1, wallet) * (maintenance / equity; 0 if equity <= 0)
 *   profitTimesLeverage  profit / entryValue * notional / equity
 *   profitOnly           profit / entryValue
 *
 * @see docs/rules.md#adl; Binance FAQ 360033525471; source documents 000, 001, 003 and 002
 */
export function score(ranking: Ranking, i: ScoreInput<number>): number {
  if (i.profit <= 0 || ranking === 'none') return 0;
  if (ranking === 'binance')
    return i.equity <= 0 ? 0 : ((i.profit / Math.max(1, i.wallet)) * i.maintenance) / i.equity;
  const percent = i.profit / i.entryValue;
  if (ranking === 'profitOnly') return percent;
  return i.equity <= 0 ? 0 : (percent * i.notional) / i.equity;
}

/** The same score as an exact fraction, numerator over denominator > 0. */
export function exactScore(ranking: Ranking, i: ScoreInput<Money>): { over: Money; under: Money } {
  const none = { over: ZERO_MONEY, under: money('1') };
  if (!i.profit.isPositive() || ranking === 'none') return none;
  if (ranking === 'profitOnly') return { over: i.profit, under: i.entryValue };
  if (!i.equity.isPositive()) return none;
  const [factor, base] =
    ranking === 'binance' ? [i.maintenance, max(money('1'), i.wallet)] : [i.notional, i.entryValue];
  return { over: product('money', i.profit, factor), under: product('money', base, i.equity) };
}

/** -1 when `a` ranks before `b`. */
export function compareExact(a: { over: Money; under: Money }, b: { over: Money; under: Money }): -1 | 0 | 1 {
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

/** Five lights: 5 is first in the queue. @param rank  from 1 @param count  winners on that side */
export const lights = (rank: number, count: number): number =>
  Math.min(5, Math.max(1, 5 - Math.floor(((rank - 1) * 5) / Math.max(1, count))));

/** Relative width within which two float64 scores may be in the wrong order. */
export const SCORE_BOUND = 1e-10;
