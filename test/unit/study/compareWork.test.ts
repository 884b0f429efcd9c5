/** The counters of shared work count what is done, not what should be. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { framesOpened } from '../../../src/load/loadFrames.ts';
import { CENTRAL } from '../../../src/study/compare/draws.ts';
import { runJob } from '../../../src/study/compare/job.ts';
import { jobsOf, worldsOf } from '../../../src/study/compare/jobs.ts';
import type { DrawFacts } from '../../../src/report/compare/model.ts';
import { readScenario } from '../../../src/study/scenario.ts';
import { Tape } from '../../../src/study/tape.ts';
import { tinyScenario } from '../../support/tinyScenario.ts';

const drawOf = (number: number, ...overrides: string[]) => ({
  number,
  cell: CENTRAL.name,
  seed: '7',
  overrides,
});

const jobIn = (scenario: string, folder: string) => ({
  scenario,
  read: { overrides: [], dataDir: folder },
  dataDir: folder,
  cacheDir: join(folder, 'cache'),
  candidates: [{ name: 'full', overrides: ['rules.reduction={kind: full}'] }],
  entry: 'keep' as const,
  feedback: true,
});

test('a pass opens its frames once, however many worlds it has', async (t) => {
  const { scenario, folder } = await tinyScenario(t);
  const { work } = await runJob({
    ...jobIn(scenario, folder),
    draws: [drawOf(0, 'assumptions.fills.impact*=2'), drawOf(1, 'assumptions.fills.impact*=3')],
  });
  assert.deepEqual([work.worlds, work.framesOpened, work.populationsDrawn], [6, 1, 1]);
});

test('draws that differ in reaction alone share their worlds without feedback, and find what each finds alone', async (t) => {
  const { scenario, folder } = await tinyScenario(t);
  const job = jobIn(scenario, folder);
  const draws = [0.4, 0.95].map((pass, i) => drawOf(i, `assumptions.feedback.passThrough=${pass}`));
  const together = await runJob({ ...job, draws });
  assert.equal(together.work.worlds, 4); // baseline, one without feedback, two with
  assert.equal(worldsOf({ ...job, draws }), 4); // known beforehand
  const apart = await Promise.all(draws.map((draw) => runJob({ ...job, draws: [draw] })));
  assert.deepEqual(
    together.draws,
    apart.flatMap((done) => done.draws),
  );
});

test('jobs hold eighteen worlds, one seed, and every draw once', () => {
  const candidates = ['a', 'b', 'c', 'd'].map((name) => ({ name, overrides: [] }));
  const base = { ...jobIn('', ''), candidates };
  const cell = (name: string, number: number, pass: number, seed: string) => ({
    ...drawOf(number, `assumptions.feedback.passThrough=${pass}`),
    cell: name,
    seed,
  });
  // four candidates: 1 + 4 worlds without feedback and 4 for each of three reactions are 17
  const draws = [0.4, 0.75, 0.95].flatMap((pass) => [
    cell(`cell ${pass}`, 0, pass, 's/0'),
    cell(`cell ${pass}`, 1, pass, 's/1'),
  ]);
  const seeds = (list: readonly DrawFacts[]) => list.map((d) => `${d.seed} ${d.cell}`);
  const packed = jobsOf(draws, base).map((job) => seeds(job.draws));
  assert.deepEqual(packed, [
    ['s/0 cell 0.4', 's/0 cell 0.75', 's/0 cell 0.95'],
    ['s/1 cell 0.4', 's/1 cell 0.75', 's/1 cell 0.95'],
  ]);
  // central draws stand alone: nine worlds each, two to a job
  const central = [0, 1, 2].map((i) => ({ ...drawOf(i, `assumptions.fills.impact*=${i + 1}`), seed: 's/0' }));
  assert.deepEqual(
    jobsOf(central, base).map((job) => job.draws.map((d) => d.number)),
    [[0, 1], [2]],
  );
  // seven candidates: 1 + 7 worlds without feedback and 7 for each of three reactions are 29, and stay together;
  // apart they were three times 1 + 2 * 7
  const seven = { ...base, candidates: [...'abcdefg'].map((name) => ({ name, overrides: [] })) };
  const jobs = jobsOf(draws, seven);
  assert.deepEqual(
    jobs.map((job) => seeds(job.draws)),
    packed,
  );
  assert.deepEqual(jobs.map(worldsOf), [29, 29]);
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
