/** The recorded constituent prices behind an index, as text: what `cascade explain` shows of a mark. */
import { price, steps } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import type { Frames } from '../clock/frames.ts';
import type { MarketId } from '../rules/market.ts';

/** `constituent.<market>.<name>` -> last price and its age in seconds, at the end of the beat that ends at `tsUs`. */
export function constituentsAt(frames: Frames, market: MarketId, tsUs: Micros): Record<string, string> {
  const beat = Math.round((tsUs - frames.startUs) / frames.beatUs) - 1;
  const list = frames.constituents.get(market) ?? [];
  return Object.fromEntries(
    list.map(({ name, tick, lastTicks, ageUs }): [string, string] => {
      const ticks = lastTicks[beat]!;
      const said = Number.isNaN(ticks)
        ? 'none yet'
        : `${steps(ticks, price(tick))}, ${ageUs[beat]! / 1e6} s old`;
      return [`constituent.${market}.${name}`, said];
    }),
  );
}
