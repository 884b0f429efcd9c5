/** Sections of one market: prices, divergence, liquidations by side, positions before and after, ADL. */
import { type Cell, details, figure, section, table } from '../components.ts';
import { distributionChart } from '../charts/distribution.ts';
import { divergenceChart } from '../charts/divergence.ts';
import { ladderChart } from '../charts/ladder.ts';
import { liquidationsChart } from '../charts/liquidations.ts';
import { pricesChart } from '../charts/prices.ts';
import { amount, amountOf, count, percent, priceText, spanText, timeText } from '../format.ts';
import { type Html, html } from '../html.ts';
import type { MarketLabel } from '../manifest.ts';
import type { Point } from '../m4.ts';
import * as queries from '../queries.ts';
import * as series from '../series.ts';
import type { MarkPath } from '../words.ts';
import { hazardFigure } from './hazard.ts';
import type { Draw, Scope } from './scope.ts';

const CHART_COLUMNS = 3600;

/** Columns a chart may have in time so that the page of a run with several markets stays small. */
const columnsFor = (scope: Scope): number =>
  Math.max(300, Math.floor(CHART_COLUMNS / 2 / scope.manifest.markets.length));

export interface MarketSections {
  readonly path: MarkPath | null;
  readonly prices: Html;
  readonly divergence: Html;
  readonly liquidations: Html;
  readonly distributions: Html;
}

/** Sections of one market: prices, liquidations, auto-deleveraging. */
export async function marketSections(
  scope: Scope,
  market: MarketLabel,
  place: number,
  draw: Draw,
): Promise<MarketSections> {
  const { source, manifest, time } = scope;
  const where = { world: manifest.mainWorld, market: market.id };
  const columns = { ...time, columns: columnsFor(scope) };
  const mark = await series.beatSeries(source, where, 'mark', columns);
  const path = markPath(market.id, mark);
  if (path === null)
    return { path: null, prices: html``, divergence: html``, liquidations: html``, distributions: html`` };
  const waves = await series.waves(source, where, manifest.beatUs);
  const prices = await draw(
    pricesChart({
      id: `prices-${place}`,
      market: market.id,
      quote: market.quote,
      last: await series.beatSeries(source, where, 'last', columns),
      mark,
      index: await series.beatSeries(source, where, '"index"', columns),
      fills: await series.forcedFills(source, where, Math.ceil((time.untilUs - time.fromUs) / 500)),
      title: `${market.id}: mark between ${priceText(path.low)} and ${priceText(path.high)} ${market.quote}`,
      time,
    }),
  );
  return {
    path,
    prices: figure(prices),
    divergence: await divergence(scope, market, place, waves, draw),
    liquidations: await liquidations(scope, market, place, draw),
    distributions: await distributions(scope, market, place, path, draw),
  };
}

function markPath(market: string, mark: readonly Point[]): MarkPath | null {
  const first = mark[0];
  if (first === undefined) return null;
  const low = mark.reduce((a, b) => (b.value < a.value ? b : a));
  const high = mark.reduce((a, b) => (b.value > a.value ? b : a));
  return {
    market,
    first: first.value,
    last: mark.at(-1)!.value,
    low: low.value,
    lowUs: low.tsUs,
    high: high.value,
    highUs: high.tsUs,
  };
}

async function divergence(
  scope: Scope,
  market: MarketLabel,
  place: number,
  waves: readonly series.Wave[],
  draw: Draw,
): Promise<Html> {
  const { source, manifest, time } = scope;
  const where = { world: manifest.mainWorld, market: market.id };
  const columns = { ...time, columns: Math.floor(columnsFor(scope) / 2) };
  const apart = await series.timeApart(source, where, manifest.beatUs);
  const drawn = await draw(
    divergenceChart({
      id: `divergence-${place}`,
      market: market.id,
      lastMark: await series.beatSeries(
        source,
        where,
        'CASE WHEN mark > 0 THEN (last / mark - 1) * 100 END',
        columns,
      ),
      markIndex: await series.beatSeries(
        source,
        where,
        'CASE WHEN "index" > 0 THEN (mark / "index" - 1) * 100 END',
        columns,
      ),
      waves,
      title:
        `${market.id}: last more than ${series.APART * 100} % from mark for ` +
        `${spanText(apart.lastMark)}, mark from index for ${spanText(apart.markIndex)}`,
      time,
    }),
  );
  return figure(
    drawn,
    waves.length === 0
      ? html`<p class="note">No forced order, so no wave.</p>`
      : html`${waveWords(waves)}${waveTable(scope, market.id, waves)}`,
  );
}

/**
 * Whether the last price left the mark before the first forced order: a sign that leads, or one that
 * follows.
 */
