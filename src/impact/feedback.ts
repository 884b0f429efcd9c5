/**
 * Difference in flows: a candidate's price is history displaced by the impact of what it sold more
 * (or less) than its baseline did at the same beats. The tape already holds the historical
 * liquidations, so only the difference may move it; a candidate equal to its baseline gets back
 * history, exactly (docs/method.md (Feedback)).
 *
 *   each beat   X <- what the decay kernel leaves of the kicks so far          (log price)
 *               Y <- Y + (1 - e^(-beat/tau)) (kappa X - Y)                     (log index)
 *   its end     kick by lambda * (own signed lots - baseline's signed lots)
 *
 * A kick acts from the next beat: no fixed point inside a beat, which would hide instability.
 */
import { invariant } from '../basics/errors.ts';
import type { Micros } from '../basics/instant.ts';
import { exp } from '../basics/maths.ts';
import type { FeedbackAssumption } from '../rules/assumptions.ts';
import { Decay, type KernelName } from './kernel.ts';

/** Log displacement of the perpetual (x) and of its index (y): the mark room's Tilt. */
export interface Displacement {
  readonly x: number;
  readonly y: number;
}

export interface FeedbackOptions {
  readonly kernel: KernelName;
  readonly assumption: FeedbackAssumption;
  readonly beatUs: Micros;
}

export class Feedback {
  private readonly decay: Decay;
  private readonly passThrough: number;
  /** Share of the gap between kappa X and Y that closes in one beat. */
  private readonly closing: number;
  private beat = -1;
  private current: Displacement = { x: 0, y: 0 };

  constructor({ kernel, assumption, beatUs }: FeedbackOptions) {
    this.decay = new Decay(kernel, beatUs);
    this.passThrough = assumption.passThrough;
    this.closing = assumption.arbitrageUs > 0 ? 1 - exp(-beatUs / assumption.arbitrageUs) : 1;
  }

  /** Displacement of a beat, to be asked for 0, 1, 2, ... in order; asking twice changes nothing. */
  tilt(beat: number): Displacement {
    if (beat === this.beat) return this.current;
    invariant(beat === this.beat + 1, `feedback passes beat ${this.beat + 1} before beat ${beat}`);
    this.beat = beat;
    const x = this.decay.advance();
    const y = this.current.y + this.closing * (this.passThrough * x - this.current.y);
    this.current = { x, y };
    return this.current;
  }

  /**
   * Hands over a beat's difference in flows, at its end.
   *
   * @param lots    own minus baseline's executed lots, bought positive, sold negative; ADL is no flow
   * @param lambda  impact coefficient of the beat, log price per lot
   */
  push(lots: number, lambda: number): void {
    if (lots !== 0) this.decay.kick(lambda * lots);
  }
}
