/**
 * One run, from scenario to report: the scenario's own rules, or others beside them; then the reruns
 * that show how far each money figure can be trusted; then tables, digests and the page. A run whose
 * rules are not the scenario's is accounting only unless the baseline replays beside it.
 */
import { join } from 'node:path';
import { canonicalJson, sha256 } from '../basics/digest.ts';
import { ReplayError } from '../basics/errors.ts';
import type { DuckDBConnection } from '../basics/duckdb.ts';
import type { Micros } from '../basics/instant.ts';
import type { World } from '../engine/world.ts';
import { measure } from '../measure/measure.ts';
import { renderReport } from '../report/page.ts';
import type { RunFacts, RunFile, WorldFacts } from '../results/manifest.ts';
import type { MetricRow } from '../results/runTables.ts';
import { type RunFigures, writeRun } from '../results/store.ts';
import { replay } from '../replay.ts';
import type { Scenario } from '../rules/scenario.ts';
import { codeVersion } from './codeVersion.ts';
import { reconcile } from './reconcile.ts';
import { type DoneCell, ensembleRows, lastPriceRows, planReruns } from './reruns.ts';
import { type ReadScenarioOptions, readScenario } from './scenario.ts';
import { RunHazard, type Watched } from './runHazard.ts';
import { summaryLines } from './summary.ts';
import { Tape } from './tape.ts';
import { runGroups } from './workers.ts';

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly what: string;
}

export interface RunOptions {
  /** Scenario file. */
  readonly scenario: string;
  readonly rules?: string;
  readonly overrides: readonly string[];
  /** Replays the scenario's own rules beside changed ones and applies the feedback. */
  readonly baseline: boolean;
  readonly from?: Micros;
  readonly until?: Micros;
  readonly dataDir: string;
  /** Folder in which the run's own folder is made. */
  readonly outDir: string;
  readonly seed?: string;
  /** Threads for reruns; 0: in this one. Results do not depend on it. */
  readonly workers: number;
  readonly reruns: boolean;
  readonly allowNotInForce: boolean;
  /** Scenario market -> market of `rules`, where names differ. */
  readonly markets?: Readonly<Record<string, string>>;
  /** Restates positions and collateral where `rules` are for another contract. */
  readonly convert?: boolean;
  readonly cacheDir: string;
  readonly onProgress: (p: Progress) => void;
}

export interface RunSummary {
  readonly folder: string;
  readonly runId: string;
  readonly reportPath: string;
  /** One screen of text. */
  readonly lines: readonly string[];
  readonly figures: Readonly<Record<string, string>>;
  readonly accountingOnly: boolean;
}

/** A step of progress counts a hundredth of the tape, or one group of reruns. */
const TAPE_STEPS = 100;

/** The scenario as it stands, the scenario as asked for, and whether they differ. */
interface Asked {
  readonly own: Scenario;
  readonly changed: Scenario;
  readonly differs: boolean;
}

/** @throws ReplayError from whatever fails; then nothing that looks like a result is left */
export async function runScenario(options: RunOptions): Promise<RunSummary> {
  const asked = await readAsked(options);
  if (asked.changed.conversion !== undefined && options.baseline) throw unpaired();
  const { changed, differs } = asked;
  const { dataDir, cacheDir, onProgress } = options;
  const groups = options.reruns ? planReruns(changed, rerunBase(options, differs)) : [];
  const total = TAPE_STEPS + groups.length;
  let [beatsDone, groupsDone] = [0, 0];
  const tell = (what: string): void => onProgress({ done: beatsDone + groupsDone, total, what });
  // reruns need nothing of the run itself: they use the other cores while it replays
  const reruns = runGroups(groups, options.workers, (n) => {
    groupsDone = n;
    tell('replay and reruns');
  });
  reruns.catch(() => {}); // reported where it is awaited; the run may fail first
  const tape = await Tape.load(changed, {
    dataDir,
    cacheDir,
    timing: changed.assumptions.timing,
    tapeSeed: changed.seed,
    onProgress: (p) => tell(p.what),
  });
  const worlds = await makeWorlds(tape, asked, options.baseline);
  const { scenario } = tape;
  const facts = runFacts(asked, tape, worlds);
  const folder = join(options.outDir, folderName(asked));
  const accountingOnly = differs && !options.baseline;
  let summary: readonly string[] = [];
  let hazard: RunHazard | null = null;
  const run = await writeRun({
    folder,
    facts: () => facts,
    replay: (sink) => {
      const every = Math.max(1, Math.floor(tape.frames.beats / TAPE_STEPS));
      const onBeat = (done: number): void => {
        if (done % every !== 0) return;
        beatsDone = Math.floor((done / tape.frames.beats) * TAPE_STEPS);
        tell('replay and reruns');
      };
      hazard = new RunHazard(worlds, sink);
      return replay(tape.frames, worldsOf(worlds), hazard, onBeat);
    },
    measure: async (connection) => {
      const own = await measure(connection, facts);
      const done = await reruns;
      const figures = await figuresOf({ connection, scenario, own, done, main: mainWorld(worlds) });
      summary = summaryLines({ scenario, ...figures, done, accountingOnly, worlds: facts.worlds });
      return { ...figures, hazard: hazard!.rows() };
    },
    files: async (partial) => ({ 'report.html': await renderReport(partial) }),
  });
  return resultOf(run, folder, summary, accountingOnly);
}

