/**
 * The path of a world that left history: one feedback a market, moved by what the world sold or bought less
 * what its baseline did (docs/method.md, Feedback).
 */
import { exp } from '../basics/maths.ts';
import { Feedback, type FeedbackOptions } from '../impact/feedback.ts';
import type { Tilt } from '../mark/prices.ts';

export interface OwnPathInput extends FeedbackOptions {
  readonly markets: number;
  /** Impact coefficient per market and beat, log price per lot. */
  readonly lambda: readonly Float64Array[];
  /** The one by which the tape holds the baseline's flow: another where something made the market thinner. */
  readonly tapeLambda: readonly Float64Array[];
}

export class OwnPath {
  private readonly feedback: readonly Feedback[];
  private readonly lambda: readonly Float64Array[];
  private readonly tapeLambda: readonly Float64Array[];

  constructor(input: OwnPathInput) {
    const { markets, lambda, tapeLambda, ...each } = input;
    this.feedback = Array.from({ length: markets }, () => new Feedback(each));
    this.lambda = lambda;
    this.tapeLambda = tapeLambda;
  }

  /** Displacement of each market's prices. */
  tilts(beat: number): readonly Tilt[] {
    return this.feedback.map((f) => f.tilt(beat));
  }

  /** By how much a market's recorded prices are multiplied: e^X. */
  factor(market: number, beat: number): number {
    const { x } = this.feedback[market]!.tilt(beat);
    return x === 0 ? 1 : exp(x);
  }

  /**
   * Hands over a beat's flows, signed lots by market; acts from the next beat:
   *
   *   kick = lambda q - lambda_tape q0 = lambda (q - q0) + (lambda - lambda_tape) q0
   */
  push(beat: number, own: Float64Array, baseline: Float64Array): void {
    for (const [m, feedback] of this.feedback.entries()) {
      const [lambda, tape] = [this.lambda[m]![beat]!, this.tapeLambda[m]![beat]!];
      feedback.push(own[m]! - baseline[m]!, lambda);
      feedback.push(baseline[m]!, lambda - tape);
    }
  }
}
