/** The report of a sweep in a real browser: nothing asked of a network, no complaint, readable at 400 pixels. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { atBothWidths, noBrowser } from '../support/browser.ts';
import { cascade } from '../support/cli.ts';
import { tinyScenario } from '../support/tinyScenario.ts';
import { tinySweep } from '../support/tinySweep.ts';

test('a sweep opens anywhere, at 1200 and 400 pixels', { skip: noBrowser }, async (t) => {
  const tiny = await tinyScenario(t);
  const { exit, err } = await cascade(...tinySweep(tiny, 'out'), '--workers', '1');
  assert.equal(exit, 0, err);
  const file = join(tiny.folder, 'out', 'small', 'report.html');
  await atBothWidths(file, async (page) => {
    const pictures = `[...document.querySelectorAll('figure[data-chart]')]
      .map((figure) => [figure.dataset.chart, [...figure.querySelectorAll('svg')]
        .filter((svg) => svg.getBoundingClientRect().width > 200).length])`;
    const shown = await page.evaluate<[string, number][]>(pictures);
    assert.ok(shown.length >= 3, `front, map and drivers: ${shown.map(([name]) => name).join()}`);
    for (const [name, count] of shown) assert.equal(count, 1, `${name} shows one of its pictures`);
  });
});
