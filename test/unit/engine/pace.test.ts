/** Speed on the clock: the same total whatever the length of a beat. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, qty, rate } from '../../../src/basics/exact.ts';
import { momentsIn, Pace, Turn } from '../../../src/engine/pace.ts';

const SECOND = 1_000_000;
/** Beats of a length from an instant on. */
const beats = (lengthUs: number, count: number, fromUs = 1_584_000_000 * SECOND) =>
  Array.from({ length: count }, (_, k) => ({
    fromUs: fromUs + k * lengthUs,
    untilUs: fromUs + (k + 1) * lengthUs,
  }));

test('so many moments a second, in beats shorter, equal and longer', () => {
  const of = (lengthUs: number, count: number): number[] =>
    beats(lengthUs, count).map((span) => momentsIn(span, 3));
  assert.deepEqual(of(SECOND, 3), [3, 3, 3]);
  assert.deepEqual(of(60 * SECOND, 2), [180, 180]);
  assert.deepEqual(of(SECOND / 10, 10), [0, 0, 0, 1, 0, 0, 1, 0, 0, 1]); // at 1/3, 2/3 and 1 s
  assert.deepEqual(of(1.5 * SECOND, 2), [4, 5]);
});

test('none of it is exact in float64: a billion a second in this century', () => {
  assert.equal(momentsIn(beats(1, 1)[0]!, 1e9), 1000);
});

test('a limit counts down within a beat and is whole again in the next', () => {
  const pace = new Pace();
  const speed = { accountsPerSecond: 1, ordersPerSecond: null, latencyUs: 0 };
  const [first, second] = beats(SECOND, 2);
  pace.begin(speed, first!);
  assert.deepEqual([pace.hasAccount, pace.hasOrder], [true, true]);
  pace.takeAccount();
  for (let k = 0; k < 1000; k++) pace.takeOrder();
  assert.deepEqual([pace.hasAccount, pace.hasOrder], [false, true]);
  pace.begin(speed, second!);
  assert.equal(pace.hasAccount, true);
  pace.begin(undefined, second!);
  for (let k = 0; k < 1000; k++) pace.takeAccount();
  assert.equal(pace.hasAccount, true);
});

test('blocks: as many as end in the beat, each with its own limit', () => {
  const rule = {
    kind: 'blockLimit',
    share: rate('0.1'),
    least: money('1'),
    accountMost: money('1'),
    blockUs: SECOND,
  } as const;
  assert.deepEqual(
    beats(SECOND / 2, 4).map((span) => new Turn(rule, span).blocksLeft),
    [0, 1, 0, 1],
  );
  const turn = new Turn(rule, beats(2 * SECOND, 1)[0]!);
  turn.record('BTC long', money('7'));
  assert.deepEqual([turn.blocksLeft, turn.spent.toString(), turn.done.size], [2, '7', 1]);
  assert.equal(turn.nextBlock(), true);
  assert.deepEqual([turn.blocksLeft, turn.spent.toString(), turn.done.size], [1, '0', 0]);
  assert.equal(turn.nextBlock(), false);
  assert.equal(new Turn(rule, beats(2 * SECOND, 1)[0]!).allowance(2), 6);
});

test('orders of one account; any other rule has no limit of its own', () => {
  const rule = { kind: 'increments', maxQty: qty('1'), perSecond: 2 } as const;
  const turn = new Turn(rule, beats(SECOND, 1)[0]!);
  turn.record('BTC long', money('1'));
  assert.deepEqual([turn.ordersLeft, turn.allowance(1)], [1, 1]);
  assert.equal(new Turn({ kind: 'full' }, beats(SECOND, 1)[0]!).allowance(3), 0);
});
