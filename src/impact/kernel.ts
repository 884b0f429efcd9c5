/**
 * How impact decays. Every kernel is a sum of exponentials, so that a beat costs a handful of
 * products however long the history is (a recursion, not a convolution):
 *
 *   G(t) = sum_k w_k e^(-t/tau_k),  sum_k w_k = 1
 *
 *   power    (1 + t/10 s)^-1/2 within 8.6 % up to 12 hours, as five exponentials (docs/method.md (Impact))
 *   exp120   e^(-t/120 s) (Obizhaeva-Wang)
 *   plateau  a fifth of the kick stays for good, the rest decays like `power` (the shape is assumed)
 */
import type { Micros } from '../basics/instant.ts';
import { exp } from '../basics/maths.ts';
import type { FillAssumption } from '../rules/assumptions.ts';

export type KernelName = FillAssumption['kernel'];

interface Term {
  readonly weight: number;
  /** Infinity: does not decay. */
  readonly tauSec: number;
}

const POWER: readonly Term[] = [
  { weight: 0.277, tauSec: 5 },
  { weight: 0.459, tauSec: 50 },
  { weight: 0.186, tauSec: 500 },
  { weight: 0.045, tauSec: 5000 },
  { weight: 0.033, tauSec: 50000 },
];
/** Share of a kick that `plateau` never takes back (docs/method.md (Impact): G at infinity is .2). */
const PLATEAU = 0.2;

const TERMS: Readonly<Record<KernelName, readonly Term[]>> = {
  power: POWER,
  exp120: [{ weight: 1, tauSec: 120 }],
  plateau: [
    { weight: PLATEAU, tauSec: Infinity },
    ...POWER.map(({ weight, tauSec }) => ({ weight: weight * (1 - PLATEAU), tauSec })),
  ],
};

/** Share of a kick that is left after `sec` seconds, >= 0; 1 at 0. */
export const kernelAt = (name: KernelName, sec: number): number =>
  TERMS[name].reduce((sum, { weight, tauSec }) => sum + weight * exp(-sec / tauSec), 0);

/** Mean of the kernel over [0, sec], sec > 0: sum_k w_k tau_k (1 - e^(-sec/tau_k)) / sec. */
export const kernelMean = (name: KernelName, sec: number): number =>
  TERMS[name].reduce(
    (sum, { weight, tauSec }) =>
      sum + weight * (tauSec === Infinity ? 1 : (tauSec / sec) * (1 - exp(-sec / tauSec))),
    0,
  );

/** The impact that kicks so far have left, one beat after another. Owns its state. */
export class Decay {
  private readonly weights: Float64Array;
  private readonly perBeat: Float64Array;
  private readonly parts: Float64Array;

  constructor(name: KernelName, beatUs: Micros) {
    const terms = TERMS[name];
    this.weights = Float64Array.from(terms, (t) => t.weight);
    this.perBeat = Float64Array.from(terms, (t) => exp(-beatUs / 1e6 / t.tauSec));
    this.parts = new Float64Array(terms.length);
  }

  /** Lets one beat pass and returns what is left. */
  advance(): number {
    let total = 0;
    for (let k = 0; k < this.parts.length; k++) {
      this.parts[k]! *= this.perBeat[k]!;
      total += this.parts[k]!;
    }
    return total;
  }

  /** Adds a kick, log price; it shows from the next `advance` on. */
  kick(size: number): void {
    for (let k = 0; k < this.parts.length; k++) this.parts[k]! += this.weights[k]! * size;
  }
}