const unpaired = (): ReplayError =>
  new ReplayError(
    'SCENARIO_INVALID',
    'a baseline in one contract and a run in another cannot be laid side by side account by account',
    { path: '--convert' },
    'Leave --baseline out, and replay the scenario as it is in a run of its own.',
  );

/** What the tables of figures hold: the run's own, those of its reruns, and the published ones beside them. */
async function figuresOf(of: {
  readonly connection: DuckDBConnection;
  readonly scenario: Scenario;
  readonly own: readonly MetricRow[];
  readonly done: readonly DoneCell[];
  readonly main: number;
}): Promise<Required<Omit<RunFigures, 'hazard'>>> {
  const { connection, scenario, own, done, main } = of;
  const ensemble = ensembleRows(done, scenario.seed, main);
  const metrics = [...own, ...lastPriceRows(done, main)];
  return { metrics, ensemble, reconciliation: await reconcile(connection, scenario.facts, done, main) };
}

const worldsOf = (worlds: readonly NamedWorld[]): World[] => worlds.map((w) => w.world);

async function readAsked(options: RunOptions): Promise<Asked> {
  const own = await readScenario(options.scenario, readOptions(options, false));
  const changed = await readScenario(options.scenario, readOptions(options, true));
  return { own, changed, differs: canonicalJson(own.rules) !== canonicalJson(changed.rules) };
}

/** How the scenario is read; without `changes` only window, seed and assumptions differ from the file. */
function readOptions(options: RunOptions, changes: boolean): ReadScenarioOptions {
  const { rules, markets, convert, overrides, from, until, seed, dataDir, allowNotInForce } = options;
  const ownOverrides = overrides.filter((o) => changes || !o.startsWith('rules'));
  return {
    overrides: ownOverrides,
    allowNotInForce,
    dataDir,
    ...(changes && rules !== undefined ? { rules } : {}),
    ...(changes && markets !== undefined ? { markets } : {}),
    ...(changes && convert === true ? { convert } : {}),
    ...(from !== undefined ? { from } : {}),
    ...(until !== undefined ? { until } : {}),
    ...(seed !== undefined ? { seed } : {}),
  };
}

/** What all groups of reruns share. */
function rerunBase(options: RunOptions, differs: boolean): Parameters<typeof planReruns>[1] {
  const { scenario, dataDir, cacheDir } = options;
  const ownRead = differs && options.baseline ? readOptions(options, false) : null;
  return { scenario, dataDir, cacheDir, read: readOptions(options, true), ownRead, changesRules: differs };
}

interface NamedWorld extends Watched {
  readonly facts: WorldFacts;
}

/** The worlds of a run: one alone; or the baseline, the candidate without feedback, and with it. */
async function makeWorlds(tape: Tape, asked: Asked, baseline: boolean): Promise<NamedWorld[]> {
  const { own, changed } = asked;
  const make = async (
    index: number,
    name: string,
    from: Scenario,
    base: World | null,
  ): Promise<NamedWorld> => {
    const { rules, assumptions, seed } = from;
    const common = { index, name, rules, assumptions, seed };
    return {
      world: await tape.world({ ...common, openedUnder: own.rules, baseline: base, record: 'all' }),
      tape,
      scenario: from,
      facts: {
        world: index,
        name,
        rules,
        assumptions: tape.opening(assumptions, rules),
        seed,
        baseline: index === 0 ? null : 0,
        feedback: base !== null,
        overrides: [],
      },
    };
  };
  if (!asked.differs || !baseline)
    return [await make(0, asked.differs ? 'other rules' : 'this run', changed, null)];
  const first = await make(0, 'own rules', own, null);
  return [
    first,
    await make(1, 'other rules', changed, null),
    await make(2, 'other rules', changed, first.world),
  ];
}

const mainWorld = (worlds: readonly NamedWorld[]): number => worlds.at(-1)!.facts.world;

function runFacts(asked: Asked, tape: Tape, worlds: readonly NamedWorld[]): RunFacts {
  const { folder: _folder, ...scenario } = asked.own;
  const { facts: read, caveats, assumptions } = tape.scenario;
  const { burnIn = {}, ...facts } = read;
  const shorter = Object.entries(burnIn).map(([market, own]) => {
    return [market, { bars: own.bars.length, sha256: sha256(canonicalJson(own)) }];
  });
  return {
    scenario: {
      ...scenario,
      facts,
      caveats: [...caveats, ...scenario.caveats.filter((own) => !caveats.includes(own))],
      assumptions: tape.opening(assumptions, asked.changed.rules),
    },
    worlds: worlds.map((w) => w.facts),
    ...(shorter.length > 0 ? { burnIn: Object.fromEntries(shorter) } : {}),
    streams: tape.frames.streams,
    framesKey: tape.frames.key,
    code: codeVersion(),
    ...(tape.frames.side.fundBalances.length > 0 ? { recordedFund: tape.frames.side.fundBalances } : {}),
  };
}

/** Own rules: the scenario's name. Others: the name of the rules behind it, so that neither replaces the other. */
const folderName = ({ own, changed, differs }: Asked): string =>
  differs ? `${own.id}+${own.rules.id === changed.rules.id ? 'override' : changed.rules.id}` : own.id;

function resultOf(
  run: RunFile,
  folder: string,
  lines: readonly string[],
  accountingOnly: boolean,
): RunSummary {
  return {
    folder,
    runId: run.id,
    reportPath: join(folder, 'report.html'),
    lines,
    figures: run.headline,
    accountingOnly,
  };
}
