/**
 * Everything that worlds share: frames, impact coefficients, prices of the first beat, and the
 * population. Made once per (facts, timing, seed); a study then adds worlds to it.
 */
import { ReplayError } from '../basics/errors.ts';
import { type Price, steps } from '../basics/exact.ts';
import { formatInstant, type Micros } from '../basics/instant.ts';
import type { Frames } from '../clock/frames.ts';
import { Pricing, priceStages } from '../engine/pricing.ts';
import { World } from '../engine/world.ts';
import { calmOf, lambdaAt, lambdaPerLot, stressPath } from '../impact/coefficient.ts';
import type { Population } from '../ledger/population.ts';
import { loadFrames } from '../load/loadFrames.ts';
import { drawPopulation } from '../population/drawPopulation.ts';
import { loadPopulation } from '../population/loadPopulation.ts';
import type { MarketPrice } from '../mark/prices.ts';
import { checkedBalances } from '../population/balances.ts';
import { addNamedAccounts } from '../population/namedAccounts.ts';
import { type Restating, restatePopulation } from '../population/restate.ts';
import type { Assumptions, Timing } from '../rules/assumptions.ts';
import type { Market } from '../rules/market.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import type { Scenario } from '../rules/scenario.ts';
import { namedAccountsOf } from './namedAccountsFile.ts';
import { restateFrames } from './restateFacts.ts';
import { restateAssumptions, restatedCaveats } from './restateScenario.ts';

export interface TapeOptions {
  readonly dataDir: string;
  /** Folder of cached frames; '' keeps none. */
  readonly cacheDir: string;
  readonly timing: Timing;
  /** Seed of a reconstruction: the scenario's for the run itself, others for reruns. */
  readonly tapeSeed: string;
  readonly onProgress?: (p: { readonly done: number; readonly total: number; readonly what: string }) => void;
}

/** One tape and what was derived from it, for worlds that differ in rules or assumptions. */
export class Tape {
  readonly scenario: Scenario;
  readonly frames: Frames;
  readonly markets: readonly Market[];
  /** Populations drawn so far: one per distinct assumption, seed and initial-margin schedule. */
  drawn = 0;
  private readonly options: TapeOptions;
  private readonly populations = new Map<string, Promise<Population>>();
  private readonly pricings = new Map<string, Pricing>();
  private readonly lambdas = new Map<string, readonly Float64Array[]>();
  private readonly stress: readonly Float64Array[];
  /** The tape whose populations this one shares: its own frames are another day's. */
  private lender: Tape | null = null;
  private unthinned: Tape | null = null;
  private restating: { readonly own: Tape; readonly by: readonly Restating[] } | null = null;

  private constructor(scenario: Scenario, frames: Frames, options: TapeOptions) {
    this.scenario = scenario;
    this.frames = frames;
    this.options = options;
    this.markets = Object.values(scenario.facts.markets);
    this.stress = this.markets.map((m) =>
      m.derived === undefined
        ? stressPath(frames, m, calmOf(scenario.facts.before[m.id] ?? []))
        : new Float64Array(frames.beats),
    );
  }

  /** Loads or folds the frames. @throws ReplayError as loadFrames does */
  static async load(scenario: Scenario, options: TapeOptions): Promise<Tape> {
    const { timing, tapeSeed: seed, dataDir, cacheDir, onProgress } = options;
    const own = scenario.conversion?.own;
    const frames = await loadFrames((own ?? scenario).facts, {
      dataDir,
      folder: scenario.folder,
      timing,
      seed,
      cacheDir,
      onProgress,
    });
    return own === undefined
      ? new Tape(scenario, frames, options)
      : Tape.restated(scenario, new Tape(own, frames, options));
  }

