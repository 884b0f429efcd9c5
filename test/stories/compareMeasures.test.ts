/**
 * Figures of a comparison that no single row holds, worked by hand: what winners gave up, what a price did, who
 * gained and who lost. Maintenance 0.4 % (0.5 % less 50 beyond 50 000), fee 0.5 %, unless said otherwise.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, rate } from '../../src/basics/exact.ts';
import { replay } from '../../src/replay.ts';
import type { BreakdownRow } from '../../src/study/compare/breakdown.ts';
import { CompareSink, NO_ENTRY } from '../../src/study/compare/figures.ts';
import type { WorldFigures } from '../../src/study/compare/metrics.ts';
import {
  SECOND,
  tiers,
  type Tiny,
  type TinyAccount,
  type TinyBeat,
  tinyWorld,
} from '../support/tinyWorld.ts';

async function told(tiny: Tiny): Promise<{ f: WorldFigures; parts: BreakdownRow[] }> {
  const { world, frames } = tinyWorld({ record: 'money', ...tiny });
  const sink = new CompareSink([world]);
  await replay(frames, [world], sink);
  return { f: sink.figures(0, 0, NO_ENTRY), parts: sink.breakdown(0) };
}

const near = (x: number | null, y: number, what = ''): void =>
  assert.ok(x !== null && Math.abs(x - y) <= 1e-9 * Math.max(1, Math.abs(y)), `${what} ${x}, not ${y}`);
const many = (n: number, beat: TinyBeat): TinyBeat[] => Array.from({ length: n }, () => beat);
const isolated = (
  name: string,
  side: 'long' | 'short',
  of: readonly [qty: string, entry: string, margin: string],
) => ({
  name,
  legs: [{ side, qty: of[0], entry: of[1], margin: of[2] }],
});
/** The one cell of a metric and side by hour. */
function hourly(parts: readonly BreakdownRow[], metric: string, side: string): number {
  const [cell, ...others] = parts.filter((p) => p.metric === metric && p.hour !== '');
  assert.deepEqual([others.length, cell?.side], [0, side], metric);
  return cell!.value;
}
const A = isolated('A', 'long', ['1.000', '10000', '500']);

/**
 * No fee, maintenance 0.5 %, the fund has 10. L (bankrupt at 42 570) fails at 42 600, K (bankrupt at 42 300) two
 * seconds later at 42 400; the book pays 42 000 to both, so the fund carries 17 lots of L and 1 of K.
 *
 *   42 570: S3 closes 0.500, S1 0.483 (stories/deleverage.test.ts)       needed 0.983 x  30 =  29.49
 *   42 300: S1 closes 0.017, S2 0.300, S4 0.682                          needed 0.999 x 100 =  99.90
 */
const DELEVERAGED: Tiny = {
  rules: { order: { kind: 'market' } },
  marketRules: {
    BTCUSDT: { tiers: tiers([['1000000000', '0.005', '0', '0.01']]), clearanceFee: [{ rate: rate('0') }] },
  },
  assumptions: { fundOpening: { main: money('10') } },
  accounts: [
    isolated('L', 'long', ['1', '43000', '430']),
    isolated('K', 'long', ['1', '43000', '700']),
    { ...isolated('S1', 'short', ['0.5', '45000', '2250']), hedger: true },
    isolated('S2', 'short', ['0.3', '44000', '4400']),
    isolated('S3', 'short', ['0.5', '43500', '435']),
    isolated('S4', 'short', ['2', '43100', '50000']),
  ],
  beats: [
    { index: '43000', last: '42000' },
    { index: '42600' },
    { index: '42600', last: '42000' },
    { index: '42400' },
  ],
};

