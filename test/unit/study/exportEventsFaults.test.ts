/** Faults and throttle by hand: which messages they hit, what arrives in which order, what is listed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draw, hashText } from '../../../src/basics/draw.ts';
import { type Fault, Faults, parseFaults } from '../../../src/study/exportEvents/faults.ts';
import { jsonLine, type Message } from '../../../src/study/exportEvents/message.ts';
import { Throttle } from '../../../src/study/exportEvents/throttle.ts';
import { money } from '../../../src/basics/exact.ts';

const message = (n: number, tsUs: number, snapshot = false): Message => ({
  tsUs,
  snapshot,
  account: null,
  body: n,
});

/** Numbers of messages as they arrive, and the list of what was done. */
function through(spec: string, messages: readonly Message[], seed = 'x'): { out: number[]; list: Fault[] } {
  const [out, list]: [number[], Fault[]] = [[], []];
  const faults = new Faults({
    plan: parseFaults(spec),
    seed,
    deliver: (m) => out.push(m.body as number),
    note: (f) => list.push(f),
  });
  for (const m of messages) faults.push(m);
  faults.end();
  return { out, list };
}
const four = [1, 2, 3, 4].map((n) => message(n, n * 1000));

test('every kind alone, on every message', () => {
  assert.deepEqual(through('drop=1', four).out, []);
  assert.deepEqual(through('repeat=1', four).out, [1, 1, 2, 2, 3, 3, 4, 4]);
  // a message that waits cannot be waited for: 1 after 2, 3 after 4
  assert.deepEqual(through('reorder=1', four), {
    out: [2, 1, 4, 3],
    list: [
      { message: 1, kind: 'reorder', time: 1, after: 2 },
      { message: 3, kind: 'reorder', time: 3, after: 4 },
    ],
  });
  // all late by the same time: the order stays
  assert.deepEqual(through('delay=1:2ms', four).out, [1, 2, 3, 4]);
  assert.deepEqual(through('drop=0,delay=0:1s,repeat=0,reorder=0', four), { out: [1, 2, 3, 4], list: [] });
});

test('a delayed message arrives before the first one of its due time', () => {
  // half a second late: after what shares its instant, before the next second
  const seconds = [message(1, 1e6), message(2, 1e6), message(3, 2e6)];
  const seed = seedThat((n) => n === 1, 3, 'delay');
  assert.deepEqual(through('delay=0.5:500ms', seconds, seed), {
    out: [2, 1, 3],
    list: [{ message: 1, kind: 'delay', time: 1000, after: 2 }],
  });
});

/** A seed with which a kind of share 0.5 means exactly the messages asked for. */
function seedThat(means: (n: number) => boolean, count: number, kind: string): string {
  for (let s = 0; ; s++) {
    const hits = (n: number): boolean => draw(hashText(String(s)), n, hashText(kind)) < 0.5;
    if (Array.from({ length: count }, (_, i) => i + 1).every((n) => hits(n) === means(n))) return String(s);
  }
}

test('which messages are meant depends on seed, number and kind alone', () => {
  const many = Array.from({ length: 2000 }, (_, i) => message(i + 1, i));
  const dropped = (spec: string, seed: string): number[] =>
    through(spec, many, seed)
      .list.filter((f) => f.kind === 'drop')
      .map((f) => f.message);
  const alone = dropped('drop=0.05', 'a');
  assert.deepEqual(dropped('drop=0.05,repeat=0.2,reorder=0.3', 'a'), alone);
  assert.notDeepEqual(dropped('drop=0.05', 'b'), alone);
  // binomial, 2 000 x 0.05: mean 100, deviation 9.7; five deviations
  assert.ok(alone.length > 51 && alone.length < 149, `${alone.length}`);
});

test('snapshots are answers, not part of the stream: no fault touches them', () => {
  const mixed = [message(1, 1000), message(2, 1000, true), message(3, 2000)];
  assert.deepEqual(through('drop=1', mixed).out, [2]);
  assert.deepEqual(
    through('drop=1', mixed).list.map((f) => f.message),
    [1, 3],
  );
});

test('faults that cannot be read say where', () => {
  for (const [spec, why] of [
    ['drop', /no kind=share/],
    ['drop=2', /no kind=share/],
    ['lose=0.1', /lose is none of drop, delay/],
    ['drop=0.1,drop=0.2', /named twice/],
    ['delay=0.1', /has a time/],
    ['drop=0.1:1s', /has a time/],
    ['delay=0.1:soon', /soon is no time/],
  ] as const) {
    assert.throws(() => parseFaults(spec), { code: 'SCENARIO_INVALID', message: why }, spec);
  }
});

test('throttle: of one symbol and second the latest, when the next second begins', () => {
  const throttle = new Throttle();
  const order = (symbol: string, tsUs: number): Message => ({
    ...message(0, tsUs),
    body: { stream: `${symbol}@forceOrder`, data: tsUs },
  });
  const passed = [
    order('btcusdt', 1_000_000),
    order('ethusdt', 1_100_000),
    order('btcusdt', 1_900_000),
    message(7, 1_950_000),
    order('btcusdt', 2_000_000),
  ].map((m) => throttle.pass(m).map((out) => jsonLine(out.body)));
  const line = (symbol: string, tsUs: number): string => `{"stream":"${symbol}@forceOrder","data":${tsUs}}`;
  assert.deepEqual(passed, [[], [], [], ['7'], [line('btcusdt', 1_900_000), line('ethusdt', 1_100_000)]]);
  assert.deepEqual(
    throttle.rest().map((m) => jsonLine(m.body)),
    [line('btcusdt', 2_000_000)],
  );
  assert.equal(throttle.replaced, 1);
});

test('amounts keep every digit in JSON', () => {
  const body = {
    a: money('-0.000000000000000001'),
    b: [money('12345678901234567890.5'), null],
    c: undefined,
  };
  assert.equal(jsonLine(body), '{"a":-0.000000000000000001,"b":[12345678901234567890.5,null]}');
});
