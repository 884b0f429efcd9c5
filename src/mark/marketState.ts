/**
 * The moving price state of one market in one world: index, mark and last of each beat, in order.
 * It is asked about a hundred thousand times a run, so nothing is formed anew while neither a
 * constituent's price nor its staleness has changed, and an unchanged beat gives back the same object.
 * Worlds that have not diverged may share one; a world with feedback has its own from the first beat.
 *
 * Choices that the published rules leave open:
 *   - Without a book the mid is the last trade (`midSource` names the proxy).
 *   - The basis is sampled where the end of the beat is a whole multiple of the rule's sample time, and
 *     once at the first priced beat: the average starts from data, never from 0.
 *   - The funding rate is that of the last recorded stamp; before the first it is 0, which leaves
 *     Price1 at the index. A `fundingBasis` rule may ask for the running interval's rate instead
 *     (BitMEX announces it one interval ahead; at other venues it would be foresight).
 *   - Counterfactual displacement: last and mid times e^x, constituents and a recorded mark times e^y,
 *     each rounded to its tick.
 *   - During an outage of the feed, index and last stay as they were and the price is flagged held.
 *   - Without any constituent only `lastPrice` and `replayed` can be priced; the index is then the
 *     last price or the recorded mark.
 */
import { invariant, ReplayError } from '../basics/errors.ts';
import { carried, type Price, steps, toStep, unscaled, ZERO_RATE } from '../basics/exact.ts';
import { formatDuration, type Micros } from '../basics/instant.ts';
import { exp } from '../basics/maths.ts';
import { beatEndUs, type Frames, type MarketFrames } from '../clock/frames.ts';
import type { Market } from '../rules/market.ts';
import type { MarketRules, MarkRule } from '../rules/ruleSet.ts';
import { type BasisAverage, basisAverage } from './basisAverage.ts';
import { type FundingHistory, fundingHistory, timeUntilFundingUs } from './funding.ts';
import { formIndex, type IndexPlan, type IndexResult, planIndex } from './indexPrice.ts';
import { clampToBand, type MarkInputs, markPrice } from './markPrice.ts';
import type { MarketPrice, Tilt } from './prices.ts';

export interface MarketStateOptions {
  readonly market: Market;
  readonly rules: MarketRules;
  readonly frames: Frames;
}

const NOTHING: IndexResult = { index: null, held: false, provenance: '' };

export class MarketState {
  /** What stands for the mid in the basis: the book, or the last trade where there is none. */
  readonly midSource: 'book' | 'lastTrade';
  private readonly options: MarketStateOptions;
  private readonly market: Market;
  private readonly rule: MarkRule;
  private readonly columns: MarketFrames;
  private readonly readsRecorded: boolean;
  private readonly sources: readonly { readonly lastTicks: Float64Array; readonly ageUs: Float64Array }[];
  private readonly plan: IndexPlan;
  private readonly funding: FundingHistory;
  private readonly feedOutages: readonly { readonly fromUs: Micros; readonly untilUs: Micros }[];

  private next = 0;
  private readonly basis: BasisAverage | null;
  private readonly ticks: Float64Array;
  private readonly stale: Uint8Array;
  private formed = NOTHING;
  private index: Price | null = null;
  private lastTicks = NaN;
  private last: Price | null = null;
  private twiceMidTicks = NaN;
  private recordedF64 = NaN;
  private recorded: Price | null = null;
  private latest: MarketPrice | null = null;
  private displaced: Tilt = { x: 0, y: 0 };
  private growthX = 1;
  private growthY = 1;

