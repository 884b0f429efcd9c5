/**
 * The replays behind docs/validation.md: BitMEX in March 2020 as it was, with an engine that sells at
 * market, without its outage, and once more with its own rules as a candidate; the days of Binance as
 * they were; and June 2022, the day on which nothing should happen.
 */
import { HOUR_US } from '../../basics/instant.ts';
import { World } from '../../engine/world.ts';
import { replay } from '../../replay.ts';
import type { Sink } from '../../results/sink.ts';
import type { Scenario } from '../../rules/scenario.ts';
import { Branching } from '../compare/branching.ts';
import { CompareSink } from '../compare/figures.ts';
import { branchingPaths } from '../compare/job.ts';
import { readScenario } from '../scenario.ts';
import { Tape } from '../tape.ts';
import { SumSink, type WorldSums } from './sums.ts';

export interface ValidationPlaces {
  readonly dataDir: string;
  /** Folder that holds the scenarios. */
  readonly scenarios: string;
  readonly cacheDir: string;
  readonly onProgress?: OnProgress;
}

/** What a replay has otherwise than its scenario's file. */
interface Change {
  readonly rules?: string;
  readonly overrides?: readonly string[];
  readonly seed?: string;
}

/** Reads a scenario of this project. */
const scenarioOf = (places: ValidationPlaces, name: string, change: Change): Promise<Scenario> =>
  readScenario(`${places.scenarios}/${name}.yaml`, {
    overrides: [],
    allowNotInForce: false,
    dataDir: places.dataDir,
    ...change,
  });

/** Reads a scenario of this project and its tape. */
export async function tapeOf(
  places: ValidationPlaces,
  name: string,
  change: Change = {},
): Promise<{ scenario: Scenario; tape: Tape }> {
  const scenario = await scenarioOf(places, name, change);
  const { dataDir, cacheDir } = places;
  const { timing } = scenario.assumptions;
  const tape = await Tape.load(scenario, { dataDir, cacheDir, timing, tapeSeed: scenario.seed });
  return { scenario, tape };
}

/** How far a replay is; `what` names the day. */
export type OnProgress = (step: { done: number; total: number; what: string }) => void;

/** What a world of one of these replays is made of. */
interface Cast {
  readonly scenario: Scenario;
  /** Number of the world whose flow is history; null: none. */
  readonly baseline: number | null;
  /** true: the recorded outages did not happen. */
  readonly withoutOutages?: boolean;
}

interface Played {
  readonly sums: readonly WorldSums[];
  /** Largest displacement of the price in any world, basis points. */
  readonly displacedBp: number;
  /** Of the first world and market by beat: signed forced lots (bought positive) and the mark, NaN before any. */
  readonly flow: Float64Array;
  readonly marksF64: Float64Array;
  /** Of the first world. */
  readonly branching: Branching;
}

/**
 * Replays a cast side by side on one tape.
 *
 * @param digests  of how many worlds, from the first, all rows are kept
 */
async function play(
  { tape, onProgress = () => {} }: { readonly tape: Tape; readonly onProgress?: OnProgress | undefined },
  cast: readonly Cast[],
  digests: number,
  also?: (worlds: readonly World[]) => Sink,
): Promise<Played> {
  const worlds: World[] = [];
  for (const [index, { scenario, baseline, withoutOutages }] of cast.entries()) {
    const { rules, assumptions, seed } = scenario;
    const world = await tape.world({
      index,
      name: String(index),
      rules,
      assumptions,
      seed,
      openedUnder: cast[0]!.scenario.rules,
      baseline: baseline === null ? null : worlds[baseline]!,
      record: 'money',
    });
    const { frames } = world.input;
    const quiet = { ...frames, side: { ...frames.side, outages: [] } };
    worlds.push(withoutOutages === true ? new World({ ...world.input, frames: quiet }) : world);
  }
  const { startUs, beats, beatUs } = tape.frames;
  const hours = Math.ceil((beats * beatUs) / HOUR_US);
  const sink = new SumSink({ worlds: cast.length, hours, startUs, market: tape.markets[0]!, digests });
  const other = also?.(worlds);
  const record: Sink['record'] = (world, outbox) => {
    sink.record(world, outbox);
    if (world === 0) other?.record(world, outbox);
  };
  const [flow, marksF64] = [new Float64Array(beats), new Float64Array(beats).fill(Number.NaN)];
  const first = worlds[0]!;
  const branching = new Branching(first, branchingPaths(tape, first.input.assumptions));
  const told = Math.ceil(beats / PARTS_TOLD);
  let most = 0;
  await replay(tape.frames, worlds, { record }, (done) => {
    branching.observe();
    flow[done - 1] = first.flow[0]!;
    marksF64[done - 1] = first.prices[0]?.markF64 ?? Number.NaN;
    for (const world of worlds)
      for (const { x } of world.tilts(done - 1) ?? []) most = Math.max(most, Math.abs(x));
    if (done % told === 0) onProgress({ done, total: beats, what: tape.scenario.id });
  });
  return { sums: sink.worlds, displacedBp: most * 10_000, flow, marksF64, branching };
}

/** Steps of the progress bar in one replay. */
const PARTS_TOLD = 200;

const MARCH = '2020-03-12-xbtusd';

/** An engine that sells at market instead of working what it took over. */
const AT_MARKET = 'bitmex-xbtusd@2020-03-market';

