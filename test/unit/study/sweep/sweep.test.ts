/** `cascade sweep`: one row a world, shared work counted, the same bytes on any number of workers. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDuckDb, rowsOf } from '../../../../src/basics/duckdb.ts';
import { cascade } from '../../../support/cli.ts';
import { tinyScenario } from '../../../support/tinyScenario.ts';
import { resultDigest, SWEEP, tinySweep } from '../../../support/tinySweep.ts';

test('one row a world, what it sets beside it, and figures that a single run confirms', async (t) => {
  const tiny = await tinyScenario(t);
  const { exit, out, err } = await cascade(...tinySweep(tiny, 'one'), '--workers', '1');
  assert.equal(exit, 0, err);
  assert.match(out, /12 worlds: 6 points, 2 seeds, 6 passes/);
  const instance = await openDuckDb({
    path: join(tiny.folder, 'one', 'small', 'sweep.duckdb'),
    readOnly: true,
  });
  const connection = await instance.connect();
  const worlds = await rowsOf<{ world: bigint; seed: string; settings: string; liquidated_notional: number }>(
    connection,
    'SELECT * FROM worlds ORDER BY world',
  );
  assert.equal(worlds.length, 12);
  assert.deepEqual(
    worlds.map((w) => w.seed),
    ['1', '2'].flatMap((seed) => new Array<string>(6).fill(seed)),
  );
  const settings = await rowsOf<{ point: bigint; path: string; value_f64: number }>(
    connection,
    "SELECT * FROM settings WHERE path LIKE 'fundOpening%' ORDER BY point",
  );
  assert.deepEqual(
    settings.map((s) => s.value_f64),
    [0, 100_000, 0, 100_000, 0, 100_000],
  );
  connection.closeSync();
  instance.closeSync();
  // the third world of the second seed, alone: its override in every world of `stress`
  const [seed, rate] = ['2', 'rules.markets.*.tiers.*.maintenanceRate*=1'];
  const fund = 'assumptions.fundOpening.btc-eth=0';
  const flags = [
    '--data',
    tiny.folder,
    '--out',
    tiny.out,
    '--cache',
    join(tiny.folder, 'cache'),
    '--seed',
    seed,
  ];
  const alone = await cascade(
    ...[
      'stress',
      tiny.scenario,
      ...flags,
      '--shock',
      'depth=2',
      '--override',
      rate,
      '--override',
      fund,
      '--json',
    ],
  );
  assert.equal(alone.exit, 0, alone.err);
  const notional = Number(JSON.parse(alone.out).figures['1|liquidatedNotional||||USDT']);
  assert.equal(worlds[8]!.liquidated_notional, notional);
});

test('any number of workers, and any that was stopped and resumed, gives the same bytes', async (t) => {
  const tiny = await tinyScenario(t);
  for (const [out, workers] of [
    ['one', '1'],
    ['two', '2'],
  ] as const) {
    const ran = await cascade(...tinySweep(tiny, out), '--workers', workers);
    assert.equal(ran.exit, 0, ran.err);
  }
  const whole = resultDigest(tiny, 'one');
  assert.deepEqual(resultDigest(tiny, 'two'), whole);
  assert.ok(
    Object.keys(whole).includes('report.html') && Object.keys(whole).length === 6,
    Object.keys(whole).join(),
  );
  // as a kill leaves it: some parts missing, half a file beside them, no result
  const shards = join(tiny.folder, 'two', 'small.shards');
  const files = readdirSync(shards, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.json'));
  assert.equal(files.length, 6);
  for (const file of files.slice(0, 2)) rmSync(join(shards, file));
  writeFileSync(join(shards, `${files[0]}.99.partial`), '{"form');
  rmSync(join(tiny.folder, 'two', 'small'), { recursive: true });
  const resumed = await cascade(...tinySweep(tiny, 'two'), '--workers', '1');
  assert.match(resumed.out, /\(4 were there already\)/);
  assert.deepEqual(resultDigest(tiny, 'two'), whole);
});

test('what worlds share is done once: frames, populations per assumption, prices per rule', async (t) => {
  const tiny = await tinyScenario(t);
  const text = `id: small
title: Shared work
scenario: tiny.yaml
seeds: [1]
perPass: 64
list:
  - { rules.reduction: "{kind: full}" }
  - { fundOpening.btc-eth: 0 }
  - { rules.markets.BTCUSDT.index.stale.after: 30s }
  - { rules.markets.BTCUSDT.index.stale.after: 30s, fundOpening.btc-eth: 5 }
  - { assumptions.population.liquidatableShare: 0.3 }
  - { assumptions.population.liquidatableShare: 0.3, rules.reduction: "{kind: full}" }
`;
  const { exit, out, err } = await cascade(...tinySweep(tiny, 'shared', text), '--workers', '1', '--json');
  assert.equal(exit, 0, err);
  // six points and the scenario itself; two assumptions; the index of the scenario and the one that ages sooner;
  // 600 beats priced under each
  assert.deepEqual(JSON.parse(out).work, {
    framesOpened: 1,
    populationsDrawn: 2,
    priceRules: 2,
    beatsPriced: 1200,
    passes: 1,
    worlds: 7,
    worldsWithFeedback: 0,
  });
});

test('a Latin hypercube covers every range evenly and is the same again', async (t) => {
  const tiny = await tinyScenario(t);
  const text = `id: small
title: Drawn
scenario: tiny.yaml
seeds: [1]
latin:
  points: 4
  seed: x
  log: [assumptions.fills.impact]
  ranges: { shock.depth: [1, 2], assumptions.fills.impact: [0.01, 100] }
`;
  const { exit, err } = await cascade(...tinySweep(tiny, 'drawn', text), '--workers', '1');
  assert.equal(exit, 0, err);
  const instance = await openDuckDb({
    path: join(tiny.folder, 'drawn', 'small', 'sweep.duckdb'),
    readOnly: true,
  });
  const connection = await instance.connect();
  const drawn = async (path: string): Promise<number[]> =>
    (
      await rowsOf<{ v: number }>(
        connection,
        `SELECT value_f64 AS v FROM settings WHERE path = '${path}' ORDER BY v`,
      )
    ).map(({ v }) => v);
  // one value in each quarter of the range, of its logarithm where asked: 0.01, 0.1, 1, 10, 100
  assert.deepEqual(
    (await drawn('shock.depth')).map((v) => Math.floor((v - 1) * 4)),
    [0, 1, 2, 3],
  );
  assert.deepEqual(
    (await drawn('assumptions.fills.impact')).map((v) => Math.floor(Math.log10(v))),
    [-2, -1, 0, 1],
  );
  connection.closeSync();
  instance.closeSync();
});

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ['nothing to vary', SWEEP.replace(/grid:[\s\S]*/, ''), /a sweep has one of grid, list and latin, not 0/],
  ['a list beside a grid', `${SWEEP}list: [{ shock.depth: 2 }]\n`, /not 2/],
  ['an empty grid', SWEEP.replace(/grid:[\s\S]*/, 'grid: {}\n'), /an empty grid/],
  ['a parameter without a value', SWEEP.replace('[0, 100000]', '[]'), /an empty grid/],
  ['no seed', SWEEP.replace('[1, 2]', '[]'), /no seed/],
  ['a seed twice', SWEEP.replace('[1, 2]', '[1, 1]'), /a seed stands twice/],
  ['a misspelt field', SWEEP.replace('seeds', 'seed'), /seeds/],
  ['an unknown fund', SWEEP.replace('btc-eth:', 'btc-et:'), /Did you mean fundOpening\.btc-eth/],
  ['a rule that is none', SWEEP.replace('maintenanceRate*', 'maintenanceRat*'), /maintenanceRate/],
  [
    'a fact',
    SWEEP.replace('fundOpening.btc-eth', 'facts.beat'),
    /unknown parameter facts\.beat \(file \S*small\.yaml, row 8, path facts\.beat=0\)\n {2}Facts are never/,
  ],
  [
    'the last value of a parameter',
    SWEEP.replace('1.5]', 'x]'),
    /not a factor after \*= \(file \S*small\.yaml, row 8, path \S*maintenanceRate\*=x, fund/,
  ],
  [
    'a maintenance rate at its initial rate',
    SWEEP.replace('1.5]', '4]'),
    /^RULES_INVALID: maintenance \S+ is not below initial \S+ .*maintenanceRate\*=4, /,
  ],
  ['a value twice', SWEEP.replace('1.5]', '1]'), /a value of rules\S* stands twice/],
  ['a shock that is none', SWEEP.replace('depth=2', 'depht=2'), /Did you mean depth/],
  ['an id that leaves the folder', SWEEP.replace('id: small', 'id: ../small'), /not a name of a folder/],
  [
    'a logarithm of nothing',
    SWEEP.replace(
      /grid:[\s\S]*/,
      'latin: { points: 2, seed: a, log: [shock.dept], ranges: { shock.depth: [1, 2] } }\n',
    ),
    /log names shock\.dept, which has no range[\s\S]*Valid: shock\.depth/,
  ],
  [
    'a scenario file beside it',
    SWEEP.replace('tiny.yaml', 'none.yaml'),
    /no such scenario file \(file \S+none\.yaml/,
  ],
  ['another scenario', SWEEP.replace('tiny.yaml', '2020-03-12-xbtus'), /no such scenario/],
];
test('what cannot be swept is refused with a way out, and leaves no result', async (t) => {
  const tiny = await tinyScenario(t);
  for (const [what, text, says] of REFUSED) {
    const { exit, err } = await cascade(...tinySweep(tiny, 'bad', text), '--workers', '1');
    assert.equal(exit, 2, `${what}: ${err}`);
    assert.match(err, says, what);
  }
  assert.equal(existsSync(join(tiny.folder, 'bad')), false);
});
