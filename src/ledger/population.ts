/**
 * The population as shared columns. A world never writes here: accounts that it touches live in its
 * own overlay. Amounts are whole units of 10^-8 settlement asset in BigInt64Array, quantities are
 * whole lots in Float64Array (exact below 2^53).
 */
import type { MarketId } from '../rules/market.ts';

/** Scale of every money column: 10^-8 of the settlement asset. */
export const COLUMN_SCALE = 8;
const UNIT = 1e-8;

/** Instants (us UTC, ascending) and leg rows. */
export interface LegTimes {
  readonly tsUs: Float64Array;
  readonly row: Uint32Array;
}

/**
 * What accounts do by themselves: drawn once, the same luck under every rule. Prices are multiples, because a
 * displaced world has other prices.
 */
export interface Behaviour {
  /** Positions that are opened during the event: their rows hold nothing at the start. */
  readonly arrivals: LegTimes & {
    readonly lots: Float64Array;
    /** Notional over margin as wanted. */
    readonly leverage: Float32Array;
    /** Free collateral brought along, as a multiple of the margin. */
    readonly free: Float32Array;
  };
  /** Positions that their owners close wholly, for reasons of their own. */
  readonly departures: LegTimes;
  /** Stop-loss of each leg row: last price at which it is closed, over that at which it was set; 0: none. */
  readonly stop: Float64Array;
  /** Likewise the last price at which half of the margin is added, once; 0: never. */
  readonly topUp: Float64Array;
}

export interface Population {
  readonly accounts: number;
  readonly markets: readonly MarketId[];
  /** Names of named accounts by index; everyone else is `a<index>`. */
  readonly names: ReadonlyMap<number, string>;
  /** 1 where the account is tracked per beat. */
  readonly tracked: Uint8Array;
  /** 0 isolated legs, 1 cross. */
  readonly cross: Uint8Array;
  /** Index into `assets` of the account's settlement asset. */
  readonly asset: Uint8Array;
  readonly assets: readonly string[];
  /** Cross wallet, or free balance beside isolated legs; 10^-8. */
  readonly wallet: BigInt64Array;
  /** Margin locked by resting orders; part of the wallet; 10^-8. */
  readonly orderMargin: BigInt64Array;
  /** 1 hedger: an opposite leg elsewhere, named in reports of naked exposure. */
  readonly hedger: Uint8Array;
  /** Legs of account a are rows legStart[a] .. legStart[a + 1] - 1; length accounts + 1. */
  readonly legStart: Uint32Array;
  readonly legMarket: Uint8Array;
  /** +1 long, -1 short. */
  readonly legSide: Int8Array;
  readonly legLots: Float64Array;
  /** Value at entry, >= 0; 10^-8. */
  readonly legEntryValue: BigInt64Array;
  /** Margin of an isolated leg; 0 in cross; 10^-8. */
  readonly legMargin: BigInt64Array;
  /** Leverage drawn at opening, for reports by bucket. */
  readonly legLeverage: Float32Array;
  /** Balances in assets beside the account's own, by account; 10^-8. Absent: nobody has one. */
  readonly further?: ReadonlyMap<number, ReadonlyMap<string, bigint>>;
  /** Absent: nobody reacts, comes or goes. */
  readonly behaviour?: Behaviour;
  /** What the population leaves out and `market` holds at the start, per market: signed lots, signed entry value. */
  readonly draws: number;
}

/** Money columns as float64, for screens: reading a BigInt64Array makes an object a number. */
export interface ColumnsF64 {
  readonly wallet: Float64Array;
  readonly entryValue: Float64Array;
  readonly margin: Float64Array;
}

const known = new WeakMap<Population, ColumnsF64>();

/** The columns of a population, made once and shared by its worlds. Settlement units. */
export function columnsF64(population: Population): ColumnsF64 {
  const found = known.get(population);
  if (found !== undefined) return found;
  const floats = (column: BigInt64Array): Float64Array =>
    Float64Array.from({ length: column.length }, (_, i) => Number(column[i]!) * UNIT);
  const made = {
    wallet: floats(population.wallet),
    entryValue: floats(population.legEntryValue),
    margin: floats(population.legMargin),
  };
  known.set(population, made);
  return made;
}
