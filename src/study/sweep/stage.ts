/**
 * Many worlds of one scenario on one tape: points of a frontier or a sweep, each a list of overrides and
 * shocks. The tape is loaded once and a population drawn once per assumption and seed, whatever the number
 * of points and passes; what was done once is counted.
 */
import { canonicalJson, sha256 } from '../../basics/digest.ts';
import { ReplayError } from '../../basics/errors.ts';
import type { Micros } from '../../basics/instant.ts';
import type { World } from '../../engine/world.ts';
import type { Population } from '../../ledger/population.ts';
import { replay } from '../../replay.ts';
import type { Entry } from '../../report/compare/model.ts';
import type { Sink } from '../../results/sink.ts';
import type { Scenario } from '../../rules/scenario.ts';
import { codeVersion } from '../codeVersion.ts';
import { refuseOtherTape, refuseReached } from '../compare/candidates.ts';
import { admit, type Compared } from '../compare/entrants.ts';
import { type ReadScenarioOptions, readScenario } from '../scenario.ts';
import { parseShocks } from '../stress/shock.ts';
import { shockedTape } from '../stress/shockedTape.ts';
import { Tape } from '../tape.ts';

/** What one world changes. */
export interface Point {
  readonly overrides: readonly string[];
  readonly shocks: readonly string[];
}

/** What all points share. Plain data: it crosses to a worker. */
export interface StageOptions {
  /** Scenario file. */
  readonly scenario: string;
  /** Overrides that hold in every world. */
  readonly overrides: readonly string[];
  /** Shocks that hold in every world but the baseline, before a point's own. */
  readonly shocks: readonly string[];
  readonly from?: Micros;
  readonly until?: Micros;
  readonly seed?: string;
  /** Overrides of an ensemble's member: they hold in every world beside its seed. */
  readonly member?: readonly string[];
  /** true: a point's forced orders, less those of the baseline on the recorded day, move its prices. */
  readonly feedback: boolean;
  /** What becomes of accounts that the scenario's rules or a point's would liquidate at the first mark. */
  readonly t0: Entry;
  readonly dataDir: string;
  readonly cacheDir: string;
}

/** A point's world with its rules as they were read. */
export interface PointWorld extends Compared {
  /** What it is compared with: the scenario's own world, over the same accounts. */
  readonly baseline: World;
  /** The accounts before any was taken out or topped up. */
  readonly opened: Population;
}

/** Worlds of one pass: the scenario's own first; where an admission changes it, once more before a point. */
export interface Cast {
  readonly worlds: readonly World[];
  readonly points: readonly PointWorld[];
}

/** Work that worlds share, as it was really done. */
export interface SharedWork {
  framesOpened: number;
  populationsDrawn: number;
  /** Distinct rules of index, mark and funding that worlds without feedback were priced by, pass by pass. */
  priceRules: number;
  /** Beats priced under them. */
  beatsPriced: number;
  passes: number;
  worlds: number;
  /** Worlds with prices of their own. */
  worldsWithFeedback: number;
}

export class Stage {
  readonly scenario: Scenario;
  readonly tape: Tape;
  readonly work: SharedWork;
  private readonly options: StageOptions;
  private readonly read: ReadScenarioOptions;

  private constructor(scenario: Scenario, tape: Tape, options: StageOptions, read: ReadScenarioOptions) {
    this.scenario = scenario;
    this.tape = tape;
    this.options = options;
    this.read = read;
    this.work = {
      framesOpened: 1,
      populationsDrawn: 0,
      priceRules: 0,
      beatsPriced: 0,
      passes: 0,
      worlds: 0,
      worldsWithFeedback: 0,
    };
  }

  /** Reads the scenario and loads its tape. @throws ReplayError as either does */
  static async open(options: StageOptions): Promise<Stage> {
    const { from, until, seed, dataDir, cacheDir, overrides, member = [] } = options;
    const read: ReadScenarioOptions = {
      overrides: [...overrides, ...member],
      dataDir,
      ...(from === undefined ? {} : { from }),
      ...(until === undefined ? {} : { until }),
      ...(seed === undefined ? {} : { seed }),
    };
    const scenario = await readScenario(options.scenario, read);
    const { timing } = scenario.assumptions;
    const tape = await Tape.load(scenario, { dataDir, cacheDir, timing, tapeSeed: scenario.seed });
    return new Stage(scenario, tape, options, read);
  }

  /** Digest of all that figures of worlds depend on but points, seeds and members: scenario, rules, data, code. */
  get base(): string {
    const { folder: _, seed: __, ...facts } = this.scenario;
    return sha256(canonicalJson({ facts, frames: this.tape.frames.key, code: codeVersion() }));
  }

