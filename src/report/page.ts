/**
 * The page: one file that opens anywhere, asks no network for anything (its own policy forbids it),
 * reads without scripts, and is the same bytes for the same results.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Chart, compiled, drawn, NARROW, WIDE } from './charts/chart.ts';
import { pack } from './charts/pack.ts';
import { CLIENT } from './client.ts';
import type { Drawn } from './components.ts';
import { Figures } from './figures.ts';
import { formatWindow, listed, spanText } from './format.ts';
import { pageHead } from './head.ts';
import { type Html, html, jsonBlock, trusted } from './html.ts';
import type { Manifest } from './manifest.ts';
import * as queries from './queries.ts';
import { trackedSection } from './sections/accounts.ts';
import { cashSection } from './sections/cash.ts';
import { fundSection } from './sections/fund.ts';
import { adlSection, type MarketSections, marketSections } from './sections/market.ts';
import { limitsSection, provenanceSection } from './sections/provenance.ts';
import { reconciliationSection } from './sections/reconciliation.ts';
import type { Draw, Scope } from './sections/scope.ts';
import { sensitivitySection } from './sections/sensitivity.ts';
import { isUnverified, statementsSection, summarySection } from './sections/summary.ts';
import { worldsSection } from './sections/worlds.ts';
import { section } from './components.ts';
import * as series from './series.ts';

const POLICY =
  "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src " +
  "data:; base-uri 'none'; form-action 'none'";

/**
 * The report of a finished run as the text of one HTML file, from its stored results alone.
 *
 * @param runFolder  folder with results.duckdb and run.json; nothing is written into it
 * @returns          HTML, the same bytes for the same results
 * @throws ReplayError RESULT_STORE when the folder holds no result
 */
export async function renderReport(runFolder: string): Promise<string> {
  return queries.withResults(runFolder, async (source) => {
    const { manifest } = source;
    const ensemble = await queries.ensemble(source);
    const figures = new Figures(await queries.metrics(source), ensemble, manifest.mainWorld);
    const scope: Scope = {
      source,
      manifest,
      figures,
      time: { fromUs: manifest.fromUs, untilUs: manifest.untilUs },
    };
    const charts: Chart[] = [];
    const draw: Draw = async (chart) => {
      charts.push(chart);
      return { chart, wide: await drawn(chart, WIDE), narrow: await drawn(chart, NARROW) } satisfies Drawn;
    };
    const body = await sections(scope, ensemble, draw);
    return document(manifest, body, figures, charts);
  });
}

/** The page's sections in reading order; the first four are the first screen. */
async function sections(scope: Scope, ensemble: readonly queries.EnsembleRow[], draw: Draw): Promise<Html[]> {
  const { source, manifest } = scope;
  const markets: MarketSections[] = [];
  for (const [place, market] of manifest.markets.entries())
    markets.push(await marketSections(scope, market, place, draw));
  const paths = markets.flatMap((m) => (m.path === null ? [] : [m.path]));
  const funds = (await series.funds(source)).map((f) => f.fund);
  return [
    summarySection(scope, paths, funds),
    reconciliationSection(scope, await queries.reconciliation(source)),
    statementsSection(scope),
    await worldsSection(scope, draw),
    section(
      'prices',
      'Prices',
      'Last trade, mark, index, and where forced orders were filled.',
      html`${markets.map((m) => m.prices)}`,
    ),
    section(
      'divergence',
      'Divergence',
      'Whether the last price left the mark before the forced orders or with them.',
      html`${markets.map((m) => m.divergence)}`,
    ),
    section('liquidations', 'Liquidations by side', '', html`${markets.map((m) => m.liquidations)}`),
    await fundSection(scope, draw),
    await cashSection(scope, draw),
    section(
      'positions',
      'Positions before and after',
      'How much margin positions had, and at which mark they would be liquidated.',
      html`${markets.map((m) => m.distributions)}`,
    ),
    await adlSection(scope, draw),
    sensitivitySection(scope, ensemble),
    trackedSection(scope, await queries.tracked(source, manifest.mainWorld)),
    await provenanceSection(scope),
    limitsSection(),
  ].filter((part) => part.text !== '');
}

