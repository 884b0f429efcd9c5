/**
 * Exact liquidation prices, for reports, `explain` and conformance; the replay itself only needs the
 * screen. One code path for every schedule: walk outward from today's mark, tier by tier, with the
 * verdict itself as the only judge. Between two tier bounds the headroom is linear in the mark
 * (linear) or in its reciprocal (inverse), so one secant step finds the root and the verdict at the
 * price beside it proves it.
 */
import {
  cut,
  type Money,
  PRICE_SCALE,
  perUnit,
  type Price,
  quotient,
  scaled,
  unscaled,
} from '../basics/exact.ts';
import type { MarketId } from '../rules/market.ts';
import type { TriggerRule } from '../rules/ruleSet.ts';
import { firstTrue } from './firstTrue.ts';
import type { Leg, Marks, Pocket } from './leg.ts';
import { legTier } from './maintenance.ts';
import { judge, type Verdict } from './trigger.ts';

export interface LiquidationPrices {
  /** First price below today's mark at which the pocket is liquidatable; null when there is none above 0. */
  readonly low: Price | null;
  /** First price above today's mark at which it is; null when there is none within REACH times the mark. */
  readonly high: Price | null;
}

/** Prices above this many times today's mark are not searched. */
const REACH = 1_000_000_000n;

/**
 * The marks of one market, below and above today's, at which a pocket becomes liquidatable while its
 * other markets stand still.
 *
 * Results are on the grid of 10^-PRICE_SCALE and rounded away from today's mark (low: down, high:
 * up), so that the verdict at the result is true and at the next price toward today's mark it is
 * false; under a strict trigger that is one grid step beyond the price of zero headroom. Both are
 * today's mark when the pocket is liquidatable already. In an inverse market the venue's cut of the
 * value can make the verdict flicker over a few grid steps; one of its flips is returned.
 *
 * @param marks  > 0, at most PRICE_SCALE decimal places
 */
export function liquidationPrices(
  pocket: Pocket,
  marketId: MarketId,
  marks: Marks,
  trigger: TriggerRule,
): LiquidationPrices {
  const mark = cut(marks(marketId), PRICE_SCALE, 'even');
  const legs = pocket.legs.filter((leg) => leg.market.id === marketId);
  if (legs.length === 0) return { low: null, high: null };
  const judgeAt = (price: Price): Verdict =>
    judge(pocket, (id) => (id === marketId ? price : marks(id)), trigger);
  if (judgeAt(mark).liquidatable) return { low: mark, high: mark };
  const n = scaled(mark, PRICE_SCALE);
  return {
    low: walk({ legs, judgeAt, from: -n, to: -1n }),
    high: walk({ legs, judgeAt, from: n, to: n * REACH }),
  };
}

/** One side of the walk. Prices are whole grid steps, negated on the way down, so that outward is upward. */
interface Walk {
  readonly legs: readonly Leg[];
  readonly judgeAt: (price: Price) => Verdict;
  readonly from: bigint;
  readonly to: bigint;
}

const priceOf = (x: bigint): Price => unscaled('price', x < 0n ? -x : x, PRICE_SCALE);

function walk({ legs, judgeAt, from, to }: Walk): Price | null {
  const fails = (x: bigint): boolean => judgeAt(priceOf(x)).liquidatable;
  const starts = [...new Set([from, ...legs.flatMap((leg) => tierStarts(leg, from, to))])];
  starts.sort((a, b) => (a < b ? -1 : 1));
  for (const [i, start] of starts.entries()) {
    if (i > 0 && fails(start)) return priceOf(start);
    const next = starts[i + 1];
    const end = next === undefined ? to : next - 1n;
    if (end === start || !fails(end)) continue;
    const guess = secant(start, end, { judgeAt, inverse: legs[0]!.market.kind === 'inverse' });
    return priceOf(firstTrue(fails, { from: start + 1n, to: end, guess }));
  }
  return null;
}

/** First grid price in each further tier that a leg enters on its way out. */
function tierStarts(leg: Leg, from: bigint, to: bigint): bigint[] {
  const { rules, market, qty } = leg;
  if (rules.tierKey === 'qty' || rules.notionalAt === 'entry') return [];
  const tierAt = (x: bigint): number => legTier(leg, priceOf(x));
  const boundAt = (upTo: Money): Price =>
    market.kind === 'linear'
      ? quotient('price', upTo, qty, PRICE_SCALE, 'even')
      : quotient('price', perUnit(qty, market.faceValue), upTo, PRICE_SCALE, 'even');
  const starts: bigint[] = [];
  const last = tierAt(to);
  for (let tier = tierAt(from); tier !== last; tier = tierAt(starts.at(-1)!)) {
    const crossed = rules.tiers[last > tier ? tier : tier - 1]!;
    const bound = boundAt(crossed.upTo).n;
    const guess = from < 0n ? -bound : bound;
    const left = (x: bigint): boolean => (last > tier ? tierAt(x) > tier : tierAt(x) < tier);
    starts.push(firstTrue(left, { from: (starts.at(-1) ?? from) + 1n, to, guess }));
  }
  return starts;
}

/**
 * Where the headroom of two ends, one sound and one not, is zero if it is linear in the mark or in its
 * reciprocal.
 */
function secant(
  a: bigint,
  b: bigint,
  how: { readonly judgeAt: (price: Price) => Verdict; readonly inverse: boolean },
): bigint {
  const headroom = (x: bigint): Money => {
    const { equity, maintenance } = how.judgeAt(priceOf(x));
    return equity.minus(maintenance);
  };
  const [ha, hb] = [headroom(a), headroom(b)];
  const scale = Math.max(ha.scale, hb.scale);
  const [na, nb] = [scaled(ha, scale), scaled(hb, scale)];
  if (na === nb) return b;
  return how.inverse ? ((na - nb) * a * b) / (na * a - nb * b) : a + ((b - a) * na) / (na - nb);
}
