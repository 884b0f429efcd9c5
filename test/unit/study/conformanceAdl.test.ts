/**
 * Further cases of the kinds of deleveraging, from the same published sources as the file: what is passed
 * over, what is left, when it stops.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { runConformance } from '../../../src/study/conformance.ts';

const verdict = (kind: string, venue: string, inputs: unknown, expected: unknown): string => {
  const tolerance = { type: 'exact', value: '0' };
  const [line] = runConformance(JSON.stringify([{ id: 'one', kind, venue, inputs, expected, tolerance }]));
  return line!.verdict === 'pass' ? 'pass' : `${line!.verdict}: ${line!.note}, got ${line!.got}`;
};
/** dydxprotocol/v4-chain, protocol/x/clob/keeper/deleveraging_test.go, TestOffsetSubaccountPerpetualPosition. */
const dydx = (inputs: unknown, expected: unknown): string =>
  verdict('deleverage', 'dydx-v4', inputs, expected);
const account = (usdc: string, position: Record<string, string> = {}) => ({ usdc, position });

test('dYdX: a deleveraged long', () => {
  // Carl: 1 BTC long with -54,999; Dave: 1 BTC short with 100,000
  const inputs = {
    liquidated: account('-54999', { BTC: '1' }),
    offsetting: [account('100000', { BTC: '-1' })],
    oracle: { BTC: '50000' },
  };
  assert.equal(
    dydx(inputs, {
      fills: [{ qty: '1', price: '54999' }],
      offsetting_usdc_after: ['45001'],
      liquidated_usdc_after: '0',
    }),
    'pass',
  );
});

test('dYdX: the same side, no position and non-overlapping bankruptcy prices are passed over', () => {
  const liquidated = account('50000', { BTC: '-1' });
  const inputs = {
    liquidated,
    offsetting: [
      account('50000', { BTC: '-1' }),
      account('47000', { ETH: '1' }),
      account('-50001', { BTC: '1' }), // would need 50,001
      account('50000', { BTC: '1' }),
    ],
    oracle: { BTC: '50000', ETH: '3000' },
  };
  assert.equal(
    dydx(inputs, {
      fills: [{ qty: '1', price: '50000' }],
      offsetting_usdc_after: ['50000', '47000', '-50001', '100000'],
      liquidated_usdc_after: '0',
    }),
    'pass',
  );
  const nobody = { ...inputs, offsetting: [account('-50001', { BTC: '1' })] };
  assert.equal(dydx(nobody, { fills: [], liquidated_usdc_after: '50000', quantums_remaining: '1' }), 'pass');
});

test('dYdX: the first of several positions is offset at a price that leaves the net collateral alone', () => {
  // Carl: -1 BTC, +1 ETH, 47,000: net collateral 0, so BTC closes at its oracle price and -3,000 stay
  const inputs = {
    liquidated: account('47000', { BTC: '-1', ETH: '1' }),
    offsetting: [account('50000', { BTC: '1' })],
    oracle: { BTC: '50000', ETH: '3000' },
  };
  assert.equal(
    dydx(inputs, {
      fills: [{ qty: '1', price: '50000' }],
      offsetting_usdc_after: ['100000'],
      liquidated_usdc_after: '-3000',
    }),
    'pass',
  );
});

test('Bybit: below the threshold the drawdown does not count, an empty pool always does, -25 % stops it', () => {
  // docs/v5/market/adl-alert.mdx, trigger and stop conditions 1 and 2
  const base = {
    ...{ pool_8h_max: '1000000', balance: '20000', symbol_pnl_8h_max: '0', trigger_threshold: '10000' },
    ...{ insurance_pnl_ratio: '-0.3', stop_ratio: '-0.25' },
  };
  const says = (over: Record<string, string>, triggered: boolean): void =>
    assert.equal(verdict('adl_trigger', 'bybit', { ...base, ...over }, { adl_triggered: triggered }), 'pass');
  says({ symbol_pnl_now: '-350000' }, true);
  says({ symbol_pnl_now: '-299999' }, false);
  says({ symbol_pnl_now: '-350000', balance: '10000' }, false);
  says({ symbol_pnl_now: '0', balance: '0' }, true);
  const stops = { adl_stopped: true, adl_triggered: false, loss_amount_to_adl: '0' };
  assert.equal(verdict('adl_trigger', 'bybit', { ...base, symbol_pnl_now: '-249999' }, stops), 'pass');
});

test('OKX: the floor decides where 30 % is less; exactly at the threshold nothing happens', () => {
  const says = (reserve: string, avg: string, threshold: string, triggered: boolean): void =>
    assert.equal(
      verdict(
        'adl_trigger',
        'okx',
        { reserve, avg_8h: avg, pct: '0.30', floor_usd: '50000' },
        { threshold, adl_triggered: triggered },
      ),
      'pass',
    );
  says('280000', '400000', '280000', false);
  says('55000', '100000', '50000', false);
  says('49999', '100000', '50000', true);
});

test('the price: Bybit within its band, OKX at the mark, the others at bankruptcy', () => {
  const inputs = {
    ...{
      side: 'SHORT',
      position_size: '2',
      entry_price: '100',
      position_margin: '20',
      max_deviation: '0.05',
    },
    mark_price: '112',
  };
  // (200 + 20) / 2 = 110: 1.8 % off 112
  const price = (venue: string, adl: string): string =>
    verdict('adl_price', venue, inputs, { bankruptcy_price: '110', adl_price: adl });
  assert.equal(price('bybit', '110'), 'pass');
  assert.equal(price('okx', '112'), 'pass');
  assert.equal(price('binance-usdm', '110'), 'pass');
});

test('scores of other venues by their values', () => {
  // BitMEX: |MV| = 300, EV = 250, BV = 150: 20 % x 300 / 150
  const bitmex = { side: 'long', mark_value: '300', entry_value: '250', bankruptcy_value: '150' };
  assert.equal(verdict('adl_score', 'bitmex', bitmex, { score: '0.4', effective_leverage: '2' }), 'pass');
  // Hyperliquid: 300 / 250 x 300 / 150
  const vault = { side: 'long', position_value: '300', entry_value: '250', account_value: '150' };
  assert.equal(verdict('adl_score', 'hyperliquid', vault, { score: '2.4' }), 'pass');
  assert.match(verdict('adl_score', 'nowhere', vault, { score: '2.4' }), /^unsupported/);
});
