/** Who comes first: among victims, among the stages of a beat. One tier of 0.5 %, no clearance fee. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { rate } from '../../src/basics/exact.ts';
import type { RuleSet } from '../../src/rules/ruleSet.ts';
import { play, SECOND, tiers, type TinyAccount } from '../support/tinyWorld.ts';
import { filled } from './told.ts';

const PLAIN = {
  BTCUSDT: {
    tiers: tiers([['1000000000', '0.005', '0', '0.01']]),
    clearanceFee: [{ rate: rate('0') }],
  },
};
const long = (name: string, margin: string): TinyAccount => ({
  name,
  legs: [{ side: 'long', qty: '1', entry: '43000', margin }],
});

/** At 41 000 A is left with 150, B with 50, C with 100; half of the book's 4 BTC may be forced. */
const victims = (victimOrder: RuleSet['victimOrder']) =>
  play({
    rules: { victimOrder },
    marketRules: PLAIN,
    assumptions: { fills: { participation: rate('0.5'), impact: 0, stressMax: 10, kernel: 'power' } },
    accounts: [long('A', '2150'), long('B', '2050'), long('C', '2100')],
    beats: [
      { index: '43000', last: '41000' },
      { index: '41000', volume: '3' },
      { index: '41000', volume: '3' },
    ],
  });

test('the most exposed victim meets the book first; who is left over waits for the next beat', async () => {
  // equity 50, 100, 150 against 205 each; 1.5 BTC a beat
  const { rows } = await victims('mostExposed');
  assert.deepEqual(
    rows.fills.map((f) => `${f.tsUs / SECOND} ${filled(f)}`),
    [
      '3 B close 1 @ 41000 book',
      '3 C close 0.5 @ 41000 book',
      '4 C close 0.5 @ 41000 book',
      '4 A close 1 @ 41000 book',
    ],
  );
  assert.deepEqual(
    rows.orders.map((o) => `${o.account} ${o.queuePlace}`),
    ['B 1', 'C 2', 'A 3', 'C 1', 'A 2'],
  );
});

test('by number', async () => {
  const { rows } = await victims('byId');
  assert.deepEqual(
    rows.orders.map((o) => o.account),
    ['A', 'B', 'C', 'B', 'C'],
  );
});

test('orders of one beat queue behind each other: the second pays the first one kick and half of its own', async () => {
  // lambda 1e-6 a lot: e^(-0.0005) x 41 000 = 40 979.505; then e^(-0.0015) x 41 000 = 40 938.546
  const { rows } = await play({
    marketRules: PLAIN,
    accounts: [long('A', '2150'), long('B', '2100')],
    beats: [{ index: '43000', last: '41000' }, { index: '41000' }],
    lambda: 1e-6,
  });
  assert.deepEqual(rows.fills.map(filled), ['B close 1 @ 40979.5 impact', 'A close 1 @ 40938.54 impact']);
});

test('a rule set that judges before it charges lets an account live until the next mark', async () => {
  // margin 400, funding 1 % of 43 000 at 8:00:00 (second 1 of the window)
  const eight = 8 * 3600 * SECOND;
  const judged = async (stageOrder: RuleSet['stageOrder']) => {
    const { rows } = await play({
      rules: { stageOrder, order: { kind: 'market' } },
      marketRules: PLAIN,
      accounts: [long('A', '400')],
      beats: [{ index: '43000' }, { index: '43000' }, { index: '43000' }],
      side: { startUs: eight - 2 * SECOND, funding: [{ tsUs: eight, market: 'BTCUSDT', rate: '0.01' }] },
    });
    return rows.liquidations.map((l) => (l.tsUs - eight) / SECOND);
  };
  assert.deepEqual(await judged(['mark', 'funding', 'liquidation', 'adl']), [0]);
  assert.deepEqual(await judged(['mark', 'liquidation', 'funding', 'adl']), [1]);
});
