/**
 * How well the mark rules reproduce a venue's own mark: in each critical hour of four crash days the
 * lowest recomputed mark is set beside the low of Binance's recorded mark candle (docs/validation.md,
 * check 2). Nothing is chosen to fit: every rule, every timing inside bars and both constituent sets
 * are measured, and every row is shown.
 *
 *   binance    Binance spot BTCUSDT alone
 *   all        every BTC spot venue of the bundle, USD taken as USDT, equal weights, the index rule of
 *              2020 (one source 5 % off the median leaves, more make the index the median)
 *
 * Each series is taken at the finest interval that covers the whole window without a hole. A window
 * starts one hour before the funding stamp that precedes the critical hour, so that the basis average
 * is full and the last funding rate is known.
 */
import { join } from 'node:path';
import { openDuckDb, rowsOf, sqlText } from '../basics/duckdb.ts';
import { ReplayError } from '../basics/errors.ts';
import { money, price, qty, rate, steps, ZERO_RATE } from '../basics/exact.ts';
import {
  formatDuration,
  formatInstant,
  HOUR_US,
  type Micros,
  MINUTE_US,
  parseInstant,
  SECOND_US,
} from '../basics/instant.ts';
import type { Frames } from '../clock/frames.ts';
import { loadFrames } from '../load/loadFrames.ts';
import { MarketState } from '../mark/marketState.ts';
import type { Timing } from '../rules/assumptions.ts';
import type { Facts, StreamSpec } from '../rules/facts.ts';
import type { Market } from '../rules/market.ts';
import type { IndexRule, MarketRules, MarkRule } from '../rules/ruleSet.ts';

/** A critical hour and the folder of its bundle. */
export interface CriticalHour {
  readonly bundle: string;
  readonly hourUs: Micros;
}

const hour = (bundle: string, text: string): CriticalHour => ({ bundle, hourUs: parseInstant(text) });

/** The hours of docs/validation.md, check 2. */
const CRITICAL_HOURS: readonly CriticalHour[] = [
  hour('2020-03-12', '2020-03-12T10:00Z'),
  hour('2020-03-12', '2020-03-12T23:00Z'),
  hour('2020-03-12', '2020-03-13T02:00Z'),
  hour('2021-05-19', '2021-05-19T12:00Z'),
  hour('2021-05-19', '2021-05-19T13:00Z'),
  hour('2022-06-13', '2022-06-14T01:00Z'),
  hour('2025-10-10', '2025-10-10T21:00Z'),
];

export const TIMINGS: readonly Timing[] = ['common', 'openHighLowClose', 'openLowHighClose', 'bySign'];

export interface MarkLowRow {
  readonly hour: string;
  readonly constituents: 'binance' | 'all';
  /** How many constituents the index has. */
  readonly sources: number;
  readonly perpInterval: string;
  /** Interval of Binance spot. */
  readonly spotInterval: string;
  readonly rule: string;
  readonly timing: Timing;
  readonly recordedLowF64: number;
  readonly recomputedLowF64: number;
  /** Lowest trade of the perpetual in the hour: no mark should be below it. */
  readonly perpLowF64: number;
  /** (recomputed / recorded - 1) * 10,000. */
  readonly differenceBp: number;
}

const SYMBOL = 'BTCUSDT';
const MARKET: Market = {
  id: SYMBOL,
  kind: 'linear',
  settle: 'USDT',
  priceTick: price('0.01'),
  qtyStep: qty('0.001'),
  faceValue: money('1'),
  valueScale: 8,
};

const INDEX: IndexRule = {
  aggregator: 'equalMean',
  weights: {},
  outlier: { kind: 'medianSwitch', band: rate('0.05') },
  stale: { afterUs: 10 * SECOND_US, mode: 'drop' },
  quorum: { two: 'mean', one: 'use', zero: 'hold' },
};

const shown = { tick: price('0.01'), rounding: 'even' } as const;
const RULES: Readonly<Record<string, MarkRule>> = {
  'medianOfThree 30m/1m': {
    kind: 'medianOfThree',
    basis: { windowUs: 30 * MINUTE_US, sampleUs: MINUTE_US },
    ...shown,
  },
  'medianOfThree 5m/5s': {
    kind: 'medianOfThree',
    basis: { windowUs: 5 * MINUTE_US, sampleUs: 5 * SECOND_US },
    ...shown,
  },
  fundingBasis: { kind: 'fundingBasis', ...shown },
  indexOnly: { kind: 'indexOnly', ...shown },
};

