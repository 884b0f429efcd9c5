/**
 * Moving averages of the basis, the only state of a mark that survives a beat. They start from the
 * first sample, never from 0: the normal basis is a few basis points and changed sign over the years
 * (docs/validation.md). A sample is cut at PRICE_SCALE and so is every result, to nearest; an uncut
 * moving average would grow digits without end.
 */
import { carried, cut, ONE, PRICE_SCALE, type Price, quotient, type Rate } from '../basics/exact.ts';
import { scaled, unscaled, ZERO_PRICE, ZERO_RATE } from '../basics/exact.ts';
import { type Micros, SECOND_US } from '../basics/instant.ts';
import { exp } from '../basics/maths.ts';
import type { MarkRule } from '../rules/ruleSet.ts';

/** Decimal places that an exponential average keeps: its cut error is far below any tick. */
const EMA_SCALE = 18;

export interface BasisAverage {
  readonly sampleUs: Micros;
  /** @param tsUs  when the sample was taken; only an average weighted by time looks at it */
  push(basis: Price, tsUs: Micros): void;
  /** Scale 12; null before the first sample. */
  readonly value: Price | null;
}

/** Mean of the last n samples, or of as many as there are: an exact sum over a ring. */
export class WindowMean implements BasisAverage {
  readonly sampleUs: Micros;
  readonly size: number;
  value: Price | null = null;
  private readonly ring: bigint[] = [];
  private next = 0;
  private sum = 0n;

  /** @throws RangeError unless the window is a whole number of samples, at least one */
  constructor(windowUs: Micros, sampleUs: Micros) {
    this.sampleUs = sampleUs;
    this.size = windowUs / sampleUs;
    if (!Number.isInteger(this.size) || this.size < 1) {
      throw new RangeError(`a window of ${windowUs} us is no whole number of samples of ${sampleUs} us`);
    }
  }

  push(basis: Price): void {
    const sample = scaled(cut(basis, PRICE_SCALE, 'even'), PRICE_SCALE);
    this.sum += sample - (this.ring[this.next] ?? 0n);
    this.ring[this.next] = sample;
    this.next = (this.next + 1) % this.size;
    const samples = unscaled('rate', BigInt(this.ring.length), 0);
    this.value = quotient('price', unscaled('price', this.sum, PRICE_SCALE), samples, PRICE_SCALE, 'even');
  }
}

/**
 * Exponential average: e <- e + 2/(n+1) * (sample - e), as (e*(n-1) + 2*sample) / (n+1) cut at
 * EMA_SCALE to nearest.
 */
export class ExponentialMean implements BasisAverage {
  readonly sampleUs: Micros;
  readonly samples: number;
  value: Price | null = null;
  /** The average at EMA_SCALE. */
  state: Price | null = null;

  /** @throws RangeError unless `samples` is a whole number of at least 1 */
  constructor(samples: number, sampleUs: Micros) {
    if (!Number.isInteger(samples) || samples < 1)
      throw new RangeError(`not a number of samples: ${samples}`);
    this.samples = samples;
    this.sampleUs = sampleUs;
  }

  push(basis: Price): void {
    const sample = scaled(cut(basis, PRICE_SCALE, 'even'), EMA_SCALE);
    const old = this.state === null ? sample : this.state.n;
    const top = unscaled('price', old * BigInt(this.samples - 1) + 2n * sample, EMA_SCALE);
    this.state = quotient('price', top, unscaled('rate', BigInt(this.samples + 1), 0), EMA_SCALE, 'even');
    this.value = cut(this.state, PRICE_SCALE, 'even');
  }
}

/**
 * Exponential average weighted by the time t since the sample before, in seconds (Hyperliquid):
 * num <- num e^(-t/tau) + x t, den <- den e^(-t/tau) + t, value = num / den. The factor is a float64 of
 * basics/maths.ts cut at EMA_SCALE, and so are num and den. The first sample stands for one sample time.
 */
export class TimedMean implements BasisAverage {
  readonly sampleUs: Micros;
  value: Price | null = null;
  private readonly tauUs: Micros;
  private top = ZERO_PRICE;
  private bottom = ZERO_RATE;
  private beforeUs: Micros | null = null;
  private factor: { readonly forUs: Micros; readonly rate: Rate } = { forUs: 0, rate: ONE };

  /** @param tauUs  time constant, > 0 */
  constructor(tauUs: Micros, sampleUs: Micros) {
    this.tauUs = tauUs;
    this.sampleUs = sampleUs;
  }

  push(basis: Price, tsUs: Micros): void {
    const elapsedUs = this.beforeUs === null ? this.sampleUs : tsUs - this.beforeUs;
    this.beforeUs = tsUs;
    const seconds = quotient<'rate'>(
      'rate',
      unscaled('rate', BigInt(elapsedUs), 0),
      unscaled('rate', BigInt(SECOND_US), 0),
      6,
      'even',
    );
    const fading = this.fading(elapsedUs);
    const sample = cut(basis, PRICE_SCALE, 'even');
    this.top = cut(this.top.times(fading).plus(sample.times(seconds)), EMA_SCALE, 'even');
    this.bottom = cut(this.bottom.times(fading).plus(seconds), EMA_SCALE, 'even');
    this.value = quotient('price', this.top, this.bottom, PRICE_SCALE, 'even');
  }

  /** e^(-t/tau), kept while t stays the same. */
  private fading(elapsedUs: Micros): Rate {
    if (this.factor.forUs !== elapsedUs) {
      const rate = cut(carried('rate', exp(-elapsedUs / this.tauUs)), EMA_SCALE, 'even');
      this.factor = { forUs: elapsedUs, rate };
    }
    return this.factor.rate;
  }
}

/** The average of mid (or last) - index that a mark rule keeps; null where it keeps none. */
export function basisAverage(rule: MarkRule, beatUs: Micros): BasisAverage | null {
  switch (rule.kind) {
    case 'medianOfThree':
    case 'indexPlusBasisMean':
      return new WindowMean(rule.basis.windowUs, rule.basis.sampleUs);
    case 'emaBasis':
    case 'boundedEma':
      return new ExponentialMean(rule.samples, rule.sampleUs);
    case 'oracleMedian':
      return new TimedMean(rule.emaUs, rule.everyUs ?? beatUs);
    default:
      return null;
  }
}
