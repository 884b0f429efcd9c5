/** Rates that a venue's formula makes of replayed prices: a few samples a stamp, by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { money, type Price, price, rate } from '../../../src/basics/exact.ts';
import { HOUR_US, parseInstant } from '../../../src/basics/instant.ts';
import type { FundingStamp } from '../../../src/clock/frames.ts';
import { fundingHistory } from '../../../src/mark/funding.ts';
import { FundingRates } from '../../../src/mark/fundingRates.ts';
import type { FundingRateRule } from '../../../src/rules/ruleSet.ts';

const DAY = parseInstant('2020-03-12');
type Clamped = Extract<FundingRateRule, { kind: 'clamped' }>;
/** Interval and period of four hours, sampled hourly; no damper and no caps unless a test says so. */
const clamped = (part: Partial<Clamped> = {}): Clamped => ({
  kind: 'clamped',
  sampleUs: HOUR_US,
  weighting: 'equal',
  interest: rate('0'),
  damper: rate('0'),
  cap: null,
  changeCap: null,
  periodUs: 4 * HOUR_US,
  announced: false,
  impactNotional: money('1000'),
  ...part,
});

/** Hourly beats from midnight; what stands at each hour's end is the bid over an index of 100. */
function play(
  made: FundingRateRule,
  bids: readonly string[],
  more: { recorded?: readonly FundingStamp[]; intervalUs?: number; mark?: string } = {},
): FundingRates {
  const rates = new FundingRates({
    rule: { intervalUs: more.intervalUs ?? 4 * HOUR_US, offsetUs: 0, paymentScale: null },
    made,
    recorded: fundingHistory(more.recorded ?? [], 'M'),
    startUs: DAY,
    beatUs: HOUR_US,
    path: 'markets.M.funding',
  });
  for (const [hour, bid] of bids.entries()) {
    const endUs = DAY + (hour + 1) * HOUR_US;
    rates.advance(endUs);
    if (bid === '-') continue;
    const at: Price = price(bid);
    rates.sample(endUs, { index: price('100'), mark: price(more.mark ?? bid), bid: at, ask: at });
  }
  return rates;
}
const at = (rates: FundingRates, hour: number): string | null =>
  rates.lastRate(DAY + hour * HOUR_US)?.toString() ?? null;

test('an interval is the mean of the samples before its end', () => {
  // hours 1 to 3: 1 %, 2 %, 6 %; the sample at the fourth hour belongs to the next interval
  const rates = play(clamped(), ['101', '102', '106', '90', '90', '90', '90', '100']);
  assert.deepEqual(
    [3, 4, 7, 8].map((hour) => at(rates, hour)),
    [null, '0.03', '0.03', '-0.1'],
  );
});

test('linear weights: the k-th sample counts k times', () => {
  // (1 + 2 * 2 + 3 * 6) / 6 = 23 / 6 %
  const rates = play(clamped({ weighting: 'linear' }), ['101', '102', '106', '100']);
  assert.equal(at(rates, 4), '0.038333333333333333');
});

test('damper, cap and change cap, in this order', () => {
  const interest = { interest: rate('0.0001'), damper: rate('0.0005') };
  // P 0.03 %: F = interest; P 0.1 %: 0.05 %
  assert.equal(at(play(clamped(interest), ['100.03', '100.03', '100.03', '100']), 4), '0.0001');
  assert.equal(at(play(clamped(interest), ['100.1', '100.1', '100.1', '100']), 4), '0.0005');
  const capped = clamped({ cap: rate('0.00375') });
  assert.equal(at(play(capped, ['101', '101', '101', '100']), 4), '0.00375');
  assert.equal(at(play(capped, ['99', '99', '99', '100']), 4), '-0.00375');
  // from 1 % to 5 %: at most 0.2 % more; then down to 0 as far as 0.2 % less
  const slow = play(clamped({ changeCap: rate('0.002') }), [
    ...['101', '101', '101', '105', '105', '105', '105', '100', '100', '100', '100', '100'],
  ]);
  assert.deepEqual(
    [4, 8, 12].map((hour) => at(slow, hour)),
    ['0.01', '0.012', '0.01'],
  );
});