test('ADL takes more than it needs where the price falls on within a wave', async () => {
  const { f } = await told(DELEVERAGED);
  near(f.adlNeeded, 29.49 + 99.9, 'needed');
  // at 42 400, when the wave ends: S3 would have 0.5 x 170 = 85 more, S1 0.483 x 170 - 0.017 x 100 = 80.41;
  // S2 and S4 closed 100 better than the mark
  near(f.adlHaircut, 85 + 80.41, 'taken');
  near(f.adlOvershoot, 165.41 - 129.39, 'overshoot');
  // S3 had 0.5 x (43 500 - 42 400) = 550, S1 0.5 x 2 600 = 1 300
  near(f.adlWorstHaircut, 85 / 550, 'largest');
});

test('what ADL took looks different a second later, and later', async () => {
  const later = ['42200', '42500', '42500', '42500', '42300'].map((index) => ({ index }));
  const { f } = await told({ ...DELEVERAGED, beats: [...(DELEVERAGED.beats as TinyBeat[]), ...later] });
  near(f.adlOvershoot, 165.41 - 129.39, 'when the wave ends');
  // 42 200: S3 0.5 x 370, S1 0.483 x 370 + 0.017 x 100, S2 0.3 x 100, S4 0.682 x 100
  near(f.adlOvershoot1s, 185 + 180.41 + 30 + 68.2 - 129.39, '1 s');
  // 42 500: S3 0.5 x 70, S1 0.483 x 70 - 0.017 x 200; S2 and S4 sold better
  near(f.adlOvershoot2s, 35 + 30.41 - 129.39, '2 s');
  // 42 300: S3 0.5 x 270, S1 0.483 x 270
  near(f.adlOvershoot5s, 135 + 130.41 - 129.39, '5 s');
  // no beat ends half a second later; the run has ended before an hour
  assert.deepEqual([f.adlOvershoot500ms, f.adlOvershoot1h], [null, null]);
  // 3 600 s after the wave, the last beat: as at 42 200 above
  const { f: long } = await told({
    ...DELEVERAGED,
    beats: [...(DELEVERAGED.beats as TinyBeat[]), ...many(3599, { index: '42500' }), { index: '42200' }],
  });
  near(long.adlOvershoot1h, 185 + 180.41 + 30 + 68.2 - 129.39, '1 h');
  near(long.adlOvershoot5s, 35 + 30.41 - 129.39, '5 s');
  // beats of half a second: 42 200 comes after one, 42 500 after two
  const { f: fine } = await told({
    ...DELEVERAGED,
    beats: [...(DELEVERAGED.beats as TinyBeat[]), ...later],
    side: { beatUs: SECOND / 2 },
  });
  near(fine.adlOvershoot500ms, 185 + 180.41 + 30 + 68.2 - 129.39, '0.5 s');
  near(fine.adlOvershoot1s, 35 + 30.41 - 129.39, '1 s');
});

test('what the top winner keeps, over what winners paid for the bankrupt', async () => {
  // at 42 400 S1 keeps 0.5 x 2 600 - 80.41, S3 550 - 85, S2 0.3 x 1 600, S4 2 x 700: the most; K's part is 99.90
  const { f } = await told(DELEVERAGED);
  near(f.adlPtsr, 1400 / 129.39, 'PTSR');
  near(f.adlPmr, 1400 / 99.9, 'PMR');
  // a long that nobody closes has 42 400 - 40 000
  const rich = {
    ...DELEVERAGED,
    accounts: [...DELEVERAGED.accounts, isolated('W', 'long', ['1', '40000', '9000'])],
  };
  const { f: more } = await told(rich);
  near(more.adlPtsr, 2400 / 129.39, 'PTSR');
  near(more.adlPmr, 2400 / 99.9, 'PMR');
  // L's wave alone, at 42 600: the top is S1 with 0.5 x 2 400; closed at 42 570 it lost nothing against the mark
  const [first, second, third, fourth] = DELEVERAGED.beats as TinyBeat[];
  const apart = { ...DELEVERAGED, beats: [first!, second!, ...many(5, { index: '42600' }), third!, fourth!] };
  const { f: two } = await told(apart);
  // then at 42 400: S4 2 x 700 as before; S1, of which 0.017 was left, has 44.20
  near(two.adlPtsr, (1200 / 29.49 + 1400 / 99.9) / 2, 'mean of two waves');
  near(two.adlPmr, two.adlPtsr!, 'one bankrupt account each');
});

