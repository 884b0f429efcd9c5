/** The counters of shared work count what is done, not what should be. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { framesOpened } from '../../../src/load/loadFrames.ts';
import { CENTRAL } from '../../../src/study/compare/draws.ts';
import { runJob } from '../../../src/study/compare/job.ts';
import { readScenario } from '../../../src/study/scenario.ts';
import { Tape } from '../../../src/study/tape.ts';
import { tinyScenario } from '../../support/tinyScenario.ts';

test('a pass opens its frames once, however many worlds it has', async (t) => {
  const { scenario, folder } = await tinyScenario(t);
  const draw = (number: number) => ({ number, cell: CENTRAL.name, seed: '7', overrides: [] });
  const { work } = await runJob({
    scenario,
    read: { overrides: [], dataDir: folder },
    dataDir: folder,
    cacheDir: join(folder, 'cache'),
    candidates: [{ name: 'full', overrides: ['rules.reduction={kind: full}'] }],
    entry: 'keep',
    feedback: true,
    draws: [draw(0), draw(1)],
  });
  assert.deepEqual([work.worlds, work.framesOpened, work.populationsDrawn], [6, 1, 1]);
});

test('opening counts each time, from sources and from the cache', async (t) => {
  const { scenario: file, folder } = await tinyScenario(t);
  const scenario = await readScenario(file, { dataDir: folder });
  const open = async (cacheDir: string): Promise<number> => {
    const before = framesOpened();
    const { timing } = scenario.assumptions;
    await Tape.load(scenario, { dataDir: folder, cacheDir, timing, tapeSeed: '7' });
    return framesOpened() - before;
  };
  const cache = join(folder, 'cache');
  assert.deepEqual([await open(''), await open(cache), await open(cache)], [1, 1, 1]);
});
