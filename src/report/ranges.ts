/**
 * When a figure may be printed as a number, and when only its range is honest. A figure that changes
 * sign or by more than a factor of two over the reruns says more about the path inside a bar, the
 * seed of a reconstruction or an assumption than about the venue: it is shown as a range with the
 * cause, marked PATH-DEPENDENT.
 */
/** The same figure from one rerun of the run. */
export interface Rerun {
  /** What was varied: `seed`, `timing`, `override`. */
  readonly kind: string;
  /** The timing, the seed or the `path=value` override that was changed. */
  readonly what: string;
  readonly value: number;
}

export interface Figure {
  readonly kind: 'figure';
  readonly value: number;
  readonly reruns: number;
}

export interface Range {
  readonly kind: 'range';
  readonly low: number;
  readonly high: number;
  /** `sign`: below and above 0; `zero`: 0 in one run and not in another; `factor`: beyond twice. */
  readonly why: 'sign' | 'zero' | 'factor';
  /** Which change gives the lowest and the highest value. */
  readonly lowBy: string;
  readonly highBy: string;
  readonly reruns: number;
}

/** What a rerun changed, in words: the last parts of an override's path and its value. */
export function causeText(rerun: Pick<Rerun, 'kind' | 'what'>): string {
  if (rerun.kind === 'timing') return `path inside the bar: ${rerun.what}`;
  if (/seed/i.test(rerun.kind)) return `seed ${rerun.what}`;
  const m = /^([\w.-]+?)(\*?)=(.*)$/s.exec(rerun.what);
  if (m === null) return rerun.what;
  const parts = m[1]!.split('.').filter((part) => /^[a-z][a-z]*([A-Z][a-z]*)*$/.test(part));
  const words = parts.slice(-2).map((part) => part.replace(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`));
  const path = words.filter((w) => w !== 'rules' && w !== 'assumptions').join(' ');
  return `${path} ${m[2] === '*' ? '\u00d7' : '='} ${m[3]}`;
}

/**
 * The figure, or its range over this run and all reruns.
 *
 * A range when values of both signs occur, when 0 and another value occur, or when the largest
 * size is more than twice the smallest; exactly twice is still a figure.
 *
 * @param value   the figure of this run, any finite number
 * @param reruns  the same figure elsewhere; empty: the figure itself
 * @throws RangeError when a value is not finite
 */
export function figureOrRange(value: number, reruns: readonly Rerun[]): Figure | Range {
  const all = [{ value, by: 'this run' }, ...reruns.map((r) => ({ value: r.value, by: causeText(r) }))];
  for (const one of all) {
    if (!Number.isFinite(one.value)) throw new RangeError(`not a finite figure: ${one.value} (${one.by})`);
  }
  const low = all.reduce((a, b) => (b.value < a.value ? b : a));
  const high = all.reduce((a, b) => (b.value > a.value ? b : a));
  const why = reason(low.value, high.value);
  if (why === null) return { kind: 'figure', value, reruns: reruns.length };
  return {
    kind: 'range',
    low: low.value,
    high: high.value,
    why,
    lowBy: low.by,
    highBy: high.by,
    reruns: reruns.length,
  };
}

function reason(low: number, high: number): Range['why'] | null {
  if (low === high) return null;
  if (low < 0 && high > 0) return 'sign';
  if (low === 0 || high === 0) return 'zero';
  const [small, large] = low > 0 ? [low, high] : [-high, -low];
  return large > 2 * small ? 'factor' : null; // doubling is exact in float64
}
