/**
 * The moving price state of one market in one world: index, mark and last of each beat, in order.
 * It is asked about a hundred thousand times a run, so nothing is formed anew while neither a
 * constituent's price nor its staleness has changed, and an unchanged beat gives back the same object.
 * Worlds that have not diverged may share one; a world with feedback has its own from the first beat.
 *
 * Choices that the published rules leave open:
 *   - Without a book bid, ask and mid are the last trade (`midSource` names the proxy); a book of which
 *     only the mid was recorded has bid and ask there.
 *   - The basis is sampled where the end of the beat is a whole multiple of the rule's sample time, and
 *     once at the first priced beat: the average starts from data, never from 0.
 *   - The funding rate is that of the last stamp; before the first it is 0, which leaves
 *     Price1 at the index. A `fundingBasis` rule may ask for the running interval's rate instead
 *     (BitMEX announces it one interval ahead; at other venues it would be foresight).
 *   - An index or mark that is published every so often appears at whole multiples of that time of the
 *     UTC day and stands in between; before the first of them there is none. That is no holding: `held`
 *     says that an index could not be formed.
 *   - Counterfactual displacement: last, bid and ask times e^x; constituents, other venues' perpetuals
 *     and a recorded mark times e^y; each rounded to its tick.
 *   - During an outage of the feed index, last and mark stay as they were and the price is flagged
 *     held; averages and premiums go on sampling what stands.
 *   - Without any constituent only `lastPrice` and `replayed` can be priced; the index is then the
 *     last price or the recorded mark.
 */
import { invariant } from '../basics/errors.ts';
import { carried, type Price, type Rate, steps, toStep, ZERO_RATE } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import { exp } from '../basics/maths.ts';
import { beatEndUs, type Frames, type MarketFrames } from '../clock/frames.ts';
import type { Market } from '../rules/market.ts';
import type { MarketRules, MarkRule } from '../rules/ruleSet.ts';
import { type BasisAverage, basisAverage, TimedMean } from './basisAverage.ts';
import { BookView } from './bookView.ts';
import { checkFacts } from './checkFacts.ts';
import { type FundingHistory, fundingHistory, timeUntilFundingUs } from './funding.ts';
import { FundingRates } from './fundingRates.ts';
import { grown, IndexFeed, isDue } from './indexFeed.ts';
import { bookPrice, clampToBand, type MarkInputs, type MarkParts, markPrice } from './markPrice.ts';
import type { MarketPrice, Tilt } from './prices.ts';
import { referenceFeed } from './references.ts';

export interface MarketStateOptions {
  readonly market: Market;
  readonly rules: MarketRules;
  readonly frames: Frames;
}

export class MarketState {
  /** What stands for the mid in the basis: the book, or the last trade where there is none. */
  readonly midSource: 'book' | 'lastTrade';
  private readonly options: MarketStateOptions;
  private readonly market: Market;
  private readonly rule: MarkRule;
  private readonly columns: MarketFrames;
  private readonly readsRecorded: boolean;
  /** null where the market has no constituent. */
  private readonly feed: IndexFeed | null;
  private readonly references: IndexFeed | null;
  private readonly funding: FundingHistory;
  /** null where the recorded rates serve. */
  private readonly made: FundingRates | null;
  private readonly feedOutages: readonly { readonly fromUs: Micros; readonly untilUs: Micros }[];
  private readonly basis: BasisAverage | null;
  private readonly bookAverage: BasisAverage | null;
  private readonly book: BookView;

  private next = 0;
  private lastTicks = NaN;
  private last: Price | null = null;
  private recordedF64 = NaN;
  private recorded: Price | null = null;
  private published: MarkParts | null = null;
  private latest: MarketPrice | null = null;
  private displaced: Tilt = { x: 0, y: 0 };
  private growthX = 1;
  private growthY = 1;

  /**
   * @throws ReplayError RULES_INVALID when the rule looks more often than once a beat or its index can
   *         never form; DATA_MISSING when the facts lack what the rule looks at
   */
  constructor(options: MarketStateOptions) {
    const { market, rules, frames } = options;
    const { beatUs, startUs } = frames;
    const columns = frames.markets.get(market.id);
    invariant(columns !== undefined, `the frames hold market ${market.id}`);
    const sources = frames.constituents.get(market.id) ?? [];
    const path = `markets.${market.id}`;
    this.options = options;
    this.market = market;
    this.rule = rules.mark;
    this.columns = columns;
    this.readsRecorded = rules.mark.kind === 'replayed' || sources.length === 0;
    this.book = new BookView(market, columns);
    this.midSource = this.book.isRecorded ? 'book' : 'lastTrade';
    this.feed =
      sources.length === 0
        ? null
        : new IndexFeed({ rule: rules.index, sources, beatUs, path: `${path}.index.every` });
    this.references = referenceFeed(options);
    this.basis = basisAverage(rules.mark, beatUs);
    this.bookAverage =
      rules.mark.kind === 'oracleMedian'
        ? new TimedMean(rules.mark.bookEmaUs, rules.mark.everyUs ?? beatUs)
        : null;
    checkFacts(options, this.basis, sources.length);
    const recorded = fundingHistory(frames.side.funding, market.id);
    const rule = rules.funding;
    this.made =
      rule.rate === undefined
        ? null
        : new FundingRates({ rule, made: rule.rate, recorded, startUs, beatUs, path: `${path}.funding` });
    this.funding = this.made ?? recorded;
    this.feedOutages = frames.side.outages.filter((o) => o.part === 'feed');
  }

