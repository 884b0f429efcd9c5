/** When a cascade would have fed itself: the branching ratio of the baseline and the candidates over time. */
import { type Chart, fittedY, levelLayer, lineLayers, type Series } from '../charts/chart.ts';
import { colorOf } from './chart.ts';
import type { CompareResult } from './model.ts';
import { shortName } from './words.ts';

/** From here on sizes mean nothing. */
const GATE = 0.9;
const BASELINE = 'var(--muted)';

/** The chart; null where nobody could be liquidated within a per cent of the mark. */
export function branchingChart(result: CompareResult): Chart | null {
  const { branching, candidates, fromUs, untilUs } = result;
  const most = Math.max(0, ...branching.flatMap(({ points }) => points.map(({ ratio }) => ratio)));
  if (most === 0) return null;
  const series = branching.map(
    ({ candidate, points }): Series => ({
      color: candidate < 0 ? BASELINE : colorOf(candidate),
      width: candidate < 0 ? 2.5 : 1.3,
      points: points.flatMap(({ startUs, ratio }, i) => {
        const endUs = points[i + 1]?.startUs ?? untilUs;
        return [startUs, endUs].map((tsUs) => ({ tsUs, value: ratio }));
      }),
    }),
  );
  return {
    id: 'branching',
    title: 'Lots that a liquidated lot brings down, over time',
    alt: `Lines of the branching ratio of ${result.market} over time, of the baseline and each candidate with feedback.`,
    unit: '-',
    key: [
      { color: BASELINE, label: result.baseline.rules, shape: 'line' },
      ...candidates.map((c, k) => ({ color: colorOf(k), label: shortName(c.name), shape: 'line' as const })),
      { color: 'var(--rule)', label: `${GATE}: from here on sizes mean nothing`, shape: 'dash' },
    ],
    note:
      'Largest ratio of each five minutes, medians over the central draws, candidates with feedback. Every draw is in the ' +
      'table branching; the worst of all draws and cells, on which the verdict hangs, is below.',
    series,
    rows: { levels: [{ v: GATE }] },
    time: { fromUs, untilUs },
    layers: [levelLayer('var(--rule)'), ...lineLayers(series, fittedY('Branching ratio', '.1f'))],
    height: 200,
    fitted: true,
    alsoFit: [0, GATE],
  };
}
