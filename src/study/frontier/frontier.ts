/**
 * The breaking point of a scenario along one parameter: the first value at which a fund loses, winners are
 * deleveraged or an insolvency appears. Values are worlds side by side on one tape with one population; a
 * condition that flips more than once is told with every interval in which it does.
 */
import { ReplayError } from '../../basics/errors.ts';
import { type Money, money } from '../../basics/exact.ts';
import type { Micros } from '../../basics/instant.ts';
import type { Entry } from '../../report/compare/model.ts';
import { Tally } from '../../results/tally.ts';
import { Stage, type SharedWork } from '../sweep/stage.ts';
import {
  type Condition,
  decimalOf,
  isMet,
  MEASURES,
  type MeasureName,
  measured,
  parseCondition,
} from './condition.ts';
import { pointsAlong } from './parameter.ts';
import { type Found, type Range, search } from './search.ts';

export interface FrontierOptions {
  readonly scenario: string;
  readonly param: string;
  readonly until: string;
  readonly from: string;
  readonly to: string;
  readonly tolerance?: string;
  /** Points of the coarse grid. */
  readonly grid: number;
  /** Hold in every world. */
  readonly overrides: readonly string[];
  readonly shocks: readonly string[];
  readonly startUs?: Micros;
  readonly endUs?: Micros;
  readonly seed?: string;
  readonly feedback: boolean;
  /** Accounts that the scenario's rules or a value's would liquidate at the first mark. */
  readonly t0: Entry;
  readonly dataDir: string;
  readonly cacheDir: string;
  readonly onProgress: (worlds: number) => void;
}

type Amounts = Readonly<Record<MeasureName, Money>>;

export interface FrontierPoint {
  readonly value: string;
  readonly met: boolean;
  /** Every measure, settlement units, as exact text. */
  readonly measures: Readonly<Record<MeasureName, string>>;
}

export interface FrontierResult {
  readonly scenario: string;
  readonly param: string;
  readonly until: string;
  readonly feedback: boolean;
  readonly t0: Entry;
  readonly seed: string;
  /** In order from `from` to `to`. */
  readonly points: readonly FrontierPoint[];
  /** Neighbours between which the condition becomes met or ceases to be, along the way. */
  readonly flips: readonly { readonly after: string; readonly before: string; readonly becomes: boolean }[];
  readonly monotone: boolean;
  /** First value along the way at which the condition is met; null where it never is. */
  readonly first: string;
  readonly rounds: number;
  readonly work: SharedWork;
  readonly lines: readonly string[];
}

/** Worlds beside each other in one pass: bounded, so that memory is. */
const SIDE_BY_SIDE = 12;
/** Points that cut an interval in one round. */
const CUTS = 4;

/**
 * Finds the breaking point.
 *
 * @throws ReplayError SCENARIO_INVALID for an unknown parameter or condition, an empty range, or a
 *         condition that no value of the range meets
 */
export async function frontier(options: FrontierOptions): Promise<FrontierResult> {
  const condition = parseCondition(options.until);
  const range = rangeOf(options);
  const { scenario, overrides, shocks, feedback, t0, dataDir, cacheDir, startUs, endUs, seed } = options;
  const stage = await Stage.open({
    scenario,
    overrides,
    shocks,
    feedback,
    t0,
    dataDir,
    cacheDir,
    ...(startUs === undefined ? {} : { from: startUs }),
    ...(endUs === undefined ? {} : { until: endUs }),
    ...(seed === undefined ? {} : { seed }),
  });
  const pointOf = pointsAlong(options.param, stage.scenario);
  let worlds = 0;
  const evaluate = async (values: readonly string[]): Promise<{ met: boolean; found: Amounts }[]> => {
    const all: { met: boolean; found: Amounts }[] = [];
    for (let i = 0; i < values.length; i += SIDE_BY_SIDE) {
      const some = values.slice(i, i + SIDE_BY_SIDE);
      const markets = new Map(stage.tape.markets.map((m) => [m.id, m]));
      const { cast, sink } = await stage.play(some.map(pointOf), () => new Tally(markets));
      const rows = sink.rows();
      for (const { world: own } of cast.points) {
        const found = amountsOf(rows.filter(({ world }) => world === own.input.index));
        all.push({ met: isMet(condition, found[condition.name]), found });
      }
      worlds += some.length;
      options.onProgress(worlds);
    }
    return all;
  };
  const found = await search(range, evaluate);
  return told({ found, condition, options, stage });
}

const NAMES = Object.keys(MEASURES) as MeasureName[];
const amountsOf = (rows: Parameters<typeof measured>[1]): Amounts =>
  Object.fromEntries(NAMES.map((name) => [name, measured(name, rows)])) as Record<MeasureName, Money>;

