/**
 * Liquidation and bankruptcy prices beside those of the published file: the other rows of its sources' tables, the
 * other side, other spellings. Each expectation is the source's, or worked in its comment.
 */
import test from 'node:test';
import { type Case, RELATIVE, allPass, one, within } from '../../support/conformanceCases.ts';

test('freqtrade: the other rows of its table of liquidation prices', () => {
  // tests/exchange/test_exchange.py, test_liquidation_price: rate 1 %, amount 0.01, fee 0.06 %
  const row = (venue: string, side: string, of: readonly (string | null)[]): Case => {
    const [leverage, entry_price, position_qty, liquidation_price] = of;
    const fee = { binance: { maintenance_amount: '0.01' }, bybit: { mm_deduction: 'ignored upstream' } };
    const own = fee[venue.split('-')[0] as 'binance'] ?? { taker_fee: '0.0006' };
    const inputs = { side, leverage, entry_price, position_qty, maintenance_margin_rate: '0.01', ...own };
    const isolated = { margin_mode: 'isolated', wallet_balance: 'qty*entry/leverage', ...inputs };
    return [venue, 'liquidation_price', isolated, { liquidation_price }, RELATIVE];
  };
  allPass([
    row('binance-usdm', 'SHORT', ['5', '8', '1.0', '9.514851485148514']), // (1.6 + 0.01 + 8) / 1.01
    row('binance-usdm', 'LONG', ['5', '8', '1.0', '6.454545454545454']), // (8 - 1.6 - 0.01) / 0.99
    row('binance-usdm', 'LONG', ['5', '10', '0.6', '8.063973063973064']),
    row('gate', 'SHORT', ['5', '10', '2.0', '11.87413417771621']),
    row('gate', 'SHORT', ['5', '8', '1.0', '9.499307342172967']),
    row('gate', 'LONG', ['3', '10', '1.0', '6.738090425173506']),
    row('okx', 'LONG', ['3', '10', '1.0', '6.738090425173506']),
    row('bybit', 'LONG', ['5', '10', '1.0', '8.1']),
    row('bybit', 'SHORT', ['1', '10', '1.0', '19.9']),
    row('bybit', 'SHORT', ['5', '10', '1.0', '11.9']),
    // entry / leverage is the whole entry: (10 - 10 - 0.01) / 0.99 is below 0, and shown as none
    row('binance-usdm', 'LONG', ['1', '10', '1.0', null]),
  ]);
});

test('Binance: the other leg of the FAQ, isolated margin knows no others, hedge legs however they are spelled', () => {
  const btc = {
    ...{ margin_mode: 'cross', position_mode: 'one_way', side: 'LONG', wallet_balance: '1535443.01' },
    ...{ position_qty: '109.488', entry_price: '32481.980' },
    ...{ maintenance_margin_rate: '0.025', maintenance_amount: '16300.000' },
  };
  const sums = { other_maintenance_margin: '356512.508', other_unrealized_pnl: '-448192.89' };
  const eth = {
    ...{ symbol: 'ETHUSDT', side: 'LONG', qty: '3683.979', entry_price: '1456.84', mark_price: '1335.18' },
    ...{ maintenance_margin_rate: '0.10', maintenance_amount: '135365' },
  };
  // freqtrade test_binance.py: 26316.89; the same from the position itself
  const lp = (price: string): object => ({ liquidation_price: price });
  // L 200 at 100, S 100 at 99, 0.4 %: (300 - 20000 + 9900) / (0.8 + 0.4 - 100)
  const hedged = { position_mode: 'hedge', wallet_balance: '300', maintenance_margin_rate: '0.004' };
  const shared = lp(String(9800 / 98.8));
  const legs: object[] = [
    { long: { qty: '200', entry_price: '100' }, short: { qty: '100', entry_price: '99' } },
    { qty_long: '200', entry_price_long: '100', qty_short: '100', entry_price_short: '99' },
    {
      ...{ long_position_qty: 200, long_entry_price: 100, short_position_qty: 100, short_entry_price: 99 },
      ...{ maintenance_margin_rate_long: '0.004', short_maintenance_margin_rate: '0.004' },
    },
  ];
  allPass([
    ['binance-usdm', 'liquidation_price', { ...btc, ...sums }, lp('26316.89'), within('0.005')],
    ['binance-usdm', 'liquidation_price', { ...btc, other_position: eth }, lp('26316.89'), within('0.005')],
    [
      'binance-usdm',
      'liquidation_price',
      { ...btc, other_positions: [eth] },
      lp('26316.89'),
      within('0.005'),
    ],
    one(
      'binance-usdm',
      'liquidation_price',
      { ...btc, ...sums, margin_mode: 'isolated' },
      lp('18778.73'),
      within('0.005'),
    ),
    ...legs.map((l): Case => ['binance-usdm', 'liquidation_price', { ...hedged, ...l }, shared, RELATIVE]),
    ['binance-usdm', 'liquidation_price', { ...btc, trading_mode: 'spot' }, { liquidation_price: null }],
  ]);
});

