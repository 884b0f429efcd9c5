/** The report of a comparison in a real browser: nothing asked of a network, readable at 400 pixels, no scripts. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { compareScenario } from '../../src/study/compare/compare.ts';
import { atBothWidths, noBrowser } from '../support/browser.ts';
import { TINY, tinyScenario } from '../support/tinyScenario.ts';

const LONG =
  'rules.markets.*.tiers.*.maintenanceRate*=1.5, rules.markets.*.clearanceFee=[{rate: 0.0033333333333}]';

test('a comparison opens anywhere, at 1200 and 400 pixels', { skip: noBrowser }, async (t) => {
  const tiny = await tinyScenario(t, TINY.replace('BTCUSDT: 100 }', 'BTCUSDT: 2000 }'));
  const { reportPath } = await compareScenario({
    scenario: tiny.scenario,
    candidates: [LONG, 'rules.reduction={kind: full}'],
    overrides: [],
    draws: 8,
    cellDraws: 0,
    full: false,
    halfBeat: false,
    entry: 'remove',
    dataDir: tiny.folder,
    outDir: tiny.out,
    cacheDir: join(tiny.folder, 'cache'),
    workers: 0,
    onProgress: () => {},
    clock: () => 0,
    onEstimate: () => {},
  });
  await atBothWidths(reportPath, async (page) => {
    const drawn = `[...document.querySelectorAll('figure[data-chart] svg')]
      .filter((svg) => svg.getBoundingClientRect().width > 200).length`;
    const figures = "document.querySelectorAll('figure[data-chart]').length";
    const all = (await page.evaluate(figures)) as number;
    assert.equal(await page.evaluate(drawn), all, 'one of the two pictures of each shows');
    const ids = "[...document.querySelectorAll('figure[data-chart]')].map((f) => f.dataset.chart)";
    const names = ['differences', 'tornado-0', 'tornado-1', 'hazard', 'branching'];
    assert.deepEqual(await page.evaluate(ids), names);
  });
});