test('a wave of its own for each close more than five seconds apart', async () => {
  const [first, second, third, fourth] = DELEVERAGED.beats as TinyBeat[];
  // each at its own mark: nobody would have more
  const { f } = await told({
    ...DELEVERAGED,
    beats: [first!, second!, ...many(5, { index: '42600' }), third!, fourth!],
  });
  near(f.adlNeeded, 129.39);
  assert.equal(f.adlHaircut, 0);
  near(f.adlOvershoot, -129.39);
});

test('who is deleveraged: concentration, hedgers and what stands naked', async () => {
  const { f, parts } = await told(DELEVERAGED);
  // all in one hour, on the short side
  const hour = (metric: string): number => hourly(parts, metric, 'short');
  assert.equal(hour('adlAccounts'), 4);
  near(hour('adlNeeded'), 129.39);
  near(hour('adlHedgers'), f.adlHedgers!);
  near(hour('adlNaked'), f.adlNaked!);
  near(f.adlHedgers, 0.483 * 42_570 + 0.017 * 42_300, 'hedgers');
  near(f.adlNaked, 0.483 * 42_600 + 0.017 * 42_400, 'naked');
  // ascending S2 12 690, S1 21 280.41, S3 21 285, S4 28 848.6: sum i x / (n sum x) x 2 - 5 / 4
  const sum = 12_690 + 21_280.41 + 21_285 + 28_848.6;
  const weighted = 12_690 + 2 * 21_280.41 + 3 * 21_285 + 4 * 28_848.6;
  near(f.adlGini, (2 * weighted) / (4 * sum) - 1.25, 'Gini');
});

test('without ADL its amounts are 0 and its shares do not exist', async () => {
  const { f } = await told({ accounts: [A], beats: [{ index: '10000' }, { index: '10000' }] });
  assert.deepEqual([f.adlNeeded, f.adlOvershoot, f.adlHedgers], [0, 0, 0]);
  assert.deepEqual([f.adlGini, f.adlWorstHaircut, f.adlTopTen], [null, null, null]);
  assert.deepEqual([f.adlPtsr, f.adlPmr], [null, null]);
  assert.deepEqual(
    [f.overshoot, f.overshootIntegral, f.stopSlippage, f.clustering],
    [null, null, null, null],
  );
  assert.deepEqual([f.lossLiquidated, f.lossOthers, f.lossTopDecile], [null, null, null]);
});

/** A is sold in the second beat, while the last price is 9 500 and the index 9 530. */
const sold = (after: readonly TinyBeat[]): Tiny => ({
  accounts: [A],
  beats: [{ index: '10000', last: '9525' }, { index: '9530', last: '9500' }, ...after],
});

test('price below the index while forced orders sell, and the way back', async () => {
  // 29 beats at 9 515 (15.7 bp below), then 9 525 (5.2 bp): back half a minute after the trough, for 670 s
  const { f } = await told(
    sold([...many(29, { index: '9530', last: '9515' }), ...many(670, { index: '9530', last: '9525' })]),
  );
  near(f.overshoot, 30 / 9530, 'overshoot');
  near(f.overshootIntegral, ((30 / 9530) * 1e4) / 60, 'integral');
  near(f.recovery, 0.5, 'recovery');
  // half of the way back to 9 525, the open of the hour, is 9 512.50: one second
  near(f.retrace, 1 / 60, 'retrace');
});

test('a price that is back for less than ten minutes is not back', async () => {
  const { f } = await told(sold(many(599, { index: '9530', last: '9525' })));
  assert.equal(f.recovery, null);
  const { f: longer } = await told(sold(many(600, { index: '9530', last: '9525' })));
  near(longer.recovery, 1 / 60);
});

