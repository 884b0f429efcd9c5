/** The verdict and the prices at which it turns, against hand-worked and published numbers. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, price } from '../../../src/basics/exact.ts';
import { liquidationPrices } from '../../../src/margin/prices.ts';
import { availableBalance, judge } from '../../../src/margin/trigger.ts';
import { at, BTCUSDT_2021_03, INVERSE, LINEAR, leg, pocket, rules, tiers } from './pockets.ts';

const INCLUSIVE = { inclusive: true };
const STRICT = { inclusive: false };
const low = (...args: Parameters<typeof liquidationPrices>): string => String(liquidationPrices(...args).low);
const high = (...args: Parameters<typeof liquidationPrices>): string =>
  String(liquidationPrices(...args).high);

const ONE_LONG = pocket('4300', leg('long 2.000 @ 43000', LINEAR, rules({})));

test('one long on a falling mark: equity 360 against 360.30', () => {
  // 4300 - 2 * 1970 = 360; 2 * 41030 = 82060; 82060 * 0.005 - 50 = 360.30
  const verdict = judge(ONE_LONG, at('41030'), INCLUSIVE);
  assert.deepEqual([verdict.equity, verdict.maintenance, verdict.notional].map(String), [
    '360',
    '360.3',
    '82060',
  ]);
  assert.equal(verdict.liquidatable, true);
  assert.equal(judge(ONE_LONG, at('41500'), INCLUSIVE).liquidatable, false);
});

test('its liquidation price is where 2m (1 - 0.005) = 86000 - 4300 - 50', () => {
  // 41030.15075376884422..., down
  assert.equal(low(ONE_LONG, 'BTCUSDT', at('43000'), INCLUSIVE), '41030.150753768844');
  assert.equal(high(ONE_LONG, 'BTCUSDT', at('43000'), INCLUSIVE), 'null');
});

test('equality is a verdict under an inclusive trigger only', () => {
  const own = pocket(
    '5000',
    leg('long 1 @ 100000', LINEAR, rules({ notionalAt: 'entry', tiers: tiers('1000000 0.005 0') })),
  );
  // Source document 001: 5000 - 4500 = 500 = 0.5 % of the entry notional, at 95,500.
  assert.equal(judge(own, at('95500'), INCLUSIVE).liquidatable, true);
  assert.equal(judge(own, at('95500'), STRICT).liquidatable, false);
  assert.equal(low(own, 'BTCUSDT', at('100000'), INCLUSIVE), '95500');
  assert.equal(low(own, 'BTCUSDT', at('100000'), STRICT), '95499.999999999999');
});

test('maintenance on the mark notional moves the price: 76,381.91 instead of 76,400', () => {
  const schedule = tiers('1000000 0.005 0');
  const marked = pocket('4000', leg('long 1 @ 80000', LINEAR, rules({ tiers: schedule })));
  const entered = pocket(
    '4000',
    leg('long 1 @ 80000', LINEAR, rules({ tiers: schedule, notionalAt: 'entry' })),
  );
  assert.equal(low(marked, 'BTCUSDT', at('80000'), INCLUSIVE), '76381.909547738693'); // 76000 / 0.995
  assert.equal(low(entered, 'BTCUSDT', at('80000'), INCLUSIVE), '76400');
});

test('order margin is equity but not available', () => {
  const own = {
    ...pocket('1000', leg('long 1 @ 100', LINEAR, rules({ tiers: tiers('1000 0.05 0') }))),
    orderMargin: money('300'),
  };
  assert.equal(judge(own, at('90'), INCLUSIVE).equity.toString(), '990');
  assert.equal(availableBalance(own, at('90')).toString(), '681'); // 1000 - 300 - 10 - 90 * 0.1
});

test('a pocket without legs is never liquidatable', () => {
  assert.equal(judge(pocket('-5'), at('1'), INCLUSIVE).liquidatable, false);
  assert.deepEqual(liquidationPrices(pocket('-5'), 'BTCUSDT', at('1'), INCLUSIVE), { low: null, high: null });
});

test("liquidatable today: both prices are today's mark", () => {
  const found = liquidationPrices(ONE_LONG, 'BTCUSDT', at('41000'), INCLUSIVE);
  assert.deepEqual([String(found.low), String(found.high)], ['41000', '41000']);
});

test('a hedge with unequal legs has a price on both sides', () => {
  // Equity 0.9 + 0.01 P - 1. Below 150 it must keep 0.00796 P: 0.00204 P = 0.1, P = 49.0196078431372549...
  // Above 150 the long leg must keep 0.5 P - 74.4: 74.3 = 0.49396 P, P = 150.41703781682727...
  const own = rules({ tiers: tiers('150 0.004 0', '100000 0.5 74.4') });
  const hedge = pocket('0.9', leg('long 1 @ 100', LINEAR, own), leg('short 0.99 @ 100', LINEAR, own));
  const found = liquidationPrices(hedge, 'BTCUSDT', at('100'), INCLUSIVE);
  assert.ok(price('49.019607843137').eq(found.low!));
  assert.ok(price('150.417037816828').eq(found.high!)); // up
});

test('a step schedule turns at the first mark beyond the bound', () => {
  // Short 10 @ 95, margin 61: at 100 equity is 11, 1 % of 1000 is 10: sound. Just above, 2 % asks for 20.
  const own = pocket(
    '61',
    leg('short 10 @ 95', LINEAR, rules({ tiers: tiers('1000 0.01 0', '100000 0.02 0') })),
  );
  assert.equal(high(own, 'BTCUSDT', at('95'), INCLUSIVE), '100.000000000001');
  assert.equal(high(own, 'BTCUSDT', at('95'), STRICT), '100.000000000001');
});

test('a cross pocket carries its other markets at their marks (Binance FAQ, ETH leg beside BTC)', () => {
  const eth = { ...LINEAR, id: 'ETHUSDT' };
  const own = pocket(
    '1535443.01',
    leg('long 3683.979 @ 1456.84', eth, rules({ tiers: tiers('100000000 0.1 135365') })),
    leg('long 109.488 @ 32481.98', LINEAR, rules({ tiers: BTCUSDT_2021_03 })),
  );
  const marks = (id: string) => price(id === 'ETHUSDT' ? '1335.18' : '31967.27');
  const found = liquidationPrices(own, 'ETHUSDT', marks, INCLUSIVE);
  assert.equal(found.low!.toNumber().toFixed(2), '1153.26');
});

test('an inverse long: contracts * face / price, liquidated where its coin value grew too much', () => {
  // 10,000 USD at 50,000 = 0.2 BTC, margin 0.02; 0.22 = V (1 + 0.004): V = 0.219123505..., P = 45,636.36...
  const own = pocket('0.02', leg('long 10000 @ 50000', INVERSE, rules({ tiers: tiers('100 0.004 0') })));
  const found = liquidationPrices(own, 'XBTUSD', at('50000'), INCLUSIVE);
  // a satoshi of value is 0.002 USD of price
  assert.ok(Math.abs(found.low!.toNumber() - (10000 * 1.004) / 0.22) < 0.002);
  assert.equal(found.high, null);
});

test('an inverse short with more margin than entry value has no upper price', () => {
  const own = pocket('0.3', leg('short 10000 @ 50000', INVERSE, rules({ tiers: tiers('100 0.004 0') })));
  assert.deepEqual(liquidationPrices(own, 'XBTUSD', at('50000'), INCLUSIVE), { low: null, high: null });
});
