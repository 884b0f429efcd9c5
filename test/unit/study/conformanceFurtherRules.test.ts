/**
 * Index, funding, tiers, scores beside those of the published file: the other rows of its sources' tables, the other
 * side, the edges. Each expectation is the source's, or worked in its comment.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { runConformance } from '../../../src/study/conformance.ts';
import { type Case, EXACT, RELATIVE, allPass, within } from '../../support/conformanceCases.ts';

test('freqtrade: the other rows of its funding test; only Binance has the slack', () => {
  // tests/exchange/test_exchange.py, test_calculate_funding_fees: 30 x 2.77 x rate
  const row = (venue: string, [open_time, close_time]: [string, string], short: string, n: number): Case => {
    const marks = { '2021-09-01T00:00:00Z': '2.77', '2021-09-01T08:00:00Z': '2.77' };
    const rates = { '2021-09-01T00:00:00Z': '-0.000008', '2021-09-01T08:00:00Z': '-0.000003' };
    const inputs = { side: 'SHORT', qty: '30.0', open_time, close_time };
    const stamps = [[], ['2021-09-01T08:00:00Z'], Object.keys(marks)][n]!;
    const expected = { funding_received_by_short: short, funding_times_charged: stamps };
    const all = { ...inputs, mark_price_at: marks, funding_rate_at: rates };
    return [venue, 'funding_payment', all, expected, within('1e-9')];
  };
  const at = (time: string): string => `2021-09-01T${time}Z`;
  const first = ['binance-usdm', 'funding_payment'] as const;
  const spaced = {
    ...{ side: 'LONG', qty: '30', open_time: '2021-09-01 00:00:00', close_time: '2021-09-01 07:59:59' },
    mark_price_at: { '2021-09-01 00:00:00+00:00': 2.77 },
    funding_rate_at: { '2021-09-01 00:00:00+00:00': -0.000008 },
  };
  allPass([
    row('binance-usdm', [at('01:00:00'), at('04:00:00')], '0', 0),
    row('binance-usdm', [at('01:00:14'), at('08:00:00')], '-0.0002493', 1),
    row('binance-usdm', [at('00:00:00'), at('12:00:00')], '-0.00091409999', 2),
    row('binance-usdm', [at('00:00:14'), at('08:00:00')], '-0.00091409999', 2),
    row('gate', [at('00:10:00'), at('04:00:00')], '0', 0),
    row('gate', [at('00:00:01'), at('08:00:00')], '-0.0002493', 1),
    row('gate', [at('00:00:00'), at('12:00:00')], '-0.00091409999', 2),
    [...first, spaced, { funding_received: '0.00066479999' }, within('1e-9')],
  ]);
});

test('index and inverse funding: weights, names, other moments; a short, a premium, no exit', () => {
  const index = (inputs: object, index_price: string): Case => [
    'bitmex',
    'index_average',
    inputs,
    { index_price },
  ];
  // nautilus: long 100,000 at 10,500, mark 11,505.6: 9.52380952 - 8.69141983
  const long = { side: 'LONG', contracts: '100000', entry_price: '10500', mark_price: '11505.60' };
  const guide = {
    ...{ side: 'SHORT', contracts: 15000, entry_price: '750', mark_price_at_funding: '600' },
    ...{ funding_quote_rate_daily: '0.01', funding_base_rate_daily: '0.0025', intervals_per_day: 3 },
  };
  const [three, two] = [
    { A: '100', B: '100', C: '100' },
    { A: '100', B: '100' },
  ];
  const shield = { weights: 'equal', tolerance: '0.25', prices_t0: three };
  allPass([
    index({ weights: ['1', '3'], prices: ['100', '104'] }, '103'),
    index({ weights: { A: '0.25', B: '0.75' }, prices: { A: '100', B: '104' } }, '103'),
    index({ prices: [100, '101.5'] }, '100.75'),
    [
      'bitmex',
      'index_protection',
      { ...shield, prices_t1: { ...three, C: '75' } },
      { excluded: ['C'], index_price: '100' },
    ],
    [
      'bitmex',
      'index_protection',
      { ...shield, prices_t1: { ...three, C: '75.3' } },
      { excluded: [], index_price: String(275.3 / 3) },
      RELATIVE,
    ],
    [
      'bitmex',
      'index_protection',
      { ...shield, prices_t0: two, prices_t1: { A: '100', B: '50' } },
      { index_price: '100' },
    ],
    [
      'binance',
      'index_clamp',
      { median: '100', clamp: '0.03', source_deviation: ['0.02', '-0.03', '0.0300001'] },
      { accounted: ['102', '97', '103'] },
    ],
    ['bitmex', 'inverse_pnl', long, { unrealized_pnl: '0.83238969' }, within('0.000000005')],
    // 15,000 / 600 = 25 XBT of mark value; a short receives
    [
      'bitmex',
      'funding_payment_inverse',
      { ...guide, premium: '0' },
      { funding_paid_xbt: '-0.0625', entry_value_xbt: '20' },
    ],
    // premium 0.1 %, interest 0.25 % pulls by 0.05 % at most
    ['bitmex', 'funding_payment_inverse', { ...guide, premium: '0.001' }, { funding_rate: '0.0015' }],
    [
      'deribit-style',
      'continuous_funding',
      {
        mark: '99.9',
        index: '100',
        position: '-2',
        minutes: '480',
        dampener: '0.0005',
        period_minutes: '480',
      },
      { funding_rate_8h: '-0.0005', payment: '0.001' },
    ],
    [
      'deribit-style',
      'continuous_funding',
      {
        mark: '100.05',
        index: '100',
        position: '1',
        minutes: '1',
        dampener: '0.0005',
        period_minutes: '480',
      },
      { funding_rate_8h: '0', payment: '0' },
    ],
  ]);
});

test('tiers and ladders: edges of bounds, deductions left out, steps, small positions', () => {
  const steps = { base_risk_limit: '200', risk_step: '100', base_mm: '0.005', base_im: '0.01' };
  const tiers = [
    { min: 0, max: 100000, mmr: '0.025' },
    { min: 100000, max: null, mmr: '0.05' },
  ];
  allPass([
    // upper-inclusive, and the schedule is continuous there
    [
      'binance-usdm',
      'tier_lookup',
      { tiers, notional: '100000' },
      { maintenance_margin_rate: '0.025', maintenance_margin: '2500' },
    ],
    [
      'binance-usdm',
      'tier_lookup',
      { tiers, notionals: [0, 100000.01, 9e9] },
      { maintenance_margin_rates: ['0.025', '0.05', '0.05'], maintenance_amounts: ['0', '2500', '2500'] },
    ],
    [
      'binance-usdm',
      'tier_lookup',
      { tiers, notional: '-1' },
      { error: 'nominal value can not be lower than 0' },
    ],
    [
      'bitmex',
      'risk_limit',
      { ...steps, position_values: ['200', '200.00000001', '300', '301'] },
      {
        mm_rates: ['0.005', '0.01', '0.01', '0.015'],
        im_rates: ['0.01', '0.015', '0.015', '0.02'],
        mm_xbt_first: '1',
      },
    ],
    ['bitmex', 'risk_limit', { ...steps, risk_step: '0', position_values: ['201'] }, { error: 'no step' }],
    [
      'okx',
      'partial_liquidation_qty',
      { position: '5000', tier: 2, tier1_max: '2000' },
      { close_qty: '5000' },
    ],
    [
      'okx',
      'partial_liquidation_qty',
      { position: '9000', tier: 5, tier1_max: '2000' },
      { close_qty: '7000' },
    ],
    [
      'hyperliquid',
      'maintenance_amount_table',
      { floors: ['0', '100000000'], max_leverage: ['25', '15'], mmr: '1/(2*maxLeverage)' },
      { maintenance_amounts: ['0', '1333333.33'] },
      within('0.01'),
    ],
    [
      'dydx-v4',
      'oi_scaled_initial_margin',
      {
        imf_ppm: 200000,
        oi: '25000000000000',
        lower_cap: '25000000000000',
        upper_cap: '60000000000000',
        notional_quantums: 500000,
      },
      { initial_margin_quantums: '100000' },
    ],
    // 350 BTC of the position: 1 % + 1.75 %
    [
      'deribit',
      'maintenance_margin',
      { index_price: '100000', position: '-350', coin: 'BTC', base_rate: '0.01', slope_per_coin: '0.00005' },
      { rate: '0.0275', margin_coin: '9.625', margin_quote: '962500' },
    ],
  ]);
});

test('scores, ratios and deleveraging on the other side', () => {
  const score = { unrealized_profit: '-5', wallet_balance: '0.5', maintenance_margin: '1' };
  // up 2, wallet 0.5: 2 / max(1, 0.5) = 2; ratio 1 / 2.5 = 0.4
  const small = { ...score, unrealized_profit: '2' };
  const ratio = { side: 'SHORT', entry_price: '100', position_qty: '1', margin: '10', mark_price: '110' };
  const jump = {
    A: { deposit: '100', side: 'SHORT', qty: '500', entry: '1' },
    B: { deposit: '100', side: 'LONG', qty: '500', entry: '1' },
    price_jump_to: '0.5',
  };
  const shorts = [
    { account: 1, qty: '3', score: '0.5' },
    { account: 2, qty: '4', score: 1.5 },
  ];
  allPass([
    ['binance-usdm', 'adl_score', score, { pnl_percent: '0', leverage_pnl: '0' }],
    ['binance-usdm', 'adl_score', small, { pnl_percent: '2', leverage_pnl: '0.8' }],
    // equity 0: no ratio, and past every trigger
    [
      'binance-usdm',
      'margin_ratio',
      { ...ratio, maintenance_margin: '0.5' },
      { margin_balance: '0', liquidatable: true },
    ],
    [
      'seed',
      'margin_ratio',
      { ...ratio, mark_price: '109', maintenance_margin: '0.5' },
      { margin_ratio: '0.5', margin_balance: '1' },
    ],
    [
      'dydx-v4',
      'deleverage',
      jump,
      { bankruptcy_price_B: '0.8', A_realized: '100', B_equity_after: '0', B_equity_before: '-150' },
    ],
    [
      'bitmex',
      'adl_selection',
      { shorts, liquidated: { side: 'LONG', qty: '5', bankruptcy_price: '7' } },
      {
        order: [2, 1],
        fills: [
          { account: 2, qty: '4', price: '7' },
          { account: 1, qty: '1', price: '7' },
        ],
        remaining: { account1: '2' },
      },
    ],
    [
      'binance-usdm',
      'multi_asset_rates',
      { asset_index: '30000', bid_buffer: '0.05', ask_buffer: '.05' },
      { bid_rate: '28500', ask_rate: '31500' },
    ],
    [
      'dydx-v4',
      'premium',
      { bids: [{ price: '9999', qty: '1' }], asks: [], index: 9000, impact_notional: 5000 },
      { impact_bid: '9999', impact_ask: null, premium_ppm: '111000' },
    ],
  ]);
});

test('a case that trips the runner fails alone; one that expects a refusal fails without it', () => {
  const okay = { kind: 'funding_payment_simple', venue: 'generic', inputs: { rows: [['1', '1', '1']] } };
  const lines = runConformance(
    JSON.stringify([
      { ...okay, id: 'a', expected: { fees: ['1'] }, tolerance: EXACT },
      { ...okay, id: 'b', expected: { error: 'refused' }, tolerance: EXACT },
      { ...okay, id: 'c', inputs: { rows: [['x', '1', '1']] }, expected: { fees: ['1'] }, tolerance: EXACT },
    ]),
  );
  assert.deepEqual(
    lines.map((line) => line.verdict),
    ['pass', 'fail', 'unsupported'],
  );
});
