/**
 * The twin experiment: a day that the full model makes of a path that only this file knows, and what
 * a comparison says of it. The true world and its candidates displace the exogenous path by all that
 * they sell; compare sees the true world's tape and displaces that by differences.
 */
import { join } from 'node:path';
import type { World } from '../../src/engine/world.ts';
import type { Population } from '../../src/ledger/population.ts';
import { replay } from '../../src/replay.ts';
import type { Scenario } from '../../src/rules/scenario.ts';
import { type Candidate, readCompared } from '../../src/study/compare/candidates.ts';
import { admit, type Compared, entryFigures, probe } from '../../src/study/compare/entrants.ts';
import { CompareSink, type EntryFigures } from '../../src/study/compare/figures.ts';
import type { WorldFigures } from '../../src/study/compare/metrics.ts';
import type { ReadScenarioOptions } from '../../src/study/scenario.ts';
import { Tape } from '../../src/study/tape.ts';
import { VENUE_RULES, writeBars, writeScenario } from './twinScenario.ts';
import { asDecimals, type Day, exogenousDay, framesOf, Recorder } from './twinTape.ts';

/** The made-up venue: a scenario in a folder, and a tape that lends its populations to other days. */
export interface Venue {
  readonly folder: string;
  /** Path of the scenario, and how it is read. */
  readonly scenario: string;
  readonly read: ReadScenarioOptions;
  readonly tape: Tape;
}

/** Writes the scenario and some day's bars into a folder and loads them. @param own  overrides of the scenario */
export async function openVenue(folder: string, own: readonly string[] = []): Promise<Venue> {
  const scenario = writeScenario(folder);
  const read = { dataDir: folder, overrides: [...VENUE_RULES, ...own] };
  await writeDay(folder, exogenousDay('any'));
  return { folder, scenario, read, tape: await loaded({ folder, scenario, read }) };
}

/** The tape of the day that is in the files. */
async function loaded({ folder, scenario, read }: Omit<Venue, 'tape'>): Promise<Tape> {
  const own = await readCompared(scenario, read, null);
  const { timing } = own.assumptions;
  return Tape.load(own, { dataDir: folder, cacheDir: '', timing, tapeSeed: own.seed });
}

/** Puts a day into the files that the scenario names. */
export async function writeDay(folder: string, day: Day): Promise<void> {
  const { perp, spot } = asDecimals(day);
  await writeBars(join(folder, 'perp.parquet'), perp);
  await writeBars(join(folder, 'spot.parquet'), spot);
}

/** The venue's scenario and those of candidates under a draw, or under none. */
export const scenariosAt = (
  { scenario, read }: Venue,
  candidates: readonly Candidate[],
  draw: { readonly seed?: string; readonly overrides: readonly string[] } = { overrides: [] },
): Promise<Scenario[]> => {
  const drawn = { ...read, ...draw, overrides: [...read.overrides!, ...draw.overrides] };
  return Promise.all([null, ...candidates].map((c) => readCompared(scenario, drawn, c)));
};

/** One draw, baseline first: rules, assumptions and admitted accounts of its worlds. */
export interface Cast {
  readonly scenarios: readonly Scenario[];
  readonly populations: readonly Population[];
  readonly before: readonly EntryFigures[];
}

/** Who stands at the start of a draw's worlds, admitted as a comparison does by default. */
export async function castOf(venue: Venue, scenarios: readonly Scenario[]): Promise<Cast> {
  const compared: Compared[] = [];
  for (const k of scenarios.keys()) {
    const world = await worldOf(venue.tape, { scenarios }, { index: 0, baseline: null, k });
    compared.push({ world, rules: scenarios[k]!.rules });
  }
  const { populations } = admit(compared, 'remove');
  const before = compared.map((c) => entryFigures(probe(c, c.world.input.population)));
  return { scenarios, populations, before };
}

/** A world of a draw as a comparison makes them; `k` 0 is the baseline, 1 the first candidate. */
export const worldOf = (
  tape: Tape,
  { scenarios, populations }: Pick<Cast, 'scenarios'> & Partial<Cast>,
  w: { index: number; baseline: World | null; k: number; population?: Population },
): Promise<World> => {
  const { rules, assumptions, seed } = scenarios[w.k]!;
  const population = w.population ?? populations?.[w.k];
  return tape.world({
    index: w.index,
    name: String(w.index),
    baseline: w.baseline,
    rules,
    assumptions,
    seed,
    openedUnder: scenarios[0]!.rules,
    record: 'money',
    ...(population === undefined ? {} : { population }),
  });
};