  /**
   * @throws ReplayError RULES_INVALID when the rule samples finer than the beat or its index can never
   *         form; DATA_MISSING when the facts lack what the rule looks at
   */
  constructor(options: MarketStateOptions) {
    const { market, rules, frames } = options;
    const columns = frames.markets.get(market.id);
    invariant(columns !== undefined, `the frames hold market ${market.id}`);
    const constituents = frames.constituents.get(market.id) ?? [];
    this.options = options;
    this.market = market;
    this.rule = rules.mark;
    this.columns = columns;
    this.sources = constituents;
    this.readsRecorded = rules.mark.kind === 'replayed' || constituents.length === 0;
    this.midSource = columns.bidPlusAskTicks === null ? 'lastTrade' : 'book';
    this.plan = planIndex(rules.index, constituents);
    this.funding = fundingHistory(frames.side.funding, market.id);
    this.feedOutages = frames.side.outages.filter((o) => o.part === 'feed');
    this.basis = basisAverage(rules.mark);
    this.ticks = new Float64Array(constituents.length).fill(NaN);
    this.stale = new Uint8Array(constituents.length);
    checkFacts(options, this.basis, columns);
  }

  /**
   * Prices of one beat, as they stand at its end.
   *
   * @param beat  0, 1, 2, ... in order
   * @param tilt  counterfactual displacement; null or zeros for a baseline
   * @returns     null until index, last and (for `replayed`) a recorded mark exist, and while the
   *              quorum rule halts the index
   */
  price(beat: number, tilt: Tilt | null): MarketPrice | null {
    invariant(beat === this.next, `beat ${this.next} is priced before beat ${beat}`);
    this.next = beat + 1;
    const endUs = beatEndUs(this.options.frames, beat);
    const frozen = this.feedOutages.some((o) => o.fromUs <= endUs && endUs < o.untilUs);
    this.displace(tilt);
    if (!frozen) this.observe(beat);
    this.readRecorded(beat);
    const index = this.sources.length > 0 ? this.formed.index : (this.recorded ?? this.last);
    if (index === null || this.last === null) return null;
    if (this.rule.kind === 'replayed' && this.recorded === null) return null;
    this.sample(endUs, index);
    return this.priced(endUs, index, frozen || this.formed.held);
  }

  private displace(tilt: Tilt | null): void {
    const x = tilt?.x ?? 0;
    const y = tilt?.y ?? 0;
    if (x !== this.displaced.x) this.growthX = exp(x);
    if (y !== this.displaced.y) this.growthY = exp(y);
    this.displaced = tilt ?? { x, y };
  }

  /** Takes over the beat's last, mid and constituents; forms the index only when something changed. */
  private observe(beat: number): void {
    const { columns, growthX } = this;
    const lastTicks = grown(columns.lastTicks[beat]!, growthX);
    if (lastTicks !== this.lastTicks && !Number.isNaN(lastTicks)) {
      this.lastTicks = lastTicks;
      this.last = steps(lastTicks, this.market.priceTick);
    }
    const book = columns.bidPlusAskTicks === null ? NaN : grown(columns.bidPlusAskTicks[beat]!, growthX);
    this.twiceMidTicks = Number.isNaN(book) ? 2 * this.lastTicks : book;
    if (!this.readSources(beat)) return;
    this.formed = formIndex(this.plan, this.ticks, this.stale, this.index);
    this.index = this.formed.index ?? this.index;
  }

