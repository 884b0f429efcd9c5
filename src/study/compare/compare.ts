/**
 * `cascade compare`: the scenario's own rules beside others, over many draws of what nobody published.
 * Every world is the same `replay`; this file decides which worlds there are, and what becomes of them.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, sha256 } from '../../basics/digest.ts';
import { ReplayError } from '../../basics/errors.ts';
import type { Micros } from '../../basics/instant.ts';
import { renderCompare } from '../../report/compare/page.ts';
import type { CompareResult, DrawFacts, Entry, EntryPanel, Figures } from '../../report/compare/model.ts';
import { asStoreError, RunFolder } from '../../results/runFolder.ts';
import type { Scenario } from '../../rules/scenario.ts';
import { ensembleNotes, notIdentified, readEnsemble } from '../calibrate/ensemble.ts';
import { codeVersion } from '../codeVersion.ts';
import type { Progress } from '../run.ts';
import type { ReadScenarioOptions } from '../scenario.ts';
import {
  candidatesOf,
  type Candidate,
  factsOf,
  readCompared,
  refuseOtherTape,
  refuseReached,
} from './candidates.ts';
import { ALL_CELLS, CENTRAL, drawsOf, type Member, NINE_CELLS, populationsOf } from './draws.ts';
import type { DoneDraw, Job, PassWork } from './job.ts';
import { jobsOf, runJobs, worldsOf } from './jobs.ts';
import { branchingMedians } from './branchingMedians.ts';
import { driversOf } from './drivers.ts';
import { refuseOddBeat, stepNotes } from './halfBeat.ts';
import { hazardMedians } from './hazardMedians.ts';
import { compareLines } from './lines.ts';
import { METRICS } from './metrics.ts';
import { findingsOf, panelOf, stabilityOf } from './result.ts';
import { assumptionLines, factLines, ruleLines } from './statements.ts';
import { writeTables } from './tables.ts';
import { cappedBy, ROBUST_DRAWS } from './verdict.ts';

export interface CompareOptions {
  readonly scenario: string;
  /** Texts of `--with`. */
  readonly candidates: readonly string[];
  /** Overrides of both sides: assumptions of the comparison. */
  readonly overrides: readonly string[];
  /** Central draws. */
  readonly draws: number;
  /** Draws in each of the nine cells; 0: none. */
  readonly cellDraws: number;
  /** 200 draws centrally and in each of the 36 cells. */
  readonly full: boolean;
  readonly entry: Entry;
  /** Whether the scenario as it is is replayed at half its beat too, and what differs is told. */
  readonly halfBeat: boolean;
  /** File of an ensemble whose members are the populations. */
  readonly ensemble?: string;
  readonly from?: Micros;
  readonly until?: Micros;
  readonly seed?: string;
  readonly dataDir: string;
  readonly outDir: string;
  readonly cacheDir: string;
  /** Threads; 0: this one. Results do not depend on it. */
  readonly workers: number;
  readonly onProgress: (p: Progress) => void;
  /** Milliseconds of a clock, for the estimate; never part of a result. */
  readonly clock: () => number;
  /** With `full`: told how long all will take, seconds, once the first job is done. */
  readonly onEstimate: (seconds: number) => void;
}

export interface CompareSummary {
  readonly folder: string;
  readonly reportPath: string;
  readonly result: CompareResult;
  readonly lines: readonly string[];
}

const ENTRIES: readonly Entry[] = ['remove', 'topUp', 'keep'];

