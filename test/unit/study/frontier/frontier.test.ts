/** `cascade frontier` on a made-up day: a breaking point that worlds on both sides confirm, and every refusal. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cascade } from '../../../support/cli.ts';
import { tinyScenario } from '../../../support/tinyScenario.ts';

/** A day that stands still liquidates nobody; one four times as deep falls by a third. */
test('the depth at which 50,000 are liquidated lies between two worlds that stress replays', async (t) => {
  const tiny = await tinyScenario(t);
  const many = ['--override', 'assumptions.population.accounts=400'];
  const common = [tiny.scenario, '--data', tiny.folder, '--cache', `${tiny.folder}/cache`, ...many];
  const asked = ['--param', 'shock.depth', '--from', '0', '--to', '4', '--until', 'liquidated>50000'];
  const { exit, out, err } = await cascade('frontier', ...common, ...asked, '--tolerance', '0.25', '--json');
  assert.equal(exit, 0, err);
  const result = JSON.parse(out);
  assert.equal(result.monotone, true);
  const { after, before, becomes } = result.flips[0];
  assert.ok(becomes && Number(before) - Number(after) <= 0.25);
  assert.equal(result.first, before);
  assert.deepEqual([result.work.framesOpened, result.work.populationsDrawn], [1, 1]);
  for (const [depth, isMet] of [
    [after, false],
    [before, true],
  ] as const) {
    const ran = await cascade('stress', ...common, '--out', tiny.out, '--shock', `depth=${depth}`, '--json');
    assert.equal(ran.exit, 0, ran.err);
    const liquidated = Number(JSON.parse(ran.out).figures['1|liquidatedNotional||||USDT']);
    assert.equal(liquidated > 50_000, isMet, `depth ${depth}: ${liquidated}`);
    const point = result.points.find((p: { value: string }) => p.value === depth);
    assert.equal(Number(point.measures.liquidated), liquidated);
  }
});

test('a condition that comes and goes is told with every interval, and no breaking point', async (t) => {
  const tiny = await tinyScenario(t);
  const common = [tiny.scenario, '--data', tiny.folder, '--cache', `${tiny.folder}/cache`];
  // a gap far down takes the longs, one far up the shorts, each with more than the fund can bear; none in between does
  const gap = [
    '--param',
    'shock.gap@2021-05-19T12:05Z',
    '--from',
    '-0.6',
    '--to',
    '0.6',
    '--tolerance',
    '0.1',
  ];
  const { exit, out } = await cascade('frontier', ...common, ...gap, '--until', 'adl>0');
  assert.equal(exit, 0, out);
  assert.match(out, /NOT MONOTONE: adl>0 flips 2 times along shock\.gap@2021-05-19T12:05Z/);
  assert.match(out, /adl>0 ends between -0\.\d+ and .*\n.*adl>0 begins between .* and 0\.\d+/);
  assert.doesNotMatch(out, /breaking point of/);
});

test('a fund that is cut: whole numbers, downwards, and a table to read', async (t) => {
  const tiny = await tinyScenario(t);
  const flags = [
    tiny.scenario,
    '--data',
    tiny.folder,
    '--cache',
    `${tiny.folder}/cache`,
    // a book that takes next to nothing: what the fund cannot take over goes to winners
    '--override',
    'assumptions.fills.participation=0.001',
  ];
  const asked = ['--param', 'fundOpening.btc-eth', '--from', '5000000', '--to', '0', '--tolerance', '100000'];
  const { exit, out, err } = await cascade('frontier', ...flags, ...asked, '--until', 'adl>0', '--grid', '3');
  assert.equal(exit, 0, err);
  assert.match(out, /fundOpening\.btc-eth +fundLoss +adl +insolvency +deficit +liquidated +adl>0/);
  assert.match(out, /breaking point of fundOpening\.btc-eth: adl>0 begins between \d+ and \d+/);
  // the same cut as a share of the 100,000 that the scenario states: 50 times that is 5,000,000
  const share = ['--param', 'fundOpening.btc-eth*', '--from', '50', '--to', '0', '--tolerance', '1'];
  const same = await cascade('frontier', ...flags, ...share, '--until', 'adl>0', '--grid', '3');
  const between = (text: string): number[] =>
    /begins between (\d+) and (\d+)/.exec(text)!.slice(1).map(Number);
  assert.deepEqual(
    between(same.out).map((n) => n * 100_000),
    between(out),
  );
});

const REFUSED: readonly (readonly [string, readonly string[], RegExp])[] = [
  [
    'a parameter that nobody knows',
    ['--param', 'shok.depth'],
    /unknown parameter shok\.depth.*Did you mean shock\.depth/s,
  ],
  ['a fund that is none', ['--param', 'fundOpening.btc-et'], /Did you mean fundOpening\.btc-eth/],
  ['a fund that these rules lack', ['--param', 'fundOpening.BTCUSDT'], /Valid: fundOpening\.btc-eth/],
  ['a market that is none', ['--param', 'openInterest.BTCUSD'], /Did you mean openInterest\.BTCUSDT/],
  ['a rule that is none', ['--param', 'rules.trigger.inclusivee'], /rules\.trigger\.inclusive/],
  ['a condition that is none', ['--until', 'adll>0'], /Did you mean adl>0/],
  ['a condition without a number', ['--until', 'adl'], /not NAME>NUMBER/],
  ['an empty range', ['--to', '1.0'], /the range from 1 to 1\.0 is empty/],
  ['a range of words', ['--to', 'deep'], /not a number: deep/],
  ['a tolerance of nothing', ['--tolerance', '0'], /not above 0/],
  [
    'what never happens',
    ['--until', 'liquidated>1000000000000'],
    /is met at none of 9 values from 1 to 2; the most was/,
  ],
];
test('what cannot be asked is refused with a way out', async (t) => {
  const tiny = await tinyScenario(t);
  const common = [tiny.scenario, '--data', tiny.folder, '--cache', `${tiny.folder}/cache`];
  for (const [what, wrong, says] of REFUSED) {
    const asked = { '--param': 'shock.depth', '--from': '1', '--to': '2', '--until': 'adl>0' };
    const flags = Object.entries({ ...asked, [wrong[0]!]: wrong[1]! }).flat();
    const { exit, err } = await cascade('frontier', ...common, ...flags);
    assert.equal(exit, 2, `${what}: ${err}`);
    assert.match(err, says, what);
    assert.match(err, /^SCENARIO_INVALID|^RULES_INVALID/, what);
  }
});