test('verdicts in one of two windows of ten minutes cluster', async () => {
  // 3 and 0: mean 1.5, variance 2.25
  const accounts = ['A', 'B', 'C'].map((name): TinyAccount => ({ ...A, name }));
  const { f } = await told({ ...sold(many(700, { index: '9530' })), accounts });
  near(f.clustering, 1 - 1 / Math.sqrt(1.5));
  const { f: chance } = await told(sold(many(700, { index: '9530' }))); // 1 and 0: variance 0.25 below mean 0.5
  assert.equal(chance.clustering, 0);
});

test('who gained and who lost sums to nothing', async () => {
  const { f, parts } = await told({
    ...sold(many(5, { index: '9530' })),
    accounts: [A, isolated('B', 'long', ['6.000', '10000', '20000'])],
  });
  // A's 500: 475 to the market, which took 1.000 at 9 525; 25 as fee. B stands 6 x 470 below the first mark; the
  // market, short 7.000 before the fall, has 6 x 470 + 475
  near(f.gainLiquidated, -500);
  near(f.gainOthers, -2820);
  near(f.gainVenue, 25);
  near(f.marketGain, 2820 + 475);
  assert.equal(f.gainDeleveraged, 0);
  // B and the market together gained 475: all losses are A's
  assert.deepEqual([f.lossLiquidated, f.lossOthers, f.lossVenue], [1, 0, 0]);
  near(f.traderLoss, 3320);
  // of two accounts the larger is in the last tenth, the smaller in the fifth
  near(f.lossTopDecile, 2820 / 3320);
  assert.deepEqual(
    parts.flatMap((p) => (p.metric === 'traderLoss' ? [[p.decile, p.value]] : [])),
    [
      ['5', 500],
      ['10', 2820],
    ],
  );
  near(f.longShare, 9525 / 70_000);
  assert.equal(f.shortShare, 0);
});

test('losses of a fund, of winners and of liquidated traders', async () => {
  const { f } = await told(DELEVERAGED);
  const all = [f.gainLiquidated, f.gainDeleveraged, f.gainOthers, f.gainVenue, f.marketGain];
  near(
    all.reduce<number>((sum, gain) => sum + gain!, 0),
    0,
    'sum',
  );
  near(f.gainVenue, -9.69 - 0.3);
  near(f.gainLiquidated, -430 - 700);
  // from 43 000 to 42 400: S1 0.483 x 430 + 0.017 x 700, S2 0.3 x 700, S3 0.5 x 430, S4 0.682 x 700 + 1.318 x 600
  near(f.gainDeleveraged, 207.69 + 11.9 + 210 + 215 + 477.4 + 790.8);
  near(f.lossLiquidated, 1130 / (1130 + 9.99 + Math.max(0, -(f.marketGain! + f.gainOthers!))));
});

test('what holding on would have kept', async () => {
  // 9 520 for 30 s, then 9 800: A would have 300; it got nothing. 275 by the price and 25 as fee
  const back = (low: string): TinyBeat[] => [...many(30, { index: low }), ...many(60, { index: '9800' })];
  const { f, parts } = await told(sold(back('9520')));
  assert.deepEqual([f.unnecessary, f.unnecessaryStrict], [1, 1]);
  near(f.unnecessaryLost, 300);
  for (const [metric, value] of [
    ['unnecessary', 1],
    ['unnecessaryStrict', 1],
    ['unnecessaryNotional', 9530],
    ['unnecessaryLost', 300],
  ] as const)
    assert.equal(hourly(parts, metric, 'long'), value, metric);
  assert.ok(!parts.some((p) => p.metric === 'missed'));
  // at 9 400 the pocket had been bankrupt within the minute of grace
  const { f: through, parts: cells } = await told(sold(back('9400')));
  assert.deepEqual([through.unnecessary, through.unnecessaryStrict], [1, 0]);
  assert.equal(hourly(cells, 'missed', 'long'), 1);
});