test('COIN-M: the wallet behind the API sample, and the price from that wallet', () => {
  // short 5 x 100 USD at 61,755.5936, LP 397,179.048, rate 0.4 %:
  // 500 x 0.004 / LP - 500 (1 / LP - 1 / EP) = 0.00000503552 - 0.00125887798 + 0.00809643259 = 0.00684259...
  const sample = {
    ...{ side: 'SHORT', contracts: '5', contract_size_usd: '100', entry_price: '61755.5936' },
    ...{ maintenance_margin_rate: '0.004', maintenance_amount: '0', margin_mode: 'cross' },
  };
  const wallet = { cross_wallet_balance_btc: '0.00684259' };
  const given = { ...sample, wallet_balance: '0.00684259' };
  allPass([
    one(
      'binance-coinm',
      'wallet_balance_from_liquidation_price',
      { ...sample, liquidation_price: '397179.048' },
      wallet,
      within('1e-7'),
    ),
    ['binance-coinm', 'liquidation_price', given, { liquidation_price: '397179.048' }, within('2')],
  ]);
});

test('Bybit: inverse cross margin with its closing fee, inverse shorts, added margin', () => {
  // help center 360039261334: 0.5 BTC, 10,000 contracts at 8,000: BP 5718.57, LP 5739.50
  const cross = {
    ...{ contract: 'inverse', margin_mode: 'cross', side: 'LONG', contracts: '10000', entry_price: '8000' },
    ...{ account_balance: '0.5', order_margin: '0', maintenance_margin_rate: '0.005', taker_fee: '0.00075' },
  };
  const isolated = { contract: 'inverse', margin_mode: 'isolated', contracts: '60000', entry_price: '50000' };
  const tenfold = { ...isolated, leverage: '10' };
  // 60,000 / (1.2 - (0.12 - 0.006)) = 55248.6187...
  const short = { ...tenfold, side: 'SHORT', maintenance_margin_rate: '0.005', mm_deduction: '0' };
  // entry 20,000 at 50x with 0.5 %: 19,700 less 100 / 1 of added margin
  const added = {
    ...{ margin_mode: 'isolated', side: 'LONG', position_qty: '1', entry_price: '20000', leverage: '50' },
    ...{ maintenance_margin_rate: '0.005', extra_margin: '100' },
  };
  allPass([
    ['bybit', 'liquidation_price', cross, { bankruptcy_price: '5718.5714' }, within('0.0001')],
    ['bybit', 'liquidation_price', { ...cross, tick_size: '0.5' }, { liquidation_price: '5739.50' }],
    ['bybit-inverse', 'bankruptcy_price', cross, { bankruptcy_price: '5718.57' }, within('0.005')],
    ['bybit', 'liquidation_price', short, { liquidation_price: String(60000 / 1.086) }, RELATIVE],
    ['bybit', 'liquidation_price', added, { liquidation_price: '19600' }],
    // EP L / (L - 1) = 55555.55..., down to the tick for a short
    one(
      'bybit',
      'bankruptcy_price',
      { ...tenfold, side: 'SHORT', tick_size: '0.5' },
      { bankruptcy_price: '55555.5' },
    ),
    // the seed's leverage on an inverse contract: 80,000 x 10 / 11
    one(
      'seed',
      'bankruptcy_price',
      { contract: 'inverse', side: 'LONG', entry_price: '80000', leverage: '10' },
      { bankruptcy_price: '72727.27' },
      within('0.005'),
    ),
  ]);
});

test('other conventions: Hyperliquid by what is left of its margin, a long of dYdX, contracts of a linear market', () => {
  // Hyperliquid: p - side * margin_available / size / (1 - l side), l = 1 / 80 at 40x: 100,000 - 500 / (1 - 0.0125)
  const vault = { side: 'LONG', size: '1', price: '100000', max_leverage: '40', margin_available: '500' };
  // dYdX docs: (e - s p) / (|s| MMF - s) = (1000 - 9000) / (0.15 - 3)
  const long = { equity: '1000', size: '3', price: '3000', mmf: '0.05', other_mmr: '0' };
  // OKX: 10 contracts of 0.1 are 1 coin
  const okx = {
    ...{ contract: 'linear', contracts: '10', contract_size: '0.1', side: 'LONG', leverage: '5' },
    ...{ entry_price: '10', maintenance_margin_rate: '0.01', taker_fee: '0.0006' },
  };
  allPass([
    [
      'hyperliquid',
      'liquidation_price',
      vault,
      { liquidation_price: String(100000 - 500 / 0.9875) },
      RELATIVE,
    ],
    ['dydx-v4', 'liquidation_price', long, { liquidation_price: String(8000 / 2.85) }, RELATIVE],
    ['okx', 'liquidation_price', okx, { liquidation_price: '8.085708510208207' }, RELATIVE],
  ]);
});
