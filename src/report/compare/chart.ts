/**
 * The one picture of a comparison: for each headline metric and candidate the median paired
 * difference with its 5 to 95 % band, with feedback and, hollow beside it, without. Each metric has
 * a scale of its own: differences over the largest of its row, so that only signs and overlaps count.
 */
import { type Chart, type Row, STILL } from '../charts/chart.ts';
import { bandText } from './figureText.ts';
import { shortName } from './words.ts';
import type { Band, CompareResult, MetricDefinition } from './model.ts';

const COLORS = ['var(--w1)', 'var(--w2)', 'var(--w3)', 'var(--w4)', 'var(--c4)', 'var(--c5)'];

/** Colour of a candidate. */
export const colorOf = (candidate: number): string => COLORS[candidate % COLORS.length]!;

const ROW_PX = 15;

/** Metrics that the picture shows: headline figures that any candidate changed. */
const shownMetrics = (result: CompareResult): MetricDefinition[] =>
  result.metrics.filter(
    (m) =>
      m.headline &&
      result.findings.some((f) => f.metric === m.name && (f.feedback.sign !== 0 || f.accounting.sign !== 0)),
  );

function rowsOf(result: CompareResult, metrics: readonly MetricDefinition[]): Row[] {
  let place = 0;
  return metrics.flatMap((metric) => {
    const own = result.findings.filter((f) => f.metric === metric.name);
    const size = Math.max(
      ...own.flatMap(({ feedback, accounting }) =>
        [feedback, accounting].flatMap((b) => [Math.abs(b.low), Math.abs(b.high), Math.abs(b.median)]),
      ),
    );
    const of = (candidate: number, band: Band, twin: string): Row => ({
      y: place++,
      metric: metric.title,
      twin,
      color: colorOf(candidate),
      low: size > 0 ? band.low / size : 0,
      high: size > 0 ? band.high / size : 0,
      median: size > 0 ? band.median / size : 0,
      text: bandText(band, metric, result.asset),
    });
    const rows = own.flatMap((f) => [
      of(f.candidate, f.feedback, 'feedback'),
      of(f.candidate, f.accounting, 'accounting'),
    ]);
    place += 2; // room for the next metric's title
    return rows;
  });
}

/** Titles of the metrics, each above its rows. */
const titlesOf = (metrics: readonly MetricDefinition[], rows: readonly Row[]): Row[] =>
  metrics.map((metric) => {
    const own = rows.filter((r) => r.metric === metric.title);
    const side = metric.better === 'lower' ? ' (left is better)' : ' (right is better)';
    const first = Math.min(...own.map((r) => Number(r.y)));
    return { y: first - 1.15, title: `${metric.title}${metric.better === '' ? '' : side}` };
  });

function layersOf(last: number): object[] {
  const plain = { type: 'quantitative', axis: null };
  const y = { ...plain, field: 'y', scale: { domain: [-1.9, last + 0.6], reverse: true, nice: false } };
  const x = (field: string): object => ({ ...plain, field, scale: { domain: [-1.15, 1.15], nice: false } });
  const color = { field: 'color', type: 'nominal', scale: null };
  const own = { test: "datum.twin === 'feedback'", field: 'color', scale: null };
  return [
    {
      data: { name: 'zero' },
      mark: { type: 'rule', color: 'var(--rule)' },
      encoding: { x: x('v') },
    },
    {
      data: { name: 'rows' },
      mark: { type: 'rule', strokeWidth: 2.5, opacity: 0.65 },
      encoding: { x: x('low'), x2: { field: 'high' }, y, color },
    },
    {
      data: { name: 'rows' },
      mark: { type: 'point', size: 42, strokeWidth: 1.6, opacity: 1 },
      encoding: { x: x('median'), y, color, fill: { condition: own, value: 'var(--card)' } },
    },
    {
      data: { name: 'titles' },
      mark: { type: 'text', align: 'left', baseline: 'middle', x: 2, fill: 'var(--muted)' },
      encoding: { y, text: { field: 'title', type: 'nominal' } },
    },
  ];
}

/** The picture in sentences. */
const altOf = (result: CompareResult, metrics: readonly MetricDefinition[]): string =>
  result.candidates
    .map((c, k) => {
      const said = metrics.flatMap((m) => {
        const f = result.findings.find((g) => g.candidate === k && g.metric === m.name);
        return f === undefined ? [] : [`${m.title} ${bandText(f.feedback, m, result.asset)}`];
      });
      return `${c.name}: ${said.join('; ')}`;
    })
    .join('. ');

/** The picture; null where nothing differs. */
export function differencesChart(result: CompareResult): Chart | null {
  const metrics = shownMetrics(result);
  if (metrics.length === 0) return null;
  const rows = rowsOf(result, metrics);
  const last = Math.max(...rows.map((r) => Number(r.y)));
  return {
    ...STILL,
    id: 'differences',
    title: 'What each candidate changes, against the same draw of the baseline',
    alt: altOf(result, metrics),
    unit: '',
    key: result.candidates.map((c, k) => ({
      color: colorOf(k),
      label: shortName(c.name),
      shape: 'dot' as const,
    })),
    note:
      'Point: median of the paired differences; line: 5 to 95 % of draws. Full: with feedback; hollow: the ' +
      'same rules without feedback. Each metric has its own scale around zero; the numbers stand in the table.',
    rows: { rows, titles: titlesOf(metrics, rows), zero: [{ v: 0 }] },
    layers: layersOf(last),
    height: Math.round((last + 2) * ROW_PX + 20),
  };
}
