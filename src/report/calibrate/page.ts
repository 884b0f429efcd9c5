/**
 * The page of a calibration: one file without scripts that opens anywhere and asks no network for anything, made
 * from the result alone; the same bytes for the same result.
 */
import { MINUTE_US } from '../../basics/instant.ts';
import { exp } from '../../basics/maths.ts';
import { type Chart, drawn, NARROW, WIDE } from '../charts/chart.ts';
import { figure, section, table } from '../components.ts';
import { amount, count, formatWindow, percent, timeText } from '../format.ts';
import { pageHead } from '../head.ts';
import { type Html, html, jsonBlock } from '../html.ts';
import { parameterChart, targetChart } from './charts.ts';
import type { CalibrationResult, CalibrationTarget, Quantiles } from './model.ts';
import { timesText, titleOf } from './words.ts';

const show = async (chart: Chart): Promise<Html> =>
  figure({ chart, wide: await drawn(chart, WIDE), narrow: await drawn(chart, NARROW) });

/** The report of a calibration as the text of one HTML file. */
export async function renderCalibration(result: CalibrationResult): Promise<string> {
  const unknown = result.parameters.filter(({ identified }) => !identified);
  return html`${pageHead({ title: `${result.title}, calibrated`, code: result.code })}
<header><p class="eyebrow">cascade-replay \u00b7 calibration <code>${result.id}</code></p>
<h1>${result.title}: fitted to published figures</h1>
<p class="lead">Rules ${result.rules}, ${formatWindow(result.fromUs, result.untilUs)} UTC.</p>
<ul class="badges"><li>${count(result.draws)} draws</li><li>${count(result.kept)} kept</li>${unknown.map(
    ({ title }) => html`<li class="warn">${title}: NOT IDENTIFIED</li>`,
  )}</ul></header>
<main id="main">
${section(
  'parameters',
  'What was learned',
  '',
  html`${await show(parameterChart(result))}${parameterTable(result)}`,
)}
${section(
  'targets',
  'How well it fits',
  fitText(result),
  html`${await show(targetChart(result))}${targetTables(result)}`,
)}
${limitsSection(result)}</main>
<footer><p>Made by cascade-replay ${result.code} from calibration <code>${result.id}</code>. The same result gives the
same page, byte by byte.</p></footer>
${jsonBlock('result', { id: result.id, parameters: result.parameters, targets: result.targets })}
</body>
</html>
`.text;
}

const three = (x: number): string => String(Number(x.toPrecision(3)));
const quantiles = ({ low, median, high }: Quantiles): string[] => [low, median, high].map(three);

const parameterTable = ({ parameters }: CalibrationResult): Html =>
  table({
    caption: 'Prior beside posterior: 5, 50 and 95 % quantiles',
    head: [
      'Parameter',
      'Drawn from',
      '5 %',
      '50 %',
      '95 %',
      'kept 5 %',
      'kept 50 %',
      'kept 95 %',
      'Shrinkage',
      '',
    ],
    rows: parameters.map((p) => [
      p.title,
      p.law,
      ...quantiles(p.prior),
      ...quantiles(p.posterior),
      percent(p.shrinkage, 0),
      p.identified ? 'identified' : 'NOT IDENTIFIED',
    ]),
    numbers: [2, 3, 4, 5, 6, 7, 8],
  });

function fitText({ fitUntilUs, loss: { best, last, median } }: CalibrationResult): string {
  const until =
    fitUntilUs === null
      ? 'All figures were fitted'
      : `Fitted to figures that end by ${timeText(fitUntilUs, MINUTE_US)} UTC, checked on the others`;
  const [least, most, half] = [best, last, median].map((loss) => loss.toFixed(2));
  return `${until}. Loss of the nearest draw ${least}, of the last one kept ${most}, median of all ${half}.`;
}

function targetTables({ targets }: CalibrationResult): Html {
  const of = (role: CalibrationTarget['role'], caption: string): Html => {
    const own = targets.filter((t) => t.role === role);
    return own.length === 0
      ? html``
      : table({
          caption,
          head: [
            'Figure',
            'Published',
            'Tolerance',
            'All draws',
            'Kept: 5 %',
            '50 %',
            '95 %',
            '50 % over published',
            'Source',
          ],
          rows: own.map((t) => [
            html`${titleOf(t)}<br><small>${formatWindow(t.fromUs, t.untilUs)}, ${t.unit}</small>`,
            amount(t.observed),
            `x ${exp(t.sigmaLn).toFixed(1)}`,
            amount(t.before.median),
            ...[t.predicted.low, t.predicted.median, t.predicted.high].map(amount),
            timesText(t),
            html`<small>${[...t.sources, ...t.notes, `tolerance ${t.tolerance}`].join('; ')}</small>`,
          ]),
          numbers: [1, 2, 3, 4, 5, 6],
        });
  };
  return html`${of('fit', 'In sample')}${of('check', 'Out of sample, or not fitted')}`;
}

const limitsSection = ({ caveats, leftOut, overrides }: CalibrationResult): Html =>
  section(
    'limits',
    'Limits',
    '',
    html`<ul>${caveats.map((text) => html`<li>${text}</li>`)}
${leftOut.map(({ figure: name, reason }) => html`<li>Left out: ${name} (${reason}).</li>`)}
${overrides.map((text) => html`<li>In every draw: <code>${text}</code></li>`)}</ul>`,
  );