function waveWords(waves: readonly series.Wave[]): Html {
  const led = waves.filter((w) => w.apartUs !== null && w.apartUs < w.firstUs).length;
  const word = waves.length === 1 ? 'wave' : 'waves';
  const rest = led === waves.length ? '' : ' Otherwise the distance came with the orders or not at all.';
  return html`<p>In <b>${led} of ${waves.length}</b> ${word} of forced orders the last price was already more
    than
    ${series.APART * 100} % from the mark in the hour before the first order.${rest}</p>`;
}

function waveTable(scope: Scope, market: string, waves: readonly series.Wave[]): Html {
  const at = (us: number): string => timeText(us, scope.manifest.resolutionUs);
  return table({
    caption:
      `${market}: time more than ${series.APART * 100} % apart, before (since the wave before it ` +
      `ended) and during each wave of forced orders. A gap of more than ${spanText(series.WAVE_GAP_US)} ` +
      `ends a wave; the eight with most orders.`,
    head: [
      'First order',
      'Last order',
      'Orders',
      'Last / mark before',
      'during',
      'Mark / index before',
      'during',
      'First apart',
    ],
    rows: waves.map((w) => [
      at(w.firstUs),
      at(w.lastUs),
      count(w.orders),
      spanText(w.lastBefore),
      spanText(w.lastDuring),
      spanText(w.indexBefore),
      spanText(w.indexDuring),
      firstApart(w, scope.manifest.resolutionUs),
    ]),
    numbers: [2, 3, 4, 5, 6, 7],
  });
}

/** When last and mark first stood apart, against the first order; no finer than the data. */
function firstApart(w: series.Wave, resolutionUs: number): string {
  if (w.apartUs === null) return 'never';
  const apart = Math.abs(w.firstUs - w.apartUs);
  if (apart < resolutionUs) return `within ${spanText(resolutionUs)}`;
  return `${spanText(apart)} ${w.apartUs < w.firstUs ? 'before' : 'after'}`;
}

async function liquidations(scope: Scope, market: MarketLabel, place: number, draw: Draw): Promise<Html> {
  const { source, manifest, time } = scope;
  const widthUs = series.barUs(manifest);
  const bars = await series.liquidationBars(
    source,
    { world: manifest.mainWorld, market: market.id },
    widthUs,
  );
  if (bars.length === 0) return html`<p><b>${market.id}:</b> nobody was liquidated.</p>`;
  const totals = (['long', 'short'] as const).map((side) =>
    bars.filter((b) => b.side === side).reduce((sum, b) => sum + b.value, 0),
  );
  const rangeOf = (side: string): boolean => {
    const m = scope.figures.find('liquidatedNotional', market.id, side);
    return m !== null && scope.figures.isRange(m);
  };
  const more = totals[0]! >= totals[1]! ? 'longs' : 'shorts';
  const drawn = await draw(
    liquidationsChart({
      id: `liquidations-${place}`,
      market: market.id,
      unit: market.settle,
      bars,
      widthUs,
      title: `${market.id}: mostly ${more} were closed by force`,
      time,
    }),
  );
  const pathDependent = rangeOf('long') || rangeOf('short');
  const rows: Cell[][] = bars.map((b) => [
    timeText(b.ts, Math.max(widthUs, manifest.resolutionUs)),
    b.side,
    count(b.accounts),
    amountOf(b.value, market.settle),
  ]);
  return figure(
    drawn,
    html`${pathDependent ? pathNote(scope) : ''}${details(
      'Numbers behind this chart',
      table({
        caption: `${onePath(scope)}${market.id}: forced closes in spans of ${spanText(widthUs)}`,
        head: ['Time, UTC', 'Side', 'Accounts', 'Value closed'],
        rows,
        numbers: [2, 3],
      }),
    )}`,
  );
}

/** Said under a chart whose total is only a range: the chart is one path of several. */
export const pathNote = (scope: Scope): Html =>
  html`<p class="note"><span class="tag">PATH-DEPENDENT</span> One path of several (seed
    ${scope.manifest.seed}): its shape is an example, its
  total is only known as the range in <a href="#sensitivity">the reruns</a>.</p>`;

/** Begins the caption of a table of amounts that are one path of several. */
export const onePath = (scope: Scope): string =>
  scope.figures.anyRange()
    ? `PATH-DEPENDENT, one path of several (seed ${scope.manifest.seed}), no result: `
    : '';

