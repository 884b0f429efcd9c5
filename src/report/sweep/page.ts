/**
 * The page of a sweep: one file without scripts that opens anywhere and asks no network for anything, made
 * from the result alone; the same bytes for the same result.
 */
import { type Chart, drawn, NARROW, WIDE } from '../charts/chart.ts';
import type { MetricDefinition } from '../compare/model.ts';
import { figure, section, table } from '../components.ts';
import { amount, count, formatWindow, percent } from '../format.ts';
import { pageHead } from '../head.ts';
import { type Html, html, jsonBlock } from '../html.ts';
import { heatChart, paretoChart, tornadoChart } from './charts.ts';
import type { SweepPointFacts, SweepReport } from './model.ts';
import { binned, median, type Objective, paretoFront, rankCorrelation } from './stats.ts';

const ROWS_MAX = 200;
/** Points of one kind that a picture shows. */
const DRAWN_MAX = 1000;

const AT_THE_START: Readonly<Record<SweepReport['t0'], string>> = {
  keep: "All accounts stand at the start as they were drawn, also those that a point's rules would not admit.",
  remove:
    "Accounts that the scenario's rules or a point's would liquidate at the first mark are taken out of that point.",
  topUp:
    "Accounts that the scenario's rules or a point's would liquidate at the first mark are topped up in that point.",
};

/** What the page is about: the first figure of each kind that the sweep moves. */
interface Subject {
  readonly loss: MetricDefinition;
  readonly cost: MetricDefinition;
  readonly efficiency: MetricDefinition;
  readonly front: ReadonlySet<number>;
}

/** The report of a sweep as the text of one HTML file. */
export async function renderSweep(report: SweepReport): Promise<string> {
  const subject = subjectOf(report);
  const show = async (chart: Chart | null): Promise<Html> =>
    chart === null
      ? html``
      : figure({ chart, wide: await drawn(chart, WIDE), narrow: await drawn(chart, NARROW) });
  const numeric = report.parameters.filter((path) => valuesOf(report, path).every(Number.isFinite));
  const bars = numeric.flatMap((name) => {
    const correlation = correlationOf(report, name, subject.loss.name);
    return correlation === null ? [] : [{ name, correlation }];
  });
  return html`${pageHead(report)}
<header><p class="eyebrow">cascade-replay \u00b7 sweep <code>${report.id}</code></p>
<h1>${report.title}</h1>
<p class="lead">${report.scenario}, rules ${report.rules}, ${formatWindow(report.fromUs, report.untilUs)} UTC.</p>
<ul class="badges"><li>${count(report.worlds)} worlds</li><li>${count(report.seeds.length)} seeds</li>
<li>${report.feedback ? 'prices react' : 'prices do not react'}</li></ul></header>
<main id="main">
${frontSection(report, subject, await show(paretoOf(report, subject)))}
${section('heat', 'Two parameters', '', await show(heatOf(report, subject, bars)))}
${section(
  'tornado',
  'What drives the answer',
  '',
  html`${await show(bars.length === 0 ? null : tornadoChart({ bars, figure: subject.loss.title }))}
${correlationTable(report, numeric)}`,
)}
${pointsSection(report, subject)}
${basisSection(report)}</main>
<footer><p>Made by cascade-replay ${report.code} from sweep <code>${report.id}</code>. The same result gives the same
page, byte by byte.</p></footer>
${jsonBlock('front', [...subject.front])}
</body>
</html>
`.text;
}

