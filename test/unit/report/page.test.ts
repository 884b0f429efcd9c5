/**
 * The whole page from a made-up run: same bytes, nothing from a network, nothing runs that is only a
 * name.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openDuckDb, rowsOf } from '../../../src/basics/duckdb.ts';
import { renderReport } from '../../../src/report/page.ts';
import { figureKey, type MetricRow } from '../../../src/results/runTables.ts';
import { type Fixture, reportFixture } from '../../support/reportFixture.ts';

const HOSTILE = '</script><img src=x onerror=alert(1)>\'"&$&';
let fixture: Fixture;
let hostile: Fixture;
let page: string;

before(async () => {
  fixture = await reportFixture({ beats: 5760 });
  hostile = await reportFixture({
    beats: 5760,
    worlds: 3,
    market: `M${HOSTILE}`,
    account: HOSTILE,
    fund: `F${HOSTILE}`,
    title: HOSTILE,
  });
  page = await renderReport(fixture.folder);
});
after(() => {
  fixture?.remove();
  hostile?.remove();
});

const block = (text: string, id: string): Record<string, unknown> => {
  const m = new RegExp(`<script type="application/json" id="${id}">(.*?)</script>`, 's').exec(text);
  assert.ok(m !== null, `there is a block ${id}`);
  return JSON.parse(m[1]!) as Record<string, unknown>;
};

test('the same results give the same bytes', async () => {
  assert.equal(await renderReport(fixture.folder), page);
});

test('the page forbids and needs no network', () => {
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!.replaceAll('&#39;', "'");
  assert.equal(policy.split('; ')[0], "default-src 'none'");
  assert.doesNotMatch(policy, /https?:|\*|'self'/);
  const markup = page.replace(/<script[\s\S]*?<\/script>/g, '');
  assert.doesNotMatch(markup, /(?:src|href)="(?!#|data:,)/);
  assert.ok(page.indexOf('Content-Security-Policy') < page.indexOf('<style>'), 'the policy comes first');
});

test('every figure of the first screen is in the metrics as stored', async () => {
  const instance = await openDuckDb({ path: join(fixture.folder, 'results.duckdb'), readOnly: true });
  const connection = await instance.connect();
  const rows = await rowsOf<MetricRow>(
    connection,
    'SELECT world, name, market, side, bucket, value, unit FROM metrics',
  );
  connection.closeSync();
  instance.closeSync();
  const stored = new Map(rows.map((m) => [figureKey({ ...m, world: Number(m.world) }), m.value]));
  const figures = block(page, 'figures');
  assert.ok(Object.keys(figures).length >= 12);
  for (const [key, value] of Object.entries(figures)) assert.equal(value, stored.get(key), key);
});

test('every chart is there twice as a picture, once as data, and no id occurs twice', () => {
  const charts = Object.keys(block(page, 'charts'));
  assert.deepEqual(charts, [
    'prices-0',
    'divergence-0',
    'liquidations-0',
    'ratios-0',
    'trigger-0',
    'fund-0',
    'health-0',
    'flows-0',
    'cash-0',
    'ladder-0',
  ]);
  for (const id of charts) {
    const figure = page.slice(
      page.indexOf(`data-chart="${id}"`),
      page.indexOf('</figure>', page.indexOf(`data-chart="${id}"`)),
    );
    assert.equal(figure.match(/<svg /g)?.length, 2, id);
    assert.ok((figure.match(/<path /g)?.length ?? 0) > 4, `${id} has marks`);
    assert.doesNotMatch(figure, /NaN|undefined|Infinity/);
  }
  const ids = [...page.replace(/<script[\s\S]*?<\/script>/g, '').matchAll(/ id="([^"]+)"/g)].map(
    (m) => m[1]!,
  );
  assert.equal(new Set(ids).size, ids.length);
});

test('what the data are and what the run is stand on the page', () => {
  const text = page.replace(/\s+/g, ' ');
  for (const said of [
    'Data are reconstructed',
    'PATH-DEPENDENT',
    'Longs liquidated',
    'takeover = {&quot;when&quot;:&quot;atOnce&quot;}',
    'Sum over all parties: exactly <b>0 XBT</b>',
    'balance that the venue recorded',
    'What this cannot say',
  ]) {
    assert.ok(text.includes(said), said);
  }
  assert.doesNotMatch(page.replace(/<script[\s\S]*?<\/script>/g, ''), /undefined|\[object|NaN/);
  // a day of a figure whose whole run is only a range has no number of its own either
  assert.match(text, /<small>whole run:<\/small> <span class="range"><b>\u22129,100/);
  assert.doesNotMatch(page, /3,006/);
  // 900 XBT is the fund's change in this run; the reruns change its sign, so it is nowhere a number
  assert.doesNotMatch(page, /class="num"[^>]*>900\u00a0XBT/);
});

test('times are printed to the minute, the bar of the coarsest stream', () => {
  const text = page.replace(/<(script|style|svg|details)[\s\S]*?<\/\1>/g, '');
  assert.match(text, /\d\d:\d\d/);
  assert.doesNotMatch(text, /\d\d:\d\d:\d\d/);
});

test('hostile names stay text', async () => {
  const text = await renderReport(hostile.folder);
  assert.doesNotMatch(text, /<img/);
  const opened = text.match(/<script[ >]/g)?.length;
  assert.equal(opened, text.match(/<\/script>/g)?.length);
  assert.equal(opened, 4);
  assert.ok(Object.keys(block(text, 'figures')).some((key) => key.includes(HOSTILE)));
  assert.ok(text.includes('with feedback') && text.includes('without feedback'));
});

test('a quiet run still has a page', async () => {
  const quiet = await reportFixture({ beats: 600, quiet: true, reruns: false });
  try {
    const text = await renderReport(quiet.folder);
    for (const said of [
      'nobody was liquidated',
      'No winner was deleveraged',
      'Nothing was rerun',
      'names no published figure',
    ]) {
      assert.ok(text.includes(said), said);
    }
  } finally {
    quiet.remove();
  }
});

test('a folder without results is refused by name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cascade-report-'));
  try {
    await assert.rejects(renderReport(folder), { code: 'RESULT_STORE' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
