/**
 * Candles: each row is checked and put on its place in a grid of bars, so memory is that of the
 * window and not of the file. A bar that is missing stays NaN; the beats carry the last price over it.
 */
import { sqlName } from '../basics/duckdb.ts';
import { ReplayError } from '../basics/errors.ts';
import { formatDuration, formatInstant, type Micros } from '../basics/instant.ts';
import { type BeatGrid, endOfBeatUs } from '../clock/beats.ts';
import type { StreamSpec } from '../rules/facts.ts';
import { type RawChunk, scan } from './parquet.ts';
import { type Judge, OUTLIER_MOVE } from './quality.ts';
import { emptyWindow, nameOf, numberSql, type Window } from './source.ts';
import { type StreamOptions, withConnection } from './trades.ts';
import { FLOAT_TOLERANCE, lotsOf, STEP_TOLERANCE, type Units } from './units.ts';

/** Bars of one stream on a grid: bar i opens at startUs + i * intervalUs. Prices in ticks. */
export interface Bars {
  readonly intervalUs: Micros;
  readonly startUs: Micros;
  readonly count: number;
  /** NaN where the bar is missing. */
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  /** Traded lots; 0 where nothing traded, where the bar is missing and where the stream has no volume. */
  readonly lots: Float64Array;
  /** Taker-buy lots; NaN where the source does not say. */
  readonly buyLots: Float64Array;
  /** Number of trades; NaN where the source does not say. */
  readonly trades: Float64Array;
  /** false for mark and index candles: a bar that is there counts as an observation. */
  readonly hasVolume: boolean;
}

/** Empty bars that cover a window on the grid of their interval (counted from 1970). */
export function emptyBars(intervalUs: Micros, window: Window, hasVolume: boolean): Bars {
  const startUs = Math.floor(window.fromUs / intervalUs) * intervalUs;
  const count = Math.ceil((window.untilUs - startUs) / intervalUs);
  const fresh = (value: number): Float64Array => new Float64Array(count).fill(value);
  return {
    intervalUs,
    startUs,
    count,
    hasVolume,
    open: fresh(NaN),
    high: fresh(NaN),
    low: fresh(NaN),
    close: fresh(NaN),
    lots: fresh(0),
    buyLots: fresh(NaN),
    trades: fresh(NaN),
  };
}

export interface CandleOptions extends StreamOptions {
  readonly spec: StreamSpec;
}

/**
 * Reads the candles that overlap the window.
 *
 * @returns  bars in ticks and lots, and the number of rows read
 * @throws ReplayError DATA_SCHEMA, DATA_DISORDER, DATA_GAP, DATA_MISSING, RESULT_MISMATCH, and
 *         SCENARIO_INVALID when bars and beats do not fit into each other
 */
export async function loadCandles(options: CandleOptions): Promise<{ bars: Bars; rowsRead: number }> {
  const { instance, source, grid, judge, spec, onProgress } = options;
  checkInterval(spec, grid);
  const inside = { fromUs: grid.startUs, untilUs: endOfBeatUs(grid, grid.beats - 1) };
  const prices = ['open', 'high', 'low', 'close'].map((name) => numberSql(source, name));
  const select = [source.timeSql, ...prices];
  const hasVolume = spec.role !== 'mark' && spec.role !== 'index' && nameOf(source, 'volume', true) !== null;
  const optional = hasVolume
    ? ['volume', ...['buyVolume', 'trades'].filter((name) => nameOf(source, name, true) !== null)]
    : [];
  for (const name of optional)
    select.push(name === 'trades' ? `${sqlName(nameOf(source, name)!)}::DOUBLE` : numberSql(source, name));
  const bars = emptyBars(spec.intervalUs, inside, hasVolume);
  const window = { fromUs: bars.startUs, untilUs: bars.startUs + bars.count * bars.intervalUs };
  const intake = new CandleIntake(bars, options.units, judge, optional);
  const rowsRead = await scan(instance, {
    source,
    window,
    select,
    judge,
    onProgress,
    onChunk: (chunk) => intake.take(chunk),
  });
  if (rowsRead === 0) throw await withConnection(instance, (db) => emptyWindow(db, source, window));
  checkCoverage(bars, judge);
  return { bars, rowsRead };
}

/** A bar is a whole number of beats, or a beat is a whole number of bars. */
function checkInterval(spec: StreamSpec, grid: BeatGrid): void {
  const fits =
    spec.intervalUs > 0 && (spec.intervalUs % grid.beatUs === 0 || grid.beatUs % spec.intervalUs === 0);
  if (fits) return;
  throw new ReplayError(
    'SCENARIO_INVALID',
    `Bars of ${formatDuration(spec.intervalUs)} and beats of ${formatDuration(grid.beatUs)} do not fit.`,
    { path: `facts.streams.${spec.id}.interval` },
    'Choose a beat that divides every bar, for example 1s.',
  );
}

/** Missing bars: at the ends the stream does not cover the window, in between it has gaps. */
function checkCoverage(bars: Bars, judge: Judge): void {
  const isThere = (bar: number): boolean => !Number.isNaN(bars.close[bar]!);
  const at = (bar: number): string => formatInstant(bars.startUs + bar * bars.intervalUs);
  let first = 0;
  while (!isThere(first)) first++;
  let last = bars.count - 1;
  while (!isThere(last)) last--;
  const outside = first + bars.count - 1 - last;
  if (outside > 0) {
    judge.problem(
      'beyondWindow',
      `covers only ${at(first)} .. ${at(last + 1)} of the window (${outside} bars missing).`,
      null,
      outside,
    );
  }
  let missing = 0;
  let firstGap = -1;
  for (let bar = first; bar <= last; bar++) {
    if (isThere(bar)) continue;
    if (firstGap < 0) firstGap = bar;
    missing++;
  }
  if (missing > 0)
    judge.problem('gaps', `${missing} bars are missing, the first at ${at(firstGap)}.`, null, missing);
}

