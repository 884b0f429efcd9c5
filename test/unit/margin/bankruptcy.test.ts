/** Bankruptcy prices against published examples and the table of closed forms. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, price, qty, rate } from '../../../src/basics/exact.ts';
import { bankruptcyPrice, bankruptcyPrices, marginShares } from '../../../src/margin/bankruptcy.ts';
import { at, INVERSE, LINEAR, leg, pocket, rules, tiers } from './pockets.ts';

const AGAINST = { feeRate: rate('0'), rounding: 'tickAgainstUser' } as const;
const bp = (text: string, margin: string, fee = '0'): string =>
  String(bankruptcyPrice(leg(text, LINEAR, rules({})), money(margin), rate(fee)));

test('linear: entry less margin, whatever the mark and its slippage', () => {
  assert.equal(bp('long 1 @ 80000', '8000'), '72000'); // source document 000
  assert.equal(bp('long 2 @ 43000', '4300'), '40850'); // story one-long
  assert.equal(bp('short 1 @ 80000', '8000'), '88000');
  assert.equal(bp('long 1 @ 100', '150'), '-50'); // over-collateralised: legal
});

test('linear with a closing fee: the fee is paid from the same money', () => {
  // Long: p (1 - 0.005) = 72000, p = 72361.809045226130..., up. Short: p (1 + 0.005) = 88000, p =
  // 87562.189054726368..., down.
  assert.equal(bp('long 1 @ 80000', '8000', '0.005'), '72361.809045226131');
  assert.equal(bp('short 1 @ 80000', '8000', '0.005'), '87562.189054726368');
});

test('inverse: EP L / (L + 1), to the tick against the account (Bybit: 7735.372549 -> 7735.50)', () => {
  const market = { ...INVERSE, priceTick: price('0.5'), valueScale: 18 };
  const own = leg('long 5000 @ 7890.08', market, rules({ bankruptcy: AGAINST }));
  const margin = own.entryValue.times(rate('0.02'));
  assert.equal(String(bankruptcyPrice(own, margin, rate('0'))), '7735.5');
  const raw = leg('long 5000 @ 7890.08', market, rules({}));
  assert.equal(bankruptcyPrice(raw, margin, rate('0'))!.toNumber().toFixed(6), '7735.372549');
  const short = leg('short 5000 @ 7890.08', market, rules({ bankruptcy: AGAINST }));
  // 7890.08 * 50 / 49 = 8051.10, down
  assert.equal(String(bankruptcyPrice(short, margin, rate('0'))), '8051');
});

test('inverse: no price closes a short that holds more coins than it owes', () => {
  const own = leg('short 10000 @ 50000', INVERSE, rules({}));
  assert.equal(bankruptcyPrice(own, money('0.2'), rate('0')), null);
});

test('cross: the deficit is shared pro rata to maintenance margin (dYdX v4 liquidations_test.go)', () => {
  // 110 USDC, +0.004 BTC at 50000, -0.1 ETH at 3000: equity 10, maintenance 20 and 30; ETH carries 6:
  // 306 / 0.1.
  const own = rules({ tiers: tiers('1000000 0.1 0') });
  const eth = { ...LINEAR, id: 'ETHUSD' };
  const legs = [
    { market: LINEAR, rules: own, side: 'long' as const, qty: qty('0.004'), entryValue: money('0') },
    { market: eth, rules: own, side: 'short' as const, qty: qty('0.1'), entryValue: money('0') },
  ];
  const account = pocket('110', ...legs);
  const marks = (id: string) => price(id === 'ETHUSD' ? '3000' : '50000');
  assert.deepEqual(bankruptcyPrices(account, marks).map(String), ['49000', '3060']);
  assert.deepEqual(marginShares(account, marks).map(String), ['-196', '306']);
});

test('an isolated leg brings its whole margin', () => {
  const own = pocket('4300', leg('long 2 @ 43000', LINEAR, rules({})));
  assert.deepEqual(bankruptcyPrices(own, at('41030')).map(String), ['40850']);
});