async function distributions(
  scope: Scope,
  market: MarketLabel,
  place: number,
  path: MarkPath,
  draw: Draw,
): Promise<Html> {
  const { source, manifest } = scope;
  const where = { world: manifest.mainWorld, market: market.id };
  const ratios = await series.marginRatios(source, where);
  const prices = await series.liquidationPrices(source, where, path.first);
  if (ratios.length === 0) return html`<p><b>${market.id}:</b> no positions were stored.</p>`;
  const held = (when: string): number =>
    ratios.filter((b) => b.when === when).reduce((sum, b) => sum + b.value, 0);
  const gone = 1 - held('after') / held('before');
  const ratio = await draw(
    distributionChart({
      id: `ratios-${place}`,
      title: `${market.id}: ${
        Number.isFinite(gone)
          ? `${percent(Math.abs(gone), 0)} of the positions ` +
            `by entry value ${gone >= 0 ? 'are gone' : 'were added'}`
          : 'margin before and after'
      }`,
      alt: `Histogram of the margin ratio of positions in ${market.id} before and after the run, by side.`,
      axis: 'Margin ratio (maintenance margin / equity), a factor of ten a step; 1 is liquidation',
      format: '~g',
      log: true,
      unit: market.settle,
      bins: ratios,
      at: [{ value: 1, label: 'liquidation', align: 'right' }],
      note: 'Equity of zero or less and ratios above 1 stand in the last bar, below 0.001 in the first.',
    }),
  );
  if (prices.length === 0) return figure(ratio);
  const liquidation = await draw(
    distributionChart({
      id: `trigger-${place}`,
      title: `${market.id}: where positions would be liquidated, before and after`,
      alt: `Histogram of liquidation prices of positions in ${market.id} before and after the run, by side.`,
      axis: `Liquidation price, ${market.quote}`,
      format: ',~f',
      unit: market.settle,
      bins: prices,
      at: [{ value: path.low, label: 'lowest mark', align: 'left' }],
      note:
        'Longs below the line are liquidated when the mark falls to their price, shorts above it ' +
        'when it rises. Prices beyond 0.4 to 1.6 times the first mark are not drawn.',
    }),
  );
  return html`${figure(ratio)}${figure(liquidation)}${await hazardFigure(scope, market, { place, path }, draw)}`;
}

/** The ADL ladder of all markets, or how near it came. */
export async function adlSection(scope: Scope, draw: Draw): Promise<Html> {
  const { source, manifest, figures } = scope;
  const ladder = await queries.adlLadder(source, manifest.mainWorld);
  const requests = await queries.adlRequests(source, manifest.mainWorld);
  if (ladder.length === 0) {
    return section(
      'adl',
      'Auto-deleveraging',
      '',
      html`<p>No winner was deleveraged.
        ${
          requests.requests === 0
            ? 'Nothing asked for it.'
            : `It was asked for ` + `${count(requests.requests)} times.`
        }</p>`,
    );
  }
  const parts: Html[] = [];
  for (const [place, market] of manifest.markets.entries()) {
    const rows = ladder.filter((r) => r.market === market.id);
    if (rows.length === 0) continue;
    const front =
      rows.filter((r) => r.lights === 5).reduce((sum, r) => sum + r.qty, 0) /
      rows.reduce((sum, r) => sum + r.qty, 0);
    parts.push(
      figure(
        await draw(
          ladderChart({
            id: `ladder-${place}`,
            market: market.id,
            unit: market.qtyUnit,
            rows,
            title: `${market.id}: ${percent(front, 0)} of what was closed stood at the front of the queue`,
          }),
        ),
      ),
    );
    const money = figures.find('adlNotional', market.id);
    if (money !== null && figures.isRange(money)) parts.push(pathNote(scope));
  }
  parts.push(adlTable(scope, await queries.adlTop(source, manifest.mainWorld)));
  const rest =
    requests.uncovered === 0
      ? 'All were covered.'
      : `${count(requests.uncovered)} of them found too few winners.`;
  return section(
    'adl',
    'Auto-deleveraging',
    `${count(requests.requests)} positions asked for winners to be closed. ${rest}`,
    html`${parts}`,
  );
}

function adlTable(scope: Scope, rows: readonly queries.AdlTopRow[]): Html {
  const settle = (market: string): string =>
    scope.manifest.markets.find((m) => m.id === market)?.settle ?? '';
  return table({
    caption:
      onePath(scope) +
      'Winners who gave up most: the fifteen largest closes. Given up is what the close would have ' +
      'earned at mark.',
    head: [
      'Account',
      'Market',
      'Side',
      'Time, UTC',
      'Quantity',
      'Price',
      'Mark',
      'Rank',
      'Lights',
      'Given up',
      'For',
    ],
    rows: rows.map((r) => [
      r.account,
      r.market,
      r.side,
      timeText(r.tsUs, scope.manifest.resolutionUs),
      amount(r.qty),
      priceText(r.price),
      priceText(r.mark),
      count(r.rank),
      count(r.lights),
      amountOf(r.givenUp, settle(r.market)),
      r.loser,
    ]),
    numbers: [4, 5, 6, 7, 8, 9],
  });
}
