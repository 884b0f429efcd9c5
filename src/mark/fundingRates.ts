/**
 * Funding rates made by a venue's own formula from the replayed prices, instead of the recorded ones.
 * Premiums are sampled where the end of a beat is a whole multiple of `sampleUs` of the UTC day; an
 * interval holds the samples of [its start, its end), so the rate of a stamp is known before anything
 * is priced at the stamp.
 *
 * Choices that the published rules leave open:
 *   - The interval in which a run starts is the mean of what was seen of it. A rate announced before
 *     the run began is a fact: the recorded one serves, and so it does before the first stamp.
 *   - An interval without a sample repeats the rate before it.
 *   - The change cap comes first, the cap last; the first made rate is compared with the recorded one
 *     before it, where there is one.
 */
import {
  max,
  MONEY_SCALE,
  min,
  type Price,
  quotient,
  type Rate,
  unscaled,
  ZERO_RATE,
} from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import type { FundingRateRule, FundingRule } from '../rules/ruleSet.ts';
import { type FundingHistory, fundingStampsIn } from './funding.ts';
import { checkEvery, isDue } from './indexFeed.ts';
import { beyondDamper, dampedRate, impactPrice, premiumOf, within } from './premium.ts';

/** What a premium looks at. Bid and ask are best prices: a book of one level. */
export interface PremiumView {
  readonly index: Price;
  readonly mark: Price;
  readonly bid: Price;
  readonly ask: Price;
}

const count = (n: number): Rate => unscaled('rate', BigInt(n), 0);
const QTY_NOT_RECORDED = null;

export class FundingRates implements FundingHistory {
  private readonly rule: FundingRule;
  private readonly made: FundingRateRule;
  private readonly recorded: FundingHistory;
  /** Rates by the stamp that charges them, in order of time. */
  private readonly rates: { readonly tsUs: Micros; readonly rate: Rate }[] = [];
  /** F of the last whole period, before it was scaled to the interval. */
  private lastPeriod: Rate | null = null;
  private seenUs: Micros;
  private sum = ZERO_RATE;
  private weight = 0;
  private samples = 0;

  /** @throws ReplayError RULES_INVALID when samples or stamps fall between beats */
  constructor(input: {
    rule: FundingRule;
    made: FundingRateRule;
    recorded: FundingHistory;
    startUs: Micros;
    beatUs: Micros;
    path: string;
  }) {
    const { rule, made, beatUs, path } = input;
    checkEvery('the premium is sampled', made.sampleUs, beatUs, path);
    checkEvery('funding is charged', rule.intervalUs, beatUs, path);
    this.rule = rule;
    this.made = made;
    this.recorded = input.recorded;
    this.seenUs = input.startUs;
  }

  /** Closes the intervals that end at or before the end of a beat. Call before anything is priced at it. */
  advance(endUs: Micros): void {
    for (const stampUs of fundingStampsIn(this.rule, this.seenUs, endUs)) this.close(stampUs);
    this.seenUs = endUs;
  }

  /** Takes the premium at the end of a beat, where it is due. */
  sample(endUs: Micros, view: PremiumView): void {
    const { made } = this;
    if (!isDue(made.sampleUs, endUs)) return;
    this.samples++;
    const weight = made.kind === 'clamped' && made.weighting === 'linear' ? this.samples : 1;
    this.weight += weight;
    this.sum = this.sum.plus(this.premium(view).times(count(weight)));
  }

  lastRate(tsUs: Micros): Rate | null {
    return this.rates.findLast((r) => r.tsUs <= tsUs)?.rate ?? this.recorded.lastRate(tsUs);
  }

  /** The rate already fixed for the first stamp after an instant; null where the venue does not announce it. */
  nextRate(tsUs: Micros): Rate | null {
    if (this.made.kind !== 'clamped' || !this.made.announced) return null;
    if (this.rates.length === 0) return this.recorded.nextRate(tsUs);
    return this.rates.findLast((r) => r.tsUs > tsUs)?.rate ?? null;
  }

  private premium({ index, mark, bid, ask }: PremiumView): Rate {
    const { made } = this;
    if (made.kind === 'dampened') {
      return beyondDamper(premiumOf({ bid: null, ask: null, index, centre: mark }), made.damper);
    }
    const impact = (price: Price): Price | null =>
      impactPrice([{ price, qty: QTY_NOT_RECORDED }], made.impactNotional);
    return premiumOf({
      bid: impact(bid),
      ask: impact(ask),
      index,
      centre: made.against === 'mark' ? mark : index,
    });
  }

  private close(stampUs: Micros): void {
    const { made, rule } = this;
    const { samples, weight, sum } = this;
    this.sum = ZERO_RATE;
    this.weight = 0;
    this.samples = 0;
    if (samples === 0) return;
    if (made.kind === 'dampened') {
      const rate = quotient<'rate'>(
        'rate',
        sum.times(count(made.sampleUs)),
        count(made.periodUs),
        MONEY_SCALE,
        'even',
      );
      this.rates.push({ tsUs: stampUs, rate });
      return;
    }
    const mean = quotient<'rate'>('rate', sum, count(weight), MONEY_SCALE, 'even');
    const before = this.lastPeriod ?? this.recordedPeriod(stampUs, made.periodUs);
    const damped = dampedRate(mean, made.interest, made.damper);
    const changed = before === null ? damped : near(damped, before, made.changeCap);
    this.lastPeriod = within(changed, made.cap);
    const rate = quotient<'rate'>(
      'rate',
      this.lastPeriod.times(count(rule.intervalUs)),
      count(made.periodUs),
      MONEY_SCALE,
      'even',
    );
    this.rates.push({ tsUs: made.announced ? stampUs + rule.intervalUs : stampUs, rate });
  }

  /** The recorded rate of the interval before, as one of a whole period. */
  private recordedPeriod(stampUs: Micros, periodUs: Micros): Rate | null {
    const isAnnounced = this.made.kind === 'clamped' && this.made.announced;
    const rate = this.recorded.lastRate(isAnnounced ? stampUs : stampUs - 1);
    if (rate === null) return null;
    return quotient('rate', rate.times(count(periodUs)), count(this.rule.intervalUs), MONEY_SCALE, 'even');
  }
}

/** Brought to within a distance of another rate. */
const near = (rate: Rate, before: Rate, distance: Rate | null): Rate =>
  distance === null ? rate : max(before.minus(distance), min(rate, before.plus(distance)));
