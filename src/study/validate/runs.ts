/**
 * The replays behind docs/validation.md: BitMEX in March 2020 as it was, with an engine that sells at
 * market, without its outage, and once more with its own rules as a candidate; and June 2022, the day
 * on which nothing should happen. A sink keeps the few sums that the checks ask for.
 */
import { HOUR_US } from '../../basics/instant.ts';
import type { Outbox } from '../../engine/rows.ts';
import { World } from '../../engine/world.ts';
import { replay } from '../../replay.ts';
import type { Sink } from '../../results/sink.ts';
import type { Market } from '../../rules/market.ts';
import type { Scenario } from '../../rules/scenario.ts';
import { readScenario } from '../scenario.ts';
import { Tape } from '../tape.ts';

/** Sums of one world, for tables that people read: float64 throughout. */
export interface WorldSums {
  /** Liquidated longs and shorts by hour of the window, USD or the settlement asset at par. */
  readonly longByHourF64: number[];
  readonly shortByHourF64: number[];
  /** Fund's cash after each hour, lowest in each hour, and its lowest unrealized profit. */
  readonly cashF64: number[];
  readonly cashLowF64: number[];
  readonly inventoryPnlF64: number[];
  readonly inventoryNotionalF64: number[];
  /** Money into (positive) and out of the fund by reason. */
  readonly fundByReasonF64: Record<string, number>;
  adlF64: number;
  adlFromUs: number;
  deficitF64: number;
  /** Lowest trade as displaced by feedback, and when. */
  lowF64: number;
  /** Open interest of the first beat, contracts or base units, and notional at its mark. */
  openInterestF64: number;
  openNotionalF64: number;
  /** Every fill and transfer as text, of the worlds that are compared: two are equal when these are. */
  readonly digestRows: string[];
}

const emptySums = (hours: number): WorldSums => ({
  longByHourF64: new Array<number>(hours).fill(0),
  shortByHourF64: new Array<number>(hours).fill(0),
  cashF64: new Array<number>(hours).fill(Number.NaN),
  cashLowF64: new Array<number>(hours).fill(Infinity),
  inventoryPnlF64: new Array<number>(hours).fill(0),
  inventoryNotionalF64: new Array<number>(hours).fill(0),
  fundByReasonF64: {},
  adlF64: 0,
  adlFromUs: Number.NaN,
  deficitF64: 0,
  lowF64: Infinity,
  openInterestF64: Number.NaN,
  openNotionalF64: Number.NaN,
  digestRows: [],
});

class SumSink implements Sink {
  readonly worlds: WorldSums[];
  private readonly startUs: number;
  private readonly market: Market;
  private readonly digests: number;

  constructor(o: { worlds: number; hours: number; startUs: number; market: Market; digests: number }) {
    this.worlds = Array.from({ length: o.worlds }, () => emptySums(o.hours));
    this.startUs = o.startUs;
    this.market = o.market;
    this.digests = o.digests;
  }

  record(world: number, outbox: Outbox): void {
    const sums = this.worlds[world]!;
    this.takeFills(sums, outbox);
    this.takeFunds(sums, outbox);
    for (const l of outbox.liquidations) sums.deficitF64 += l.deficit.toNumber();
    for (const b of outbox.beats) {
      sums.lowF64 = Math.min(sums.lowF64, b.low.toNumber());
      if (!Number.isNaN(sums.openInterestF64)) continue;
      sums.openInterestF64 = b.openInterest.toNumber();
      sums.openNotionalF64 = this.usd(sums.openInterestF64, sums.openInterestF64 * b.mark.toNumber());
    }
    if (world >= this.digests) return;
    for (const rows of [outbox.fills, outbox.transfers]) {
      for (const row of rows) sums.digestRows.push(Object.values(row).join());
    }
  }

  /** Contracts of an inverse market are dollars; a linear market is told in its settlement asset. */
  private usd(qtyF64: number, valueF64: number): number {
    return this.market.kind === 'inverse' ? qtyF64 * this.market.faceValue.toNumber() : valueF64;
  }

  private hourOf(tsUs: number): number {
    return Math.floor((tsUs - 1 - this.startUs) / HOUR_US);
  }

  private takeFills(sums: WorldSums, { fills, adlRequests }: Outbox): void {
    for (const f of fills) {
      if (f.effect !== 'close') continue;
      const valueF64 = this.usd(f.qty.toNumber(), f.value.toNumber());
      const hour = this.hourOf(f.tsUs);
      if (f.why === 'liquidation' || f.why === 'takeover') {
        const byHour = f.side === 'long' ? sums.longByHourF64 : sums.shortByHourF64;
        byHour[hour]! += valueF64;
      }
      // the loser of a request closes on the request's side, its winners on the other
      if (f.why === 'adl' && adlRequests.some((r) => r.seq === f.cause && r.side !== f.side)) {
        if (sums.adlF64 === 0) sums.adlFromUs = f.tsUs;
        sums.adlF64 += valueF64;
      }
    }
  }

