/**
 * The report in a real browser: everything drawn, nothing asked of a network, readable at 400 pixels
 * and without scripts.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { renderReport } from '../../src/report/page.ts';
import { noBrowser, openBrowser } from '../support/browser.ts';
import { reportFixture } from '../support/reportFixture.ts';

const HOSTILE = '</script><img src=x onerror="window.broken=1"><svg onload=window.broken=1>';
const skip = noBrowser;
const folder = mkdtempSync(join(tmpdir(), 'cascade-browser-'));
const report = join(folder, 'report.html');
const hostile = join(folder, 'hostile.html');
let browser: Browser;

before(async () => {
  if (skip !== false) return;
  const full = await reportFixture({ worlds: 3 });
  const names = await reportFixture({
    beats: 2880,
    market: HOSTILE,
    account: HOSTILE,
    fund: HOSTILE,
    title: HOSTILE,
  });
  writeFileSync(report, await renderReport(full.folder));
  writeFileSync(hostile, await renderReport(names.folder));
  full.remove();
  names.remove();
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Opened {
  readonly page: Page;
  readonly complaints: string[];
  readonly requests: string[];
}

/** Opens a report; with scripts, waits until every chart is live. */
async function open(
  file: string,
  options: BrowserContextOptions,
  use: (opened: Opened) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  try {
    const page = await context.newPage();
    const opened: Opened = { page, complaints: [], requests: [] };
    page.on('console', (m) => opened.complaints.push(`${m.type()}: ${m.text()}`));
    page.on('pageerror', (e) => opened.complaints.push(e.message));
    page.on('request', (r) => opened.requests.push(r.url()));
    await page.goto(pathToFileURL(file).href);
    if (options.javaScriptEnabled !== false) {
      await page.waitForFunction('document.documentElement.dataset.charts !== undefined', null, {
        timeout: 60_000,
      });
    }
    await use(opened);
  } finally {
    await context.close();
  }
}

/**
 * Pictures on show, and those of them without a single drawn mark. Scripts for the page are texts:
 * they run there.
 */
const pictures = (page: Page): Promise<{ shown: number; empty: string[] }> =>
  page.evaluate(`(() => {
    const svgs = [...document.querySelectorAll('figure[data-chart] svg')]
      .filter((svg) => svg.getBoundingClientRect().width > 200);
    const marks = '.mark-rect path, .mark-line path, .mark-symbol path';
    const empty = svgs.filter((svg) => !svg.querySelector(marks));
    return { shown: svgs.length, empty: empty.map((svg) => svg.closest('figure').dataset.chart) };
  })()`);
const overflow = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
const part = (id: string, inside: string): string =>
  `document.querySelector('figure[data-chart="${id}"] ${inside}')`;

test('every chart is drawn, without a complaint and without a request', { skip }, async () => {
  await open(report, {}, async ({ page, complaints, requests }) => {
    const figures = await page.locator('figure[data-chart]').count();
    assert.equal(figures, 13);
    assert.equal(await page.evaluate('document.documentElement.dataset.charts'), String(figures));
    assert.deepEqual(await pictures(page), { shown: figures, empty: [] });
    assert.ok(statSync(report).size < 2_000_000);
    assert.deepEqual(complaints, []);
    assert.deepEqual(requests, [pathToFileURL(report).href]);
  });
});

test('the policy of the page forbids every request', { skip }, async () => {
  await open(report, {}, async ({ page, requests, complaints }) => {
    const failed = await page.evaluate("fetch('http://127.0.0.1:9/').then(() => false, () => true)");
    assert.ok(failed);
    assert.match(complaints.join(' '), /Content Security Policy/);
    assert.deepEqual(
      requests.filter((url) => url.startsWith('http')),
      [],
    );
  });
});