  /**
   * Replays points side by side in one pass.
   *
   * @param sinkOf  makes the sink once the worlds stand
   * @returns       the worlds and their sink, after the last beat
   * @throws ReplayError when a point cannot be read, or wants another tape
   */
  async play<S extends Sink>(
    points: readonly Point[],
    sinkOf: (cast: Cast) => S,
  ): Promise<{ readonly cast: Cast; readonly sink: S }> {
    const tapes = new Map([['', this.tape]]);
    for (const tape of tapes.values()) tape.rewind();
    const cast = await this.cast(points, tapes);
    const sink = sinkOf(cast);
    await replay(this.tape.frames, cast.worlds, sink);
    const { work } = this;
    work.passes++;
    work.worlds += cast.worlds.length;
    work.worldsWithFeedback += cast.worlds.filter(({ input }) => input.baseline !== null).length;
    work.populationsDrawn = this.tape.drawn;
    for (const { priced } of tapes.values()) {
      work.priceRules += priced.rules;
      work.beatsPriced += priced.beats;
    }
    return { cast, sink };
  }

  /** Refuses a point that cannot be read or replayed, before any pass. @throws ReplayError as `play` does */
  async refuse({ overrides, shocks }: Point): Promise<void> {
    parseShocks([...this.options.shocks, ...shocks]);
    await this.pointScenario(overrides);
  }

  private async cast(points: readonly Point[], tapes: Map<string, Tape>): Promise<Cast> {
    const worlds: World[] = [];
    const put = (world: World): World => {
      worlds.push(world);
      return world;
    };
    const own = {
      world: put(await this.world(this.tape, this.scenario, { index: 0 })),
      rules: this.scenario.rules,
    };
    const cast: PointWorld[] = [];
    for (const { overrides, shocks } of points) {
      const all = [...this.options.shocks, ...shocks];
      const parsed = parseShocks(all);
      const key = parsed.map(({ text }) => text).join(' ');
      const known = tapes.get(key);
      const tape = known ?? shockedTape(this.tape, parsed);
      tapes.set(key, tape);
      const from = await this.pointScenario(overrides);
      const { rules } = from;
      const told = { index: worlds.length, shocks: parsed.map(({ text }) => text) };
      // without feedback a world does not look at its baseline: one that is only asked who may stand will do
      const asked = await this.world(tape, from, told);
      const [before, after] = this.admitted(own, { world: asked, rules });
      const baseline =
        before === own.world.input.population || !this.options.feedback
          ? own.world
          : put(await this.world(this.tape, this.scenario, { index: worlds.length, population: before }));
      const place = {
        ...told,
        index: worlds.length,
        population: after,
        baseline: this.options.feedback ? baseline : null,
      };
      const world = put(await this.world(tape, from, place));
      cast.push({ world, rules, baseline, opened: asked.input.population });
    }
    return { worlds, points: cast };
  }

  private world(
    tape: Tape,
    { rules, assumptions, seed }: Scenario,
    w: { index: number; shocks?: readonly string[]; population?: Population; baseline?: World | null },
  ): Promise<World> {
    const { index, shocks = [], population, baseline = null } = w;
    return tape.world({
      index,
      name: String(index),
      rules,
      assumptions: shocks.length === 0 ? assumptions : { ...assumptions, shocks },
      seed,
      openedUnder: this.scenario.rules,
      baseline,
      record: 'money',
      ...(population === undefined ? {} : { population }),
    });
  }

  /** Accounts of the scenario's own world and of a point's: the same ones taken out or topped up in both. */
  private admitted(own: Compared, point: Compared): readonly [Population, Population] {
    const [mine, theirs] = [own.world.input.population, point.world.input.population];
    if (this.options.t0 === 'keep') return [mine, theirs];
    if (mine.accounts !== theirs.accounts || mine.legLots.length !== theirs.legLots.length)
      throw new ReplayError(
        'SCENARIO_INVALID',
        'a point that has other accounts than the scenario cannot have the same ones taken out or topped up',
        { path: 't0' },
        'Leave the number of accounts as it is, or write keep.',
      );
    const [before, after] = admit([own, point], this.options.t0).populations;
    return [before!, after!];
  }

  private async pointScenario(overrides: readonly string[]): Promise<Scenario> {
    if (overrides.length === 0) return this.scenario;
    const all = [...(this.read.overrides ?? []), ...overrides];
    const read = { ...this.read, overrides: all, withoutData: true };
    const scenario = await readScenario(this.options.scenario, read);
    if (overrides.some((text) => text.startsWith('rules'))) refuseReached(overrides.join(', '), scenario);
    refuseOtherTape(this.scenario, scenario, 'with --override or under `fixed`');
    return scenario;
  }
}