const NAV: readonly (readonly [string, string])[] = [
  ['summary', 'What happened'],
  ['reconciliation', 'Against published'],
  ['basis', 'Basis'],
  ['worlds', 'Worlds'],
  ['prices', 'Prices'],
  ['divergence', 'Divergence'],
  ['liquidations', 'Liquidations'],
  ['fund', 'Fund'],
  ['cash', 'Who paid'],
  ['positions', 'Positions'],
  ['adl', 'ADL'],
  ['sensitivity', 'Reruns'],
  ['tracked', 'Tracked'],
  ['provenance', 'Data'],
  ['limits', 'Limits'],
];

function document(
  manifest: Manifest,
  body: readonly Html[],
  figures: Figures,
  charts: readonly Chart[],
): string {
  const present = NAV.filter(([id]) => body.some((part) => part.text.startsWith(`<section id="${id}"`)));
  return html`${pageHead({ title: manifest.title, code: manifest.codeVersion, policy: POLICY })}
${header(manifest)}
<nav aria-label="Sections"><ul>${present.map(
    ([id, title]) => html`<li><a
  href="#${id}">${title}</a></li>`,
  )}</ul></nav>
<main id="main">
${body}</main>
<footer><p>Made by cascade-replay ${manifest.codeVersion} from the stored results of run
  <code>${manifest.runId}</code>. The same results give the same page, byte by byte; <code>cascade
    verify</code> recomputes its figures.</p></footer>
${jsonBlock('figures', figures.saidSoFar())}
${jsonBlock('charts', Object.fromEntries(charts.map((c) => [c.id, shipped(c, manifest.beatUs)])))}
<script>${trusted(vegaBundle())}</script>
<script>${trusted(CLIENT)}</script>
</body>
</html>
`.text;
}

function header(manifest: Manifest): Html {
  const badges: readonly (readonly [string, boolean])[] = [
    ...(manifest.reconstructed ? [['Data reconstructed', true] as const] : []),
    ...(manifest.accountingOnly ? [['Accounting only', true] as const] : []),
    ...(isUnverified(manifest) ? [['Rules unverified', true] as const] : []),
    [`${manifest.worlds.length} ${manifest.worlds.length === 1 ? 'world' : 'worlds'}`, false],
    [`times to ${spanText(manifest.resolutionUs)}`, false],
    ['UTC', false],
  ];
  return html`<header><p class="eyebrow">cascade-replay \u00b7 run <code>${manifest.runId}</code></p>
<h1>${manifest.title}</h1>
<p class="lead">${listed(manifest.markets.map((m) => m.id))},
  ${formatWindow(manifest.fromUs, manifest.untilUs)} UTC, replayed every ${spanText(manifest.beatUs)}.</p>
<ul class="badges">${badges.map(
    ([label, warn]) =>
      html`<li${
        warn
          ? html`
  class="warn"`
          : ''
      }>${label}</li>`,
  )}</ul></header>`;
}

/** What the script needs of a chart: the specification without data, and the data packed. */
function shipped(chart: Chart, beatUs: number): object {
  return {
    spec: compiled(chart, WIDE),
    packed: chart.series.map((s, place) => pack(s, place, beatUs)),
    rows: chart.rows,
    time: chart.time === null ? null : [chart.time.fromUs / 1000, chart.time.untilUs / 1000],
    fitted: chart.fitted,
    alt: chart.alt,
  };
}

/** Vega as it is published, with its licence; neither holds `</script`. */
function vegaBundle(): string {
  const read = (name: string): string =>
    readFileSync(fileURLToPath(new URL(name, import.meta.resolve('vega'))), 'utf8');
  const licence = read('../LICENSE').replaceAll('*/', '* /');
  return `/*! Vega\n${licence}*/\n${read('./vega.min.js').replace(/\n\/\/# sourceMappingURL=.*$/s, '')}`;
}