  private readSources(beat: number): boolean {
    const { sources, ticks, stale, growthY } = this;
    const afterUs = this.options.rules.index.stale.afterUs;
    let changed = false;
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i]!;
      const price = grown(source.lastTicks[beat]!, growthY);
      const old = source.ageUs[beat]! > afterUs ? 1 : 0;
      if ((price === ticks[i] || Number.isNaN(price)) && old === stale[i]) continue;
      changed = true;
      ticks[i] = price;
      stale[i] = old;
    }
    return changed;
  }

  private readRecorded(beat: number): void {
    if (!this.readsRecorded) return;
    const f64 = this.columns.recordedMarkF64?.[beat] ?? NaN;
    const moved = f64 * this.growthY;
    if (Number.isNaN(moved) || moved === this.recordedF64) return;
    this.recordedF64 = moved;
    const published = carried('price', moved);
    this.recorded = this.growthY === 1 ? published : toStep(published, this.rule.tick, 'even');
  }

  private sample(endUs: Micros, index: Price): void {
    const { basis, rule } = this;
    if (basis === null || (basis.value !== null && endUs % basis.sampleUs !== 0)) return;
    const seen = rule.kind === 'emaBasis' ? this.last! : this.mid();
    basis.push((rule.kind === 'boundedEma' ? clampToBand(seen, index, rule.band) : seen).minus(index));
  }

  /** Half of bid + ask: one decimal place more than the tick. */
  private mid(): Price {
    const { n, scale } = this.market.priceTick;
    return unscaled('price', BigInt(this.twiceMidTicks) * n * 5n, scale + 1);
  }

  private priced(endUs: Micros, index: Price, held: boolean): MarketPrice {
    const last = this.last!;
    const { intervalUs } = this.options.rules.funding;
    const inputs: MarkInputs = {
      index,
      last,
      fundingRate: this.fundingRate(endUs),
      leftUs: this.usesFunding() ? timeUntilFundingUs(this.options.rules.funding, endUs) : intervalUs,
      intervalUs,
      basis: this.basis?.value ?? null,
      recorded: this.recorded,
      bid: this.mid(),
      ask: this.mid(),
      bookAverage: null,
      reference: null,
    };
    const { mark, price1, price2, from } = markPrice(this.rule, inputs);
    const { latest, formed } = this;
    if (
      latest !== null &&
      latest.index === index &&
      latest.last === last &&
      latest.held === held &&
      latest.from === from &&
      latest.provenance === formed.provenance &&
      same(latest.mark, mark) &&
      same(latest.price1, price1) &&
      same(latest.price2, price2)
    ) {
      return latest;
    }
    this.latest = {
      mark,
      markF64: mark.toNumber(),
      index,
      last,
      lastF64: last.toNumber(),
      price1,
      price2,
      from,
      provenance: formed.provenance,
      held,
    };
    return this.latest;
  }

  private usesFunding(): boolean {
    return this.rule.kind === 'medianOfThree' || this.rule.kind === 'fundingBasis';
  }

  private fundingRate(endUs: Micros) {
    if (!this.usesFunding()) return ZERO_RATE;
    const running = this.rule.kind === 'fundingBasis' && this.rule.rate === 'runningInterval';
    return (running ? this.funding.nextRate(endUs) : null) ?? this.funding.lastRate(endUs) ?? ZERO_RATE;
  }
}

/** Whole ticks displaced by a factor, to nearest and at least one; NaN stays NaN. */
const grown = (ticks: number, factor: number): number =>
  factor === 1 || Number.isNaN(ticks) ? ticks : Math.max(1, Math.round(ticks * factor));

const same = (a: Price | null, b: Price | null): boolean =>
  a === b || (a !== null && b !== null && a.scale === b.scale && a.n === b.n);

function checkFacts(
  { market, rules, frames }: MarketStateOptions,
  basis: BasisAverage | null,
  columns: MarketFrames,
) {
  const kind = rules.mark.kind;
  const path = `markets.${market.id}.mark`;
  if (basis !== null && basis.sampleUs % frames.beatUs !== 0) {
    const [sample, beat] = [basis.sampleUs, frames.beatUs].map(formatDuration);
    const message = `the mark samples every ${sample}, which is no multiple of the beat of ${beat}`;
    throw new ReplayError('RULES_INVALID', message, { path }, 'Choose a beat that divides the sample time.');
  }
  if (kind === 'replayed' && columns.recordedMarkF64 === null) {
    throw new ReplayError(
      'DATA_MISSING',
      `no recorded mark of ${market.id}`,
      { path },
      'Add a mark stream to the facts, or choose a mark rule that computes it.',
    );
  }
  const constituents = frames.constituents.get(market.id)?.length ?? 0;
  if (constituents === 0 && kind !== 'replayed' && kind !== 'lastPrice') {
    throw new ReplayError(
      'DATA_MISSING',
      `no index constituent of ${market.id}, and mark rule ${kind} needs one`,
      { path },
      'Add constituent streams to the facts, or choose mark rule lastPrice or replayed.',
    );
  }
}
