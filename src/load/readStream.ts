/** One stream, whatever its kind: opened, checked and read into what the frames are assembled from. */
import type { DuckDBInstance } from '../basics/duckdb.ts';
import { ReplayError } from '../basics/errors.ts';
import type { BeatGrid } from '../clock/beats.ts';
import type { SideTables, StreamProvenance } from '../clock/frames.ts';
import type { Facts, StreamSpec } from '../rules/facts.ts';
import { readAnchors } from './anchors.ts';
import { loadCandles } from './candles.ts';
import { loadEvents } from './events.ts';
import type { OnProgress } from './parquet.ts';
import type { Judge } from './quality.ts';
import { anchorBars, seriesOf } from './reconstruct.ts';
import { loadBookTop, loadMarks, loadOpenInterest } from './samples.ts';
import { type Files, openSource } from './source.ts';
import type { PriceStream } from './timing.ts';
import { loadTrades, withConnection } from './trades.ts';
import { type Units, unitsOf } from './units.ts';

export interface LoadedStream {
  readonly spec: StreamSpec;
  readonly units: Units;
  /** Exactly one of these, by kind. */
  readonly price: PriceStream | null;
  /** Values at beat ends (book, recorded mark, open interest). */
  readonly samples: Float64Array | null;
  /** Best bids beside the samples of a book of which both sides were recorded. */
  readonly bids: Float64Array | null;
  readonly side: Partial<SideTables> | null;
  readonly provenance: StreamProvenance;
}

export interface ReadOptions {
  readonly instance: DuckDBInstance;
  readonly facts: Facts;
  readonly grid: BeatGrid;
  readonly files: Files;
  readonly hashes: ReadonlyMap<string, string>;
  readonly judge: Judge;
  readonly onProgress?: OnProgress | undefined;
}

/** Recorded marks are means and stand on no tick: eight decimal places carry every published one. */
const MARK_TICK = '0.00000001';

/**
 * Reads one stream.
 *
 * @throws ReplayError DATA_MISSING, DATA_SCHEMA, DATA_DISORDER, DATA_GAP, RESULT_MISMATCH, SCENARIO_INVALID
 */
export async function readStream(spec: StreamSpec, options: ReadOptions): Promise<LoadedStream> {
  const units = unitsFor(spec, options.facts);
  const { files, hashes, judge } = options;
  const part = await placed(files, async () =>
    isYaml(files) ? readFigures(spec, options) : readParquet(spec, units, options),
  );
  return {
    spec,
    units,
    price: part.price ?? null,
    samples: part.samples ?? null,
    bids: part.bids ?? null,
    side: part.side ?? null,
    provenance: {
      stream: spec.id,
      kind: spec.kind,
      files: files.files.map((file, i) => ({ path: files.names[i]!, sha256: hashes.get(file) ?? '' })),
      intervalUs: part.price?.data.kind === 'bars' ? part.price.data.bars.intervalUs : spec.intervalUs,
      rowsRead: part.rowsRead,
      accepted: judge.accepted(),
      nature: spec.kind === 'anchors' || part.isMade === true ? 'reconstructed' : 'recorded',
    },
  };
}

/** An absence of rows has no row to point at: its place is the first file. */
async function placed<T>({ files }: Files, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ReplayError) || Object.keys(error.place).length > 0) throw error;
    throw new ReplayError(error.code, error.message, { file: files[0]! }, error.remedy);
  }
}

interface Part {
  readonly price?: PriceStream;
  readonly samples?: Float64Array;
  readonly bids?: Float64Array | null;
  readonly side?: Partial<SideTables>;
  readonly rowsRead: number;
  /** The rows say that they were made (`cascade data reconstruct`). */
  readonly isMade?: boolean;
}

const isYaml = (files: Files): boolean => /\.ya?ml$/.test(files.files[0]!);
const isPriced = (spec: StreamSpec): boolean =>
  !['funding', 'fundBalance', 'accountEvents'].includes(spec.kind) && !isFunding(spec);
