/**
 * The tables of a comparison. Every draw has its figures; what makes one world a hundred rows (cells of the
 * breakdown, waves, hazard) is kept of the central draws, so that the envelope does not fill the disk.
 */
import { canonicalJson } from '../../basics/digest.ts';
import type { CompareResult } from '../../report/compare/model.ts';
import { flag, float, instant, type Table, text, whole } from '../../results/column.ts';
import { HAZARD } from '../../results/runTables.ts';
import type { TableDigest } from '../../results/manifest.ts';
import { writeDatabase } from '../database.ts';
import type { BranchingRow } from './branching.ts';
import type { BreakdownRow } from './breakdown.ts';
import type { WaveRow } from './forcedWaves.ts';
import type { DoneDraw, DoneWorld, PassWork } from './job.ts';
import type { Bucket } from './hazardRows.ts';
import { DEFINITIONS, definitionRows, FIGURE_COLUMNS, figureCells } from './metricTables.ts';
import type { MetricName } from './metrics.ts';

interface DrawRow {
  readonly cell: string;
  readonly draw: number;
  readonly seed: string;
  readonly overrides: string;
  readonly accountsConcerned: number;
  readonly notionalConcerned: number;
  readonly added: number;
}
const DRAWS: Table<DrawRow> = {
  name: 'draws',
  meaning: 'One row a draw: what replays it alone.',
  sortedBy: ['cell', 'draw'],
  perWorld: false,
  columns: {
    cell: text('central, or what the envelope fixes'),
    draw: whole('-', 'number of the draw in its cell'),
    seed: text('seed of population and draws'),
    overrides: text('assumptions of the draw, as JSON'),
    accountsConcerned: whole('accounts', 'accounts that some rules would liquidate at the first mark'),
    notionalConcerned: float('money', 'their notional at the first mark'),
    added: float('money', 'money added to them'),
  },
};

/** Key of a world. */
interface WorldKey {
  readonly cell: string;
  readonly draw: number;
  readonly candidate: string;
  readonly feedback: boolean;
}
const KEY = {
  cell: text('cell of the draw'),
  draw: whole('-', 'number of the draw in its cell'),
  candidate: text('baseline, or the candidate as it was asked for'),
  feedback: flag('whether its own forced orders move its prices'),
};
const SORT = ['cell', 'draw', 'candidate', 'feedback'] as const;

type WorldRow = WorldKey &
  Readonly<{ displacement: number; branching: number }> &
  Readonly<Record<MetricName, number>>;
const WORLDS: Table<WorldRow> = {
  name: 'worlds',
  meaning: 'One row a world of each draw: every figure.',
  sortedBy: SORT,
  perWorld: false,
  columns: {
    ...KEY,
    displacement: float('log', 'largest displacement of a price'),
    branching: float('-', 'largest branching ratio'),
    ...FIGURE_COLUMNS,
  },
};

const BREAKDOWN: Table<WorldKey & BreakdownRow> = {
  name: 'breakdown',
  meaning:
    'Figures of the central draws by side and hour, tier or leverage, or by size of account; empty: all of that dimension.',
  sortedBy: [...SORT, 'metric', 'side', 'hour', 'tier', 'leverage', 'decile'],
  perWorld: false,
  columns: {
    ...KEY,
    metric: text('figure, as in `metrics`'),
    side: text('side of the position: long or short; empty: both'),
    hour: text('hour (UTC) that begins then, as 2020-03-12T10'),
    tier: text('margin tier from 1; ? where there was no verdict'),
    leverage: text('bucket of leverage'),
    decile: text('tenth of accounts by size at the first mark, 1 the smallest; later: came after it'),
    value: float('unit of the figure', 'the part that falls into the cell'),
  },
};

const WAVES: Table<WorldKey & WaveRow> = {
  name: 'waves',
  meaning: 'Waves of forced closes of the central draws; a pause of more than 60 s ends one.',
  sortedBy: [...SORT, 'market', 'side', 'place'],
  perWorld: false,
  columns: {
    ...KEY,
    market: text('market'),
    side: text('side of the positions: long or short'),
    place: whole('-', 'place among the waves of its market and side, from 1'),
    startUs: instant('end of the beat of its first close'),
    endUs: instant('end of the beat of its last close'),
    accounts: whole('accounts', 'distinct accounts closed'),
    notional: float('money', 'value of its closes'),
    peakUs: instant('start of the minute with the most value'),
    peakNotional: float('money', 'value of that minute'),
    fundSec: float(
      's',
      'from its start to the first payment of a fund of its market (funding apart), until 60 s after its end',
    ),
    adlSec: float(
      's',
      'from its start to the first winner closed against its side, until 60 s after its end',
    ),
  },
};

