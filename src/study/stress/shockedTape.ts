/** A tape after shocks, over the population of the tape as recorded. */
import type { Tape } from '../tape.ts';
import { applyShocks } from './applyShocks.ts';
import type { Shock } from './shock.ts';

/**
 * The tape of a stressed day. Shocks of prices scale what forced orders did to them; one of `liquidity` leaves
 * prices as they stand, so that the tape still holds those orders at the impact of the thicker market.
 *
 * @throws ReplayError as applyShocks does
 */
export function shockedTape(tape: Tape, shocks: readonly Shock[]): Tape {
  const { frames, markets } = tape;
  const ofPrices = shocks.filter(({ kind }) => kind !== 'liquidity');
  const isThinned = ofPrices.length < shocks.length;
  return tape.withFrames(
    applyShocks(frames, shocks, markets),
    isThinned ? applyShocks(frames, ofPrices, markets) : null,
  );
}