function subjectOf(report: SweepReport): Subject {
  const of = (name: string): MetricDefinition => report.metrics.find((m) => m.name === name)!;
  const moves = (name: string): boolean =>
    new Set(report.points.map((p) => p.figures[name] ?? null)).size > 1;
  const pick = (names: readonly string[]): MetricDefinition => of(names.find(moves) ?? names[0]!);
  const loss = pick(['shortfall', 'badDebt', 'adlNotional', 'fundOutflow', 'liquidatedNotional']);
  const cost = pick(['traderCost', 'unnecessary']);
  const efficiency = of('efficiency');
  const objectives: Objective[] = [
    { name: loss.name, better: 'lower' },
    { name: cost.name, better: 'lower' },
    { name: efficiency.name, better: 'higher' },
  ];
  const known = report.points.some((p) => p.figures[efficiency.name] !== null)
    ? objectives
    : objectives.slice(0, 2);
  return {
    loss,
    cost,
    efficiency,
    front: new Set(
      paretoFront(
        report.points.map((p) => p.figures),
        known,
      ),
    ),
  };
}

const settingOf = (point: SweepPointFacts, path: string): string =>
  point.settings.find((s) => s.path === path)?.value ?? '';
const valuesOf = (report: SweepReport, path: string): number[] =>
  report.points.map((p) => (settingOf(p, path) === '' ? Number.NaN : Number(settingOf(p, path))));

function correlationOf(report: SweepReport, path: string, metric: string): number | null {
  const values = valuesOf(report, path);
  const pairs = report.points.flatMap((p, i): [number, number][] => {
    const found = p.figures[metric] ?? null;
    return found === null ? [] : [[values[i]!, found]];
  });
  return rankCorrelation(
    pairs.map(([a]) => a),
    pairs.map(([, b]) => b),
  );
}

/** A figure with its unit, as a table or a sentence shows it. */
function said(report: SweepReport, metric: MetricDefinition, point: SweepPointFacts): string {
  const value = point.figures[metric.name] ?? null;
  if (value === null) return '\u2013';
  if (metric.unit === 'share') return percent(value, 2);
  return metric.unit === 'money' ? `${amount(value)} ${report.asset}` : amount(value);
}

const settingsText = (point: SweepPointFacts): string =>
  point.settings.length === 0
    ? 'the scenario itself'
    : point.settings.map(({ path, value }) => `${path}=${value}`).join(', ');

function frontSection(report: SweepReport, subject: Subject, picture: Html): Html {
  const { loss, cost, efficiency, front } = subject;
  const own = report.points.filter((_, i) => front.has(i));
  const least = (metric: MetricDefinition): SweepPointFacts | undefined =>
    [...own].sort((a, b) => (a.figures[metric.name] ?? Infinity) - (b.figures[metric.name] ?? Infinity))[0];
  const sentence = (metric: MetricDefinition): Html => {
    const point = least(metric);
    return point === undefined
      ? html``
      : html`<p>Least ${metric.title.toLowerCase()}: ${said(report, metric, point)}, with ${settingsText(point)}
(${efficiency.title.toLowerCase()} ${said(report, efficiency, point)}).</p>`;
  };
  return section(
    'front',
    'Who is in front',
    '',
    html`<div class="words"><p>${count(front.size)} of ${count(report.points.length)} points are beaten by no other in
${loss.title.toLowerCase()}, ${cost.title.toLowerCase()} and ${efficiency.title.toLowerCase()} together.</p>
${sentence(loss)}${sentence(cost)}</div>${picture}`,
  );
}

function paretoOf(report: SweepReport, { loss, cost, efficiency, front }: Subject): Chart | null {
  const points = report.points.flatMap((p, i) => {
    const [x, y] = [p.figures[loss.name] ?? null, p.figures[cost.name] ?? null];
    return x === null || y === null
      ? []
      : [{ x, y, z: p.figures[efficiency.name] ?? null, front: front.has(i) }];
  });
  const axis = (m: MetricDefinition) => ({
    name: m.name,
    title: m.unit === 'money' ? `${m.title}, ${report.asset}` : m.title,
  });
  if (points.length < 2) return null;
  const shown = [...drawnOf(points.filter((p) => p.front)), ...drawnOf(points.filter((p) => !p.front))];
  return paretoChart({ points: shown, x: axis(loss), y: axis(cost), z: axis(efficiency) });
}

