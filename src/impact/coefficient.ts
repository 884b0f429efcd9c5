/**
 * How far a forced order moves the price, from trades or candles alone (tier A of docs/method.md (Impact)):
 * a linear coefficient anchored to the square-root law at the scale of a cascade, times a stress
 * multiplier that follows volatility against volume. Estimates, not money: float64 throughout.
 *
 * Range over volume is not used: it falls where volume explodes, the opposite of what depth does.
 */
import { DAY_US, MINUTE_US } from '../basics/instant.ts';
import { log } from '../basics/maths.ts';
import { invariant } from '../basics/errors.ts';
import type { Frames } from '../clock/frames.ts';
import type { Calm, FillAssumption } from '../rules/assumptions.ts';
import type { DailyBar } from '../rules/facts.ts';
import type { Market } from '../rules/market.ts';
import { kernelMean } from './kernel.ts';

/** Days of calm trading that sigma and volume come from (docs/method.md (Impact)). */
const CALM_DAYS = 20;
/** With fewer days the spread of returns says nothing. */
const FEWEST_RETURNS = 3;
/** Anchor of the square-root law: 1 % of a day's volume, executed over 600 s. */
const REFERENCE_SHARE = 0.01;
const REFERENCE_SEC = 600;
/** Window of the local averages and the time between two of their samples. */
const LOCAL_US = 30 * MINUTE_US;
const SAMPLE_US = MINUTE_US;

/**
 * What the last 20 days before an event say about calm trading.
 *
 * @param bars  daily bars, oldest first; at least 1
 * @returns     standard deviation (n - 1) of close-to-close log returns, from fewer than three days the
 *              estimate from their ranges, sqrt(mean(ln(high / low)^2) / (4 ln 2)) (Parkinson 1980); and mean
 *              daily volume
 * @throws RangeError when there is no bar, or no price or volume in them
 */
export function calmOf(bars: readonly DailyBar[]): Calm {
  const days = bars.slice(-CALM_DAYS);
  if (days.length === 0) throw new RangeError('calm trading needs a daily bar');
  const volumeDaily = days.reduce((sum, bar) => sum + bar.volume, 0) / days.length;
  if (!(volumeDaily > 0)) throw new RangeError('calm trading without volume');
  if (days.length < FEWEST_RETURNS) return { sigmaDaily: rangeSigma(days), volumeDaily };
  const before = bars.slice(0, -days.length).at(-1);
  const closes = [...(before === undefined ? [] : [before]), ...days].map((bar) => bar.close);
  const returns = closes.slice(1).map((close, i) => log(close / closes[i]!));
  const mean = returns.reduce((sum, r) => sum + r, 0) / returns.length;
  const variance = returns.reduce((sum, r) => sum + (r - mean) * (r - mean), 0) / (returns.length - 1);
  return { sigmaDaily: Math.sqrt(variance), volumeDaily };
}

function rangeSigma(days: readonly DailyBar[]): number {
  const squares = days.map(({ high, low }) => log(high / low) * log(high / low));
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / days.length / (4 * Math.LN2));
}

/**
 * Impact coefficient of calm trading, log price per lot:
 *
 *   lambda0 = Y sigma sqrt(Q / V) / (Q gbar(T)),   Q = 1 % of V, T = 600 s
 *
 * with gbar(T) the mean of the decay kernel over T, so that Q sold over T moves the price as the
 * square-root law says, whatever the kernel.
 *
 * @param inputs.fills  impact is Y; 0 gives 0
 * @see docs/method.md (Impact)
 */
export function lambdaPerLot(inputs: { calm: Calm; fills: FillAssumption; market: Market }): number {
  const { calm, fills, market } = inputs;
  const reference = REFERENCE_SHARE * calm.volumeDaily;
  const move = fills.impact * calm.sigmaDaily * Math.sqrt(REFERENCE_SHARE);
  return (move / (reference * kernelMean(fills.kernel, REFERENCE_SEC))) * market.qtyStep.toNumber();
}

/**
 * Stress multiplier of each beat, at least 1 and without upper bound:
 *
 *   m = (sigmaLocal / sigmaDaily) / sqrt(volumeLocal / volumeDaily)
 *
 * sigmaLocal and volumeLocal are trailing 30-minute exponential averages (weight 2/(n+1)) of squared
 * log returns and of volume over whole minutes, scaled to a day; they start at the calm values. A
 * minute is the grain because returns of single seconds measure the bounce between bid and ask. Both
 * come from the historical path alone and from minutes that have ended: a counterfactual does not
 * change its own impact.
 *
 * @returns one entry a beat; `lambdaAt` bounds it
 */
export function stressPath(frames: Frames, market: Market, calm: Calm): Float64Array {
  const columns = frames.markets.get(market.id);
  invariant(columns !== undefined, `the frames hold market ${market.id}`);
  const every = Math.max(1, Math.round(SAMPLE_US / frames.beatUs));
  const perDay = DAY_US / (every * frames.beatUs);
  const weight = Math.min(1, 2 / (LOCAL_US / (every * frames.beatUs) + 1));
  const lotsDaily = calm.volumeDaily / market.qtyStep.toNumber();
  const path = new Float64Array(frames.beats);
  if (calm.sigmaDaily === 0) return path.fill(1); // nothing moved before: no move is measured against it
  let [variance, volume] = [1, 1]; // relative to calm trading
  let [open, lots, stress] = [NaN, 0, 1];
  for (let beat = 0; beat < frames.beats; beat++) {
    lots += columns.lots[beat]!;
    if ((beat + 1) % every === 0) {
      const close = columns.lastTicks[beat]!;
      if (open > 0 && close > 0) {
        const move = log(close / open) / calm.sigmaDaily;
        variance += weight * (move * move * perDay - variance);
        volume += weight * ((lots * perDay) / lotsDaily - volume);
        stress = volume > 0 ? Math.max(1, Math.sqrt(variance / volume)) : stress;
      }
      open = close;
      lots = 0;
    }
    path[beat] = stress;
  }
  return path;
}

/** The coefficient of one beat: lambda0 times the stress multiplier, bounded by `stressMax`. */
export const lambdaAt = (lambda0: number, stress: number, stressMax: number): number =>
  lambda0 * Math.min(Math.max(stress, 1), stressMax);