  private takeFunds(sums: WorldSums, { fund, transfers }: Outbox): void {
    for (const row of fund) {
      const hour = this.hourOf(row.tsUs);
      const cash = row.cash.toNumber();
      sums.cashF64[hour] = cash;
      sums.cashLowF64[hour] = Math.min(sums.cashLowF64[hour]!, cash);
      sums.inventoryPnlF64[hour] = Math.min(sums.inventoryPnlF64[hour]!, row.inventoryPnl.toNumber());
      const notional = row.inventoryNotional.abs().toNumber();
      sums.inventoryNotionalF64[hour] = Math.max(sums.inventoryNotionalF64[hour]!, notional);
    }
    for (const t of transfers) {
      const sign = Number(t.to.startsWith('fund:')) - Number(t.from.startsWith('fund:'));
      if (sign === 0) continue;
      const { fundByReasonF64: by } = sums;
      by[t.reason] = (by[t.reason] ?? 0) + sign * t.amount.toNumber();
    }
  }
}

export interface ValidationPlaces {
  readonly dataDir: string;
  /** Folder that holds the scenarios. */
  readonly scenarios: string;
  readonly cacheDir: string;
}

/** Reads a scenario of this project and its tape. */
export async function tapeOf(
  places: ValidationPlaces,
  name: string,
  change: { rules?: string; overrides?: readonly string[]; seed?: string } = {},
): Promise<{ scenario: Scenario; tape: Tape }> {
  const scenario = await readScenario(`${places.scenarios}/${name}.yaml`, {
    overrides: [],
    allowNotInForce: false,
    dataDir: places.dataDir,
    ...change,
  });
  const { dataDir, cacheDir } = places;
  const { timing } = scenario.assumptions;
  const tape = await Tape.load(scenario, { dataDir, cacheDir, timing, tapeSeed: scenario.seed });
  return { scenario, tape };
}

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
}

/**
 * Replays a cast side by side on one tape.
 *
 * @param digests  of how many worlds, from the first, all rows are kept
 */
async function play(tape: Tape, cast: readonly Cast[], digests: number): Promise<Played> {
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
  let most = 0;
  await replay(tape.frames, worlds, sink, (done) => {
    for (const world of worlds)
      for (const { x } of world.tilts(done - 1) ?? []) most = Math.max(most, Math.abs(x));
  });
  return { sums: sink.worlds, displacedBp: most * 10_000 };
}

const MARCH = '2020-03-12-xbtusd';

/** March 2020 at BitMEX under its own rules, one seed. */
export interface OutageRun {
  readonly own: WorldSums;
  /** Its own rules again, with feedback: must be `own`. */
  readonly again: WorldSums;
  /** As if matching had not stopped. */
  readonly withoutOutages: WorldSums;
}

const outageCast = (scenario: Scenario): Cast[] => [
  { scenario, baseline: null },
  { scenario, baseline: 0 },
  { scenario, baseline: 0, withoutOutages: true },
];

/** @param seed  of population and draws, instead of the scenario's */
export async function outageRun(places: ValidationPlaces, seed: string): Promise<OutageRun> {
  const { scenario, tape } = await tapeOf(places, MARCH, { seed });
  const [own, again, withoutOutages] = (await play(tape, outageCast(scenario), 2)).sums;
  return { own: own!, again: again!, withoutOutages: withoutOutages! };
}

/** The same with the scenario's seed, and beside it an engine that sells at market. */
export interface MarchRun extends OutageRun {
  /** Accounting only, and with feedback. */
  readonly market: WorldSums;
  readonly marketFeedback: WorldSums;
  /** Accounting only, both engines with a fund that may sell a fifth as fast: 5 % of the traded volume. */
  readonly ownSlow: WorldSums;
  readonly marketSlow: WorldSums;
}

/** Seven worlds side by side on one tape. */
export async function marchRun(places: ValidationPlaces): Promise<MarchRun> {
  const { scenario, tape } = await tapeOf(places, MARCH);
  const rules = 'bitmex-xbtusd@2020-03-market';
  const { scenario: atMarket } = await tapeOf(places, MARCH, { rules });
  const overrides = ['rules.funds.0.unwind.participation=0.05'];
  const { scenario: ownSlow } = await tapeOf(places, MARCH, { overrides });
  const { scenario: marketSlow } = await tapeOf(places, MARCH, { rules, overrides });
  const cast: Cast[] = [
    ...outageCast(scenario),
    { scenario: atMarket, baseline: null },
    { scenario: atMarket, baseline: 0 },
    { scenario: ownSlow, baseline: null },
    { scenario: marketSlow, baseline: null },
  ];
  const { sums } = await play(tape, cast, 2);
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

/** June 2022: as assumed, with half of all positions liquidatable, and with takeover at once. */
export interface ControlRun {
  readonly own: WorldSums;
  readonly half: WorldSums;
  /** Largest displacement of the price when the rules take over at once, basis points. */
  readonly displacedBp: number;
}

/** Three worlds side by side on the tape of June 2022. */
export async function controlRun(places: ValidationPlaces): Promise<ControlRun> {
  const name = '2022-06-13-btcusdt';
  const { scenario, tape } = await tapeOf(places, name);
  const overrides = ['assumptions.population.liquidatableShare=0.5'];
  const { scenario: half } = await tapeOf(places, name, { overrides });
  const { scenario: atOnce } = await tapeOf(places, name, { overrides: ['rules.takeover={when: atOnce}'] });
  const cast: Cast[] = [
    { scenario, baseline: null },
    { scenario: half, baseline: null },
    { scenario: atOnce, baseline: 0 },
  ];
  const { sums, displacedBp } = await play(tape, cast, 0);
  return { own: sums[0]!, half: sums[1]!, displacedBp };
}
