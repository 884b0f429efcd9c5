/** Sides as signs. */
import type { Side } from '../rules/market.ts';

/** +1 long, -1 short. */
export const sign = (side: Side): 1 | -1 => (side === 'long' ? 1 : -1);
export const opposite = (side: Side): Side => (side === 'long' ? 'short' : 'long');
/** The side of a signed amount; 0 counts as long. */
export const sideOf = (signed: number): Side => (signed < 0 ? 'short' : 'long');
