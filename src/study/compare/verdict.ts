/**
 * From paired differences to a sentence: bands, signs and the label of docs/method.md
 * (Counterfactuals). Bands are of differences of the same draw, never differences of bands.
 */
import type { Band, Finding, Label, Stability } from '../../report/compare/model.ts';
import { ALL_CELLS, CENTRAL, NINE_CELLS } from './draws.ts';

/** Draws that a label needs. */
export const ROBUST_DRAWS = 200;
const INDICATIVE_DRAWS = 50;
const INDICATIVE_CELL_DRAWS = 20;
/** Share of draws with one sign that a label needs. */
const ROBUST_SHARE = 0.95;
const INDICATIVE_SHARE = 0.8;
/** Beyond these a level is unstable: |log displacement| of 20 % and a branching ratio of 0.9. */
const BRANCHING_GATE = 0.9;
const DISPLACEMENT_GATE = 0.2;

/** Quantile by linear interpolation between order statistics; `sorted` ascending, not empty. */
export function quantile(sorted: readonly number[], p: number): number {
  const place = p * (sorted.length - 1);
  const low = Math.floor(place);
  const [a, b] = [sorted[low]!, sorted[Math.min(low + 1, sorted.length - 1)]!];
  return a + (place - low) * (b - a);
}

/** Band of paired differences; null without any. */
export function bandOf(differences: readonly number[]): Band | null {
  if (differences.length === 0) return null;
  const sorted = differences.toSorted((a, b) => a - b);
  const counts = ([-1, 0, 1] as const).map((sign) => ({
    sign,
    n: sorted.filter((d) => Math.sign(d) === sign).length,
  }));
  const median = quantile(sorted, 0.5);
  // of equally many the sign of the median, so that words and numbers agree
  const best = counts.reduce((a, b) => (b.n > a.n || (b.n === a.n && b.sign === Math.sign(median)) ? b : a));
  return {
    draws: sorted.length,
    median,
    low: quantile(sorted, 0.05),
    high: quantile(sorted, 0.95),
    sameSign: best.n / sorted.length,
    sign: best.sign,
  };
}

/** Differences of one metric and candidate: those of the cells with feedback, and the central twin without. */
export interface Evidence {
  /** Cell name -> differences with feedback. */
  readonly cells: ReadonlyMap<string, readonly number[]>;
  readonly accounting: Band;
  readonly feedback: Band;
  readonly stability: readonly Stability[];
}

export interface Verdict {
  readonly label: Label;
  readonly reasons: readonly string[];
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

/**
 * The label of one metric.
 *
 *   UNSTABLE    a displacement above 20 % or a branching ratio of 0.9 or more in any cell that was drawn
 *   UNRESOLVED  the sign flips between feedback and no feedback, or fewer than 80 % of draws agree
 *   ROBUST      200 draws and 95 % of one and the same sign in each of the 36 cells
 *   INDICATIVE  50 central draws and 20 in each of nine cells, 80 % of one sign over all
 *   PREVIEW     fewer draws than that
 */
export function verdictOf(e: Evidence): Verdict {
  const drawn = [...e.cells].filter(([, d]) => d.length > 0);
  const outside = drawn.filter(([name]) => name !== CENTRAL.name);
  const all = drawn.flatMap(([, d]) => d);
  const overall = bandOf(all)!;
  const reasons = [
    `${count(e.feedback.draws, 'central draw')}, ${outside.length === 0 ? 'no cells' : cellText(outside)}`,
    `same sign in ${percent(overall.sameSign)} of ${count(all.length, 'draw')}`,
  ];
  const wild = e.stability.filter((s) => s.displacement > DISPLACEMENT_GATE || s.branching >= BRANCHING_GATE);
  if (wild.length > 0) {
    const R = Math.max(...wild.map((s) => s.branching));
    const X = Math.max(...wild.map((s) => s.displacement));
    const where = `in ${wild.length} of ${count(e.stability.length, 'cell')}`;
    const why = `branching ratio up to ${R.toFixed(2)}, displacement up to ${percent(X)}, ${where}`;
    return { label: 'UNSTABLE', reasons: [...reasons, `${why}: read the order, not the size`] };
  }
  // no change without feedback is no flip: a price cannot move there
  if (e.accounting.sign * e.feedback.sign < 0)
    return { label: 'UNRESOLVED', reasons: [...reasons, 'the sign flips without feedback'] };
  if (overall.sameSign < INDICATIVE_SHARE)
    return { label: 'UNRESOLVED', reasons: [...reasons, 'fewer than 80 % of draws agree'] };
  const inEach = (cells: readonly { name: string }[], n: number): boolean =>
    cells.every(({ name }) => (e.cells.get(name)?.length ?? 0) >= n);
  const agreed = drawn.every(([, d]) => {
    const band = bandOf(d)!;
    return band.sign === overall.sign && band.sameSign >= ROBUST_SHARE;
  });
  const full = inEach([CENTRAL, ...ALL_CELLS], ROBUST_DRAWS);
  if (full && agreed) return { label: 'ROBUST', reasons };
  const enough = inEach([CENTRAL], INDICATIVE_DRAWS) && inEach(NINE_CELLS, INDICATIVE_CELL_DRAWS);
  if (full || enough) return { label: 'INDICATIVE', reasons };
  const asked = `INDICATIVE needs ${INDICATIVE_DRAWS} central draws and ${INDICATIVE_CELL_DRAWS} in each of nine cells`;
  return { label: 'PREVIEW', reasons: [...reasons, asked] };
}

/** Findings of which none is above INDICATIVE, with the reason beside each; they stay what they are without one. */
export const cappedBy = (findings: readonly Finding[], reason: string | null): Finding[] =>
  findings.map((finding) =>
    reason === null
      ? finding
      : {
          ...finding,
          label: finding.label === 'ROBUST' ? 'INDICATIVE' : finding.label,
          reasons: finding.label === 'ROBUST' ? [...finding.reasons, reason] : finding.reasons,
        },
  );

function cellText(cells: readonly (readonly [string, readonly number[]])[]): string {
  const least = Math.min(...cells.map(([, d]) => d.length));
  return `${count(cells.length, 'cell')} of ${least} or more`;
}
