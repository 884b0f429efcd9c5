/**
 * The page of a comparison: one file without scripts that opens anywhere and asks no network for
 * anything, made from the result alone; the same bytes for the same result.
 */
import { type Chart, drawn, NARROW, WIDE } from '../charts/chart.ts';
import type { Drawn } from '../components.ts';
import { formatWindow, spanText } from '../format.ts';
import { pageHead } from '../head.ts';
import { html, jsonBlock } from '../html.ts';
import { branchingChart } from './branching.ts';
import { differencesChart } from './chart.ts';
import { driverCharts, driversSection } from './drivers.ts';
import { hazardSection, profileChart } from './hazard.ts';
import type { CompareResult } from './model.ts';
import {
  answerSection,
  basisSection,
  entrySection,
  limitsSection,
  stabilitySection,
  tableSection,
} from './sections.ts';
import { isSame } from './words.ts';

/** Room between the cards of the first screen, and below them. */
const APART = '#answer .card + .card, #answer .card + .note { margin-top: .8rem; }';

const NAV: readonly (readonly [string, string])[] = [
  ['answer', 'Answer'],
  ['figures', 'Figures'],
  ['drivers', 'Drivers'],
  ['hazard', 'Hazard'],
  ['stability', 'Stability'],
  ['entry', 'Accounts at the start'],
  ['basis', 'Basis'],
  ['limits', 'Limits'],
];

const both = async (chart: Chart): Promise<Drawn> => ({
  chart,
  wide: await drawn(chart, WIDE),
  narrow: await drawn(chart, NARROW),
});

/** The report of a comparison as the text of one HTML file. */
export async function renderCompare(result: CompareResult): Promise<string> {
  const chart = differencesChart(result);
  const picture = chart === null ? null : await both(chart);
  const tornados: Drawn[] = [];
  for (const tornado of driverCharts(result)) tornados.push(await both(tornado));
  const profile = profileChart(result);
  const hazard = hazardSection(profile === null ? null : await both(profile));
  const ratio = branchingChart(result);
  const stability = stabilitySection(result, ratio === null ? null : await both(ratio));
  const headline = result.metrics.filter((m) => m.headline).map((m) => m.name);
  const labels = [
    ...new Set(result.findings.flatMap((f) => (headline.includes(f.metric) && !isSame(f) ? [f.label] : []))),
  ];
  return html`${pageHead({ title: `${result.title}, rules compared`, code: result.code, style: APART })}
<header><p class="eyebrow">cascade-replay \u00b7 comparison <code>${result.id}</code></p>
<h1>${result.title}: other rules beside ${result.baseline.rules}</h1>
<p class="lead">${result.market}, ${formatWindow(result.fromUs, result.untilUs)} UTC, replayed every
${spanText(result.beatUs)}.</p>
<ul class="badges">${labels.map((label) => html`<li class="warn">${label}</li>`)}<li>${String(
    result.draws.length,
  )} draws</li><li>${String(result.cells.length)} of 37 cells</li><li>UTC</li></ul></header>
<nav aria-label="Sections"><ul>${NAV.map(([id, title]) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
<main id="main">
${answerSection(result, picture)}${tableSection(result)}${driversSection(result, tornados)}${hazard}
${stability}${entrySection(result)}
${basisSection(result)}${limitsSection(result)}</main>
<footer><p>Made by cascade-replay ${result.code} from comparison <code>${result.id}</code>. The same result gives
the same page, byte by byte.</p></footer>
${jsonBlock('result', { id: result.id, findings: result.findings, stability: result.stability })}
</body>
</html>
`.text;
}