const marketRules = (mark: MarkRule): MarketRules => ({
  tiers: [],
  tierKey: 'notional',
  notionalAt: 'mark',
  index: INDEX,
  mark,
  funding: { intervalUs: 8 * HOUR_US, offsetUs: 0, paymentScale: null },
  clearanceFee: [],
  bankruptcy: { feeRate: ZERO_RATE, rounding: 'none' },
});

export interface MarkLowOptions {
  readonly dataDir: string;
  readonly hours?: readonly CriticalHour[];
}

/**
 * The table, hour by hour.
 *
 * @param options.dataDir  folder that holds `events/<bundle>/candles.parquet` and `funding.parquet`
 * @throws ReplayError DATA_MISSING when a bundle lacks the perpetual, Binance spot or the recorded mark
 */
export async function markLows(options: MarkLowOptions): Promise<MarkLowRow[]> {
  const rows: MarkLowRow[] = [];
  for (const critical of options.hours ?? CRITICAL_HOURS) {
    const bundle = await readBundle(options.dataDir, critical);
    for (const constituents of ['binance', 'all'] as const) {
      const isIn = (s: Series): boolean => constituents === 'all' || s.venue === 'binance';
      const spots = bundle.spots.filter(isIn);
      const [dataDir, folder] = [options.dataDir, options.dataDir];
      for (const timing of TIMINGS) {
        const load = { dataDir, folder, timing, seed: '', cacheDir: '' };
        const frames = await loadFrames(factsOf(bundle, spots), load);
        rows.push(...lowsOf(frames, { bundle, constituents, spots, timing }));
      }
    }
  }
  return rows;
}

interface Setting {
  readonly bundle: Bundle;
  readonly constituents: MarkLowRow['constituents'];
  readonly spots: readonly Series[];
  readonly timing: Timing;
}

/** One row per rule. */
function lowsOf(frames: Frames, { bundle, constituents, spots, timing }: Setting): MarkLowRow[] {
  const first = (bundle.hourUs - frames.startUs) / frames.beatUs;
  const perpLow = Math.min(...frames.markets.get(SYMBOL)!.lowTicks.slice(first));
  return Object.entries(RULES).map(([rule, mark]) => {
    const low = lowestMark(frames, mark, first);
    return {
      hour: formatInstant(bundle.hourUs),
      constituents,
      sources: spots.length,
      perpInterval: formatDuration(bundle.perp.intervalUs),
      spotInterval: formatDuration(spots.find((s) => s.venue === 'binance')!.intervalUs),
      rule,
      timing,
      recordedLowF64: bundle.recordedLow,
      recomputedLowF64: low,
      perpLowF64: steps(perpLow, MARKET.priceTick).toNumber(),
      differenceBp: (low / bundle.recordedLow - 1) * 10_000,
    };
  });
}

/** Lowest mark from a beat on; the beats before it fill the averages. */
function lowestMark(frames: Frames, mark: MarkRule, first: number): number {
  const state = new MarketState({ market: MARKET, rules: marketRules(mark), frames });
  let low = Infinity;
  for (let beat = 0; beat < frames.beats; beat++) {
    const seen = state.price(beat, null);
    if (seen !== null && beat >= first) low = Math.min(low, seen.markF64);
  }
  return low;
}

/** One series of a bundle, at the interval that was chosen for it. */
interface Series {
  readonly venue: string;
  readonly symbol: string;
  readonly intervalUs: Micros;
  readonly file: string;
}

interface Bundle {
  readonly folder: string;
  readonly hourUs: Micros;
  readonly fromUs: Micros;
  readonly untilUs: Micros;
  readonly perp: Series;
  readonly spots: readonly Series[];
  readonly recordedLow: number;
}