/** A tape that shows a day, for populations of the venue's own. */
export const tapeOf = ({ tape }: Venue, day: Day): Tape => tape.withFrames(framesOf(day, tape.frames));

/** What is true: figures of the true world and of each candidate, and the tape of the former. */
export interface Truth {
  readonly figures: readonly WorldFigures[];
  readonly tape: Day;
  /** Largest displacement of the true world's price, log. */
  readonly displacement: number;
}

/** The full model on the exogenous path: every forced lot moves the price, not a difference of lots. */
export async function truthOf(venue: Venue, cast: Cast, day: Day): Promise<Truth> {
  const tape = tapeOf(venue, day);
  const population = nobody(cast.populations[0]!);
  const worlds = [await worldOf(tape, cast, { index: 0, baseline: null, k: 0, population })];
  for (const k of cast.scenarios.keys())
    worlds.push(await worldOf(tape, cast, { index: k + 1, baseline: worlds[0]!, k }));
  const [sink, recorder] = [new CompareSink(worlds), new Recorder(day)];
  let displacement = 0;
  await replay(tape.frames, worlds, sink, (done) => {
    recorder.take(done - 1, worlds[1]!);
    displacement = Math.max(displacement, Math.abs(worlds[1]!.tilts(done - 1)![0]!.x));
  });
  const figures = cast.scenarios.map((_, k) => sink.figures(k + 1, 1, cast.before[k]!));
  return { figures, tape: recorder.recorded(), displacement };
}

/** How often a day is made before it must be its own tape. */
const TRIES = 30;

/**
 * A true day whose accounts were drawn on its own tape: who comes and who goes is drawn on what was recorded, and
 * what is recorded has their stops in it. The day is made from its last tape until it gives that tape, which is
 * left in the venue's files.
 *
 * @throws RangeError where no such day is found
 */
export async function ownDayOf(
  venue: Venue,
  scenarios: readonly Scenario[],
  exogenous: Day,
): Promise<{ cast: Cast; truth: Truth; tape: Tape }> {
  let recorded = exogenous;
  for (let made = 0; made < TRIES; made++) {
    await writeDay(venue.folder, recorded);
    const own = { ...venue, tape: await loaded(venue) };
    const cast = await castOf(own, scenarios);
    const truth = await truthOf(own, cast, exogenous);
    if (sameDay(truth.tape, recorded)) return { cast, truth, tape: own.tape };
    recorded = truth.tape;
  }
  throw new RangeError('the day does not come to rest');
}

const sameDay = (one: Day, other: Day): boolean =>
  (['perp', 'spot'] as const).every((of) =>
    (['last', 'high', 'low', 'volume'] as const).every((name) => {
      const column = other[of][name];
      return Array.from(one[of][name]).every((x, b) => x === column[b]);
    }),
  );

/**
 * What a comparison over these draws says of a tape, beside its loading and drawing.
 *
 * @returns  for each draw figures of its baseline and, with feedback, of each candidate
 */
export async function comparedOn(tape: Tape, casts: readonly Cast[]): Promise<WorldFigures[][]> {
  tape.rewind();
  const worlds: World[] = [];
  for (const cast of casts) {
    const base = await worldOf(tape, cast, { index: worlds.length, baseline: null, k: 0 });
    worlds.push(base);
    for (let k = 1; k < cast.scenarios.length; k++)
      worlds.push(await worldOf(tape, cast, { index: worlds.length, baseline: base, k }));
  }
  const sink = new CompareSink(worlds);
  await replay(tape.frames, worlds, sink);
  let first = 0;
  return casts.map(({ before }) => {
    const own = first;
    first += before.length;
    return before.map((entry, k) => sink.figures(own + k, own, entry));
  });
}

/** The accounts without their positions: they sell nothing, so the path stands as it is. */
const nobody = (p: Population): Population => ({
  ...p,
  legLots: new Float64Array(p.legLots.length),
  legEntryValue: new BigInt64Array(p.legEntryValue.length),
  legMargin: new BigInt64Array(p.legMargin.length),
});
