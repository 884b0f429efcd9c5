/** What drives the answer: how surely each headline difference follows what was drawn. */
import type { Chart } from '../charts/chart.ts';
import { type Drawn, details, figure, section, table } from '../components.ts';
import { decimals } from '../format.ts';
import { type Html, html } from '../html.ts';
import { tornadoChart } from '../sweep/charts.ts';
import type { CompareResult, Driver } from './model.ts';
import { shortName } from './words.ts';

/** Draws below which a rank correlation says little. */
const ENOUGH = 20;

const plain = (path: string): string => path.replace('assumptions.', '');

/** The figure that is drawn for a candidate: its first headline figure that moved and follows something. */
function shownOf(result: CompareResult, candidate: number): readonly Driver[] {
  const own = result.drivers.filter((d) => d.candidate === candidate);
  const first = result.metrics.find(
    (m) => m.headline && m.name !== 'efficiency' && own.some((d) => d.metric === m.name),
  );
  return own.filter((d) => d.metric === first?.name);
}

function caution(result: CompareResult, draws: number): string {
  const populations = new Set(result.draws.filter((d) => d.cell === 'central').map((d) => d.seed)).size;
  const made = `${draws} draws of ${populations} population${populations === 1 ? '' : 's'}`;
  const few = `: fewer than ${ENOUGH}, so a correlation of 0.4 is often chance`;
  return `${made}${draws < ENOUGH ? few : ''}. What a population has (population.*) changes only from one to the next.`;
}

/** A chart for each candidate whose headline follows something. */
export const driverCharts = (result: CompareResult): Chart[] =>
  result.candidates.flatMap((c, k) => {
    const shown = shownOf(result, k);
    if (shown.length === 0) return [];
    const metric = result.metrics.find((m) => m.name === shown[0]!.metric)!;
    const chart = tornadoChart({
      id: `tornado-${k}`,
      figure: `${metric.title.toLowerCase()} under ${shortName(c.name)}`,
      bars: shown.map(({ path, correlation }) => ({ name: plain(path), correlation })),
      note:
        "Spearman's rank correlation of the paired difference, with feedback, with what was drawn: 1 rises surely " +
        `with it, -1 falls surely, near 0 neither. ${caution(result, shown[0]!.draws)}`,
    });
    return [chart];
  });

/** Charts, and every correlation as a table. */
export function driversSection(result: CompareResult, charts: readonly Drawn[]): Html {
  if (charts.length === 0)
    return section('drivers', 'What drives the answer', '', html`<p>Too few draws, or nothing moved.</p>`);
  const paths = [...new Set(result.drivers.map((d) => d.path))];
  const rows = result.candidates.flatMap((c, k) =>
    result.metrics.flatMap((m) => {
      const own = result.drivers.filter((d) => d.candidate === k && d.metric === m.name);
      if (own.length === 0) return [];
      const of = (path: string): string => {
        const found = own.find((d) => d.path === path);
        return found === undefined ? '\u2013' : decimals(found.correlation, 2);
      };
      return [[m.title, shortName(c.name), ...paths.map(of)]];
    }),
  );
  return section(
    'drivers',
    'What drives the answer',
    'Which of the assumptions that nobody published decide how large the difference is.',
    html`${charts.map((chart) => figure(chart))}${details(
      'All headline figures',
      table({
        caption: 'Rank correlation of the difference with each assumption',
        head: ['Figure', 'Candidate', ...paths.map(plain)],
        numbers: paths.map((_, i) => i + 2),
        rows,
      }),
    )}`,
  );
}
