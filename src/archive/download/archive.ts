/**
 * What a public archive is to the downloader: which files hold the asked days, where they lie, and
 * what proves one whole. Files keep their path below the base, so that an import can tell market and
 * kind from it.
 */
import { nearest, ReplayError } from '../../basics/errors.ts';
import { DAY_US, formatInstant, type Micros } from '../../basics/instant.ts';

/** A UTC day: `2021-05-19`. */
export type Day = string;

/** What a user asks for. */
export interface Wish {
  readonly symbols: readonly string[];
  /** As the archive names them. */
  readonly kinds: readonly string[];
  /** Of candles: `1m`. */
  readonly intervals: readonly string[];
  /** Binance: spot, um or cm. */
  readonly market: string;
  readonly fromUs: Micros;
  /** Not included. */
  readonly untilUs: Micros;
}

/** One file of an archive. */
export interface Wanted {
  /** Below the base of the archive, and below the folder that it lands in. */
  readonly path: string;
  /** For people: `klines 1m BTCUSDT`. */
  readonly label: string;
  /** The asked days in it. */
  readonly days: readonly Day[];
  /** sha256 that the archive publishes beside the file, or the check sums within the gzip. */
  readonly proof: 'checksum' | 'gzip';
  /** Of a day: the file of its month, which would make it superfluous. */
  readonly month?: string;
  /** Of a month: the files of its days, where the archive has no file of the month. */
  readonly instead?: readonly Wanted[];
}

export interface Archive {
  readonly name: string;
  readonly baseUrl: string;
  /** Every kind, for help and checks. */
  readonly kinds: readonly string[];
  /** @throws ReplayError SCENARIO_INVALID with the nearest valid name */
  readonly filesOf: (wish: Wish) => readonly Wanted[];
}

/** Days of [from, until), both cut to whole days outwards. */
export function daysOf({ fromUs, untilUs }: Pick<Wish, 'fromUs' | 'untilUs'>): Day[] {
  const days: Day[] = [];
  for (let at = fromUs - (fromUs % DAY_US); at < untilUs; at += DAY_US)
    days.push(formatInstant(at).slice(0, 10));
  return days;
}

/** Days by month (`2021-05`), in order. */
export function monthsOf(days: readonly Day[]): Map<string, Day[]> {
  const months = new Map<string, Day[]>();
  for (const day of days) {
    const month = day.slice(0, 7);
    months.set(month, [...(months.get(month) ?? []), day]);
  }
  return months;
}

/** Number of days of a month such as `2021-02`. */
export function lengthOf(month: string): number {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, number, 0)).getUTCDate();
}

/** Refuses a name that is none of `known`. @throws ReplayError SCENARIO_INVALID with the nearest */
export function check(what: string, name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  const best = nearest(name, known);
  const remedy = `${best === null ? '' : `Did you mean ${best}? `}Known: ${known.join(', ')}.`;
  throw new ReplayError('SCENARIO_INVALID', `unknown ${what} ${name}`, {}, remedy);
}

/**
 * Refuses symbols that no archive can have: they become parts of paths. Letters of any alphabet occur.
 *
 * @throws ReplayError SCENARIO_INVALID
 */
export function checkSymbols(symbols: readonly string[]): void {
  if (symbols.length === 0)
    throw new ReplayError('SCENARIO_INVALID', 'no symbol', {}, 'Name one: --symbol BTCUSDT.');
  const wrong = symbols.find((symbol) => !/^[\p{Lu}\p{Lo}\p{N}][\p{Lu}\p{Lo}\p{N}_-]*$/u.test(symbol));
  if (wrong === undefined) return;
  const remedy = `Write it as the archive does: ${/^[\w-]+$/.test(wrong) ? wrong.toUpperCase() : 'BTCUSDT'}.`;
  throw new ReplayError('SCENARIO_INVALID', `no symbol: ${wrong}`, {}, remedy);
}
