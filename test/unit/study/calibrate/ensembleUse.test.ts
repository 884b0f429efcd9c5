/** An ensemble in `cascade compare` and `cascade sweep`: its members are the populations, and a foreign one is refused. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDuckDb, rowsOf } from '../../../../src/basics/duckdb.ts';
import type { CompareResult } from '../../../../src/report/compare/model.ts';
import { type Ensemble, ensembleNotes, readEnsemble } from '../../../../src/study/calibrate/ensemble.ts';
import { readScenario } from '../../../../src/study/scenario.ts';
import { cascade } from '../../../support/cli.ts';
import { placedEnsemble, SHARE } from '../../../support/tinyEnsemble.ts';
import { type Tiny, tinyScenario } from '../../../support/tinyScenario.ts';
import { SWEEP, tinySweep } from '../../../support/tinySweep.ts';

const compared = (tiny: Tiny, file: string, ...more: readonly string[]): string[] => [
  ...['compare', tiny.scenario, '--data', tiny.folder, '--out', tiny.out, '--workers', '1'],
  ...[
    '--cache',
    join(tiny.folder, 'cache'),
    '--with',
    'rules.reduction={kind: full}',
    '--ensemble',
    file,
    ...more,
  ],
];

test('a comparison draws its populations from the members, and says whose they are', async (t) => {
  const tiny = await tinyScenario(t);
  const { exit, out, err } = await cascade(
    ...compared(tiny, placedEnsemble(tiny), '--draws', '12', '--json'),
  );
  assert.equal(exit, 0, err);
  const result = JSON.parse(out) as CompareResult;
  assert.deepEqual(
    [0, 4, 8].map((i) => result.draws[i]!.seed),
    ['kept/5', 'kept/2', 'kept/5'],
  );
  assert.ok(result.draws[4]!.overrides.includes(`${SHARE}=0.4`));
  const said = (pattern: RegExp): boolean => result.caveats.some((text) => pattern.test(text));
  assert.ok(
    said(/the 2 of 40 draws that came nearest to: Liquidated, both sides, BTCUSDT/),
    result.caveats.join('\n'),
  );
  assert.ok(said(/NOT IDENTIFIED by those figures: .*liquidatableShare/));
  assert.ok(said(/3 populations are asked for and the ensemble has 2 members/));
  assert.ok(said(/fitted by another build \(an older build\)/));
  const page = readFileSync(join(tiny.out, 'tiny+compare', 'report.html'), 'utf8');
  assert.match(page, /NOT IDENTIFIED by those figures/);
  // the fifth draw replayed by `run` has the baseline that the comparison says
  type Row = { draw: number; candidate: string; figures: { liquidatedNotional: number } };
  const rows = JSON.parse(readFileSync(join(tiny.out, 'tiny+compare', 'draws.json'), 'utf8')) as Row[];
  const own = rows.find(({ draw, candidate }) => draw === 4 && candidate === 'baseline')!;
  const { seed, overrides } = result.draws[4]!;
  const flags = overrides.flatMap((text) => ['--override', text]);
  const alone = await cascade('run', ...tiny.flags, '--seed', seed, ...flags, '--json');
  const { figures } = JSON.parse(alone.out) as { figures: Record<string, string> };
  assert.equal(own.figures.liquidatedNotional, Number(figures['0|liquidatedNotional||||USDT']));
});

test('an ensemble of another scenario, of other rules or without a fit is refused', async (t) => {
  const tiny = await tinyScenario(t);
  const refused = async (more: Partial<Ensemble>, pattern: RegExp): Promise<void> => {
    const { exit, err } = await cascade(...compared(tiny, placedEnsemble(tiny, more)));
    assert.equal(exit, 2, err);
    assert.match(err, /SCENARIO_INVALID/);
    assert.match(err, pattern);
  };
  await refused({ scenario: '2021-05-19-btcusdt' }, /an ensemble of 2021-05-19-btcusdt, not of tiny/);
  await refused({ rules: 'bybit-usdt@2020-04' }, /without this baseline: fitted under bybit-usdt@2020-04/);
  const full = 'rules.reduction={kind: full}';
  await refused(
    { overrides: [full] },
    /without this baseline: rules\.reduction=\S+ full} in its fit, no rules overridden here/,
  );
  const other = await cascade(...compared(tiny, placedEnsemble(tiny), '--override', full));
  assert.match(
    other.err,
    /^SCENARIO_INVALID: an ensemble without this baseline: no rules overridden in its fit, rules\S+ full} here/,
  );
  await refused({ targets: [] }, /without a fit of its baseline/);
  await refused({ members: [] }, /without members/);
  const { exit, err } = await cascade(...compared(tiny, join(tiny.folder, 'none.json')));
  assert.equal(exit, 2);
  assert.match(err, /no such ensemble file/);
});

test('overrides of rules count in their order, each as often as it stands', async (t) => {
  const tiny = await tinyScenario(t);
  const { id, rules } = await readScenario(tiny.scenario, { dataDir: tiny.folder });
  const [twice, at] = [
    'rules.markets.*.tiers.*.maintenanceRate*=2',
    'rules.markets.*.tiers.*.maintenanceRate=0.01',
  ];
  const notes = (fit: string[], here: string[]) => {
    const ensemble = readEnsemble(placedEnsemble(tiny, { overrides: fit }));
    return ensembleNotes(ensemble, 'ensemble.json', { id, rules, overrides: here });
  };
  // four times the rate is not twice; 0.01 times two is not 0.01
  for (const [fit, here] of [
    [[twice], [twice, twice]],
    [[twice, twice], [twice]],
    [
      [at, twice],
      [twice, at],
    ],
  ] as const)
    assert.throws(() => notes([...fit], [...here]), { code: 'SCENARIO_INVALID' });
  // assumptions between them make no other rules
  const impact = 'assumptions.fills.impact*=2';
  const told = notes([at, impact, twice], [at, twice]);
  assert.ok(told.includes(`Its fit and this baseline differ in ${impact}.`), told.join('\n'));
});

test('a sweep takes members instead of seeds', async (t) => {
  const tiny = await tinyScenario(t);
  placedEnsemble(tiny);
  const members = SWEEP.replace('seeds: [1, 2]', 'ensemble: ensemble.json');
  const { exit, out, err } = await cascade(...tinySweep(tiny, 'one', members), '--workers', '1');
  assert.equal(exit, 0, err);
  assert.match(out, /12 worlds: 6 points, 2 seeds/);
  // the same two seeds without their overrides hold other accounts at risk
  const plain = SWEEP.replace('seeds: [1, 2]', 'seeds: [kept/5, kept/2]');
  assert.equal((await cascade(...tinySweep(tiny, 'two', plain), '--workers', '1')).exit, 0);
  const worldsOf = async (name: string): Promise<{ seed: string; liquidated_notional: number }[]> => {
    const path = join(tiny.folder, name, 'small', 'sweep.duckdb');
    const instance = await openDuckDb({ path, readOnly: true });
    const connection = await instance.connect();
    const rows = await rowsOf<{ seed: string; liquidated_notional: number }>(
      connection,
      'SELECT seed, liquidated_notional FROM worlds ORDER BY world',
    );
    connection.closeSync();
    instance.closeSync();
    return rows;
  };
  const [own, other] = [await worldsOf('one'), await worldsOf('two')];
  assert.deepEqual(
    own.map(({ seed }) => seed),
    other.map(({ seed }) => seed),
  );
  // 0.9 instead of 0.5 of the accounts can be liquidated
  const sum = (rows: typeof own): number => rows.slice(0, 6).reduce((s, r) => s + r.liquidated_notional, 0);
  assert.ok(sum(own) > sum(other), `${sum(own)} ${sum(other)}`);
  assert.match(
    readFileSync(join(tiny.folder, 'one', 'small', 'report.html'), 'utf8'),
    /draws that came nearest/,
  );
});

test('a sweep has seeds or an ensemble, not both and not neither', async (t) => {
  const tiny = await tinyScenario(t);
  placedEnsemble(tiny);
  for (const text of [
    SWEEP.replace('seeds: [1, 2]\n', ''),
    SWEEP.replace('seeds: [1, 2]', 'seeds: [1, 2]\nensemble: ensemble.json'),
  ]) {
    const { exit, err } = await cascade(...tinySweep(tiny, 'none', text));
    assert.equal(exit, 2);
    assert.match(err, /either seeds or an ensemble/);
  }
});
