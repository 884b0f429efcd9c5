/**
 * One piece of a comparison: some draws that share a population and a tape, in one pass. For each draw
 * a baseline, and for each candidate a world without feedback and one with it.
 */
import { ReplayError } from '../../basics/errors.ts';
import type { World } from '../../engine/world.ts';
import type { Population } from '../../ledger/population.ts';
import { framesOpened } from '../../load/loadFrames.ts';
import { replay } from '../../replay.ts';
import type { DrawFacts, Entry } from '../../report/compare/model.ts';
import type { Assumptions } from '../../rules/assumptions.ts';
import type { Scenario } from '../../rules/scenario.ts';
import type { ReadScenarioOptions } from '../scenario.ts';
import { Tape } from '../tape.ts';
import { Branching, type BranchingPath, type BranchingRow, type Hazard, hazards } from './branching.ts';
import { type Candidate, readCompared } from './candidates.ts';
import { type Admitted, admit, type Compared, entryFigures, probe } from './entrants.ts';
import type { BreakdownRow } from './breakdown.ts';
import { CENTRAL, reactionAside } from './draws.ts';
import { CompareSink, type EntryFigures } from './figures.ts';
import type { WaveRow } from './forcedWaves.ts';
import { halvedTape } from './halfBeat.ts';
import { type Bucket, hazardRows } from './hazardRows.ts';
import type { WorldFigures } from './metrics.ts';

/** What a worker gets. Plain data. */
export interface Job {
  readonly scenario: string;
  readonly read: ReadScenarioOptions;
  readonly dataDir: string;
  readonly cacheDir: string;
  readonly candidates: readonly Candidate[];
  readonly entry: Entry;
  /** true: worlds with feedback beside those without. */
  readonly feedback: boolean;
  /** true: at half the beat. */
  readonly halfBeat?: true;
  /** All of one seed. */
  readonly draws: readonly DrawFacts[];
}

/** One world of one draw. `candidate` -1: the baseline. */
export interface DoneWorld {
  readonly candidate: number;
  readonly feedback: boolean;
  readonly figures: WorldFigures;
  /** Largest displacement of a price, log. */
  readonly displacement: number;
  readonly branching: number;
  /** Of central draws with feedback worlds beside them, else empty. */
  readonly breakdown: readonly BreakdownRow[];
  readonly waves: readonly WaveRow[];
  /** Over time; of central draws, as `breakdown`. */
  readonly branchingRows: readonly BranchingRow[];
  /** Of worlds without feedback: the profile is the rules' and the population's. */
  readonly hazard: readonly Bucket[];
}

export interface DoneDraw {
  readonly draw: DrawFacts;
  readonly entry: Omit<Admitted, 'populations'>;
  readonly worlds: readonly DoneWorld[];
}

/** Work that the worlds of a pass shared, as it was done. */
export interface PassWork {
  /** Of the first draw. */
  readonly cell: string;
  readonly seed: string;
  /** Number of the first draw. */
  readonly draw: number;
  readonly draws: number;
  readonly worlds: number;
  readonly worldsWithFeedback: number;
  readonly framesOpened: number;
  readonly populationsDrawn: number;
  /** Distinct rules of index, mark and funding among worlds without feedback. */
  readonly priceRules: number;
  /** Beats priced under them. */
  readonly beatsPriced: number;
  readonly beats: number;
}

/** A job done: its draws in their order, and what they shared. */
export interface DoneJob {
  readonly draws: readonly DoneDraw[];
  readonly work: PassWork;
}

/** A draw with everything that its worlds are made of. */
interface Cast {
  readonly draw: DrawFacts;
  /** Baseline first. */
  readonly scenarios: readonly Scenario[];
  readonly admitted: Admitted;
  readonly before: readonly EntryFigures[];
  /** Of each scenario, market by market, at the first mark. */
  readonly hazard: readonly { readonly profiles: readonly Hazard[]; readonly marksF64: Float64Array }[];
  readonly worlds: World[];
  /** Candidate and feedback of each world, -1 for the baseline. */
  readonly roles: { readonly candidate: number; readonly feedback: boolean }[];
}

