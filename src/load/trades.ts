/**
 * Trades: row speed. Each chunk is checked and turned into ticks and lots in one pass, then folded;
 * both passes run over arrays that fit into the first-level cache.
 */
import type { DuckDBInstance } from '../basics/duckdb.ts';
import { formatDuration, formatInstant } from '../basics/instant.ts';
import { sqlName } from '../basics/duckdb.ts';
import { type BeatGrid, endOfBeatUs } from '../clock/beats.ts';
import { type Path, TradeFold } from '../clock/fold.ts';
import { type OnProgress, type RawChunk, scan } from './parquet.ts';
import { EVENT_GAP_US, type Judge, OUTLIER_MOVE } from './quality.ts';
import { emptyWindow, nameOf, numberSql, type Source, wrongType } from './source.ts';
import { FLOAT_TOLERANCE, lotsOf, STEP_TOLERANCE, type Units } from './units.ts';

export interface StreamOptions {
  readonly instance: DuckDBInstance;
  readonly source: Source;
  readonly grid: BeatGrid;
  readonly units: Units;
  readonly judge: Judge;
  readonly onProgress?: OnProgress | undefined;
}

/** Rows of one DuckDB chunk. */
const CHUNK_ROWS = 2048;

/**
 * Reads the trades of the window and folds them.
 *
 * @returns  the path and the number of rows read
 * @throws ReplayError DATA_SCHEMA, DATA_DISORDER, DATA_GAP, DATA_MISSING, RESULT_MISMATCH
 */
export async function loadTrades(options: StreamOptions): Promise<{ path: Path; rowsRead: number }> {
  const { instance, source, grid, judge, onProgress } = options;
  const window = { fromUs: grid.startUs, untilUs: endOfBeatUs(grid, grid.beats - 1) };
  const buyer = buyerSql(source);
  const id = nameOf(source, 'id', true);
  const select = [source.timeSql, numberSql(source, 'price'), numberSql(source, 'qty')];
  if (buyer !== null) select.push(buyer);
  // ids are only compared with the one before: of text ids (BitMEX, Bybit) a 64-bit hash does
  const isText = id !== null && source.types.get(id) === 'VARCHAR';
  if (id !== null) select.push(`${isText ? `hash(${sqlName(id)})` : sqlName(id)}::DOUBLE`);
  const fold = new TradeFold(grid);
  const intake = new TradeIntake(options, window.fromUs, buyer !== null, id !== null);
  const rowsRead = await scan(instance, {
    source,
    window,
    select,
    judge,
    onProgress,
    onChunk: (chunk) => {
      const rows = intake.take(chunk);
      fold.add({ rows, tsUs: intake.tsUs, ticks: intake.ticks, lots: intake.lots, buyLots: intake.buyLots });
    },
  });
  if (rowsRead === 0) throw await withConnection(instance, (db) => emptyWindow(db, source, window));
  const silentUs = window.untilUs - intake.previousUs;
  if (silentUs > EVENT_GAP_US) {
    judge.problem(
      'beyondWindow',
      `ends at ${formatInstant(intake.previousUs)}, ${formatDuration(silentUs)} before the window does.`,
      null,
    );
  }
  return { path: fold.finish(), rowsRead };
}

/** Runs something on a connection of its own. */
export async function withConnection<T>(
  instance: DuckDBInstance,
  run: (db: Awaited<ReturnType<DuckDBInstance['connect']>>) => Promise<T>,
): Promise<T> {
  const db = await instance.connect();
  try {
    return await run(db);
  } finally {
    db.closeSync();
  }
}

/** SQL that is 1 where the taker bought and 0 where the taker sold; null where the file does not say. */
function buyerSql(source: Source): string | null {
  const maker = nameOf(source, 'buyerMaker', true);
  if (maker !== null) return `(1 - ${sqlName(maker)}::INTEGER)::DOUBLE`;
  const side = nameOf(source, 'side', true);
  if (side === null) return null;
  const type = source.types.get(side)!;
  if (type !== 'VARCHAR') throw wrongType(source, side, type, 'text (buy or sell)');
  const lower = `lower(${sqlName(side)})`;
  return `CASE WHEN ${lower} IN ('buy', 'b') THEN 1 WHEN ${lower} IN ('sell', 's') THEN 0 END::DOUBLE`;
}

/** Checks rows and converts them, chunk by chunk; what remains stands in the arrays. */
class TradeIntake {
  readonly tsUs = new Float64Array(CHUNK_ROWS);
  readonly ticks = new Float64Array(CHUNK_ROWS);
  readonly lots = new Float64Array(CHUNK_ROWS);
  readonly buyLots: Float64Array | null;
  /** Time of the newest row so far; the start of the window before the first. */
  previousUs: number;
  private previousTicks = 0;
  private previousId = NaN;
  private readonly units: Units;
  private readonly judge: Judge;
  private readonly hasId: boolean;

  constructor(options: StreamOptions, fromUs: number, saysBuyer: boolean, hasId: boolean) {
    this.units = options.units;
    this.judge = options.judge;
    this.previousUs = fromUs;
    this.buyLots = saysBuyer ? new Float64Array(CHUNK_ROWS) : null;
    this.hasId = hasId;
  }