test('zooming by button, key and drag moves every time chart', { skip }, async () => {
  await open(report, {}, async ({ page }) => {
    const span = (id: string): Promise<string | null> =>
      page.locator(`figure[data-chart="${id}"] .tools span`).textContent();
    const whole = '12 Mar 00:00 to 14 Mar 00:00 UTC';
    assert.equal(await span('prices-0'), whole);
    const before = await page.locator('figure[data-chart="fund-0"] .live').innerHTML();
    await page.locator('figure[data-chart="prices-0"] button', { hasText: 'Zoom in' }).click();
    await page.waitForFunction(`${part('fund-0', '.tools span')}.textContent !== ${JSON.stringify(whole)}`);
    assert.equal(await span('fund-0'), '12 Mar 12:00 to 13 Mar 12:00 UTC');
    await page.waitForFunction(`${part('fund-0', '.live')}.innerHTML !== ${JSON.stringify(before)}`);
    await page.locator('figure[data-chart="prices-0"] .live').focus();
    await page.keyboard.press('0');
    await page.waitForFunction(`${part('prices-0', '.tools span')}.textContent === ${JSON.stringify(whole)}`);
    const box = (await page.locator('figure[data-chart="prices-0"] .live').boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.5, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 60, { steps: 4 });
    await page.mouse.up();
    await page.waitForFunction(`${part('prices-0', '.tools span')}.textContent !== ${JSON.stringify(whole)}`);
    assert.match((await span('prices-0'))!, /^12 Mar 23:|^13 Mar 0\d:/);
  });
});

test('at 400 pixels nothing scrolls sideways but tables by themselves', { skip }, async () => {
  for (const javaScriptEnabled of [true, false]) {
    await open(report, { viewport: { width: 400, height: 800 }, javaScriptEnabled }, async ({ page }) => {
      assert.equal(await overflow(page), 0);
      const { shown, empty } = await pictures(page);
      assert.deepEqual({ shown, empty }, { shown: 13, empty: [] });
    });
  }
});

test('without scripts the pictures, the words and the tables are there', { skip }, async () => {
  await open(report, { javaScriptEnabled: false }, async ({ page, complaints }) => {
    assert.deepEqual(await pictures(page), { shown: 13, empty: [] });
    assert.match(await page.locator('#summary').innerText(), /the engine liquidated/);
    assert.ok((await page.locator('#reconciliation tbody tr').count()) >= 9);
    assert.deepEqual(complaints, []);
  });
});

test('dark and light differ in ground and ink, and charts follow', { skip }, async () => {
  const seen: string[][] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await open(report, { colorScheme }, async ({ page, complaints }) => {
      seen.push(
        await page.evaluate<string[]>(`(() => {
          const line = document.querySelector('figure[data-chart="fund-0"] .live .mark-line path');
          const body = getComputedStyle(document.body);
          return [body.backgroundColor, body.color, getComputedStyle(line).stroke];
        })()`),
      );
      assert.deepEqual(complaints, []);
    });
  }
  for (const [i, light] of seen[0]!.entries()) assert.notEqual(light, seen[1]![i]);
});

test('by keyboard one reaches the skip link first, then tables and charts', { skip }, async () => {
  await open(report, {}, async ({ page }) => {
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate('document.activeElement.className'), 'skip');
    const unreachable = await page.evaluate(
      "[...document.querySelectorAll('.scroll, .live.zooms')].filter((e) => e.tabIndex !== 0).length",
    );
    assert.equal(unreachable, 0);
    const tables = await page.evaluate(
      "[...document.querySelectorAll('table')].filter((t) => !t.caption?.textContent).length",
    );
    assert.equal(tables, 0);
  });
});

test('on paper every picture and every list is there', { skip }, async () => {
  await open(report, {}, async ({ page }) => {
    await page.emulateMedia({ media: 'print' });
    assert.equal((await pictures(page)).shown, 13);
    assert.equal(await page.locator('nav').isVisible(), false);
    assert.ok((await page.pdf({ format: 'A4' })).length > 50_000);
  });
});

test('names made to break out do nothing', { skip }, async () => {
  await open(hostile, {}, async ({ page, complaints, requests }) => {
    assert.equal(await page.evaluate("'broken' in window"), false);
    assert.equal(await page.locator('img').count(), 0);
    assert.ok((await page.locator('h1').innerText()).startsWith('</script>'));
    assert.deepEqual((await pictures(page)).empty, []);
    assert.deepEqual(complaints, []);
    assert.equal(requests.length, 1);
    assert.equal(await overflow(page), 0);
  });
});
