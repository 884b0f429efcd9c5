/** Tables about a run as a whole: what it measured, what it is called, how reruns and records compare. */
import type { Micros } from '../basics/instant.ts';
import { float, instant, type Table, text, whole } from './column.ts';

/** One figure. (world, name, market, side, bucket, unit) is its key: `figureKey`. */
export interface MetricRow {
  readonly world: number;
  readonly name: string;
  /** Market, or '' for all markets of one asset. */
  readonly market: string;
  /** long, short, or '' for both. */
  readonly side: string;
  /** Part that the figure covers: `hour 2020-03-12T10`, `tier 1`, `leverage 10-25`, a reason; '' for all. */
  readonly bucket: string;
  /** Exact decimal text; the shortest text of a float where the figure is one; '' where there is none. */
  readonly value: string;
  /** The same as a float, for charts; NaN (stored as NULL) where there is none. */
  readonly valueF64: number;
  readonly unit: string;
  readonly definition: string;
}

/** Name of a figure in the report's `figures` and in `run.json`. */
export const figureKey = (
  m: Pick<MetricRow, 'world' | 'name' | 'market' | 'side' | 'bucket' | 'unit'>,
): string => [m.world, m.name, m.market, m.side, m.bucket, m.unit].join('|');

export const METRICS: Table<MetricRow> = {
  name: 'metrics',
  meaning: 'Figures of the run, computed from the tables above.',
  sortedBy: ['world', 'name', 'market', 'side', 'bucket', 'unit'],
  perWorld: false,
  columns: {
    world: whole('-', 'number of the world in the run, from 0'),
    name: text('name of the figure'),
    market: text('market; empty: all markets of one asset'),
    side: text('long or short; empty: both'),
    bucket: text('part that the figure covers; empty: all'),
    value: text('exact decimal text; empty where the figure does not exist'),
    valueF64: float('unit', 'the same as a float, for charts'),
    unit: text('unit of the value'),
    definition: text('how it is computed'),
  },
};

/** One figure of one rerun. */
export interface EnsembleRow {
  /** World of the stored run that the rerun varies, and its rules by name: `baseline`, `candidate`, ... */
  readonly world: number;
  readonly cell: string;
  /** What was varied: seed, timing, override, populationSeed, ... */
  readonly kind: string;
  /** The override, timing or seed as written. */
  readonly variation: string;
  readonly seed: string;
  readonly name: string;
  readonly market: string;
  readonly side: string;
  readonly value: string;
  readonly valueF64: number;
  readonly unit: string;
}

export const ENSEMBLE: Table<EnsembleRow> = {
  name: 'ensemble',
  meaning: 'Money figures of the reruns: other seeds, timings and assumptions.',
  sortedBy: ['world', 'cell', 'kind', 'variation', 'seed', 'name', 'market', 'side'],
  perWorld: false,
  columns: {
    world: whole('-', 'world of the stored run that the rerun varies'),
    cell: text('name of the rerun'),
    kind: text('what was varied: seed, timing or override'),
    variation: text('the seed, timing or override as written'),
    seed: text('seed of the rerun'),
    name: text('name of the figure'),
    market: text('market; empty: all markets of one asset'),
    side: text('long or short; empty: both'),
    value: text('exact decimal text'),
    valueF64: float('unit', 'the same as a float'),
    unit: text('unit of the value'),
  },
};

/** A bucket of 1 % of price, and what would have to be liquidated in it. */
export interface HazardRow {
  readonly world: number;
  readonly market: string;
  readonly side: string;
  /** Number of the bucket; 0 begins at the first mark. */
  readonly place: number;
  readonly low: number;
  readonly high: number;
  readonly notional: number;
  readonly pockets: number;
  /** NaN where the mark never came there. */
  readonly branchingF64: number;
}

export const HAZARD: Table<HazardRow> = {
  name: 'hazard',
  meaning:
    'Hazard profile before the first beat: what has its liquidation price in a bucket of 1 % of price. Screens, so floats; pockets over several markets have no such price and are left out.',
  sortedBy: ['world', 'market', 'side', 'place'],
  perWorld: false,
  columns: {
    world: whole('-', 'number of the world in the run, from 0'),
    market: text('market'),
    side: text('side that is liquidated there: long by a fall, short by a rise'),
    place: whole('-', 'number of the bucket; 0 begins at the first mark, 1 is 1 % higher'),
    low: float('quote units', 'lower end, included'),
    high: float('quote units', 'upper end, 1.01 times the lower one'),
    notional: float(
      'settlement asset',
      'value at their liquidation prices of the net positions in the bucket',
    ),
    pockets: whole('-', 'isolated positions and cross accounts'),
    branchingF64: float(
      '-',
      'lots that a lot liquidated here brings down, at the impact of the beat in which the mark first came here; NULL: it never did',
    ),
  },
};

/** A published figure beside ours. */
export interface ReconciliationRow {
  readonly what: string;
  readonly market: string | null;
  readonly fromUs: Micros | null;
  readonly untilUs: Micros | null;
  readonly published: string;
  readonly ours: string;
  /** Range of our figure over the reruns; '' without reruns. */
  readonly oursLow: string;
  readonly oursHigh: string;
  readonly unit: string;
  readonly source: string;
  readonly note: string;
}

export const RECONCILIATION: Table<ReconciliationRow> = {
  name: 'reconciliation',
  meaning: 'Published figures of the day beside ours.',
  sortedBy: ['what', 'market', 'fromUs'],
  perWorld: false,
  columns: {
    what: text('what the figure is'),
    market: text('market; NULL: all'),
    fromUs: instant('start of the part of the window that it covers; NULL: all of it'),
    untilUs: instant('end of that part'),
    published: text('figure as published'),
    ours: text('our figure, exact decimal text'),
    oursLow: text('lowest of the reruns'),
    oursHigh: text('highest of the reruns'),
    unit: text('unit of all figures'),
    source: text('where it was published'),
    note: text('what it covers if not exactly this market'),
  },
};

export interface ColumnRow {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly unit: string;
  readonly meaning: string;
}

export const COLUMNS: Table<ColumnRow> = {
  name: 'columns',
  meaning: 'This description, inside the database.',
  sortedBy: ['table', 'column'],
  perWorld: false,
  columns: {
    table: text('table'),
    column: text('column'),
    type: text('SQL type'),
    unit: text('unit'),
    meaning: text('meaning'),
  },
};

export interface ManifestRow {
  readonly key: string;
  readonly value: string;
}

export const MANIFEST: Table<ManifestRow> = {
  name: 'manifest',
  meaning: 'What the run was made of: the same facts as run.json, one row a leaf.',
  sortedBy: ['key'],
  perWorld: false,
  columns: {
    key: text('path of the fact, dots between its parts'),
    value: text('the fact as text'),
  },
};