/** Replays a job. @returns the worlds of each draw, in the order of its draws */
export async function runJob(job: Job): Promise<DoneJob> {
  const { dataDir, cacheDir, read, draws } = job;
  const { seed } = draws[0]!;
  const base = { ...read, seed };
  const before = framesOpened();
  const own = await readCompared(job.scenario, base, null);
  const loaded = await Tape.load(own, {
    dataDir,
    cacheDir: own.sensitivity.reconstructionSeeds > 0 ? '' : cacheDir,
    timing: own.assumptions.timing,
    tapeSeed: seed,
  });
  const tape = job.halfBeat === true ? halvedTape(loaded) : loaded;
  const cast: Cast[] = [];
  const worlds: World[] = [];
  for (const draw of draws) {
    const twin = cast.find((c) => reactionAside(c.draw) === reactionAside(draw)) ?? null;
    cast.push(await castOf({ job, base, draw, tape, twin, all: worlds }));
  }
  const sink = new CompareSink(worlds);
  const displacement = new Float64Array(worlds.length);
  const branching = branchingOf(cast, tape);
  await replay(tape.frames, worlds, sink, (done) => {
    for (const measure of branching.values()) measure.observe();
    for (const [w, world] of worlds.entries())
      for (const { x } of world.tilts(done - 1) ?? [])
        displacement[w] = Math.max(displacement[w]!, Math.abs(x));
  });
  const done = new Map<World, DoneWorld>();
  const doneOf = (c: Cast, w: number): DoneWorld => {
    const world = c.worlds[w]!;
    const known =
      done.get(world) ?? doneWorld(c, w, { tape, sink, displacement, branching, feedback: job.feedback });
    done.set(world, known);
    return known;
  };
  const doneDraws = cast.map((c): DoneDraw => {
    const { populations: _, ...entry } = c.admitted;
    return { draw: c.draw, entry, worlds: amplified(c.worlds.map((_world, w) => doneOf(c, w))) };
  });
  return { draws: doneDraws, work: workOf(draws, tape, worlds, framesOpened() - before) };
}

/** What the branching ratio of a world on a tape is made of, market by market. */
export function branchingPaths(tape: Tape, assumptions: Assumptions): BranchingPath[] {
  const { kernel, participation } = assumptions.fills;
  const { beatUs } = tape.frames;
  return tape.lambda(assumptions).map((lambda, m) => {
    return { lambda, lots: tape.lots(m), beatUs, kernel, participation: participation.toNumber() };
  });
}

function branchingOf(cast: readonly Cast[], tape: Tape): Map<World, Branching> {
  const found = new Map<World, Branching>();
  for (const { worlds, roles, scenarios } of cast) {
    for (const [w, world] of worlds.entries()) {
      const { assumptions } = scenarios[roles[w]!.candidate + 1]!;
      if (!found.has(world)) found.set(world, new Branching(world, branchingPaths(tape, assumptions)));
    }
  }
  return found;
}

function workOf(draws: readonly DrawFacts[], tape: Tape, worlds: readonly World[], opened: number): PassWork {
  const { cell, seed, number: draw } = draws[0]!;
  const { rules, beats } = tape.priced;
  return {
    cell,
    seed,
    draw,
    draws: draws.length,
    worlds: worlds.length,
    worldsWithFeedback: worlds.filter(({ input }) => input.baseline !== null).length,
    framesOpened: opened,
    populationsDrawn: tape.drawn,
    priceRules: rules,
    beatsPriced: beats,
    beats: tape.frames.beats,
  };
}

