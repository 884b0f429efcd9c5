/**
 * Cases of dYdX and Drift beside those of the published file: the other rows of their own tests.
 */
import test from 'node:test';
import { type Case, allPass, one } from '../../support/conformanceCases.ts';

/** One account of x/clob/keeper/liquidations_test.go: BTC at 50,000, ETH at 3,000, 20 % and 10 %. */
const account = (usdc: string, positions: Record<string, string>, more: object = {}) => ({
  ...{ usdc_balance: usdc, positions, oracle_prices: { BTC: '50000', ETH: '3000' } },
  ...{ imf: '0.20', mmf: '0.10', quote_quantum: '0.000001', ...more },
});

test('dYdX: the other rows of TestGetBankruptcyPriceInQuoteQuantums', () => {
  const row = (usdc: string, held: Record<string, string>, delta: [string, string], quote: string): Case => {
    const inputs = account(usdc, held, { market: delta[0], delta_qty: delta[1] });
    const refused = quote === 'refused';
    return [
      'dydx-v4',
      'bankruptcy_quote',
      inputs,
      refused ? { error: 'refused' } : { bankruptcy_quote: quote },
    ];
  };
  const [long, short] = [{ BTC: '0.1' }, { BTC: '-0.1' }];
  allPass([
    row('-5000', long, ['BTC', '-0.1'], '5000'),
    row('-5000', long, ['BTC', '-0.05'], '2500'),
    row('5000', short, ['BTC', '0.05'], '-2500'),
    row('5000', short, ['BTC', '0.1'], '-5000'),
    row('4900', short, ['BTC', '0.1'], '-4900'),
    row('-490', { BTC: '0.004', ETH: '0.1' }, ['ETH', '-0.1'], '294'),
    row('510', { BTC: '-0.004', ETH: '-0.1' }, ['ETH', '0.1'], '-306'),
    // 0.00277511 and -0.00277511, both toward + infinity
    row('-13', { BTC: '1' }, ['BTC', '-0.00021347'], '0.002776'),
    row('13', { BTC: '-1' }, ['BTC', '0.00021347'], '-0.002775'),
    row('1', { BTC: '1' }, ['BTC', '-1'], '-1'),
    row('-4501', { BTC: '1' }, ['BTC', '0'], 'refused'),
    row('-4501', {}, ['BTC', '-0.1'], 'refused'),
    row('-4501', { BTC: '1' }, ['BTC', '0.1'], 'refused'),
    row('-4501', { BTC: '1' }, ['BTC', '-1.00000001'], 'refused'),
  ]);
});

test('dYdX: the other rows of TestIsLiquidatable and TestGetFillablePrice', () => {
  const isIt = (usdc: string, held: Record<string, string>, liquidatable: boolean): Case => [
    'dydx-v4',
    'is_liquidatable',
    account(usdc, held),
    { liquidatable },
  ];
  const fillable = (
    usdc: string,
    held: Record<string, string>,
    [ba, spread]: [string, string],
    p: string,
  ): Case =>
    one(
      'dydx-v4',
      'fillable_price',
      account(usdc, held, {
        ...{ market: Object.keys(held).at(-1) ?? 'BTC', bankruptcy_adjustment: ba, spread_to_mmr: spread },
        ...(p === 'refused' ? { delta_qty: '0' } : {}),
      }),
      p === 'refused' ? { error: p } : { fillable_price: p },
    );
  const [long, short] = [{ BTC: '0.1' }, { BTC: '-0.1' }];
  allPass([
    isIt('1', {}, false),
    isIt('-1', {}, false),
    isIt('-4501', long, true),
    fillable('-4501', long, ['1', '0.2'], '49998'),
    fillable('5499', short, ['2', '0.1'], '50002'),
    fillable('5499', short, ['1', '0.2'], '50002'),
    fillable('-5000', long, ['1', '0.1'], '49500'),
    fillable('5000', short, ['1', '0.1'], '50500'),
    fillable('-5500', long, ['1', '0.1'], '49500'),
    fillable('4500', short, ['1', '0.1'], '50500'),
    fillable('-490', { BTC: '0.004', ETH: '0.1' }, ['1', '0.1'], '2976'),
    fillable('-4501', long, ['4294.967295', '0.1'], '49500'),
    fillable('-4501', long, ['1', '0.000001'], '49999.99999'),
    fillable('-4501', long, ['1', '1'], '49990'),
    fillable('-4501', {}, ['1', '0.1'], 'refused'),
    fillable('-4501', long, ['1', '0.1'], 'refused'),
  ]);
});

