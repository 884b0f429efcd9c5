/**
 * Rates made by a venue's own formula, and the order of operations at a stamp. A stamp every four
 * seconds stands for one every four hours; everything else is as it would be.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, price, rate } from '../../src/basics/exact.ts';
import type { FundingRateRule, RuleSet } from '../../src/rules/ruleSet.ts';
import { play, SECOND, tiers, type Tiny } from '../support/tinyWorld.ts';
import { left, paid } from './told.ts';

const DAY = 8 * 3600 * SECOND;
const PLAIN = { tiers: tiers([['1000000000', '0.005', '0', '0.01']]), clearanceFee: [{ rate: rate('0') }] };
const CLAMPED: FundingRateRule = {
  kind: 'clamped',
  sampleUs: SECOND,
  weighting: 'equal',
  interest: rate('0.0001'),
  damper: rate('0.0005'),
  cap: rate('0.02'),
  changeCap: null,
  periodUs: 4 * SECOND,
  announced: false,
  impactNotional: money('1000'),
};
/** A long of 1 against market from 40 000; beats end at 1 s, 2 s, ... after 08:00. */
const venue = (made: FundingRateRule, lasts: readonly string[]): Tiny => ({
  marketRules: {
    BTCUSDT: { ...PLAIN, funding: { intervalUs: 4 * SECOND, offsetUs: 0, paymentScale: null, rate: made } },
  },
  accounts: [{ name: 'A', legs: [{ side: 'long', qty: '1', entry: '40000', margin: '8000' }] }],
  beats: lasts.map((last) => ({ index: '40000', last })),
  side: { startUs: DAY, funding: [{ tsUs: DAY + 4 * SECOND, market: 'BTCUSDT', rate: '0.05' }] },
});
const charged = async (made: FundingRateRule, lasts: readonly string[]): Promise<string[]> => {
  const { rows } = await play(venue(made, lasts));
  const stamps = rows.transfers.filter((t) => t.reason === 'funding' && t.to === 'market');
  return stamps.map((t) => `${(t.tsUs - DAY) / SECOND} ${t.amount}`);
};

test('without a book the last trade makes the premium; the recorded rate of 5 % is not charged', async () => {
  // premiums 1 %, 1 %, 0.7 %: mean 0.9 %, less the damper 0.85 %, of 40 000: 340.
  // then 0 (second 4), 0.02 %, 0.02 %, 0.02 %: mean 0.015 %, within the damper: the interest, 0.01 %: 4
  const lasts = ['40400', '40400', '40280', '40000', '40008', '40008', '40008', '40000'];
  assert.deepEqual(await charged(CLAMPED, lasts), ['4 340', '8 4']);
});

test('a cap and a rate announced one interval ahead', async () => {
  // 5 % a sample: 5 - 0.05 = 4.95 %, capped at 2 %: 800
  const high = ['42000', '42000', '42000', '42000', '40000', '40000', '40000', '40000', '40000'];
  assert.deepEqual((await charged(CLAMPED, high))[0], '4 800');
  // announced: at the fourth second the recorded 5 % falls due (2 000), the 2 % at the eighth
  assert.deepEqual(await charged({ ...CLAMPED, announced: true }, high), ['4 2000', '8 800']);
});

test('continuous funding: what accrued between the stamps', async () => {
  // the mark is the last price here: 1 % above the index in each of three seconds of a period of eight, less
  // the damper of 0.05 %
  const made = { kind: 'dampened', sampleUs: SECOND, damper: rate('0.0005'), periodUs: 8 * SECOND } as const;
  const { rows } = await play({
    ...venue(made, ['40400', '40400', '40400', '40000', '40010', '40010', '40010', '40000']),
    marketRules: {
      BTCUSDT: {
        ...PLAIN,
        mark: { kind: 'lastPrice', tick: price('0.01'), rounding: 'even' },
        funding: { intervalUs: 4 * SECOND, offsetUs: 0, paymentScale: null, rate: made },
      },
    },
  });
  // 3 * 0.0095 / 8 = 0.0035625 of 40 000: 142.5; the second interval stays inside the damper
  assert.deepEqual(rows.transfers.map(paid), [
    'funding:BTCUSDT -> market 142.5 funding',
    'A -> funding:BTCUSDT 142.5 funding',
  ]);
});

test('mark, funding and liquidation at one stamp: what the order decides', async () => {
  // Long 1 from 43 000 with 800; maintenance 0.5 %. At 8:00:00 the mark falls to 42 500 and 1 % is due; a
  // second later the mark is back at 43 000. Judged with the fall and the payment, 800 - 500 - 425 < 212.5.
  const told = async (...three: RuleSet['stageOrder']): Promise<string> => {
    const { world, rows } = await play({
      rules: { stageOrder: [...three, 'adl'], order: { kind: 'atMark' } },
      marketRules: { BTCUSDT: PLAIN },
      accounts: [{ name: 'A', legs: [{ side: 'long', qty: '1', entry: '43000', margin: '800' }] }],
      beats: [{ index: '43000' }, { index: '42500' }, { index: '43000' }],
      side: { startUs: DAY - 2 * SECOND, funding: [{ tsUs: DAY, market: 'BTCUSDT', rate: '0.01' }] },
    });
    const at = rows.liquidations.map((l) => `liquidated at ${(l.tsUs - DAY) / SECOND}`);
    const due = rows.transfers.find((t) => t.from === 'A' && t.reason === 'funding')!.amount;
    return [...at, `pays ${due}`, `has ${left(world, 'A')}`].join(', ');
  };
  // with both before the verdict: 800 - 425 - 500 = -125, which the fund makes good
  assert.equal(await told('mark', 'funding', 'liquidation'), 'liquidated at 0, pays 425, has 0');
  // charged on the mark before the fall: 430
  assert.equal(await told('funding', 'mark', 'liquidation'), 'liquidated at 0, pays 430, has 0');
  // judged before it is charged: 800 - 500 = 300 > 212.5; a second later 375 > 215
  assert.equal(await told('mark', 'liquidation', 'funding'), 'pays 425, has 375');
  // judged before the mark moves: at the stamp nothing is wrong yet, and the verdict of the next second still
  // stands at the mark before it, 42 500: 800 - 425 - 500 < 212.5
  assert.equal(await told('liquidation', 'mark', 'funding'), 'liquidated at 1, pays 425, has 0');
  // charged on the mark before the fall: 370 > 215 at the stamp, 370 - 500 < 212.5 a second later
  assert.equal(await told('funding', 'liquidation', 'mark'), 'liquidated at 1, pays 430, has 0');
  assert.equal(await told('liquidation', 'funding', 'mark'), 'liquidated at 1, pays 430, has 0');
});