/** Funding stamps: a stream of its own kind, or the stamps of a file of anchors (role none). */
const isFunding = (spec: StreamSpec): boolean =>
  spec.kind === 'funding' || (spec.kind === 'anchors' && spec.role === 'none');

/** @throws ReplayError SCENARIO_INVALID when the stream names no market of the scenario */
function unitsFor(spec: StreamSpec, facts: Facts): Units {
  const market = facts.markets[spec.market];
  if (!isPriced(spec)) return { tick: '1', perTick: 1, perLot: 1, pricePower: 0, wholeLots: false };
  if (market === undefined) {
    throw new ReplayError(
      'SCENARIO_INVALID',
      `Stream ${spec.id} is of no market of the scenario: ${JSON.stringify(spec.market)}.`,
      { path: `facts.streams.${spec.id}.market` },
      `Name one of ${Object.keys(facts.markets).join(', ')}.`,
    );
  }
  if (spec.role === 'mark' || spec.kind === 'mark')
    return unitsOf({ ...spec, role: 'mark', tick: MARK_TICK }, market);
  return unitsOf(
    spec.kind === 'openInterest' || spec.kind === 'liquidations' ? { ...spec, role: 'perp' } : spec,
    market,
  );
}

/** Figures of a YAML file of anchors: bars, or the funding stamps beside them. */
function readFigures(spec: StreamSpec, { files, facts, grid, judge }: ReadOptions): Part {
  const file = files.files[0]!;
  const anchors = readAnchors(file);
  if (isFunding(spec)) {
    const funding = anchors.funding.stamps
      .filter((stamp) => stamp.tsUs >= grid.startUs)
      .map((stamp) => ({ ...stamp, market: spec.market }));
    return { side: { funding }, rowsRead: funding.length };
  }
  if (spec.kind === 'anchors') {
    const series = seriesOf(anchors, spec, file);
    const units = unitsFor({ ...spec, qtyUnit: series.qtyUnit }, facts);
    const bars = anchorBars(series, { intervalUs: anchors.intervalUs, grid, units, judge, file });
    const rowsRead = bars.close.filter((close) => !Number.isNaN(close)).length;
    return { price: { spec, data: { kind: 'bars', bars } }, rowsRead };
  }
  throw new ReplayError(
    'SCENARIO_INVALID',
    `A stream of kind ${spec.kind} cannot be read from a file of anchors.`,
    { path: `facts.streams.${spec.id}` },
    'Only anchors and funding can.',
  );
}

async function readParquet(spec: StreamSpec, units: Units, options: ReadOptions): Promise<Part> {
  const { instance, files, grid, judge, onProgress } = options;
  const source = await withConnection(instance, (db) => openSource(db, spec, files.files));
  const common = { instance, source, grid, units, judge, onProgress };
  switch (spec.kind) {
    case 'trades': {
      const { path, rowsRead } = await loadTrades(common);
      const isMade = source.types.has('reconstructed');
      return { price: { spec, data: { kind: 'path', path } }, rowsRead, isMade };
    }
    case 'candles': {
      const { bars, rowsRead } = await loadCandles({ ...common, spec });
      return { price: { spec, data: { kind: 'bars', bars } }, rowsRead };
    }
    case 'bookTop':
    case 'mark':
    case 'openInterest': {
      const load = { bookTop: loadBookTop, mark: loadMarks, openInterest: loadOpenInterest }[spec.kind];
      const { values, bids, rowsRead } = await load(common);
      return { samples: values, bids, rowsRead };
    }
    case 'anchors':
      throw new ReplayError(
        'SCENARIO_INVALID',
        `Anchors are a YAML file, not ${spec.path}.`,
        { path: `facts.streams.${spec.id}.path` },
        'Use kind candles for Parquet.',
      );
    default:
      return loadEvents({ ...common, spec });
  }
}