test('dYdX: the other rows of TestGetLiquidationInsuranceFundDelta', () => {
  const row = (side: 'SELL' | 'BUY', fill: string, fee: string, delta: string): Case => {
    const [usdc_balance, bankruptcy_quote] = side === 'SELL' ? ['-5100', '5100'] : ['4900', '-4900'];
    const size = delta === 'refused' ? '0' : '0.1';
    const inputs = { usdc_balance, bankruptcy_quote, close_side: side, qty: size, fill_price: fill };
    const expected = delta === 'refused' ? { error: delta } : { insurance_fund_delta: delta };
    return ['dydx-v4', 'insurance_fund_delta', { ...inputs, max_liquidation_fee: fee }, expected];
  };
  allPass([
    row('SELL', '56100', '1', '510'),
    row('BUY', '44100', '0.025', '110.25'),
    row('BUY', '44100', '1', '490'),
    row('SELL', '51051', '0.005', '5.1'),
    row('BUY', '48951', '0.005', '4.9'),
    row('SELL', '51000', '0.005', '0'),
    row('BUY', '49000', '0.005', '0'),
    row('SELL', '50490', '0.005', '-51'),
    row('BUY', '49490', '0.005', '-49'),
    row('BUY', '50000', '0.005', 'refused'),
    row('BUY', '0.000001', '0.005', '0'), // 0.1 of a quantum, and a fee of less
  ]);
});

test('Drift: the other rows of its tests', () => {
  const close = (part: object, base_qty: string): Case =>
    one(
      'drift',
      'partial_liquidation_qty',
      {
        ...{ margin_shortage: '10', margin_ratio: '0.1', liquidator_fee: '0', if_fee: '0' },
        ...{ oracle_price: '100', quote_price: '1', ...part },
      },
      { base_qty },
    );
  const fee = (part: object, if_fee_rate: string): Case =>
    one(
      'drift',
      'insurance_fee_rate',
      {
        ...{ margin_shortage: '20', base_qty: '10', liquidator_fee: '0.01', margin_ratio: '0.05' },
        ...{ oracle_price: '100', max_if_fee: '0.05', ...part },
      },
      { if_fee_rate },
    );
  const ramp = (elapsed_slots: unknown, fees: unknown): Case =>
    one(
      'drift',
      'liquidation_fee_ramp',
      {
        ...{ base_fee: '0.02', max_fee: '0.05', increase_per_slot: '0.000001', grace_slots: 1500 },
        elapsed_slots,
      },
      { fees },
    );
  const open = { precision: '0.000000001', rounding: 'ceil' };
  allPass([
    close({ quote_price: '0.99' }, '1.01010101'),
    close({ liquidator_fee: '0.01' }, '1.111111111'),
    // 10 / (100 x 0.99 x 0.09 - 100 x 0.01): the fund's fee is taken without the price of quote
    close({ quote_price: '0.99', liquidator_fee: '0.01', if_fee: '0.01' }, '1.264222503'),
    close({ liquidator_fee: '0.1' }, 'all'),
    close({ oracle_price: '0' }, 'all'),
    close({ margin_shortage: '0' }, '0'),
    fee({ margin_shortage: '1' }, '0.03705'),
    fee({ liquidator_fee: '0.1' }, '0'),
    fee({ oracle_price: '0' }, '0'),
    fee({ quote_price: '0' }, '0'),
    fee({ base_qty: '0' }, '0'),
    ramp([1499, 1500, 30000], ['0.02', '0.0215', '0.05']),
    [
      'drift',
      'socialized_loss_per_base',
      { loss: '1', oi_long: '0', oi_short: '0', ...open },
      { error: 'none' },
    ],
    // 1 / 3 = 0.333333..., up at a millionth
    [
      'drift',
      'socialized_loss_per_base',
      { loss: '-1', oi_long: '1', oi_short: '-2', ...open },
      { per_base: '0.333334' },
    ],
  ]);
});