/** At most DRAWN_MAX of a list, evenly. */
function drawnOf<T>(list: readonly T[]): T[] {
  const every = Math.ceil(list.length / DRAWN_MAX);
  return list.filter((_, i) => i % every === 0);
}

function heatOf(
  report: SweepReport,
  { loss }: Subject,
  bars: readonly { readonly name: string; readonly correlation: number }[],
): Chart | null {
  const strongest = [...bars]
    .sort((a, b) => Math.abs(b.correlation) - Math.abs(a.correlation))
    .map((b) => b.name);
  const [first, second] = [...new Set([...strongest, ...report.parameters])];
  if (first === undefined || second === undefined) return null;
  const [x, y] = [first, second].map((path) => binned(report.points.map((p) => settingOf(p, path)))) as [
    ReturnType<typeof binned>,
    ReturnType<typeof binned>,
  ];
  const cells = x.labels.flatMap((xLabel, i) =>
    y.labels.map((yLabel, j) => {
      const inside = report.points.filter((_, k) => x.bins[k] === i && y.bins[k] === j);
      return { x: xLabel, y: yLabel, value: median(inside.map((p) => p.figures[loss.name] ?? null)) };
    }),
  );
  const axis = (name: string, labels: readonly string[]) => ({ name, title: name, labels });
  return heatChart({
    cells,
    x: axis(first, x.labels),
    y: axis(second, y.labels),
    figure: loss.unit === 'money' ? `${loss.title}, ${report.asset},` : loss.title,
  });
}

function correlationTable(report: SweepReport, numeric: readonly string[]): Html {
  const headline = report.metrics.filter((m) => m.headline);
  if (numeric.length === 0) return html`<p>No parameter of this sweep is a number.</p>`;
  return table({
    caption: 'Rank correlation of parameters and figures',
    head: ['Parameter', ...headline.map((m) => m.title)],
    rows: numeric.map((path) => [
      html`<code>${path}</code>`,
      ...headline.map((m) => correlationOf(report, path, m.name)?.toFixed(2) ?? '\u2013'),
    ]),
    numbers: headline.map((_, i) => i + 1),
  });
}

function pointsSection(report: SweepReport, { front }: Subject): Html {
  const headline = report.metrics.filter((m) => m.headline);
  const order = report.points
    .map((_, i) => i)
    .sort((a, b) => Number(front.has(b)) - Number(front.has(a)) || a - b);
  const shown = order.slice(0, ROWS_MAX);
  const left = report.points.length - shown.length;
  return section(
    'points',
    'Points',
    `Medians over ${count(report.seeds.length)} seeds; those in front first.` +
      (left > 0 ? ` ${count(left)} more are in the tables.` : ''),
    table({
      caption: 'Points and their headline figures',
      head: ['Point', 'In front', 'Settings', ...headline.map((m) => m.title)],
      rows: shown.map((i) => [
        String(report.points[i]!.point),
        front.has(i) ? 'yes' : '',
        html`<small>${settingsText(report.points[i]!)}</small>`,
        ...headline.map((m) => said(report, m, report.points[i]!)),
      ]),
      numbers: [0, ...headline.map((_, i) => i + 3)],
    }),
  );
}

function basisSection(report: SweepReport): Html {
  const work = Object.entries(report.work).map(([name, n]) => [name, count(n)]);
  return section(
    'basis',
    'Basis',
    '',
    html`<ul>${report.fixed.map((text) => html`<li>In every world: <code>${text}</code></li>`)}
<li>${AT_THE_START[report.t0]}</li>
<li>A band over seeds is not a verdict: <code>cascade compare</code> gives those.</li>
${report.caveats.map((text) => html`<li>${text}</li>`)}</ul>
${table({ caption: 'Work that worlds shared', head: ['What', 'Times'], rows: work, numbers: [1] })}
${table({
  caption: 'Figures',
  head: ['Figure', 'Unit', 'Better', 'Definition'],
  rows: report.metrics.map((m) => [m.title, m.unit === 'money' ? report.asset : m.unit, m.better, m.formula]),
})}`,
  );
}
