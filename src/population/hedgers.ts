/**
 * Hedgers: whose position here stands against an opposite one elsewhere (arbitrage, market making, coins in a
 * drawer). Role and liquidatable share are two draws, neither of which knows of the other: the role says how an
 * account trades, the share whether its collateral here is all that it has. So of each side its own share hedges
 * whatever the liquidatable share is, and shorts, who hedge more, are less often liquidated than longs.
 */
import { leverageDraw, type Mix } from './leverage.ts';

/** Share of positions that hedge, by side; docs/method.md (Population), assumed. */
const SHARE = { long: 0.45, short: 0.6 } as const;
/** Highest leverage of a hedger; docs/method.md (Population), assumed. */
const LEVERAGE_MAX = 3;

/** Whether an account on a side hedges; u uniform in [0, 1). */
export const isHedger = (side: 1 | -1, u: number): boolean => u < SHARE[side === 1 ? 'long' : 'short'];

/**
 * Leverage of an account: of the mix, tilted by its size; of a hedger, of what the tilted mix has up to 3.
 * (To cut what is above would put most hedgers at 3 exactly, and all their liquidations at one price.)
 *
 * @param o.u     uniform in [0, 1)
 * @param o.tilt  factor by size, > 0
 * @returns       notional over margin, > 0
 */
export function leverageByRole(o: {
  readonly mix: Mix;
  readonly u: number;
  readonly tilt: number;
  readonly hedger: boolean;
}): number {
  const at = (u: number): number => leverageDraw(o.mix, u) * o.tilt;
  if (!o.hedger) return at(o.u);
  return Math.min(LEVERAGE_MAX, at(o.u * drawsUpTo(LEVERAGE_MAX, at))); // a mix may hold nothing that low
}

/** The draw at which a leverage that grows with it reaches a limit, by halves to 2^-40; 1 where none does. */
function drawsUpTo(limit: number, at: (u: number) => number): number {
  let [low, high] = [0, 1];
  for (let k = 0; k < 40; k++) {
    const u = (low + high) / 2;
    if (at(u) <= limit) low = u;
    else high = u;
  }
  return low;
}