  /** The tape of a scenario in another contract, over that of the scenario as it is. */
  private static restated(scenario: Scenario, own: Tape): Tape {
    const first = own.firstPrices(own.scenario.rules);
    const by = own.markets.map((from, m): Restating => {
      const { mark, index } = first[m]!;
      return { from, to: scenario.facts.markets[from.id]!, mark, index };
    });
    const caveats = [...restatedCaveats(by), ...scenario.caveats];
    const tape = new Tape({ ...scenario, caveats }, restateFrames(own.frames, by), own.options);
    tape.restating = { own, by };
    return tape;
  }

  /**
   * Other frames under the same population: a stressed day.
   *
   * @param unthinned  the same with the quantity that was traded, by which its prices hold what history's forced
   *                   orders did to them; null: nothing was thinned
   */
  withFrames(frames: Frames, unthinned: Frames | null = null): Tape {
    const tape = new Tape(this.scenario, frames, this.options);
    tape.lender = this;
    tape.restating = this.restating;
    if (unthinned !== null) tape.unthinned = this.withFrames(unthinned);
    return tape;
  }

  /** Lets a further pass over the same frames begin: prices are made anew, populations stay. */
  rewind(): void {
    this.pricings.clear();
  }

  /** Sets of price rules that the worlds of this pass share, and the beats priced under them all. */
  get priced(): { readonly rules: number; readonly beats: number } {
    const beats = [...this.pricings.values()].reduce((sum, { priced }) => sum + priced, 0);
    return { rules: this.pricings.size, beats };
  }

  /** Assumptions of a world as it opens: in the new contract where the scenario is restated. */
  opening(assumptions: Assumptions, rules: RuleSet): Assumptions {
    const { restating, scenario } = this;
    return restating === null
      ? assumptions
      : restateAssumptions(assumptions, restating.by, { taken: scenario.conversion!.funds, rules });
  }

  /** Impact coefficient of each beat per market, log price per lot; shared by worlds that assume the same. */
  lambda(assumptions: Assumptions): readonly Float64Array[] {
    const { fills } = assumptions;
    const key = JSON.stringify(fills);
    const known = this.lambdas.get(key) ?? this.makeLambda(fills);
    this.lambdas.set(key, known);
    return known;
  }

  private makeLambda(fills: Assumptions['fills']): readonly Float64Array[] {
    return this.markets.map((market, m) => {
      if (market.derived !== undefined) return this.stress[m]!; // it has no book that could move
      const calm = calmOf(this.scenario.facts.before[market.id] ?? []);
      const lambda0 = lambdaPerLot({ calm, fills, market });
      return this.stress[m]!.map((stress) => lambdaAt(lambda0, stress, fills.stressMax));
    });
  }

  /** Prices by a rule set; shared by all worlds whose index, mark and funding rules are the same. */
  pricing(rules: RuleSet): Pricing {
    const key = JSON.stringify(
      this.markets.map(({ id }) =>
        priceStages(rules, id).map(({ fromUs, rules: { index, mark, funding } }) => [
          String(fromUs),
          index,
          mark,
          funding,
        ]),
      ),
    );
    const known = this.pricings.get(key);
    if (known !== undefined) return known;
    const made = new Pricing(this.markets, rules, this.frames);
    this.pricings.set(key, made);
    return made;
  }

  /**
   * The population under an assumption: drawn or loaded once. `rules` fix maximum leverage and the first
   * mark; a restated scenario's is drawn under its own rules.
   */
  population(rules: RuleSet, assumptions: Assumptions, seed: string): Promise<Population> {
    const { lender, restating } = this;
    if (lender !== null) return lender.population(rules, assumptions, seed);
    if (restating !== null) return this.restatedPopulation(restating, assumptions, seed);
    const schedules = this.markets.map(({ id }) => {
      const { tiers, tierKey, notionalAt, sizeSlope, closingFee } = rules.markets[id]!;
      return [tiers, tierKey, notionalAt, sizeSlope, closingFee];
    });
    const key = JSON.stringify([assumptions.population, seed, schedules]);
    const known = this.populations.get(key);
    if (known !== undefined) return known;
    this.drawn++;
    const made = this.makePopulation(rules, assumptions, seed);
    this.populations.set(key, made);
    return made;
  }