interface Row {
  readonly ts: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly ordinal: number;
}

/** Checks candle rows and puts them on their place. */
class CandleIntake {
  private readonly bars: Bars;
  private readonly units: Units;
  private readonly judge: Judge;
  private readonly optional: readonly string[];
  private previousUs = -Infinity;
  private previousClose = NaN;

  constructor(bars: Bars, units: Units, judge: Judge, optional: readonly string[]) {
    this.bars = bars;
    this.units = units;
    this.judge = judge;
    this.optional = optional;
  }

  take({ rows, first, columns }: RawChunk): void {
    for (let i = 0; i < rows; i++) {
      const at = (column: number): number => columns[column]![i]!;
      const row = { ts: at(0), open: at(1), high: at(2), low: at(3), close: at(4), ordinal: first + i };
      const bar = this.placeOf(row);
      if (bar === null || !this.isSound(row)) continue;
      if (!this.volumes(bar, row, (name) => columns[5 + this.optional.indexOf(name)]![i]!)) continue;
      this.prices(bar, row);
    }
  }

  /** The bar's index; null where the row is dropped. */
  private placeOf(row: Row): number | null {
    const { bars, judge } = this;
    const bar = (row.ts - bars.startUs) / bars.intervalUs;
    if (!Number.isInteger(bar)) {
      const text = `${formatInstant(row.ts)} opens no bar on a grid of ${formatDuration(bars.intervalUs)}.`;
      judge.broken(
        text,
        row.ordinal,
        'Correct interval or timeUnit of the stream; the time is the opening of a bar.',
      );
      return null;
    }
    if (!Number.isNaN(bars.close[bar]!)) {
      judge.problem('duplicates', `the bar ${formatInstant(row.ts)} stands there twice.`, row.ordinal);
      return null;
    }
    if (row.ts < this.previousUs) {
      judge.problem(
        'disorder',
        `the bar ${formatInstant(row.ts)} follows ${formatInstant(this.previousUs)}.`,
        row.ordinal,
      );
    }
    this.previousUs = Math.max(this.previousUs, row.ts);
    return bar;
  }

  private isSound(row: Row): boolean {
    const { judge } = this;
    for (const price of [row.open, row.high, row.low, row.close]) {
      if (!(price > 0 && price < Infinity))
        return judge.broken(`price ${price} is not above 0.`, row.ordinal);
      const exact = price * this.units.perTick;
      if (Math.abs(exact - Math.round(exact)) > STEP_TOLERANCE + FLOAT_TOLERANCE * exact) {
        judge.broken(
          `price ${price} is no multiple of the tick ${this.units.tick}.`,
          row.ordinal,
          'Correct the tick of the market or stream.',
        );
        return false;
      }
    }
    if (!(row.low <= row.close && row.close <= row.high)) {
      judge.broken(`low ${row.low} <= close ${row.close} <= high ${row.high} does not hold.`, row.ordinal);
      return false;
    }
    const reference = Number.isNaN(this.previousClose) ? row.close : this.previousClose;
    if ([row.low, row.high].some((price) => Math.abs(price - reference) > OUTLIER_MOVE * reference)) {
      judge.problem(
        'outliers',
        `the bar ${formatInstant(row.ts)} is more than ${OUTLIER_MOVE * 100} % from the close before.`,
        row.ordinal,
      );
      return false;
    }
    if (row.open < row.low || row.open > row.high) {
      judge.problem(
        'openOutsideRange',
        `open ${row.open} lies outside ${row.low} .. ${row.high}.`,
        row.ordinal,
      );
    }
    this.previousClose = row.close;
    return true;
  }

  private prices(bar: number, row: Row): void {
    const { bars, units } = this;
    const ticks = (price: number): number => Math.round(price * units.perTick);
    bars.high[bar] = ticks(row.high);
    bars.low[bar] = ticks(row.low);
    bars.close[bar] = ticks(row.close);
    bars.open[bar] = Math.min(Math.max(ticks(row.open), bars.low[bar]!), bars.high[bar]!);
  }

  /** @returns false where the row is dropped */
  private volumes(bar: number, row: Row, volumeOf: (name: string) => number): boolean {
    const { bars, judge, units } = this;
    if (!bars.hasVolume) return true;
    const volume = volumeOf('volume');
    const exact = lotsOf(units, volume, row.close);
    if (!(volume >= 0 && volume < Infinity))
      return judge.broken(`volume ${volume} is negative or no number.`, row.ordinal);
    if (units.wholeLots && Math.abs(exact - Math.round(exact)) > STEP_TOLERANCE + FLOAT_TOLERANCE * exact) {
      judge.broken(
        `volume ${volume} is no whole number of lots.`,
        row.ordinal,
        'Correct qtyStep of the market or qtyUnit of the stream.',
      );
      return false;
    }
    if (volume === 0)
      judge.problem('zeroVolume', `nothing traded in the bar ${formatInstant(row.ts)}.`, row.ordinal);
    bars.lots[bar] = Math.round(exact);
    if (this.optional.includes('trades')) bars.trades[bar] = volumeOf('trades');
    if (!this.optional.includes('buyVolume')) return true;
    const bought = volumeOf('buyVolume');
    if (!(bought >= 0 && bought <= volume))
      return judge.broken(`taker-buy volume ${bought} is not within 0 .. ${volume}.`, row.ordinal);
    bars.buyLots[bar] = Math.min(Math.round(lotsOf(units, bought, row.close)), bars.lots[bar]!);
    return true;
  }
}
