/**
 * What a missing book costs. The moving part of a mark (price2) averages mid minus index; without a
 * book the last trade stands for the mid. On a tape that has a book both can be computed, from the
 * same frames, and set side by side.
 */
import { invariant } from '../basics/errors.ts';
import type { Frames } from '../clock/frames.ts';
import { MarketState } from '../mark/marketState.ts';
import type { Market } from '../rules/market.ts';
import type { MarketRules } from '../rules/ruleSet.ts';

export interface MidProxyDifference {
  /** Beats in which both have a price2. */
  readonly beats: number;
  /** Mean of |proxy / book - 1| of price2, basis points. */
  readonly meanBp: number;
  /** The largest of them, basis points. */
  readonly maxBp: number;
  /** The largest |proxy / book - 1| of the mark itself, basis points. */
  readonly markMaxBp: number;
}

/**
 * Prices every beat twice: with the recorded book, and as if there were none.
 *
 * @param input.frames  frames with a book of that market
 * @throws RangeError when there is no book, or the mark rule has no moving basis
 */
export function midProxyDifference(input: {
  readonly market: Market;
  readonly rules: MarketRules;
  readonly frames: Frames;
}): MidProxyDifference {
  const { market, rules, frames } = input;
  const columns = frames.markets.get(market.id);
  invariant(columns !== undefined, `the frames hold market ${market.id}`);
  if (columns.bidPlusAskTicks === null) throw new RangeError(`no book of ${market.id} to compare with`);
  const markets = new Map(frames.markets).set(market.id, { ...columns, bidPlusAskTicks: null });
  const withBook = new MarketState({ market, rules, frames });
  const withProxy = new MarketState({ market, rules, frames: { ...frames, markets } });
  let [beats, sumBp, maxBp, markMaxBp] = [0, 0, 0, 0];
  for (let beat = 0; beat < frames.beats; beat++) {
    const [book, proxy] = [withBook.price(beat, null), withProxy.price(beat, null)];
    if (book === null || proxy === null || book.price2 === null || proxy.price2 === null) continue;
    const bp = apartBp(proxy.price2.toNumber(), book.price2.toNumber());
    beats++;
    sumBp += bp;
    maxBp = Math.max(maxBp, bp);
    markMaxBp = Math.max(markMaxBp, apartBp(proxy.markF64, book.markF64));
  }
  if (beats === 0) throw new RangeError('the mark rule has no moving basis');
  return { beats, meanBp: sumBp / beats, maxBp, markMaxBp };
}

const apartBp = (a: number, b: number): number => Math.abs(a / b - 1) * 10_000;