  private restatedPopulation(
    { own, by }: NonNullable<Tape['restating']>,
    assumptions: Assumptions,
    seed: string,
  ): Promise<Population> {
    const key = JSON.stringify([assumptions.population, seed]);
    const known = this.populations.get(key);
    if (known !== undefined) return known;
    const made = own
      .population(own.scenario.rules, assumptions, seed)
      .then((population) => restatePopulation(population, by, (m, tsUs) => own.lastAt(m, tsUs)));
    this.populations.set(key, made);
    return made;
  }

  /** Lots traded in each beat of a market by its number; none in one that has no trades of its own. */
  lots(market: number): Float64Array {
    return this.frames.markets.get(this.markets[market]!.id)?.lots ?? new Float64Array(this.frames.beats);
  }

  /** A world on this tape. */
  async world(w: {
    index: number;
    name: string;
    rules: RuleSet;
    assumptions: Assumptions;
    seed: string;
    /** Rules that the population was opened under: the baseline's. */
    openedUnder: RuleSet;
    baseline: World | null;
    record: World['input']['record'];
    /** Instead of the one that the assumptions give. */
    population?: Population;
  }): Promise<World> {
    const { openedUnder, ...rest } = w;
    return new World({
      ...rest,
      assumptions: this.opening(w.assumptions, w.rules),
      markets: this.markets,
      frames: this.frames,
      // a world with feedback has prices of its own
      pricing: w.baseline === null ? this.pricing(w.rules) : new Pricing(this.markets, w.rules, this.frames),
      population: w.population ?? (await this.population(openedUnder, w.assumptions, w.seed)),
      lambda: this.lambda(w.assumptions),
      ...(this.unthinned === null ? {} : { tapeLambda: this.unthinned.lambda(w.assumptions) }),
      screen: 'heap',
    });
  }

  private async makePopulation(rules: RuleSet, assumptions: Assumptions, seed: string): Promise<Population> {
    const { scenario } = this;
    const { facts } = scenario;
    const places = { dataDir: this.options.dataDir, folder: scenario.folder };
    const source = assumptions.population;
    const population =
      source.kind === 'file'
        ? await loadPopulation({ path: source.path, ...places }, facts)
        : drawPopulation({
            assumption: source,
            facts,
            rules,
            firstMarkF64: this.firstMarks(rules),
            before: facts.before,
            burnIn: facts.burnIn,
            during: { ...this.frames, markets: Object.fromEntries(this.frames.markets) },
            seed,
          });
    if (scenario.namedAccounts === '') return checkedBalances(population, rules);
    const { accounts, file } = await namedAccountsOf(scenario.namedAccounts, places);
    return checkedBalances(addNamedAccounts(population, accounts, { facts, file }), rules);
  }

  /** Marks of the first beat that has all of them. */
  private firstMarks(rules: RuleSet): Record<string, number> {
    const prices = this.firstPrices(rules);
    return Object.fromEntries(this.markets.map((m, i) => [m.id, prices[i]!.markF64]));
  }

  /** Last price of a market at an instant of the window, at which it has one. */
  private lastAt(market: number, tsUs: Micros): Price {
    const { id, priceTick } = this.markets[market]!;
    const { frames } = this;
    const beat = Math.round((tsUs - frames.startUs) / frames.beatUs) - 1;
    return steps(frames.markets.get(id)!.lastTicks[beat]!, priceTick);
  }

  private firstPrices(rules: RuleSet): readonly MarketPrice[] {
    const pricing = new Pricing(this.markets, rules, this.frames);
    for (let beat = 0; beat < this.frames.beats; beat++) {
      const prices = pricing.price(beat, null);
      if (prices !== null) return prices;
    }
    throw new ReplayError(
      'DATA_MISSING',
      'no beat of the window has an index, a mark and a last price in every market',
      { tsUs: this.frames.startUs, path: 'facts.window' },
      `Look at the streams from ${formatInstant(this.frames.startUs)} on with cascade data check.`,
    );
  }
}