/** @throws ReplayError of whatever fails; then nothing that looks like a result is left */
export async function compareScenario(options: CompareOptions): Promise<CompareSummary> {
  const candidates = candidatesOf(options.candidates);
  const read = readOptions(options);
  const own = await readCompared(options.scenario, read, null);
  const others: Scenario[] = [];
  for (const candidate of candidates) {
    const other = await readCompared(options.scenario, { ...read, withoutData: true }, candidate);
    refuseReached(candidate.name, other);
    refuseOtherTape(own, other, 'with --override');
    others.push(other);
  }
  refuseEmpty(options);
  if (options.halfBeat) refuseOddBeat(own.facts.beatUs);
  const peopled = peopleFor(options, own);
  const draws = plannedDraws(options, own, peopled.members);
  const { scenario, dataDir, cacheDir, entry } = options;
  const base = { scenario, read, dataDir, cacheDir, candidates };
  const folder = new RunFolder(join(options.outDir, `${own.id}+compare`));
  try {
    const asItIs = { number: 0, cell: CENTRAL.name, seed: own.seed, overrides: [] };
    const stepJob: Job = { ...base, entry, feedback: true, draws: [asItIs] };
    const { main, work, panels, steps } = await allJobs(options, {
      draws,
      main: jobsOf(draws, { ...base, entry, feedback: true }),
      entries: ENTRIES.map((policy): Job => {
        return { ...base, entry: policy, feedback: false, draws: [asItIs] };
      }),
      steps: options.halfBeat ? [stepJob, { ...stepJob, halfBeat: true }] : [],
    });
    const notes = [...peopled.notes, ...stepNotes(steps)];
    const result = resultOf({
      own,
      others,
      candidates,
      entry,
      draws,
      main,
      panels,
      peopled: { ...peopled, notes },
    });
    write(folder.partial, 'compare.json', `${JSON.stringify(result, null, 1)}\n`);
    write(folder.partial, 'draws.json', drawsText(result, main));
    await stored(folder.partial, writeTables(folder.partial, result, { draws: main, work }));
    write(folder.partial, 'report.html', await renderCompare(result));
    folder.publish();
    const reportPath = join(folder.folder, 'report.html');
    return { folder: folder.folder, reportPath, result, lines: compareLines(result) };
  } catch (error) {
    folder.abandon();
    throw error;
  }
}

/** With `full` the time is told once a few jobs are done. Draws come in their order. */
async function allJobs(
  options: CompareOptions,
  jobs: {
    readonly draws: readonly DrawFacts[];
    readonly main: readonly Job[];
    readonly entries: readonly Job[];
    readonly steps: readonly Job[];
  },
): Promise<{ main: DoneDraw[]; work: PassWork[]; panels: EntryPanel[]; steps: DoneDraw[] }> {
  const all = [...jobs.main, ...jobs.entries, ...jobs.steps];
  const total = jobs.draws.length + jobs.entries.length + jobs.steps.length;
  const estimate = options.full ? estimator(all, options) : () => {};
  let count = 0;
  const done = await runJobs(all, options.workers, (job) => {
    count += job.draws.length;
    options.onProgress({ done: count, total, what: 'draws' });
    estimate(job);
  });
  const own = done.slice(0, jobs.main.length);
  const others = done.slice(jobs.main.length).flatMap(({ draws }) => draws);
  const panels = others
    .slice(0, jobs.entries.length)
    .map((draw, i) => panelOf(ENTRIES[i]!, draw, jobs.main[0]!.candidates.length));
  const found = new Map(own.flatMap(({ draws }) => draws.map((d) => [placeOf(d.draw), d] as const)));
  const main = jobs.draws.map((draw) => found.get(placeOf(draw))!);
  return { main, work: own.map(({ work }) => work), panels, steps: others.slice(jobs.entries.length) };
}

/**
 * Tells how long all worlds take, by those from each worker's third job on: a worker's first take several times as
 * long. Worlds and not draws: central draws, which come first, share none.
 *
 * @returns  to be told each job as it is done
 */
function estimator(all: readonly Job[], { clock, onEstimate, workers }: CompareOptions): (job: Job) => void {
  const each = 2 * Math.max(1, workers);
  const total = all.reduce((sum, job) => sum + worldsOf(job), 0);
  const began = clock();
  let [jobs, worlds, from, fromMs] = [0, 0, 0, 0];
  return (job) => {
    jobs++;
    worlds += worldsOf(job);
    if (jobs === each) [from, fromMs] = [worlds, clock()];
    if (jobs !== 2 * each) return;
    const now = clock();
    onEstimate((now - began + ((now - fromMs) / (worlds - from)) * (total - worlds)) / 1000);
  };
}

const placeOf = ({ cell, number }: DrawFacts): string => `${cell} ${number}`;

const readOptions = (o: CompareOptions): ReadScenarioOptions => ({
  overrides: o.overrides,
  dataDir: o.dataDir,
  ...(o.from === undefined ? {} : { from: o.from }),
  ...(o.until === undefined ? {} : { until: o.until }),
  ...(o.seed === undefined ? {} : { seed: o.seed }),
});

function refuseEmpty({ draws, full }: CompareOptions): void {
  if (full || draws >= 1) return;
  const remedy = 'Write --draws 8, or more; --full for the envelope.';
  throw new ReplayError('SCENARIO_INVALID', 'no draws to compare by', { path: '--draws' }, remedy);
}

