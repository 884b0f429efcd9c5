/**
 * The same day deeper or faster: the scenario as recorded, beside it the same population and rules on a
 * shocked copy of its frames, and once more with the price effect of the forced orders that the shock added.
 * Three worlds of one pass; stored, measured and reported as a run is.
 */
import { join } from 'node:path';
import { ReplayError } from '../../basics/errors.ts';
import type { Micros } from '../../basics/instant.ts';
import type { World } from '../../engine/world.ts';
import { measure } from '../../measure/measure.ts';
import { replay } from '../../replay.ts';
import { renderReport } from '../../report/page.ts';
import type { RunFacts, WorldFacts } from '../../results/manifest.ts';
import { writeRun } from '../../results/store.ts';
import type { Assumptions } from '../../rules/assumptions.ts';
import type { Scenario } from '../../rules/scenario.ts';
import { codeVersion } from '../codeVersion.ts';
import type { Progress, RunSummary } from '../run.ts';
import { readScenario } from '../scenario.ts';
import { RunHazard, type Watched } from '../runHazard.ts';
import { summaryLines } from '../summary.ts';
import { Tape } from '../tape.ts';
import { parseShocks, type Shock } from './shock.ts';
import { shockedTape } from './shockedTape.ts';

export interface StressOptions {
  /** Scenario file. */
  readonly scenario: string;
  /** As typed, in the order in which they are done; at least one. */
  readonly shocks: readonly string[];
  /** Of rules and assumptions; hold in all worlds. */
  readonly overrides: readonly string[];
  readonly from?: Micros;
  readonly until?: Micros;
  readonly seed?: string;
  readonly dataDir: string;
  /** Folder in which the result's own folder is made. */
  readonly outDir: string;
  readonly cacheDir: string;
  readonly onProgress: (p: Progress) => void;
}

/**
 * Replays a scenario as recorded, shocked, and shocked with feedback, and writes the result.
 *
 * @throws ReplayError SCENARIO_INVALID for a shock that cannot be read or done; else as a run does
 */
export async function stressScenario(options: StressOptions): Promise<RunSummary> {
  const shocks = parseShocks(options.shocks);
  if (shocks.length === 0)
    throw new ReplayError(
      'SCENARIO_INVALID',
      'no shock',
      { path: '--shock' },
      'Say what the day should differ in, for example --shock depth=1.5.',
    );
  const { outDir, onProgress } = options;
  const tape = await tapeOf(options);
  const { scenario } = tape;
  const worlds = await worldsOf(tape, shocks);
  const facts = factsOf(tape, shocks, worlds);
  const folder = join(outDir, `${scenario.id}+stress`);
  let lines: readonly string[] = [];
  let hazard: RunHazard | null = null;
  const run = await writeRun({
    folder,
    facts: () => facts,
    replay: (sink) => {
      hazard = new RunHazard(worlds, sink);
      return replay(
        tape.frames,
        worlds.map((w) => w.world),
        hazard,
        (done) => onProgress({ done, total: tape.frames.beats, what: 'replay' }),
      );
    },
    measure: async (connection) => {
      const metrics = await measure(connection, facts);
      const figures = { metrics, ensemble: [], reconciliation: [] };
      lines = summaryLines({
        scenario: { ...scenario, title: facts.scenario.title, caveats: facts.scenario.caveats },
        ...figures,
        done: [],
        accountingOnly: false,
        worlds: facts.worlds,
      });
      return { ...figures, hazard: hazard!.rows() };
    },
    files: async (partial) => ({ 'report.html': await renderReport(partial) }),
  });
  return {
    folder,
    runId: run.id,
    reportPath: join(folder, 'report.html'),
    lines,
    figures: run.headline,
    accountingOnly: false,
  };
}

/** The day as recorded. */
async function tapeOf(options: StressOptions): Promise<Tape> {
  const { overrides, from, until, seed, dataDir, cacheDir, onProgress } = options;
  const scenario = await readScenario(options.scenario, {
    overrides,
    dataDir,
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(seed === undefined ? {} : { seed }),
  });
  return Tape.load(scenario, {
    dataDir,
    cacheDir,
    timing: scenario.assumptions.timing,
    tapeSeed: scenario.seed,
    onProgress: (p) => onProgress({ ...p, total: Math.max(1, p.total) }),
  });
}

interface StressWorld extends Watched {
  readonly facts: WorldFacts;
}

async function worldsOf(tape: Tape, shocks: readonly Shock[]): Promise<StressWorld[]> {
  const { rules, assumptions, seed } = tape.scenario;
  const shocked = shockedTape(tape, shocks);
  const make = async (
    index: number,
    name: string,
    on: { readonly tape: Tape; readonly assumptions: Assumptions; readonly baseline: World | null },
  ): Promise<StressWorld> => {
    const common = { index, name, rules, assumptions: on.assumptions, seed };
    return {
      world: await on.tape.world({ ...common, openedUnder: rules, baseline: on.baseline, record: 'all' }),
      tape: on.tape,
      scenario: { ...tape.scenario, assumptions: on.assumptions },
      facts: {
        world: index,
        name,
        rules,
        assumptions: tape.opening(on.assumptions, rules),
        seed,
        baseline: index === 0 ? null : 0,
        feedback: on.baseline !== null,
        overrides: [],
      },
    };
  };
  const stated = { ...assumptions, shocks: shocks.map(({ text }) => text) };
  const first = await make(0, 'as recorded', { tape, assumptions, baseline: null });
  return [
    first,
    await make(1, 'stressed', { tape: shocked, assumptions: stated, baseline: null }),
    await make(2, 'stressed', { tape: shocked, assumptions: stated, baseline: first.world }),
  ];
}

/** What the result says of itself: the shocks first, before whatever the scenario warns of. */
function factsOf(tape: Tape, shocks: readonly Shock[], worlds: readonly StressWorld[]): RunFacts {
  const { folder: _folder, ...scenario } = tape.scenario satisfies Scenario;
  const said = shocks.map(({ text }) => text).join(', then ');
  return {
    scenario: {
      ...scenario,
      title: `${scenario.title}, stressed`,
      facts: { ...scenario.facts, published: [] },
      caveats: [
        `Not what happened: the day under ${said}. An assumption, not a forecast.`,
        ...scenario.caveats,
      ],
      assumptions: worlds.at(-1)!.facts.assumptions,
      notes: { ...scenario.notes, shocks: 'stated on the command line' },
    },
    worlds: worlds.map((w) => w.facts),
    streams: tape.frames.streams,
    framesKey: tape.frames.key,
    code: codeVersion(),
  };
}
