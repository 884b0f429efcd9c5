/**
 * The standard normal distribution function. The library computes erfc and its own exp by polynomials
 * of IEEE operations, never by Math.exp, so results are the same on every engine (docs/decisions/0008).
 */
import erfc from '@stdlib/math-base-special-erfc';

/**
 * P(Z <= x) of a standard normal Z = erfc(-x / sqrt 2) / 2; absolute error below 1e-15.
 *
 * @param x  any float64; NaN gives NaN
 */
export const normalCdf = (x: number): number => erfc(-x / Math.SQRT2) / 2;