function rangeOf({ from, to, tolerance, grid }: FrontierOptions): Range {
  const range = {
    from: decimalOf('--from', from),
    to: decimalOf('--to', to),
    tolerance: tolerance === undefined ? null : decimalOf('--tolerance', tolerance),
    grid,
    cuts: CUTS,
  };
  const refused = (path: string, message: string, remedy: string): ReplayError =>
    new ReplayError('SCENARIO_INVALID', message, { file: 'command line', path }, remedy);
  if (range.from.cmp(range.to) === 0)
    throw refused('--to', `the range from ${from} to ${to} is empty`, 'Choose two ends that differ.');
  if (range.tolerance?.isPositive() === false)
    throw refused('--tolerance', `not above 0: ${tolerance}`, 'Write the width that is narrow enough.');
  return range;
}

interface Telling {
  readonly found: Found<Amounts>;
  readonly condition: Condition;
  readonly options: FrontierOptions;
  readonly stage: Stage;
}

function told(t: Telling): FrontierResult {
  const { found, condition, options, stage } = t;
  const first = found.probes.find(({ met }) => met);
  if (first === undefined) throw neverMet(t);
  const points = found.probes.map(
    ({ value, met, found: amounts }): FrontierPoint => ({
      value,
      met,
      measures: Object.fromEntries(
        NAMES.map((name) => [name, String(amounts[name])]),
      ) as FrontierPoint['measures'],
    }),
  );
  const flips = found.flips.map(({ before, after }) => ({
    after: before.value,
    before: after.value,
    becomes: after.met,
  }));
  const result = {
    scenario: stage.scenario.id,
    param: options.param,
    until: condition.text,
    feedback: options.feedback,
    t0: options.t0,
    seed: stage.scenario.seed,
    points,
    flips,
    monotone: flips.length <= 1,
    first: first.value,
    rounds: found.rounds,
    work: stage.work,
  };
  return { ...result, lines: linesOf(result, stage.scenario.title) };
}

function neverMet({ found, condition, options }: Telling): ReplayError {
  const most = found.probes
    .map(({ found: amounts }) => amounts[condition.name])
    .reduce((a, b) => (a.lt(b) ? b : a), money('0'));
  return new ReplayError(
    'SCENARIO_INVALID',
    `${condition.text} is met at none of ${found.probes.length} values from ${options.from} to ${options.to}; ` +
      `the most was ${String(most)}`,
    { file: '--until', path: condition.text },
    'Widen the range with --from and --to, or ask for something milder.',
  );
}

const ENTRY_WORDS: Readonly<Record<Entry, string>> = {
  keep: 'kept',
  remove: 'taken out of the scenario and the value alike',
  topUp: 'topped up in the scenario and the value alike',
};

/** The table and what it means. */
function linesOf(r: Omit<FrontierResult, 'lines'>, title: string): string[] {
  const rows = [
    [r.param, ...NAMES, r.until],
    ...r.points.map(({ value, met, measures }) => [
      value,
      ...NAMES.map((name) => measures[name].replace(/(\.\d\d)\d+$/, '$1')),
      met ? 'yes' : 'no',
    ]),
  ];
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  const table = rows.map((row) => row.map((cell, c) => cell.padStart(widths[c]!)).join('  '));
  return [
    title,
    r.feedback
      ? 'Prices react to what each value sells more or less than the scenario itself.'
      : 'Prices as stated: they do not react to what is sold more or less (--feedback lets them).',
    `Accounts that some rules would liquidate at the first mark: ${ENTRY_WORDS[r.t0]} (--t0).`,
    ...table,
    ...verdictLines(r),
    `${r.work.worlds} worlds in ${r.work.passes} passes; frames opened ${r.work.framesOpened}, ` +
      `populations drawn ${r.work.populationsDrawn}`,
  ];
}

function verdictLines({ until, first, flips, param }: Omit<FrontierResult, 'lines'>): string[] {
  if (flips.length === 0) return [`${until} at every value: the breaking point lies before ${first}`];
  const said = ({ after, before, becomes }: FrontierResult['flips'][number]): string =>
    `${until} ${becomes ? 'begins' : 'ends'} between ${after} and ${before}`;
  if (flips.length === 1) return [`breaking point of ${param}: ${said(flips[0]!)}`];
  return [
    `NOT MONOTONE: ${until} flips ${flips.length} times along ${param}; there is no one breaking point`,
    ...flips.map((flip) => `  ${said(flip)}`),
  ];
}