  /**
   * Prices of one beat, as they stand at its end.
   *
   * @param beat  0, 1, 2, ... in order
   * @param tilt  counterfactual displacement; null or zeros for a baseline
   * @returns     null until index, last, a published mark and (for `replayed`) a recorded one exist, and
   *              while the quorum rule halts the index
   */
  price(beat: number, tilt: Tilt | null): MarketPrice | null {
    invariant(beat === this.next, `beat ${this.next} is priced before beat ${beat}`);
    this.next = beat + 1;
    const endUs = beatEndUs(this.options.frames, beat);
    const frozen = this.feedOutages.some((o) => o.fromUs <= endUs && endUs < o.untilUs);
    this.made?.advance(endUs);
    this.displace(tilt);
    if (!frozen) this.observe(beat, endUs);
    const index = this.feed === null ? (this.recorded ?? this.last) : this.feed.formed.index;
    if (index === null || this.last === null) return null;
    if (this.rule.kind === 'replayed' && this.recorded === null) return null;
    this.sample(endUs, index);
    const price = this.priced(endUs, index, frozen);
    if (price !== null && this.made !== null) {
      const { bid, ask } = this.book.at(this.last);
      this.made.sample(endUs, { index, mark: price.mark, bid, ask });
    }
    return price;
  }

  /** The rate that a stamp charges, of the beats priced so far; null: none is known. */
  fundingRateAt(stampUs: Micros): Rate | null {
    return this.funding.lastRate(stampUs);
  }

  private displace(tilt: Tilt | null): void {
    const x = tilt?.x ?? 0;
    const y = tilt?.y ?? 0;
    if (x !== this.displaced.x) this.growthX = exp(x);
    if (y !== this.displaced.y) this.growthY = exp(y);
    this.displaced = tilt ?? { x, y };
  }

  /** Takes over the beat's last, book, constituents and recorded mark. */
  private observe(beat: number, endUs: Micros): void {
    const lastTicks = grown(this.columns.lastTicks[beat]!, this.growthX);
    if (lastTicks !== this.lastTicks && !Number.isNaN(lastTicks)) {
      this.lastTicks = lastTicks;
      this.last = steps(lastTicks, this.market.priceTick);
    }
    this.book.observe(beat, this.growthX);
    this.feed?.observe(beat, endUs, this.growthY);
    this.references?.observe(beat, endUs, this.growthY);
    this.readRecorded(beat);
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
    const { basis, bookAverage, rule } = this;
    if (basis === null || (basis.value !== null && !isDue(basis.sampleUs, endUs))) return;
    const last = this.last!;
    const book = this.book.at(last);
    const seen = rule.kind === 'emaBasis' ? last : book.mid;
    const bounded = rule.kind === 'boundedEma' ? clampToBand(seen, index, rule.band) : seen;
    basis.push(bounded.minus(index), endUs);
    bookAverage?.push(bookPrice({ ...book, last }), endUs);
  }

  /** The mark as published last; during an outage of the feed that of the last beat with one. */
  private parts(endUs: Micros, index: Price, frozen: boolean): MarkParts | null {
    const { rule } = this;
    const isPublished = rule.everyUs === undefined || isDue(rule.everyUs, endUs);
    if (!isPublished || (frozen && this.published !== null)) return this.published;
    const last = this.last!;
    const { intervalUs } = this.options.rules.funding;
    const { bid, ask } = this.book.at(last);
    const inputs: MarkInputs = {
      index,
      last,
      fundingRate: this.fundingRate(endUs),
      leftUs: this.usesFunding() ? timeUntilFundingUs(this.options.rules.funding, endUs) : intervalUs,
      intervalUs,
      basis: this.basis?.value ?? null,
      recorded: this.recorded,
      bid,
      ask,
      bookAverage: this.bookAverage?.value ?? null,
      reference: this.references?.formed.index ?? null,
    };
    this.published = markPrice(rule, inputs);
    return this.published;
  }

  private priced(endUs: Micros, index: Price, frozen: boolean): MarketPrice | null {
    const parts = this.parts(endUs, index, frozen);
    if (parts === null) return null;
    const { mark, price1, price2, from } = parts;
    const { latest } = this;
    const last = this.last!;
    const formed = this.feed?.formed;
    const held = frozen || (formed?.held ?? false);
    const provenance = formed?.provenance ?? '';
    if (
      latest !== null &&
      latest.index === index &&
      latest.last === last &&
      latest.held === held &&
      latest.from === from &&
      latest.provenance === provenance &&
      same(latest.mark, mark) &&
      same(latest.price1, price1) &&
      same(latest.price2, price2)
    ) {
      return latest;
    }
    const [markF64, lastF64] = [mark.toNumber(), last.toNumber()];
    this.latest = { mark, markF64, index, last, lastF64, price1, price2, from, provenance, held };
    return this.latest;
  }

  private usesFunding(): boolean {
    return this.rule.kind === 'medianOfThree' || this.rule.kind === 'fundingBasis';
  }

  private fundingRate(endUs: Micros): Rate {
    if (!this.usesFunding()) return ZERO_RATE;
    const running = this.rule.kind === 'fundingBasis' && this.rule.rate === 'runningInterval';
    return (running ? this.funding.nextRate(endUs) : null) ?? this.funding.lastRate(endUs) ?? ZERO_RATE;
  }
}

const same = (a: Price | null, b: Price | null): boolean =>
  a === b || (a !== null && b !== null && a.scale === b.scale && a.n === b.n);
