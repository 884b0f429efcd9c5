/**
 * Where an account that is judged as one becomes liquidatable while one underlying moves. Its headroom has no
 * closed form (scenarios, options, assets that count less as they fall), so the way out is searched in steps
 * and the verdict alone decides.
 */
import { cut, ONE, PRICE_SCALE, type Price, rate, type Rate, scaled, unscaled } from '../basics/exact.ts';
import { firstTrue } from './firstTrue.ts';
import type { LiquidationPrices } from './prices.ts';

/** Share of the price by which the search goes on. */
export const SEARCH_STEP = rate('0.005');
/** Steps on each side: to 1/1,100 of today's price and to 1,090 times it. */
const MOST_STEPS = 1400;

/**
 * The first prices below and above today's at which a condition holds.
 *
 * Each side is walked in steps of SEARCH_STEP; the first that fails is narrowed down to the grid of
 * 10^-PRICE_SCALE. A failure that begins and ends inside one step is passed over, and where the verdict turns
 * several times inside one, one of its turns is returned.
 *
 * @param today  > 0
 * @param fails  the verdict at a price; both results are today's price where it holds there
 */
export function wholeLiquidationPrices(today: Price, fails: (price: Price) => boolean): LiquidationPrices {
  const mark = cut(today, PRICE_SCALE, 'even');
  if (fails(mark)) return { low: mark, high: mark };
  return {
    low: walk(mark, ONE.minus(SEARCH_STEP), fails),
    high: walk(mark, ONE.plus(SEARCH_STEP), fails),
  };
}

function walk(from: Price, factor: Rate, fails: (price: Price) => boolean): Price | null {
  const down = factor.lt(ONE);
  let before = from;
  for (let k = 0; k < MOST_STEPS; k++) {
    const next = cut(before.times(factor), PRICE_SCALE, down ? 'down' : 'up');
    if (!next.isPositive()) return null;
    if (fails(next)) {
      const [a, b] = [scaled(before, PRICE_SCALE), scaled(next, PRICE_SCALE)];
      const outward = (x: bigint): Price => unscaled('price', x < 0n ? -x : x, PRICE_SCALE);
      const [start, end] = down ? [-a, -b] : [a, b];
      return outward(firstTrue((x) => fails(outward(x)), { from: start + 1n, to: end, guess: end }));
    }
    before = next;
  }
  return null;
}