async function readBundle(dataDir: string, { bundle, hourUs }: CriticalHour): Promise<Bundle> {
  const folder = `events/${bundle}`;
  const file = join(dataDir, folder, 'candles.parquet');
  const fromUs = hourUs - (hourUs % (8 * HOUR_US)) - HOUR_US;
  const untilUs = hourUs + HOUR_US;
  const instance = await openDuckDb();
  const db = await instance.connect();
  const series = await rowsOf<{ venue: string; market: string; symbol: string; ms: number; file: string }>(
    db,
    `SELECT venue, market, symbol, interval_ms AS ms, source_file AS file
       FROM read_parquet(${sqlText(file)})
      WHERE price_type = 'trade' AND symbol IN ('BTCUSDT', 'BTCUSD', 'XBTUSD')
        AND ts_ms >= ${fromUs / 1000} AND ts_ms < ${untilUs / 1000}
      GROUP BY ALL HAVING count(*) * interval_ms = ${(untilUs - fromUs) / 1000}
      ORDER BY venue, interval_ms, file`,
  );
  const lows = await rowsOf<{ low: number }>(
    db,
    `SELECT low FROM read_parquet(${sqlText(file)})
      WHERE venue = 'binance' AND symbol = '${SYMBOL}' AND price_type = 'mark' AND ts_ms = ${hourUs / 1000}`,
  );
  instance.closeSync();
  const finest = (market: string): Series[] => {
    const found = series.filter((s) => s.market === market);
    return found
      .filter((s, i) => found.findIndex((other) => other.venue === s.venue) === i)
      .map((s) => ({ venue: s.venue, symbol: s.symbol, intervalUs: s.ms * 1000, file: s.file }));
  };
  const perp = finest('perp').find((s) => s.venue === 'binance');
  const spots = finest('spot');
  if (perp === undefined || lows[0] === undefined || !spots.some((s) => s.venue === 'binance')) {
    throw new ReplayError(
      'DATA_MISSING',
      'the bundle lacks perpetual, spot or recorded mark of Binance',
      { file, tsUs: hourUs },
      'Fetch the bundle again.',
    );
  }
  return { folder, hourUs, fromUs, untilUs, perp, spots, recordedLow: lows[0].low };
}

function factsOf(bundle: Bundle, spots: readonly Series[]): Facts {
  const candles = (series: Series, role: 'perp' | 'constituent'): StreamSpec => ({
    id: role === 'perp' ? 'perp' : `spot-${series.venue}`,
    market: SYMBOL,
    kind: 'candles',
    role,
    name: role === 'perp' ? '' : series.venue,
    path: `${bundle.folder}/candles.parquet`,
    columns: { time: 'ts_ms' },
    filter: {
      venue: series.venue,
      symbol: series.symbol,
      price_type: 'trade',
      source_file: series.file,
      interval_ms: String(series.intervalUs / 1000),
    },
    timeUnit: 'ms',
    intervalUs: series.intervalUs,
    quote: series.symbol.endsWith('USDT') ? 'USDT' : 'USD',
    qtyUnit: 'base',
    tick: series.venue === 'binance' ? '0.01' : '0.00000001', // Bitfinex prints eight places
    accept: ['outliers', 'openOutsideRange', 'zeroVolume', 'beyondWindow'],
    source: series.file,
  });
  const funding: StreamSpec = {
    id: 'funding',
    market: SYMBOL,
    kind: 'funding',
    role: 'none',
    name: '',
    path: `${bundle.folder}/funding.parquet`,
    columns: { time: 'ts_ms', rate: 'funding_rate' },
    filter: { venue: 'binance', symbol: SYMBOL },
    timeUnit: 'ms',
    intervalUs: 0,
    quote: 'USDT',
    qtyUnit: 'base',
    tick: '',
    accept: ['beyondWindow'],
    source: `${bundle.folder}/funding.parquet`,
  };
  return {
    fromUs: bundle.fromUs,
    untilUs: bundle.untilUs,
    beatUs: SECOND_US,
    markets: { [SYMBOL]: MARKET },
    streams: [candles(bundle.perp, 'perp'), ...spots.map((s) => candles(s, 'constituent')), funding],
    timingStream: '',
    quote: { [SYMBOL]: { kind: 'asIs' } },
    outages: [],
    before: { [SYMBOL]: [] },
    published: [],
  };
}

/** The rows as Markdown: a line per hour, set and rule, a column per timing, differences in basis points. */
export function markLowTable(rows: readonly MarkLowRow[]): string {
  const lines = [
    `| Hour (UTC) | Recorded low | Perpetual's low | Bars | Constituents | Rule | ${TIMINGS.join(' | ')} |`,
    `| --- | ---: | ---: | --- | --- | --- | ${TIMINGS.map(() => '---:').join(' | ')} |`,
  ];
  const key = (r: MarkLowRow): string => [r.hour, r.constituents, r.rule].join();
  for (const first of rows.filter((r) => r.timing === TIMINGS[0])) {
    const cells = TIMINGS.map((timing) => {
      const row = rows.find((r) => key(r) === key(first) && r.timing === timing);
      return row === undefined ? '' : row.differenceBp.toFixed(1);
    });
    const perp = ((first.perpLowF64 / first.recordedLowF64 - 1) * 10_000).toFixed(1);
    const bars = `${first.perpInterval}, ${first.spotInterval}`;
    const set = `${first.constituents} (${first.sources})`;
    const head = [first.hour, first.recordedLowF64.toFixed(1), perp, bars, set, first.rule];
    lines.push(`| ${[...head, ...cells].join(' | ')} |`);
  }
  return lines.join('\n');
}
