/**
 * Values that hold until the next row: best bid and ask (or a mid), a recorded mark, open interest.
 * Each row is checked like a trade; the last row of a beat is the beat's.
 */
import type { DuckDBInstance } from '../basics/duckdb.ts';
import { formatDuration, formatInstant, type Micros } from '../basics/instant.ts';
import { endOfBeatUs } from '../clock/beats.ts';
import { SampleFold } from '../clock/fold.ts';
import { type RawChunk, scan } from './parquet.ts';
import { EVENT_GAP_US, type Judge, OUTLIER_MOVE } from './quality.ts';
import { emptyWindow, nameOf, numberSql, type Source } from './source.ts';
import { type StreamOptions, withConnection } from './trades.ts';
import { FLOAT_TOLERANCE, STEP_TOLERANCE, type Units } from './units.ts';

/** Rows of one DuckDB chunk. */
const CHUNK_ROWS = 2048;
/** Open interest and other slow figures: the last row up to this long before the window still holds in it. */
const LOOKBACK_US: Micros = 48 * 3_600_000_000;

interface Sampling {
  readonly select: readonly string[];
  /** The sample of a row, or a complaint; both prices of a book in one number. */
  readonly sampleOf: (columns: readonly Float64Array[], row: number) => number | string;
  /** Best bid of a row that is kept, ticks; null where there is none to keep. */
  readonly bidOf: ((columns: readonly Float64Array[], row: number) => number) | null;
  /** Longest silence that is not a gap; Infinity for slow figures. */
  readonly gapUs: Micros;
  readonly lookbackUs: Micros;
}

/**
 * Best bid + best ask at the end of each beat, ticks (twice the mid), and the bid alone. Columns `bid`
 * and `ask`, or `mid`, which leaves no bid.
 *
 * @throws ReplayError DATA_SCHEMA (crossed, off tick), DATA_DISORDER, DATA_GAP, DATA_MISSING
 */
export function loadBookTop(options: StreamOptions): Promise<Sampled> {
  const { source, units } = options;
  const hasMid = nameOf(source, 'mid', true) !== null;
  const sampleOf = (columns: readonly Float64Array[], row: number): number | string => {
    if (hasMid) return wholeTicks(units, 2 * columns[1]![row]!);
    const [bid, ask] = [columns[1]![row]!, columns[2]![row]!];
    if (!(bid > 0 && ask > 0)) return `bid ${bid} or ask ${ask} is not above 0.`;
    if (bid > ask) return `bid ${bid} is above ask ${ask}.`;
    const [bidTicks, askTicks] = [wholeTicks(units, bid), wholeTicks(units, ask)];
    if (typeof bidTicks === 'string') return bidTicks;
    return typeof askTicks === 'string' ? askTicks : bidTicks + askTicks;
  };
  const select = hasMid ? [numberSql(source, 'mid')] : [numberSql(source, 'bid'), numberSql(source, 'ask')];
  const bidOf = hasMid
    ? null
    : (columns: readonly Float64Array[], row: number) => Math.round(columns[1]![row]! * units.perTick);
  return sample(options, { select, sampleOf, bidOf, gapUs: EVENT_GAP_US, lookbackUs: 0 });
}

/** Recorded mark at the end of each beat: a published number, column `price`. @throws as `loadBookTop` */
export function loadMarks(options: StreamOptions): Promise<Sampled> {
  const sampleOf = (columns: readonly Float64Array[], row: number): number | string => {
    const price = columns[1]![row]!;
    return price > 0 && price < Infinity ? price : `mark price ${price} is not above 0.`;
  };
  return sample(options, {
    select: [numberSql(options.source, 'price')],
    sampleOf,
    bidOf: null,
    gapUs: EVENT_GAP_US,
    lookbackUs: 0,
  });
}

/** Open interest at beat ends, in the file's unit; column `openInterest`. @throws as `loadBookTop` */
export function loadOpenInterest(options: StreamOptions): Promise<Sampled> {
  const sampleOf = (columns: readonly Float64Array[], row: number): number | string => {
    const amount = columns[1]![row]!;
    return amount >= 0 && amount < Infinity ? amount : `open interest ${amount} is negative or no number.`;
  };
  const select = [numberSql(options.source, 'openInterest')];
  return sample(options, { select, sampleOf, bidOf: null, gapUs: Infinity, lookbackUs: LOOKBACK_US });
}