/** @param o.twin  the cast of a draw that differs in reaction alone: all but worlds with feedback are its own */
async function castOf(o: {
  readonly job: Job;
  readonly base: ReadScenarioOptions;
  readonly draw: DrawFacts;
  readonly tape: Tape;
  readonly twin: Cast | null;
  /** Of the pass; takes the new ones. */
  readonly all: World[];
}): Promise<Cast> {
  const { job, base, draw, tape, twin, all } = o;
  const read = { ...base, overrides: [...(base.overrides ?? []), ...draw.overrides], withoutData: true };
  const scenarios: Scenario[] = [];
  for (const candidate of [null, ...job.candidates])
    scenarios.push(await readCompared(job.scenario, read, candidate));
  const own = scenarios[0]!;
  const worldOf = (s: Scenario, more: { index: number; baseline: World | null; population?: Population }) =>
    tape.world({
      ...more,
      name: String(more.index),
      rules: s.rules,
      assumptions: s.assumptions,
      seed: s.seed,
      openedUnder: own.rules,
      record: 'money',
    });
  const opened = async (): Promise<Pick<Cast, 'admitted' | 'before' | 'hazard'>> => {
    const compared: Compared[] = [];
    for (const s of scenarios)
      compared.push({ world: await worldOf(s, { index: all.length, baseline: null }), rules: s.rules });
    refuseOtherAccounts(compared, job.candidates);
    const admitted = admit(compared, job.entry);
    const before = compared.map((c) => entryFigures(probe(c, c.world.input.population)));
    const hazard = compared.map((c, i) => {
      const still = probe(c, admitted.populations[i]!);
      return { profiles: hazards(still.world, still.marksF64), marksF64: still.marksF64 };
    });
    return { admitted, before, hazard };
  };
  const { admitted, before, hazard } = twin ?? (await opened());
  const worlds: World[] = [];
  const roles: Cast['roles'] = [];
  const add = async (k: number, baseline: World | null): Promise<World> => {
    const role = { candidate: k - 1, feedback: baseline !== null };
    roles.push(role);
    const shared = baseline === null ? twin?.worlds[worlds.length] : undefined;
    const population = admitted.populations[k]!;
    const world = shared ?? (await worldOf(scenarios[k]!, { index: all.length, baseline, population }));
    if (shared === undefined) all.push(world);
    worlds.push(world);
    return world;
  };
  const first = await add(0, null);
  for (const k of job.candidates.keys()) {
    await add(k + 1, null);
    if (job.feedback) await add(k + 1, first);
  }
  return { draw, scenarios, admitted, before, hazard, worlds, roles };
}

/** Differences are paired account by account: all worlds hold the same accounts. */
function refuseOtherAccounts(compared: readonly Compared[], candidates: readonly Candidate[]): void {
  const own = compared[0]!.world.input.population;
  for (const [k, { name }] of candidates.entries()) {
    const other = compared[k + 1]!.world.input.population;
    if (other.accounts === own.accounts && other.legLots.length === own.legLots.length) continue;
    throw new ReplayError(
      'SCENARIO_INVALID',
      'a candidate that has other accounts than the scenario cannot be compared with it',
      { path: name },
      'Leave the number of accounts and their legs as they are; change rules, or assumptions in the scenario.',
    );
  }
}

function doneWorld(
  c: Cast,
  w: number,
  pass: {
    readonly tape: Tape;
    readonly sink: CompareSink;
    readonly displacement: Float64Array;
    readonly branching: ReadonlyMap<World, Branching>;
    readonly feedback: boolean;
  },
): DoneWorld {
  const { tape, sink } = pass;
  const isTold = pass.feedback && c.draw.cell === CENTRAL.name;
  const { candidate, feedback } = c.roles[w]!;
  const { index } = c.worlds[w]!.input;
  const { assumptions } = c.scenarios[candidate + 1]!;
  const { profiles, marksF64 } = c.hazard[candidate + 1]!;
  const bookShare = (m: number): number => sink.bookShare(index, m);
  const hazard = branchingPaths(tape, assumptions).flatMap((own, m) => {
    const path = { ...own, marksF64: sink.marksOf(index, m), bookShare: bookShare(m) };
    return isTold && !feedback
      ? hazardRows({ market: tape.markets[m]!, hazard: profiles[m]!, firstMark: marksF64[m]!, path })
      : [];
  });
  const branching = pass.branching.get(c.worlds[w]!)!;
  return {
    candidate,
    feedback,
    figures: sink.figures(index, c.worlds[0]!.input.index, c.before[candidate + 1]!),
    displacement: pass.displacement[index]!,
    branching: branching.max(bookShare),
    breakdown: isTold ? sink.breakdown(index) : [],
    waves: isTold ? sink.waves(index) : [],
    branchingRows: isTold ? branching.rows(bookShare) : [],
    hazard,
  };
}

/** Worlds with what feedback added to their liquidations: 1 where there is none. */
const amplified = (worlds: readonly DoneWorld[]): DoneWorld[] =>
  worlds.map((world) => {
    const alone = worlds.find((w) => w.candidate === world.candidate && !w.feedback)!;
    const [own, base] = [world, alone].map((w) => w.figures.liquidatedNotional!) as [number, number];
    return { ...world, figures: { ...world.figures, amplification: base > 0 ? own / base : null } };
  });
