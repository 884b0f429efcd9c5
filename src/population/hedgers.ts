/**
 * Hedgers: whose position here stands against an opposite one elsewhere (arbitrage, market making, coins in a
 * drawer). Role and liquidatable share are two draws, neither of which knows of the other: the role says how an
 * account trades, the share whether its collateral here is all that it has. So of each side its own share hedges
 * whatever the liquidatable share is, and shorts, who hedge more, are less often liquidated than longs.
 */

/** Share of positions that hedge, by side; docs/method.md (Population), assumed. */
const SHARE = { long: 0.45, short: 0.6 } as const;
/** Highest leverage of a hedger; docs/method.md (Population), assumed. */
const LEVERAGE_MAX = 3;

/** Whether an account on a side hedges; u uniform in [0, 1). */
export const isHedger = (side: 1 | -1, u: number): boolean => u < SHARE[side === 1 ? 'long' : 'short'];

/** Leverage of an account that drew one: a hedger's is at most 3. */
export const leverageByRole = (drawn: number, hedger: boolean): number =>
  hedger ? Math.min(drawn, LEVERAGE_MAX) : drawn;