test('a stop-loss that fills below the mark', async () => {
  // stop at 9 800; last 9 790 while the index stands at 9 850: sold a second later at 9 790
  const { f, parts } = await told({
    accounts: [
      { name: 'A', legs: [{ side: 'long', qty: '1.000', entry: '10000', margin: '5000', stop: 0.98 }] },
    ],
    beats: [{ index: '10000' }, ...many(3, { index: '9850', last: '9790' })],
  });
  near(f.stopSlippage, 60);
  assert.equal(f.liquidatedAccounts, 0);
  const hours = parts.filter((p) => p.metric === 'stopSlippage' && p.hour !== '');
  assert.deepEqual(
    hours.map((p) => [p.side, p.value]),
    [['long', 60]],
  );
});

test('a cross account that loses both of its positions in one beat', async () => {
  // 500 - 1.000 x 510 + 0.100 x 510 = 41 at 9 490, maintenance 0.4 % of 1.1 x 9 490 = 41.76
  const legs = [
    { side: 'long', qty: '1.000', entry: '10000' },
    { side: 'short', qty: '0.100', entry: '10000' },
  ] as const;
  const { f } = await told({
    accounts: [{ name: 'X', cross: true, wallet: '500', legs }],
    beats: [{ index: '10000', last: '9490' }, { index: '9490' }, { index: '9490' }],
  });
  assert.deepEqual([f.liquidatedAccounts, f.multiLoss], [1, 1]);
  const { f: one } = await told(sold([{ index: '9530' }]));
  assert.deepEqual([one.liquidatedAccounts, one.multiLoss], [1, 0]);
});

test('margin for a unit of notional moves with the tiers', async () => {
  // 6.000 at 10 000: 60 000 x 0.5 % - 50 = 250, 0.41667 %; at 8 000: 48 000 x 0.4 %
  const { f } = await told({
    accounts: [isolated('B', 'long', ['6.000', '10000', '30000'])],
    beats: [{ index: '10000' }, { index: '8000' }, { index: '9000' }],
  });
  near(f.procyclicality, 250 / 60_000 / 0.004);
  // rates and deduction times 1.5: the same ratio, to the last bit
  const { f: dearer } = await told({
    accounts: [isolated('B', 'long', ['6.000', '10000', '30000'])],
    marketRules: {
      BTCUSDT: {
        tiers: tiers([
          ['50000', '0.006', '0', '0.02'],
          ['1000000000', '0.0075', '75', '0.02'],
        ]),
      },
    },
    beats: [{ index: '10000' }, { index: '8000' }, { index: '9000' }],
  });
  assert.equal(dearer.procyclicality, f.procyclicality);
});

test('liquidated in part and alive at the end', async () => {
  // half is sold at 9 525 without a fee: 500 - 237.50 - 235 = 27.50 against 0.4 % of 4 765 = 19.06
  const marketRules = { BTCUSDT: { clearanceFee: [{ rate: rate('0') }] } };
  const half = { reduction: { kind: 'fraction', fraction: rate('0.5'), above: money('0') } } as const;
  const after = many(5, { index: '9600' });
  const { f, parts } = await told({ ...sold(after), rules: half, marketRules });
  assert.deepEqual([f.liquidatedAccounts, f.partialRate], [1, 1]);
  assert.equal(hourly(parts, 'partialRate', 'long'), 1);
  const { f: whole, parts: none } = await told(sold(after));
  assert.deepEqual([whole.liquidatedAccounts, whole.partialRate], [1, 0]);
  assert.equal(hourly(none, 'partialRate', 'long'), 0);
  // B's verdict ends without a close: the mark is back before the engine comes to it
  const speed = { accountsPerSecond: 1, ordersPerSecond: null, latencyUs: 0 };
  const { f: saved } = await told({
    accounts: [A, { ...A, name: 'B' }],
    beats: [{ index: '10000' }, { index: '9530' }, ...many(70, { index: '9900' })],
    rules: { speed },
  });
  assert.deepEqual([saved.liquidatedAccounts, saved.partialRate], [2, 0]);
  // A's was unnecessary; B's took nothing
  assert.equal(saved.unnecessary, 1);
});
