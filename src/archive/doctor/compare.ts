/** What checks that compare series share: bars of one length, and who is to blame when two disagree. */
import type { Micros } from '../../basics/instant.ts';
import type { Patient } from './finding.ts';
import type { Series } from './seriesView.ts';

/** More references than this add time, not certainty. */
export const MOST_REFERENCES = 5;

/** Bars of a series at a coarser length, as a subquery: k, c, h, l, v. */
export const resampled = ({ bars }: Series, scaleUs: Micros): string =>
  `(SELECT t // ${scaleUs} AS k, arg_max(c, t) AS c, max(h) AS h, min(l) AS l, sum(v) AS v FROM ${bars} GROUP BY 1)`;

/** The longer of two bars: the length at which both can be seen. */
export const commonScale = (a: Series, b: Series): Micros => Math.max(a.barUs, b.barUs);

/** References as fine as possible, and the length at which the series meets them. */
export function finest({
  series,
  references,
}: Patient): { scaleUs: Micros; references: readonly Series[] } | null {
  if (series.bars === null || references.length === 0) return null;
  const scaleUs = Math.max(series.barUs, Math.min(...references.map((one) => one.barUs)));
  return { scaleUs, references: references.filter((one) => one.barUs <= scaleUs) };
}

/** References together, as a subquery: the middle of their closes, and their whole range. */
export const consensus = (references: readonly Series[], scaleUs: Micros): string =>
  `(SELECT k, median(c) AS c, max(h) AS h, min(l) AS l FROM
    (${references.map((one) => `SELECT * FROM ${resampled(one, scaleUs)}`).join(' UNION ALL ')}) GROUP BY k)`;

/**
 * Whether a disagreement is this series' fault: more than half of those that can see it disagree. Of two
 * series alone nobody can say, so the one that comes later is named, once.
 */
export function blamed(o: {
  patient: Patient;
  disagreeing: readonly Series[];
  seeing: readonly Series[];
}): boolean {
  const { disagreeing, seeing, patient } = o;
  if (disagreeing.length === 0) return false;
  if (seeing.length > 1) return 2 * disagreeing.length > seeing.length;
  return patient.all.indexOf(patient.series) > patient.all.indexOf(disagreeing[0]!);
}

/** Said where only one other series is there to compare with. */
export const eitherOf = (seeing: readonly Series[]): string =>
  seeing.length === 1 ? ' (one of the two: there is no third to ask)' : '';
