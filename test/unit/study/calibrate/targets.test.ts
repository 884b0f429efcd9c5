/** Which published figures a calibration is held against, how far off each may be, and what is kept aside. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseInstant } from '../../../../src/basics/instant.ts';
import type { PublishedFigure } from '../../../../src/rules/facts.ts';
import type { Scenario } from '../../../../src/rules/scenario.ts';
import { type Plan, planTargets } from '../../../../src/study/calibrate/targets.ts';

const DAY = (text: string): number => parseInstant(text);
const figure = (more: Partial<PublishedFigure>): PublishedFigure => ({
  what: 'liquidatedLong',
  market: 'XBTUSD',
  fromUs: DAY('2020-03-12'),
  untilUs: DAY('2020-03-13'),
  value: '100',
  unit: 'USD',
  source: 'a feed',
  note: '',
  ...more,
});

const plan = (
  published: readonly PublishedFigure[],
  more: { rules?: string; fitUntil?: number; isNarrowed?: boolean; window?: readonly [string, string] } = {},
): Plan => {
  const [from, until] = more.window ?? ['2020-03-12', '2020-03-14'];
  const facts = { fromUs: DAY(from), untilUs: DAY(until), published };
  const scenario = { facts, rules: { id: more.rules ?? 'binance-usdm@2020-03' } } as unknown as Scenario;
  const { fitUntil, isNarrowed = false } = more;
  return planTargets({ scenario, isNarrowed, ...(fitUntil === undefined ? {} : { fitUntil }) });
};
const near = (a: number, b: number): void => assert.ok(Math.abs(a / b - 1) < 1e-12, `${a} is not ${b}`);

test('two readings of one quantity become their geometric mean, and say so', () => {
  // sqrt(100 * 400) = 200, by hand
  const { targets } = plan([figure({}), figure({ value: '400', source: 'another' })]);
  assert.equal(targets.length, 1);
  near(targets[0]!.observed, 200);
  assert.deepEqual(targets[0]!.sources, ['a feed', 'another']);
  assert.match(targets[0]!.notes[0]!, /geometric mean of 2 readings: 100 and 400 USD/);
});

test('a fall keeps its sign, and of a wider figure our part counts', () => {
  // 0.08 of -1000
  const own = figure({ what: 'openInterestChange', value: '-1000', ourShare: 0.08 });
  const [target] = plan([own]).targets;
  near(target!.observed, -80);
  assert.match(target!.notes[0]!, /0.08 of -1000 USD: our part, assumed/);
});

test('other windows, sides and units are other quantities', () => {
  const { targets } = plan([
    figure({}),
    figure({ what: 'liquidatedShort' }),
    figure({ unit: 'XBT' }),
    figure({ fromUs: DAY('2020-03-13'), untilUs: DAY('2020-03-14') }),
  ]);
  assert.equal(targets.length, 4);
});

test('tolerances go by date, BitMEX in March 2020 has its own, and a stated one comes first', () => {
  const sigma = (f: PublishedFigure, more = {}): number => plan([f], more).targets[0]!.sigmaLn;
  near(sigma(figure({})), Math.log(1.3));
  near(sigma(figure({}), { rules: 'bitmex-xbtusd@2020-03' }), Math.log(1.5));
  near(sigma(figure({ tolerance: 4 }), { rules: 'bitmex-xbtusd@2020-03' }), Math.log(4));
  const [fromUs, untilUs] = [DAY('2021-05-19'), DAY('2021-05-20')];
  const may = { window: ['2021-05-19', '2021-05-20'], rules: 'bitmex-xbtusd@2021-05' } as const;
  near(sigma(figure({ fromUs, untilUs }), may), Math.log(2));
  // of two readings the wider tolerance holds
  near(plan([figure({}), figure({ value: '400', tolerance: 3 })]).targets[0]!.sigmaLn, Math.log(3));
});

const LATER = { fromUs: DAY('2020-03-13'), untilUs: DAY('2020-03-14') };
const roles = ({ targets }: Plan): string[] => targets.map(({ role }) => role);

test('the second half is kept aside where figures lie on both sides of the middle', () => {
  const both = plan([figure({}), figure(LATER)]);
  assert.equal(both.fitUntilUs, DAY('2020-03-13'));
  assert.deepEqual(roles(both), ['fit', 'check']);
  // none lies after the middle: all are fitted, also that of the whole window
  const one = plan([figure({}), figure({ what: 'liquidatedShort', fromUs: null, untilUs: null })]);
  assert.equal(one.fitUntilUs, null);
  assert.deepEqual(roles(one), ['fit', 'fit']);
});

test('a stated instant decides by the end of each figure', () => {
  const until = (text: string): string[] => roles(plan([figure({}), figure(LATER)], { fitUntil: DAY(text) }));
  assert.deepEqual(until('2020-03-14'), ['fit', 'fit']);
  assert.deepEqual(until('2020-03-13'), ['fit', 'check']);
  assert.throws(() => until('2020-03-12'), /no published figure of the window ends by 2020-03-12/);
});

test('a fund is shown and never fitted; lows are no totals', () => {
  const { targets, leftOut } = plan([
    figure({}),
    figure({ what: 'fundChange', value: '-5', unit: 'XBT' }),
    figure({ what: 'perpLow' }),
  ]);
  assert.deepEqual(
    targets.map(({ what, role }) => `${what} ${role}`),
    ['liquidatedLong fit', 'fundChange check'],
  );
  assert.deepEqual(leftOut, []);
});

test('what cannot be held against the draws is left out with its reason', () => {
  const { leftOut } = plan(
    [
      figure({}),
      figure({ what: 'openInterestChange', value: '0' }),
      figure({ untilUs: null, value: '7' }),
      figure({ fromUs: DAY('2020-03-11') }),
    ],
    { isNarrowed: true },
  );
  assert.deepEqual(
    leftOut.map(({ reason }) => reason),
    ['nothing published has no logarithm', 'covers the whole day, replayed in part', 'outside the window'],
  );
  assert.throws(
    () => plan([figure({ what: 'perpLow' })]),
    /no published figure of the window to calibrate to/,
  );
});