export interface Sampled {
  /** One value a beat; NaN before the first row. */
  readonly values: Float64Array;
  /** Best bids beside them; null where the values are no book, or only its mid. */
  readonly bids: Float64Array | null;
  readonly rowsRead: number;
}

function wholeTicks(units: Units, price: number): number | string {
  const exact = price * units.perTick;
  const ticks = Math.round(exact);
  if (!(price > 0 && price < Infinity)) return `price ${price} is not above 0.`;
  if (Math.abs(exact - ticks) <= STEP_TOLERANCE + FLOAT_TOLERANCE * exact) return ticks;
  return `price ${price} is no multiple of the tick ${units.tick}.`;
}

async function sample(options: StreamOptions, sampling: Sampling): Promise<Sampled> {
  const { instance, source, grid, judge, onProgress } = options;
  const untilUs = endOfBeatUs(grid, grid.beats - 1);
  const window = { fromUs: grid.startUs - sampling.lookbackUs, untilUs };
  const fold = new SampleFold(grid);
  const bids = sampling.bidOf === null ? null : new SampleFold(grid);
  const intake = new SampleIntake(judge, sampling, grid.startUs);
  const select = [source.timeSql, ...sampling.select];
  const rowsRead = await scan(instance, {
    source,
    window,
    select,
    judge,
    onProgress,
    onChunk: (chunk) => {
      const kept = intake.take(chunk);
      fold.add(kept, intake.tsUs, intake.values);
      bids?.add(kept, intake.tsUs, intake.bids);
    },
  });
  if (rowsRead === 0) await refuse(instance, source, judge, window);
  const silentUs = untilUs - intake.previousUs;
  if (rowsRead > 0 && silentUs > sampling.gapUs) {
    judge.problem(
      'beyondWindow',
      `ends at ${formatInstant(intake.previousUs)}, ${formatDuration(silentUs)} before the window does.`,
      null,
    );
  }
  return { values: fold.finish(), bids: bids?.finish() ?? null, rowsRead };
}

/** Nothing in the window: an error, unless the scenario knows that the stream lies elsewhere. */
async function refuse(
  instance: DuckDBInstance,
  source: Source,
  judge: Judge,
  window: { fromUs: number; untilUs: number },
): Promise<void> {
  const error = await withConnection(instance, (db) => emptyWindow(db, source, window));
  if (error.code === 'DATA_GAP' && judge.accepts('beyondWindow'))
    judge.problem('beyondWindow', 'has no row in the window.', null);
  else throw error;
}

/** Checks samples; what remains stands in the arrays. */
class SampleIntake {
  readonly tsUs = new Float64Array(CHUNK_ROWS);
  readonly values = new Float64Array(CHUNK_ROWS);
  readonly bids = new Float64Array(CHUNK_ROWS);
  previousUs: number;
  private previous = NaN;
  private readonly judge: Judge;
  private readonly sampling: Sampling;

  constructor(judge: Judge, sampling: Sampling, startUs: Micros) {
    this.judge = judge;
    this.sampling = sampling;
    this.previousUs = startUs - sampling.lookbackUs;
  }

  /** @returns rows kept */
  take({ rows, first, columns }: RawChunk): number {
    let kept = 0;
    for (let row = 0; row < rows; row++) {
      const ts = columns[0]![row]!;
      const value = this.sampling.sampleOf(columns, row);
      if (typeof value === 'string') {
        this.judge.broken(value, first + row);
        continue;
      }
      if (ts < this.previousUs) {
        this.judge.problem(
          'disorder',
          `a row at ${formatInstant(ts)} follows one at ${formatInstant(this.previousUs)}.`,
          first + row,
        );
      }
      if (ts - this.previousUs > this.sampling.gapUs) {
        const problem = Number.isNaN(this.previous) ? 'beyondWindow' : 'gaps';
        this.judge.problem(
          problem,
          `no row for ${formatDuration(ts - this.previousUs)} before ${formatInstant(ts)}.`,
          first + row,
        );
      }
      if (Math.abs(value - this.previous) > OUTLIER_MOVE * this.previous && this.sampling.gapUs < Infinity) {
        this.judge.problem(
          'outliers',
          `a value is more than ${OUTLIER_MOVE * 100} % from the one before.`,
          first + row,
        );
        continue;
      }
      this.previousUs = Math.max(this.previousUs, ts);
      this.previous = value;
      this.tsUs[kept] = ts;
      this.values[kept] = value;
      if (this.sampling.bidOf !== null) this.bids[kept] = this.sampling.bidOf(columns, row);
      kept++;
    }
    return kept;
  }
}