  /**
   * One pass over a chunk. A sound row costs a handful of comparisons on local variables; anything
   * else, NaN included, fails one of them and takes the rare path.
   *
   * @returns rows kept
   */
  take({ rows, first, columns }: RawChunk): number {
    const [tsUs, price, qty] = columns as [Float64Array, Float64Array, Float64Array];
    const ids = this.hasId ? columns[columns.length - 1]! : null;
    const { perTick, perLot, pricePower, wholeLots } = this.units;
    const lotSlack = wholeLots ? STEP_TOLERANCE : Infinity;
    const { tsUs: keptTsUs, ticks: keptTicks, lots: keptLots } = this;
    let { previousUs, previousTicks, previousId } = this;
    let kept = 0;
    for (let row = 0; row < rows; row++) {
      const ts = tsUs[row]!;
      const p = price[row]!;
      const q = qty[row]!;
      const exactTicks = p * perTick;
      const ticks = Math.round(exactTicks);
      const exactLots = pricePower === 0 ? q * perLot : lotsOf(this.units, q, p);
      const lots = Math.round(exactLots);
      const sound =
        p > 0 &&
        q >= 0 &&
        q < Infinity &&
        Math.abs(exactTicks - ticks) <= STEP_TOLERANCE + FLOAT_TOLERANCE * exactTicks &&
        Math.abs(exactLots - lots) <= lotSlack + FLOAT_TOLERANCE * exactLots &&
        ts >= previousUs &&
        ts - previousUs <= EVENT_GAP_US &&
        Math.abs(ticks - previousTicks) <= OUTLIER_MOVE * previousTicks &&
        (ids === null || ids[row] !== previousId);
      if (!sound) {
        this.remember(previousUs, previousTicks, previousId);
        const id = ids === null ? NaN : ids[row]!;
        if (!this.keeps({ ts, p, q, exactTicks, ticks, exactLots, lots, ordinal: first + row, id })) continue;
      }
      if (ts > previousUs) previousUs = ts;
      previousTicks = ticks;
      if (ids !== null) previousId = ids[row]!;
      keptTsUs[kept] = ts;
      keptTicks[kept] = ticks;
      keptLots[kept] = lots;
      if (this.buyLots !== null) this.buyLots[kept] = columns[3]![row]! * lots;
      kept++;
    }
    this.remember(previousUs, previousTicks, previousId);
    return kept;
  }

  private remember(previousUs: number, previousTicks: number, previousId: number): void {
    this.previousUs = previousUs;
    this.previousTicks = previousTicks;
    this.previousId = previousId;
  }

  /** The rare path: says what is odd about a row, and whether it stays. */
  private keeps(row: OddRow): boolean {
    const { judge, units } = this;
    if (!(row.p > 0 && row.p < Infinity)) return judge.broken(`price ${row.p} is not above 0.`, row.ordinal);
    if (!(row.q >= 0 && row.q < Infinity))
      return judge.broken(`quantity ${row.q} is negative or no number.`, row.ordinal);
    if (Math.abs(row.exactTicks - row.ticks) > STEP_TOLERANCE + FLOAT_TOLERANCE * row.exactTicks) {
      judge.broken(
        `price ${row.p} is no multiple of the tick ${units.tick}.`,
        row.ordinal,
        'Correct the tick of the market or stream.',
      );
      return false;
    }
    if (
      units.wholeLots &&
      Math.abs(row.exactLots - row.lots) > STEP_TOLERANCE + FLOAT_TOLERANCE * row.exactLots
    ) {
      judge.broken(
        `quantity ${row.q} is no whole number of lots.`,
        row.ordinal,
        'Correct qtyStep of the market or qtyUnit of the stream.',
      );
      return false;
    }
    if (row.id === this.previousId)
      return judge.problem('duplicates', `trade ${row.id} stands there twice.`, row.ordinal);
    if (row.ts < this.previousUs) {
      judge.problem(
        'disorder',
        `a trade at ${formatInstant(row.ts)} follows one at ${formatInstant(this.previousUs)}.`,
        row.ordinal,
      );
    }
    const silentUs = row.ts - this.previousUs;
    if (silentUs > EVENT_GAP_US) {
      const problem = this.previousTicks === 0 ? 'beyondWindow' : 'gaps';
      judge.problem(
        problem,
        `no trade for ${formatDuration(silentUs)} before ${formatInstant(row.ts)}.`,
        row.ordinal,
      );
    }
    if (
      this.previousTicks > 0 &&
      Math.abs(row.ticks - this.previousTicks) > OUTLIER_MOVE * this.previousTicks
    ) {
      judge.problem(
        'outliers',
        `price ${row.p} is more than ${OUTLIER_MOVE * 100} % from the one before.`,
        row.ordinal,
      );
      return false;
    }
    return true;
  }
}

interface OddRow {
  readonly ts: number;
  readonly p: number;
  readonly q: number;
  readonly exactTicks: number;
  readonly ticks: number;
  readonly exactLots: number;
  readonly lots: number;
  readonly ordinal: number;
  readonly id: number;
}
