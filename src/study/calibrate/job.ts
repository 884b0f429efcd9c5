/**
 * One piece of a calibration: some draws side by side over the shared tape, each one world (the scenario's own
 * rules, accounting without feedback) with a population of its own; out come our sides of the published figures.
 */
import { openInterestLots } from '../../engine/totals.ts';
import type { World } from '../../engine/world.ts';
import { replay } from '../../replay.ts';
import type { Facts, PublishedFigure } from '../../rules/facts.ts';
import { beatEndUs } from '../../clock/frames.ts';
import { countsContracts, PublishedSums } from '../publishedSums.ts';
import { type ReadScenarioOptions, readScenario } from '../scenario.ts';
import { Tape } from '../tape.ts';
import type { CalibrationDraw } from './prior.ts';

/** What a worker gets. Plain data. */
export interface CalibrateJob {
  readonly scenario: string;
  readonly read: ReadScenarioOptions;
  readonly dataDir: string;
  readonly cacheDir: string;
  /** Places in `facts.published` of the figures that are asked for. */
  readonly figures: readonly number[];
  readonly draws: readonly CalibrationDraw[];
}

/**
 * Replays a job.
 *
 * @returns  one row a draw, one number a figure asked for, in its unit
 * @throws ReplayError as reading the scenario and loading its tape do
 */
export async function runCalibrateJob(job: CalibrateJob): Promise<number[][]> {
  const { dataDir, cacheDir, read } = job;
  const own = await readScenario(job.scenario, read);
  const { timing } = own.assumptions;
  const tape = await Tape.load(own, { dataDir, cacheDir, timing, tapeSeed: own.seed });
  const worlds: World[] = [];
  for (const [index, { seed, overrides }] of job.draws.entries()) {
    const all = [...(read.overrides ?? []), ...overrides];
    const drawn = await readScenario(job.scenario, { ...read, seed, overrides: all, withoutData: true });
    const { rules, assumptions } = drawn;
    const made = { rules, assumptions, seed, openedUnder: rules, baseline: null, record: 'cash' as const };
    worlds.push(await tape.world({ ...made, index, name: String(index) }));
  }
  const { facts } = own;
  const sums = new PublishedSums(facts);
  const edges = job.figures
    .filter((place) => facts.published[place]!.what === 'openInterestChange')
    .map((place) => new OpenInterestEdges(place, facts, worlds));
  await replay(tape.frames, worlds, sums, (done) => {
    for (const edge of edges) edge.look(beatEndUs(tape.frames, done - 1));
  });
  return worlds.map((_, w) => {
    const values = sums.values(w);
    return job.figures.map(
      (place) => edges.find((edge) => edge.place === place)?.change(w) ?? Number(values[place]),
    );
  });
}

/** Open interest of every world after the first and the last beat of a figure's part of the window. */
class OpenInterestEdges {
  readonly place: number;
  private readonly figure: PublishedFigure;
  private readonly facts: Facts;
  private readonly worlds: readonly World[];
  private readonly first: (number | null)[];
  private readonly last: (number | null)[];

  constructor(place: number, facts: Facts, worlds: readonly World[]) {
    this.place = place;
    this.facts = facts;
    this.worlds = worlds;
    this.figure = facts.published[place]!;
    this.first = worlds.map(() => null);
    this.last = worlds.map(() => null);
  }

  look(tsUs: number): void {
    const { fromUs, untilUs } = this.figure;
    const from = fromUs ?? this.facts.fromUs;
    const until = untilUs ?? this.facts.untilUs;
    if (tsUs <= from || tsUs > until) return;
    const isLast = tsUs + this.facts.beatUs > until;
    for (const [w, world] of this.worlds.entries()) {
      this.first[w] ??= this.openInterest(world);
      if (isLast) this.last[w] = this.openInterest(world);
    }
  }

  change(world: number): number {
    return (this.last[world] ?? 0) - (this.first[world] ?? 0);
  }

  /** In the figure's unit, as reconcile.ts counts it; null before the first price. */
  private openInterest(world: World): number | null {
    const { figure, facts } = this;
    const m = world.input.markets.findIndex(({ id }) => id === figure.market);
    const market = world.input.markets[m];
    const prices = world.prices;
    if (market === undefined || prices[m] === undefined) return null;
    const contracts = openInterestLots(world.desk, market) * market.qtyStep.toNumber();
    const isCounted = countsContracts(facts, figure) || !figure.unit.startsWith('USD');
    return isCounted ? contracts : contracts * prices[m].markF64;
  }
}
