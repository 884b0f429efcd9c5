/** Kinds of margin over several assets put to the conformance runner, worked by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runConformance } from '../../../src/study/conformance.ts';

const run = (kind: string, inputs: object, expected: object) =>
  runConformance(
    JSON.stringify([
      {
        id: 'x',
        source: 'by hand',
        venue: 'venue',
        kind,
        inputs,
        expected,
        tolerance: { type: 'exact', value: '0' },
        notes: '',
        grade: 'published',
      },
    ]),
  )[0]!;
const passes = (kind: string, inputs: object, expected: object): void => {
  const line = run(kind, inputs, expected);
  assert.equal(line.verdict, 'pass', `${line.got} ${line.note}`);
};

test('rates, and what a balance or a debt counts for', () => {
  const btc = { asset_index: '40000', bid_buffer: '0.01', ask_buffer: '0.01', collateral_ratio: '0.95' };
  passes('multi_asset_rates', btc, { bid_rate: '39600', ask_rate: '40400' });
  passes('multi_asset_rates', { ...btc, balance: '1.5' }, { value: '56430' });
  passes('multi_asset_rates', { ...btc, balance: '-0.5' }, { value: '-20200' });
  assert.equal(run('multi_asset_rates', { bid_buffer: '0.01' }, { bid_rate: '1' }).verdict, 'unsupported');
});

test('auto-exchange, by value and by amount', () => {
  const inputs = { deficit: '-19500', auto_exchange_haircut: '0.025', asset_price: '40000' };
  passes('multi_asset_auto_exchange', inputs, { asset_value_sold: '20000', asset_amount_sold: '0.5' });
});

test('equity over assets, the account ratio and its verdict', () => {
  const assets = [
    { asset: 'BTC', balance: '1', index: '40000', bid_buffer: '0.05', haircut: '0.05' },
    { asset: 'USDT', balance: '-1000', index: '1', ask_buffer: '0.01' },
  ];
  // 40 000 x 0.95 x 0.95 - 1 010 - 90
  const inputs = { assets, unrealized_pnl: '-90', total_maintenance_margin: '3500' };
  passes('multi_asset_equity', inputs, { equity: '35000', margin_ratio: '0.1', liquidatable: false });
  passes('multi_asset_equity', { ...inputs, total_maintenance_margin: '35000' }, { liquidatable: true });
});

test("Bybit's account rate from a margin balance or from its parts", () => {
  const parts = { wallet_value: '10000', collateral_ratio: '0.9', perp_upnl: '500', borrow: '1000' };
  // 10 000 x 0.9 + 500 - 1 000 = 8 500
  passes(
    'multi_asset_account_rate',
    { ...parts, total_mm: '850' },
    { account_mm_rate: '0.1', liquidatable: false },
  );
  const stated = { margin_balance: '8500', haircut_loss: '400', order_loss: '-100', total_mm: '8000' };
  passes('multi_asset_account_rate', stated, { account_mm_rate: '1', liquidatable: true });
  assert.equal(
    run('multi_asset_account_rate', { total_mm: '1' }, { account_mm_rate: '1' }).verdict,
    'unsupported',
  );
});