const BRANCHING: Table<WorldKey & BranchingRow> = {
  name: 'branching',
  meaning: 'The branching ratio of the central draws over time.',
  sortedBy: [...SORT, 'market', 'startUs'],
  perWorld: false,
  columns: {
    ...KEY,
    market: text('market'),
    startUs: instant('start of five minutes'),
    ratio: float('-', 'largest ratio in them'),
  },
};

const { world: _, ...BUCKETS } = HAZARD.columns;
const PROFILE: Table<Omit<WorldKey, 'feedback'> & Bucket> = {
  name: 'hazard',
  meaning: `${HAZARD.meaning} Of the central draws; branching along the path without feedback.`,
  sortedBy: ['cell', 'draw', 'candidate', 'market', 'side', 'place'],
  perWorld: false,
  columns: { cell: KEY.cell, draw: KEY.draw, candidate: KEY.candidate, ...BUCKETS },
};

const WORK: Table<PassWork> = {
  name: 'work',
  meaning: 'Work that the worlds of a pass shared, as it was done.',
  sortedBy: ['cell', 'seed', 'draw'],
  perWorld: false,
  columns: {
    cell: text('cell of its first draw'),
    seed: text('seed of its population'),
    draw: whole('-', 'first draw of the pass'),
    draws: whole('-', 'draws in it'),
    worlds: whole('-', 'worlds in it'),
    worldsWithFeedback: whole('-', 'worlds with prices of their own'),
    framesOpened: whole('times', 'frames opened'),
    populationsDrawn: whole('times', 'populations drawn: one per distinct assumption and seed'),
    priceRules: whole('-', 'distinct rules of index, mark and funding among worlds without feedback'),
    beatsPriced: whole('beats', 'beats priced under them'),
    beats: whole('beats', 'beats of the window'),
  },
};

/** Name of a candidate in the tables. */
const nameOf = (result: CompareResult, candidate: number): string =>
  candidate < 0 ? 'baseline' : result.candidates[candidate]!.name;

function* worldsOf(result: CompareResult, draws: readonly DoneDraw[]): Generator<[WorldKey, DoneWorld]> {
  for (const { draw, worlds } of draws)
    for (const world of worlds) {
      const { cell, number } = draw;
      const candidate = nameOf(result, world.candidate);
      yield [{ cell, draw: number, candidate, feedback: world.feedback }, world];
    }
}

/**
 * Writes the tables of a comparison.
 *
 * @param folder  gets compare.duckdb and tables/*.parquet
 * @returns       digests by table; equal rows give equal Parquet bytes
 */
export function writeTables(
  folder: string,
  result: CompareResult,
  o: { readonly draws: readonly DoneDraw[]; readonly work: readonly PassWork[] },
): Promise<Record<string, TableDigest>> {
  const worlds = [...worldsOf(result, o.draws)];
  const ofEach = <T extends object>(rows: (world: DoneWorld) => readonly T[]): (WorldKey & T)[] =>
    worlds.flatMap(([key, world]) => rows(world).map((row) => ({ ...key, ...row })));
  return writeDatabase(folder, 'compare.duckdb', [
    {
      table: DRAWS,
      rows: o.draws.map(
        ({ draw, entry }): DrawRow => ({
          cell: draw.cell,
          draw: draw.number,
          seed: draw.seed,
          overrides: canonicalJson(draw.overrides),
          accountsConcerned: entry.accounts,
          notionalConcerned: entry.notional,
          added: entry.added,
        }),
      ),
    },
    {
      table: WORLDS,
      rows: worlds.map(
        ([key, { displacement, branching, figures }]): WorldRow => ({
          ...key,
          displacement,
          branching,
          ...figureCells(figures),
        }),
      ),
    },
    { table: BREAKDOWN, rows: ofEach((world) => world.breakdown) },
    { table: WAVES, rows: ofEach((world) => world.waves) },
    { table: BRANCHING, rows: ofEach((world) => world.branchingRows) },
    { table: PROFILE, rows: ofEach((world) => world.hazard) },
    { table: DEFINITIONS, rows: definitionRows() },
    { table: WORK, rows: o.work },
  ]);
}
