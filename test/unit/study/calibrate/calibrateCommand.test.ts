/** `cascade calibrate` from the command line: it recovers a known truth, and refuses what it cannot fit. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sha256 } from '../../../../src/basics/digest.ts';
import type { CalibrationResult } from '../../../../src/report/calibrate/model.ts';
import { readEnsemble } from '../../../../src/study/calibrate/ensemble.ts';
import { runCalibrateJob } from '../../../../src/study/calibrate/job.ts';
import { cascade } from '../../../support/cli.ts';
import { TINY, type Tiny, tinyScenario } from '../../../support/tinyScenario.ts';

/** More accounts than TINY has, so that a total is no matter of single ones. */
const MANY = TINY.replace('accounts: 60', 'accounts: 2000');
const published = (rows: readonly string[]): string =>
  MANY.replace(
    'rules: binance',
    `  published:\n${rows.map((row) => `    - ${row}\n`).join('')}rules: binance`,
  );
const total = (value: number | string, more = ''): string =>
  `{ what: liquidatedTotal, market: BTCUSDT, value: ${value}, unit: USDT, source: made up${more} }`;

const asked = (tiny: Tiny, ...more: readonly string[]): string[] => [
  ...['calibrate', tiny.scenario, '--data', tiny.folder, '--out', tiny.out],
  ...['--cache', join(tiny.folder, 'cache'), '--workers', '1', ...more],
];
const folderOf = (tiny: Tiny): string => join(tiny.out, 'tiny+calibrate');
const A = 'assumptions.population.liquidatableShare';

/** What populations with a known share, drawn by other seeds, say of the only published figure: their median. */
async function truthOf(tiny: Tiny, share: number): Promise<number> {
  const draws = Array.from({ length: 15 }, (_, i) => ({ seed: `truth ${i}`, overrides: [`${A}=${share}`] }));
  const read = { dataDir: tiny.folder };
  const job = { scenario: tiny.scenario, read, dataDir: tiny.folder, cacheDir: '', figures: [0], draws };
  const totals = (await runCalibrateJob(job)).map(([value]) => value!).toSorted((x, y) => x - y);
  assert.ok(totals[0]! > 0);
  return totals[7]!;
}

test('a share that is known is found again; a total alone does not tell the weight of high leverage', async (t) => {
  const fund = '{ what: fundChange, value: 1, unit: USDT, source: made up }';
  const tiny = await tinyScenario(t, published([total(1), fund]));
  const truth = 0.3;
  writeFileSync(tiny.scenario, published([total((await truthOf(tiny, truth)).toFixed(2)), fund]));
  const { exit, out, err } = await cascade(...asked(tiny, '--draws', '96', '--keep', '24', '--json'));
  assert.equal(exit, 0, err);
  const result = JSON.parse(out) as CalibrationResult;
  const of = (path: string) => result.parameters.find((p) => p.path.endsWith(path))!;
  const share = of('liquidatableShare');
  assert.ok(share.posterior.low <= truth && truth <= share.posterior.high, JSON.stringify(share.posterior));
  assert.ok(share.identified, JSON.stringify(share));
  assert.equal(of('highLeverageShare').identified, false);
  const [target] = result.targets;
  assert.ok(target!.predicted.low < target!.observed && target!.observed < target!.predicted.high);
  assert.ok(result.caveats.some((c) => /NOT IDENTIFIED: Weight of high leverage/.test(c)));
  assert.ok(result.caveats.some((c) => /timing is not fitted/.test(c)));

  const { members } = readEnsemble(join(folderOf(tiny), 'ensemble.json'));
  assert.equal(members.length, 24);
  const losses = members.map(({ loss }) => loss);
  assert.deepEqual(
    losses,
    losses.toSorted((a, b) => a - b),
  );
  // the nearest member replayed by `run` has the total that draws.json says it predicted
  const [{ seed, overrides }] = members as [(typeof members)[number]];
  const flags = overrides.flatMap((text) => ['--override', text]);
  const alone = await cascade('run', ...tiny.flags, '--seed', seed, ...flags, '--json');
  assert.equal(alone.exit, 0, alone.err);
  const { figures } = JSON.parse(alone.out) as { figures: Record<string, string> };
  type Draw = { seed: string; predicted: number[]; kept: boolean };
  const draws = JSON.parse(readFileSync(join(folderOf(tiny), 'draws.json'), 'utf8')) as Draw[];
  const [predicted, fundChange] = draws.find((draw) => draw.seed === seed)!.predicted;
  assert.equal(predicted, Number(figures['0|liquidatedNotional|BTCUSDT|||USDT']));
  const funds = Object.entries(figures).filter(([name]) => name.startsWith('0|fundChange|'));
  assert.equal(fundChange, Number(funds[0]![1]));
  assert.ok(funds.length === 1 && fundChange !== 0);
  assert.equal(draws.filter(({ kept }) => kept).length, 24);
});

test('the same bytes on any number of workers, and words on the terminal', async (t) => {
  const tiny = await tinyScenario(t, published([total(20_000)]));
  const run = async (workers: string): Promise<string> => {
    const { exit, out, err } = await cascade(
      ...asked(tiny, '--draws', '12', '--keep', '3', '--workers', workers),
    );
    assert.equal(exit, 0, err);
    assert.match(out, /12 draws, the nearest 3 kept, all figures fitted/);
    assert.match(out, /Liquidatable share a \(log-uniform 0\.05 to 1\)/);
    assert.match(out, /ensemble: .*ensemble\.json/);
    const folder = folderOf(tiny);
    const names = readdirSync(folder).sort();
    return names.map((name) => `${name} ${sha256(readFileSync(join(folder, name)))}`).join(', ');
  };
  assert.equal(await run('2'), await run('1'));
});

test('what cannot be calibrated is refused, and nothing is left behind', async (t) => {
  const tiny = await tinyScenario(t, published([total(20_000)]));
  const refused = async (pattern: RegExp, ...more: readonly string[]): Promise<void> => {
    const { exit, err } = await cascade(...asked(tiny, ...more));
    assert.equal(exit, 2, err);
    assert.match(err, /SCENARIO_INVALID/);
    assert.match(err, pattern);
    assert.equal(existsSync(folderOf(tiny)), false);
  };
  await refused(/60 cannot be kept of 50 draws/, '--draws', '50', '--keep', '60');
  await refused(/no draws to choose from/, '--draws', '0');
  await refused(/nothing would be kept/, '--keep', '0');
  await refused(/ends by 2021-05-19T12:05:00Z/, '--fit-until', '2021-05-19T12:05Z');
  await refused(/no published figure of the window/, '--from', '2021-05-19T12:02Z');
  await refused(
    /positions come from a file/,
    '--override',
    'assumptions.population={kind: file, path: p.csv}',
  );
  writeFileSync(tiny.scenario, published([total(20_000, ', tolerance: 1')]));
  await refused(/facts\.published\.0\.tolerance|a number from/);
  writeFileSync(tiny.scenario, MANY);
  await refused(/no published figure of the window to calibrate to/);
});
