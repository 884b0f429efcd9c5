/** Worlds beside each other over time: the mark, what was liquidated so far, the fund. */
import { sqlText } from '../../basics/duckdb.ts';
import { figure, section } from '../components.ts';
import { worldsChart } from '../charts/worlds.ts';
import { type Html, html } from '../html.ts';
import { m4Sql, type Point } from '../m4.ts';
import * as series from '../series.ts';
import type { Draw, Scope } from './scope.ts';

const COLUMNS = 440;

type Lines = Parameters<typeof worldsChart>[0];

/** Section: the worlds of the run side by side. */
export async function worldsSection(scope: Scope, draw: Draw): Promise<Html> {
  const { manifest, source } = scope;
  if (manifest.worlds.length < 2) return html``;
  const parts: Html[] = [];
  const add = async (chart: Omit<Lines, 'time'>): Promise<void> => {
    parts.push(figure(await draw(worldsChart({ ...chart, time: scope.time }))));
  };
  for (const [place, market] of manifest.markets.entries()) {
    await add({
      id: `world-mark-${place}`,
      title: `${market.id}: how far the mark moves from that of ${manifest.worlds[0]!.label}`,
      axis: 'Distance of the mark, %',
      unit: '%',
      format: '.2f',
      lines: (await ofWorlds(scope, (world) => markApart(scope, world, market.id))).slice(1),
      firstPlace: 1,
    });
    await add({
      id: `world-closed-${place}`,
      title: `${market.id}: closed by force so far`,
      axis: `Value closed, ${market.settle}`,
      unit: market.settle,
      format: '~s',
      lines: await ofWorlds(scope, (world) => closedSoFar(scope, world, market.id)),
    });
  }
  for (const [place, { fund, asset }] of (await series.funds(source)).entries()) {
    await add({
      id: `world-fund-${place}`,
      title: `${fund}: the fund in each world`,
      axis: `Cash and open positions, ${asset}`,
      unit: asset,
      format: '~s',
      lines: await ofWorlds(scope, (world) => fundOf(scope, world, fund)),
    });
  }
  return section(
    'worlds',
    'Worlds beside each other',
    'The same frames, the same accounts, the same seed: only what the world\u2019s name says differs.',
    html`${parts}`,
  );
}

const fundOf = (scope: Scope, world: number, fund: string): Promise<Point[]> =>
  series.fundSeries(scope.source, { world, fund }, 'cash + inventory_pnl', {
    ...scope.time,
    columns: COLUMNS,
  });

/** Mark of a world against that of the first world, percent. */
async function markApart(scope: Scope, world: number, market: string): Promise<Point[]> {
  const rows = `SELECT w.ts_us, (w.mark / b.mark - 1) * 100 AS v FROM beat_prices w
    JOIN beat_prices b ON b.ts_us = w.ts_us AND b.market = w.market AND b.world =
      ${scope.manifest.worlds[0]!.index} AND b.mark > 0
    WHERE w.world = ${world} AND w.market = ${sqlText(market)}`;
  const found = await scope.source.rows<{ ts: number; v: number }>(
    ['beats'],
    m4Sql(rows, { ...scope.time, columns: COLUMNS }),
  );
  return found.map((p) => ({ tsUs: p.ts, value: p.v }));
}

async function ofWorlds(
  scope: Scope,
  points: (world: number) => Promise<Point[]>,
): Promise<{ label: string; points: Point[] }[]> {
  const lines: { label: string; points: Point[] }[] = [];
  for (const w of scope.manifest.worlds) lines.push({ label: w.label, points: await points(w.index) });
  return lines;
}

/** Running total of the value of forced closes, from 0 to the end of the window. */
async function closedSoFar(scope: Scope, world: number, market: string): Promise<Point[]> {
  const { time, source } = scope;
  const rows = await source.rows<{ ts: number; v: number }>(
    ['fills'],
    `SELECT ts_us::DOUBLE AS ts, sum(sum(value)) OVER (ORDER BY ts_us)::DOUBLE AS v FROM fills
     WHERE world = ${world} AND market = ${sqlText(market)} AND ${series.FORCED} GROUP BY ts_us ORDER BY
       ts_us`,
  );
  const points = rows.flatMap((r, i): Point[] => [
    { tsUs: r.ts, value: i === 0 ? 0 : rows[i - 1]!.v },
    { tsUs: r.ts, value: r.v },
  ]);
  const thin = points.filter((_, i) => points.length < 2000 || i % Math.ceil(points.length / 2000) === 0);
  return [{ tsUs: time.fromUs, value: 0 }, ...thin, { tsUs: time.untilUs, value: rows.at(-1)?.v ?? 0 }];
}