/** Where populations come from: members of an ensemble, what a reader should know of it, and what caps verdicts. */
interface Peopled {
  readonly members: readonly Member[] | null;
  readonly notes: readonly string[];
  readonly cap: string | null;
}

function peopleFor(options: CompareOptions, own: Scenario): Peopled {
  const { ensemble: file, full, draws, cellDraws, overrides } = options;
  if (file === undefined) return { members: null, notes: [], cap: null };
  const ensemble = readEnsemble(file);
  const notes = ensembleNotes(ensemble, file, { ...own, overrides });
  const { members } = ensemble;
  const asked = populationsOf(full ? ROBUST_DRAWS : Math.max(draws, cellDraws));
  const again = `${asked} populations are asked for and the ensemble has ${members.length} members: they come again.`;
  return {
    members,
    notes: asked > members.length ? [...notes, again] : notes,
    cap: notIdentified(ensemble).length === 0 ? null : 'the ensemble has a parameter that is NOT IDENTIFIED',
  };
}

function plannedDraws(o: CompareOptions, own: Scenario, members: Peopled['members']): DrawFacts[] {
  const { assumptions, seed } = own;
  const of = (n: number, cell: typeof CENTRAL): DrawFacts[] =>
    drawsOf({ n, cell, seed, assumptions, members });
  if (o.full) return [CENTRAL, ...ALL_CELLS].flatMap((cell) => of(ROBUST_DRAWS, cell));
  return [...of(o.draws, CENTRAL), ...NINE_CELLS.flatMap((cell) => of(o.cellDraws, cell))];
}

function resultOf(o: {
  readonly own: Scenario;
  readonly others: readonly Scenario[];
  readonly candidates: readonly Candidate[];
  readonly entry: Entry;
  readonly draws: readonly DrawFacts[];
  readonly main: readonly DoneDraw[];
  readonly panels: readonly EntryPanel[];
  readonly peopled: Peopled;
}): CompareResult {
  const { own, others, candidates, draws, main, peopled } = o;
  const { facts, rules } = own;
  const market = Object.values(facts.markets)[0]!;
  const stability = stabilityOf(main, candidates.length);
  const findings = findingsOf({ draws: main, candidates: candidates.length, metrics: METRICS, stability });
  const body = {
    title: own.title,
    scenario: own.id,
    fromUs: facts.fromUs,
    untilUs: facts.untilUs,
    beatUs: facts.beatUs,
    asset: market.settle,
    market: market.id,
    seed: own.seed,
    code: codeVersion().version,
    baseline: { rules: rules.id, title: rules.title },
    candidates: candidates.map((c, k) => factsOf(c, others[k]!)),
    entry: o.entry,
    entries: o.panels,
    metrics: METRICS,
    findings: cappedBy(findings, peopled.cap),
    stability,
    drivers: driversOf(main, candidates.length),
    hazard: hazardMedians(main),
    branching: branchingMedians(main, market.id),
    draws,
    cells: [...new Set(draws.map((d) => d.cell))],
    caveats: [
      ...peopled.notes,
      ...own.caveats,
      ...others.flatMap((s) => s.caveats.filter((c) => !own.caveats.includes(c))),
    ],
    facts: factLines(own),
    rules: ruleLines(own),
    assumptions: assumptionLines(own),
  };
  return { id: sha256(canonicalJson(body)).slice(0, 16), ...body };
}

/** Every world of every draw, one row each, with what replays it alone. */
function drawsText(result: CompareResult, main: readonly DoneDraw[]): string {
  const rows = main.flatMap(({ draw, entry, worlds }) =>
    worlds.map(({ candidate, feedback, figures, displacement, branching }) => ({
      cell: draw.cell,
      draw: draw.number,
      seed: draw.seed,
      overrides: draw.overrides,
      candidate: candidate < 0 ? 'baseline' : result.candidates[candidate]!.name,
      feedback,
      accountsConcerned: entry.accounts,
      displacement,
      branching,
      figures: figures as Figures,
    })),
  );
  return `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`;
}

function write(folder: string, name: string, text: string): void {
  const file = join(folder, name);
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw asStoreError(error, file);
  }
}

/** What a write to a folder gives; its failure as a coded error. */
async function stored<T>(folder: string, writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    throw asStoreError(error, folder);
  }
}
