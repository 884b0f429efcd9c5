/**
 * While the feed of a venue is down, or an index is halted, the prices that its engine judges by stand still;
 * the market itself goes on. By hand: what is traded meanwhile, what is filled at the first beat afterwards, and
 * which flow a candidate meets in beats in which only one of two worlds acts.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { rate } from '../../src/basics/exact.ts';
import type { Frames } from '../../src/clock/frames.ts';
import { Pricing } from '../../src/engine/pricing.ts';
import { World, type WorldInput } from '../../src/engine/world.ts';
import { kernelAt } from '../../src/impact/kernel.ts';
import { replay } from '../../src/replay.ts';
import type { IndexRule } from '../../src/rules/ruleSet.ts';
import { play, SECOND, tiers, tinyWorld } from '../support/tinyWorld.ts';

const PLAIN = {
  tiers: tiers([['1000000000', '0.005', '0', '0.01']]),
  clearanceFee: [{ rate: rate('0') }],
};

/** Down in the beats that end at 2 and 3 s, in which the price falls from 43 000 to 40 000. */
const FALL = {
  marketRules: { BTCUSDT: PLAIN },
  beats: [{ index: '43000' }, { index: '41000' }, { index: '40000' }, { index: '40000' }],
  side: { startUs: 0, outages: [{ fromUs: 2 * SECOND, untilUs: 4 * SECOND, part: 'feed' as const }] },
};

test('a forced order after an outage of the feed is filled where the market is, not where it was', async () => {
  // A fails at 41 055 and below, bankrupt at 40 850. It is judged at 4 s; the market stood at 40 000 at 3 s
  const { rows } = await play({
    ...FALL,
    rules: { order: { kind: 'market' } },
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '1', entry: '43000', margin: '2150' }] }],
  });
  const told = rows.fills.map((f) => `${f.tsUs / SECOND}: ${f.account} ${f.why} at ${f.price}`);
  assert.deepEqual(told, ['4: A liquidation at 40000']);
  // 43 000 - 40 000 lost, 2 150 of it the trader's: the fund of 1 000 pays 850
  assert.deepEqual(
    rows.liquidations.map((l) => l.deficit.toString()),
    ['850'],
  );
  // beats tell what was traded; the mark is that of 1 s until the feed is back
  assert.deepEqual(
    rows.beats.map((b) => [b.last, b.low, b.mark].map(String).join(' ')),
    ['43000 43000 43000', '41000 41000 43000', '40000 40000 43000', '40000 40000 40000'],
  );
});

test('who comes or goes while the feed is down pays what is paid then', async () => {
  const { rows } = await play({
    ...FALL,
    accounts: [
      {
        name: 'comes',
        legs: [{ side: 'long', qty: '0', entry: '1', arrives: { beat: 2, qty: '1', leverage: 4 } }],
      },
      { name: 'goes', legs: [{ side: 'long', qty: '1', entry: '43000', margin: '20000', departs: 1 }] },
    ],
  });
  const told = rows.fills.map((f) => `${f.tsUs / SECOND}: ${f.account} ${f.why} at ${f.price}`);
  assert.deepEqual(told, ['2: goes departure at 41000', '3: comes arrival at 40000']);
  assert.deepEqual(
    rows.transfers.filter((t) => t.reason === 'deposit').map((t) => t.amount.toString()),
    ['10000'],
  );
});

const LAMBDA = 1e-5;
/** The one source of the index is an hour old in one beat: `bears` takes it as it is, `halts` has no index then. */
const indexOf = (kind: 'bears' | 'halts'): IndexRule => ({
  aggregator: 'equalMean',
  weights: {},
  outlier: { kind: 'none' },
  stale: { afterUs: kind === 'bears' ? 7200 * SECOND : 60 * SECOND, mode: 'drop' },
  quorum: { two: 'mean', one: 'use', zero: 'halt' },
});

/** A's 1 000 lots are sold in the first beat from 2 s on in which a world acts: it fails at 9 700. */
async function paired(o: {
  old: number;
  baseline: 'bears' | 'halts';
  candidate: 'bears' | 'halts';
}): Promise<{ flows: number[][]; moved: number[] }> {
  const { world, frames } = tinyWorld({
    marketRules: { BTCUSDT: PLAIN },
    lambda: LAMBDA,
    rules: { order: { kind: 'market' } },
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '1', entry: '10000', margin: '300' }] }],
    beats: ['10000', '9700', '9700', '9700'].map((at) => ({ index: at })),
    side: { startUs: 0 },
  });
  const [source] = frames.constituents.get('BTCUSDT')!;
  const ageUs = source!.ageUs.map((_, beat) => (beat === o.old ? 3600 * SECOND : 0));
  const aged: Frames = { ...frames, constituents: new Map([['BTCUSDT', [{ ...source!, ageUs }]]]) };
  const worldOf = (kind: 'bears' | 'halts', more: Partial<WorldInput>): World => {
    const { markets, rules: own } = world.input;
    const BTCUSDT = { ...own.markets.BTCUSDT!, index: indexOf(kind) };
    const rules = { ...own, markets: { BTCUSDT } };
    const pricing = new Pricing(markets, rules, aged);
    return new World({ ...world.input, frames: aged, rules, pricing, ...more });
  };
  const first = worldOf(o.baseline, {});
  const second = worldOf(o.candidate, { index: 1, baseline: first });
  const flows: number[][] = [];
  const moved: number[] = [];
  await replay(aged, [first, second], { record: () => undefined }, (done) => {
    flows.push([first.flow[0]!, second.flow[0]!]);
    moved.push(second.tilts(done - 1)![0]!.x);
  });
  return { flows, moved };
}

test('a baseline whose index is halted sells nothing: its flow of the beat before is not met again', async () => {
  const { flows, moved } = await paired({ old: 2, baseline: 'halts', candidate: 'bears' });
  assert.deepEqual(flows, [
    [0, 0],
    [-1000, -1000],
    [0, 0],
    [0, 0],
  ]);
  assert.deepEqual(moved, [0, 0, 0, 0]);
});

test('a candidate whose index is halted has not sold what its baseline sold in that beat', async () => {
  // at 2 s the baseline alone sells: 1 000 lots less than history, +1 % of which a second leaves G(1). The candidate
  // sells at 3 s, when history does not: -1 % more. At 4 s that leaves G(2) - G(1)
  const { flows, moved } = await paired({ old: 1, baseline: 'bears', candidate: 'halts' });
  assert.deepEqual(flows, [
    [0, 0],
    [-1000, 0],
    [0, -1000],
    [0, 0],
  ]);
  const left = (sec: number): number => kernelAt('power', sec);
  const expected = [0, 0, 0.01 * left(1), 0.01 * (left(2) - left(1))];
  for (const [beat, x] of expected.entries())
    assert.ok(Math.abs(moved[beat]! - x) < 1e-15, `${beat}: ${moved[beat]}`);
});