test('the first made rate is compared with the recorded one before it', () => {
  const recorded = [{ tsUs: DAY, market: 'M', rate: '-0.001' }];
  const rates = play(clamped({ changeCap: rate('0.002') }), ['101', '101', '101', '100'], { recorded });
  assert.equal(at(rates, 4), '0.001'); // -0.1 % + 0.2 %
  assert.equal(at(rates, 3), '-0.001'); // before the first made one the recorded one is the last
});

test('a period of eight hours paid hourly is divided by eight', () => {
  const hourly = clamped({ periodUs: 8 * HOUR_US, interest: rate('0.0001'), damper: null });
  // P at hour 1 is 0.79 %: (0.0079 + 0.0001) / 8, charged at hour 2
  const rates = play(hourly, ['100.79', '100'], { intervalUs: HOUR_US });
  assert.equal(at(rates, 2), '0.001');
});

test('announced: the rate of one interval is charged at the end of the next, and known until then', () => {
  const recorded = [{ tsUs: DAY + 4 * HOUR_US, market: 'M', rate: '0.0007' }];
  const told = (hours: number) =>
    play(
      clamped({ announced: true }),
      ['101', '101', '101', '102', '102', '102', '102', '100', '100'].slice(0, hours),
      { recorded },
    );
  // fixed before the run began: the recorded one of the fourth hour
  assert.equal(
    told(2)
      .nextRate(DAY + 2 * HOUR_US)
      ?.toString(),
    '0.0007',
  );
  assert.equal(at(told(4), 4), '0.0007');
  // made in the first four hours, announced at the fourth, charged at the eighth
  assert.equal(
    told(4)
      .nextRate(DAY + 4 * HOUR_US)
      ?.toString(),
    '0.01',
  );
  assert.equal(at(told(7), 7), '0.0007');
  assert.equal(at(told(8), 8), '0.01');
  assert.equal(
    told(8)
      .nextRate(DAY + 8 * HOUR_US)
      ?.toString(),
    '0.02',
  );
  assert.equal(play(clamped(), ['101', '101', '101', '101']).nextRate(DAY + 4 * HOUR_US), null);
});

test('an interval without a sample repeats the rate before it', () => {
  const rates = play(clamped(), ['101', '101', '101', '-', '-', '-', '-', '100']);
  assert.deepEqual(
    [4, 8].map((hour) => at(rates, hour)),
    ['0.01', '0.01'],
  );
  assert.equal(at(play(clamped(), ['-', '-', '-', '-']), 4), null);
});

test('against the mark: impact beside the fair price, and its own distance from the index', () => {
  // mark 101, bid 101.5: 0.5 % above the mark, which is 1 % above the index
  const rates = play(clamped({ against: 'mark' }), ['101.5', '101.5', '101.5', '100'], { mark: '101' });
  assert.equal(at(rates, 4), '0.015');
});

test('continuous funding accrues sample by sample and is charged at its stamps', () => {
  // Deribit: (mark - index) / index beyond 0.05 %, an hour of eight each: 0.1 % -> 0.05 % / 8; 0.02 % -> 0
  const rule: FundingRateRule = {
    kind: 'dampened',
    sampleUs: HOUR_US,
    damper: rate('0.0005'),
    periodUs: 8 * HOUR_US,
  };
  const rates = play(rule, ['100.1', '100.02', '99.9', '100.1', '100.1', '100.1', '100.1', '100']);
  // hours 1-3: 0.05 + 0 - 0.05 = 0; hours 4-7: 4 * 0.05 % / 8
  assert.deepEqual(
    [4, 8].map((hour) => at(rates, hour)),
    ['0', '0.00025'],
  );
});

test('samples and stamps fall on beats', () => {
  const uneven = clamped({ sampleUs: HOUR_US / 2 });
  assert.throws(() => play(uneven, []), { code: 'RULES_INVALID', message: /premium is sampled every 30m/ });
  assert.throws(() => play(clamped(), [], { intervalUs: HOUR_US / 2 }), { code: 'RULES_INVALID' });
});