/** March 2020 at BitMEX, one seed. */
export interface DrawRun {
  /** Under its own rules. */
  readonly own: WorldSums;
  /** As if matching had not stopped. */
  readonly withoutOutages: WorldSums;
  /** An engine that sells at market, accounting only. */
  readonly market: WorldSums;
}

/** @param seed  of population and draws, instead of the scenario's */
export async function drawRun(places: ValidationPlaces, seed: string): Promise<DrawRun> {
  const { scenario, tape } = await tapeOf(places, MARCH, { seed });
  const atMarket = await scenarioOf(places, MARCH, { seed, rules: AT_MARKET });
  const cast: Cast[] = [
    { scenario, baseline: null },
    { scenario, baseline: 0, withoutOutages: true },
    { scenario: atMarket, baseline: null },
  ];
  const [own, withoutOutages, market] = (await play({ tape, onProgress: places.onProgress }, cast, 0)).sums;
  return { own: own!, withoutOutages: withoutOutages!, market: market! };
}

/** The same with the scenario's seed, and more beside it. */
export interface MarchRun extends DrawRun {
  /** Its own rules again, with feedback: must be `own`. */
  readonly again: WorldSums;
  /** The engine that sells at market, with feedback. */
  readonly marketFeedback: WorldSums;
  /** Accounting only, both engines with a fund that may sell a fifth as fast: 5 % of the traded volume. */
  readonly ownSlow: WorldSums;
  readonly marketSlow: WorldSums;
}

/** Seven worlds side by side on one tape. */
export async function marchRun(places: ValidationPlaces): Promise<MarchRun> {
  const { scenario, tape } = await tapeOf(places, MARCH);
  const overrides = ['rules.funds.0.unwind.participation=0.05'];
  const atMarket = await scenarioOf(places, MARCH, { rules: AT_MARKET });
  const ownSlow = await scenarioOf(places, MARCH, { overrides });
  const marketSlow = await scenarioOf(places, MARCH, { rules: AT_MARKET, overrides });
  const cast: Cast[] = [
    { scenario, baseline: null },
    { scenario, baseline: 0 },
    { scenario, baseline: 0, withoutOutages: true },
    { scenario: atMarket, baseline: null },
    { scenario: atMarket, baseline: 0 },
    { scenario: ownSlow, baseline: null },
    { scenario: marketSlow, baseline: null },
  ];
  const { sums } = await play({ tape, onProgress: places.onProgress }, cast, 2);
  return {
    own: sums[0]!,
    again: sums[1]!,
    withoutOutages: sums[2]!,
    market: sums[3]!,
    marketFeedback: sums[4]!,
    ownSlow: sums[5]!,
    marketSlow: sums[6]!,
  };
}

/** A day of Binance under its own rules, and what is read off its tape. */
export interface DayRun {
  readonly scenario: Scenario;
  readonly tape: Tape;
  readonly sums: WorldSums;
  /** Of the first market, beat by beat: signed forced lots (bought positive) and the mark, NaN before the first. */
  readonly flow: Float64Array;
  readonly marksF64: Float64Array;
}

/**
 * Replays a day as it is, and beside it the day with other assumptions.
 *
 * @param beside  an override for each further world, accounting only, on the same tape
 */
export async function dayRun(
  places: ValidationPlaces,
  name: string,
  beside: (scenario: Scenario) => readonly string[] = () => [],
): Promise<{ own: DayRun; beside: readonly WorldSums[] }> {
  const { scenario, tape } = await tapeOf(places, name);
  const cast: Cast[] = [{ scenario, baseline: null }];
  for (const override of beside(scenario))
    cast.push({ scenario: await scenarioOf(places, name, { overrides: [override] }), baseline: null });
  const { sums, flow, marksF64 } = await play({ tape, onProgress: places.onProgress }, cast, 0);
  return { own: { scenario, tape, sums: sums[0]!, flow, marksF64 }, beside: sums.slice(1) };
}

/** Liquidatable share of the scenario of March 2020. */
export const MARCH_SHARE = 0.7;

/** June 2022: as assumed, with as many positions liquidatable as in March 2020, and with takeover at once. */
export interface ControlRun {
  readonly own: DayRun;
  readonly asMarch: WorldSums;
  /** Largest displacement of the price when the rules take over at once, basis points. */
  readonly displacedBp: number;
  /** Largest branching ratio of the day as assumed. */
  readonly branching: number;
}

/** Three worlds side by side on the tape of June 2022. */
export async function controlRun(places: ValidationPlaces): Promise<ControlRun> {
  const name = '2022-06-13-btcusdt';
  const { scenario, tape } = await tapeOf(places, name);
  const share = [`assumptions.population.liquidatableShare=${MARCH_SHARE}`];
  const asMarch = await scenarioOf(places, name, { overrides: share });
  const atOnce = await scenarioOf(places, name, { overrides: ['rules.takeover={when: atOnce}'] });
  const cast: Cast[] = [
    { scenario, baseline: null },
    { scenario: asMarch, baseline: null },
    { scenario: atOnce, baseline: 0 },
  ];
  let compared: CompareSink | null = null;
  const also = (worlds: readonly World[]): Sink => {
    compared = new CompareSink(worlds);
    return compared;
  };
  const played = await play({ tape, onProgress: places.onProgress }, cast, 0, also);
  const { sums, displacedBp, flow, marksF64, branching } = played;
  return {
    own: { scenario, tape, sums: sums[0]!, flow, marksF64 },
    asMarch: sums[1]!,
    displacedBp,
    branching: branching.max((market) => compared!.bookShare(0, market)),
  };
}
