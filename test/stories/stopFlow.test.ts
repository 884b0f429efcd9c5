/** Stop-losses are flow: where a candidate's fire at other times than history's, the difference moves it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { rate } from '../../src/basics/exact.ts';
import { Pricing } from '../../src/engine/pricing.ts';
import { emptyOutbox, type Outbox } from '../../src/engine/rows.ts';
import { World } from '../../src/engine/world.ts';
import { Feedback } from '../../src/impact/feedback.ts';
import { replay } from '../../src/replay.ts';
import type { MarketRules } from '../../src/rules/ruleSet.ts';
import { SECOND, tiers, tinyWorld } from '../support/tinyWorld.ts';

const asking = (maintenance: string, initial: string): Partial<MarketRules> => ({
  tiers: tiers([['1000000000', maintenance, '0', initial]]),
  clearanceFee: [{ rate: rate('0') }],
});
const PLAIN_BTC = { BTCUSDT: asking('0.005', '0.01') };

test('a candidate whose stop fires at another time is moved by the difference', async () => {
  // A is sold by the candidate's 1 % at 9 760 (equity 60), not by 0.5 %. Its kick of 1 000 lots x 1e-5 = 1 %
  // carries the candidate's last price below B's stop of 9 950 at 4 s; history reaches it only at 7 s.
  const LAMBDA = 1e-5;
  const beats = [
    { index: '10000' },
    { index: '9760', last: '10000' },
    ...[2, 3, 4].map(() => ({ index: '10000' })),
    { index: '10000', last: '9940' },
    { index: '10000' },
    { index: '10000' },
  ];
  const { world, frames } = tinyWorld({
    marketRules: PLAIN_BTC,
    lambda: LAMBDA,
    accounts: [
      { name: 'A', legs: [{ side: 'long', qty: '1', entry: '10000', margin: '300' }] },
      { name: 'B', legs: [{ side: 'long', qty: '1', entry: '10000', margin: '5000', stop: 0.995 }] },
    ],
    beats,
  });
  const { rules: old, markets, assumptions } = world.input;
  const BTCUSDT = { ...old.markets.BTCUSDT!, ...asking('0.01', '0.02') };
  const rules = { ...old, markets: { BTCUSDT } };
  const pricing = new Pricing(markets, rules, frames);
  const candidate = new World({ ...world.input, index: 1, rules, pricing, baseline: world });
  const flows: number[][] = [[], []];
  const moved: number[] = [];
  const rows = [emptyOutbox(), emptyOutbox()];
  await replay(frames, [world, candidate], {
    record: (index, outbox) => {
      for (const table of ['fills', 'liquidations'] as const)
        (rows[index]![table] as Outbox[typeof table][number][]).push(...outbox[table]);
      if (outbox.beats.length === 0) return;
      flows[index]!.push([world, candidate][index]!.flow[0]!);
      if (index === 1) moved.push(candidate.tilts(moved.length)![0]!.x);
    },
  });
  const told = (index: number) => rows[index]!.fills.map((f) => `${f.tsUs / SECOND}: ${f.account} ${f.why}`);
  assert.deepEqual(told(0), ['8: B stop-loss']);
  assert.deepEqual(told(1), ['3: A liquidation', '5: B stop-loss']);
  assert.deepEqual(flows, [
    [0, 0, 0, 0, 0, 0, -1000, 0],
    [0, -1000, 0, -1000, 0, 0, 0, 0],
  ]);
  // the candidate's price is moved by own minus historical lots, the counter-kick at 8 s among them
  const kicks = new Feedback({ kernel: 'power', assumption: assumptions.feedback, beatUs: SECOND });
  const expected = [0, -1000, 0, -1000, 0, 0, 1000, 0].map((lots, beat) => {
    const { x } = kicks.tilt(beat);
    kicks.push(lots, LAMBDA);
    return x;
  });
  assert.deepEqual(moved, expected);
  assert.ok(moved[4]! < moved[3]! && moved[7]! > moved[6]!);
});
