/**
 * The form of a sweep file: which scenario, what varies (a grid, a list or a Latin hypercube), with which
 * seeds. Values stay texts, as overrides are; a parameter is named as `cascade frontier` names it.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { ReplayError } from '../../basics/errors.ts';
import {
  anyText,
  byName,
  decimalText,
  instant,
  list,
  strict,
  text,
  whole,
  word,
} from '../../rules/fieldSchema.ts';
import { type Ensemble, readEnsemble } from '../calibrate/ensemble.ts';
import { isTreeMap, readTree, REMEDY_MARK, shaped } from '../../rules/treeSchema.ts';

const POINTS_MAX = 1_000_000;
const PER_PASS = 16;

const range = z.tuple([decimalText, decimalText], {
  error: () => `not a range${REMEDY_MARK}Write [low, high].`,
});

const schema = strict({
  /** Name of the result's folder. */
  id: text.regex(/^[\w@+-][\w@+.-]*$/, {
    error: () => `not a name of a folder${REMEDY_MARK}Write letters, digits, _, @, +, - and dots.`,
  }),
  title: text,
  /** Id in the package, or a file beside the sweep's. */
  scenario: text,
  window: z.tuple([instant, instant]).exactOptional(),
  /** Overrides and shocks of every world. */
  fixed: strict({ overrides: list(text).default([]), shocks: list(text).default([]) }).default({
    overrides: [],
    shocks: [],
  }),
  /** true: prices react to what a world sells more or less than the scenario itself. */
  feedback: word('true', 'false').default('false'),
  /** Accounts that the scenario's rules or a point's would liquidate at the first mark. */
  t0: word('keep', 'remove', 'topUp').default('keep'),
  seeds: list(anyText).exactOptional(),
  /** Ensemble file beside the sweep's, instead of seeds: each member is a seed with overrides of its own. */
  ensemble: text.exactOptional(),
  /** Worlds side by side in one pass; bounds memory. */
  perPass: whole(1, 256).default(PER_PASS),
  grid: byName(list(anyText)).exactOptional(),
  list: list(byName(anyText)).exactOptional(),
  latin: strict({
    points: whole(1, POINTS_MAX),
    seed: anyText,
    ranges: byName(range),
    /** Parameters whose ranges are covered evenly in their logarithm. */
    log: list(text).default([]),
  }).exactOptional(),
});

export type SweepFile = Omit<z.output<typeof schema>, 'seeds' | 'ensemble'> & {
  readonly seeds: readonly string[];
  /** Overrides that go with each seed; null: none. */
  readonly members: readonly (readonly string[])[] | null;
  readonly ensemble: { readonly file: string; readonly content: Ensemble } | null;
  /** Folder of the file. */
  readonly folder: string;
  readonly file: string;
  /** Line of its grid, list or hypercube. */
  readonly row: number;
};

/** Reads a sweep. @throws ReplayError SCENARIO_INVALID with file, path and row */
export function readSweep(path: string): SweepFile {
  const file = resolve(path);
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch {
    const remedy = 'Name a sweep file, for example scenarios/sweeps/maintenance-and-fund.yaml.';
    throw new ReplayError('SCENARIO_INVALID', 'no such sweep file', { file }, remedy);
  }
  const { tree, rowOf } = readTree(content, file, 'SCENARIO_INVALID');
  const sweep = shaped(schema, tree, { file, code: 'SCENARIO_INVALID', rowOf });
  const refuse = (at: string, message: string, remedy: string): never => {
    const row = isTreeMap(tree) && at in tree ? { row: rowOf([at]) } : {};
    throw new ReplayError('SCENARIO_INVALID', message, { file, path: at, ...row }, remedy);
  };
  const kinds = (['grid', 'list', 'latin'] as const).filter((kind) => sweep[kind] !== undefined);
  if (kinds.length !== 1)
    refuse(
      kinds[1] ?? 'grid',
      `a sweep has one of grid, list and latin, not ${kinds.length}`,
      'Keep one of them.',
    );
  if ((sweep.seeds === undefined) === (sweep.ensemble === undefined))
    refuse('seeds', 'a sweep has either seeds or an ensemble', 'Write for example seeds: [1, 2, 3].');
  const ensemble = sweep.ensemble === undefined ? null : ensembleAt(resolve(dirname(file), sweep.ensemble));
  const seeds = sweep.seeds ?? ensemble!.content.members.map(({ seed }) => seed);
  if (seeds.length === 0) refuse('seeds', 'no seed', 'Write for example seeds: [1, 2, 3].');
  if (new Set(seeds).size < seeds.length) refuse('seeds', 'a seed stands twice', 'Name each once.');
  const { grid, latin } = sweep;
  const isEmpty =
    (grid !== undefined && Object.values(grid).some((values) => values.length === 0)) ||
    [grid, latin?.ranges, sweep.list].some((part) => part !== undefined && Object.keys(part).length === 0);
  if (isEmpty) refuse(kinds[0]!, `an empty ${kinds[0]}`, 'Name at least one parameter with a value.');
  for (const [path, values] of Object.entries(grid ?? {}))
    if (new Set(values).size < values.length)
      refuse('grid', `a value of ${path} stands twice`, 'Name each once.');
  const lost = latin?.log.find((name) => !(name in latin.ranges));
  if (lost !== undefined)
    refuse(
      'latin',
      `log names ${lost}, which has no range`,
      `Valid: ${Object.keys(latin!.ranges).join(', ')}.`,
    );
  for (const [name, [low, high]] of Object.entries(latin?.ranges ?? {})) {
    const isLog = latin!.log.includes(name);
    if (Number(low) < Number(high) && !(isLog && Number(low) <= 0)) continue;
    refuse(
      'latin',
      `the range of ${name} is empty: ${low} to ${high}`,
      'Write [low, high], above 0 where log.',
    );
  }
  const members = ensemble?.content.members.map(({ overrides }) => overrides) ?? null;
  return { ...sweep, seeds, members, ensemble, folder: dirname(file), file, row: rowOf([kinds[0]!]) };
}

const ensembleAt = (file: string): NonNullable<SweepFile['ensemble']> => ({
  file,
  content: readEnsemble(file),
});
