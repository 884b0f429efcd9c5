/** What is in the messages and API answers among the vendor samples: typed by hand from the originals. */
import type { Row } from '../support/importing.ts';
import type { Held, Sample } from './vendorSample.ts';

const BINANCE_MESSAGES: readonly Sample[] = [
  {
    file: 'binance-ws/liquidation_stream.json',
    vendor: 'messages',
    series: {
      'binance-um/BTCUSDT/liquidations': {
        rows: 1,
        first: { time: 1568014460893000, side: 'sell', qty: 0.014, price: 9910.12345678 },
      },
    },
  },
  {
    file: 'binance-ws/mark_price_stream.json',
    vendor: 'messages',
    series: {
      'binance-um/BTCUSDT/mark': {
        rows: 1,
        first: { time: 1562305380000000, price: 11794.15, index: 11784.62659091 },
      },
    },
  },
  {
    file: 'binance-ws/agg_trade_stream.json',
    vendor: 'messages',
    refused: ['DATA_SCHEMA', /outside 2009/], // the made-up time 123456785 is no millisecond of any trade
  },
  {
    file: 'binance-ws/order_update_adl.json',
    vendor: 'messages',
    series: {
      'binance-um/BTCUSDT/autoDeleveraging': {
        rows: 1,
        first: { time: 1568879465651000, side: 'buy', qty: 0.005, price: 42000 },
      },
    },
  },
  {
    file: 'binance-ws/order_update_insurance.json',
    vendor: 'messages',
    series: {
      'binance-um/BTCUSDT/liquidations': {
        rows: 1,
        first: { time: 1568879465651000, side: 'sell', qty: 0.02, price: 45000 },
      },
    },
  },
  {
    file: 'binance-ws/order_update_calculated.json',
    vendor: 'messages',
    series: {
      'binance-um/BTCUSDT/liquidations': {
        rows: 1,
        first: { time: 1568879465651000, side: 'sell', qty: 0.014, price: 9910.12 },
      },
    },
  },
];

const OKX: readonly Sample[] = [
  {
    file: 'okx-api/http_get_funding_rate_history.json',
    vendor: 'okx',
    series: {
      'okx/BTC-USDT-SWAP/funding': {
        rows: 2, // the realized rates, newest first in the file
        first: { time: 1704038400000000, rate: -0.00002 },
        last: { time: 1704067200000000, rate: 0.00015 },
      },
    },
  },
  {
    file: 'okx-api/http_get_index_price.json',
    vendor: 'okx',
    series: { 'okx/BTC-USDT/index': { rows: 1, first: { time: 1746942707815000, price: 103895 } } },
  },
  {
    file: 'okx-api/http_get_mark_price.json',
    vendor: 'okx',
    series: { 'okx/BTC-USDT-SWAP/mark': { rows: 1, first: { time: 1744590349506000, price: 84660.1 } } },
  },
  { file: 'okx-api/http_get_position_tiers.json', vendor: 'okx', refused: ['DATA_SCHEMA', /position tiers/] },
  { file: 'okx-api/http_get_spread_trades.json', vendor: 'okx', refused: ['DATA_SCHEMA', /spread between/] },
  { file: 'okx-api/http_get_trade_fee_response.json', vendor: 'okx', refused: ['DATA_SCHEMA', /fee rates/] },
  {
    file: 'okx-api/http_get_trades.json',
    vendor: 'okx',
    series: {
      'okx/BTC-USDT/trades': {
        rows: 2,
        first: { time: 1747087161666000, price: 102537.9, qty: 0.0000125, side: 'buy', id: 734864332 },
        last: { time: 1747087163557000, price: 102537.9, qty: 0.00013669, side: 'sell', id: 734864333 },
      },
    },
  },
  {
    file: 'okx-api/ws_funding_rate.json',
    vendor: 'okx',
    series: { 'okx/BTC-USDT-SWAP/funding': { rows: 1, first: { time: 1744590349506000, rate: 0.0001 } } },
  },
  {
    file: 'okx-api/ws_orders_liquidation.json',
    vendor: 'okx',
    series: {
      'okx/BTC-USDT-SWAP/liquidations': {
        rows: 1,
        first: { time: 1746947317402000, side: 'sell', qty: 0.5, price: 40000 },
      },
    },
  },
  {
    file: 'okx-api/ws_trades.json',
    vendor: 'okx',
    series: {
      'okx/BTC-USD/trades': {
        rows: 1,
        first: { time: 1630048897897000, price: 42219.9, qty: 0.12060306, side: 'buy', id: 130639474 },
      },
    },
  },
];

const HYPERLIQUID: readonly Sample[] = [
  {
    file: 'hyperliquid-api/http_funding_history.json',
    vendor: 'hyperliquid',
    series: {
      'hyperliquid/BTC/funding': {
        rows: 3,
        first: { time: 1769908800000000, rate: 0.0000125 },
        last: { time: 1769916000000000, rate: 0.0000033 },
      },
    },
  },
  {
    file: 'hyperliquid-api/http_l2_book_btc.json',
    vendor: 'hyperliquid',
    series: {
      'hyperliquid/BTC/bookTop': {
        rows: 1,
        first: { time: 1761786491067000, bid: 110427, ask: 110428, bidQty: 4.11882, askQty: 3.72573 },
      },
    },
  },
  {
    file: 'hyperliquid-api/http_recent_trades_btc.json',
    vendor: 'hyperliquid',
    series: {
      'hyperliquid/BTC/trades': {
        rows: 3, // newest first in the file; A is a sell
        first: { time: 1769916000000000, price: 104300, qty: 0.005, side: 'sell', id: 300001 },
        last: { time: 1769916002000000, price: 104320, qty: 0.015, side: 'sell', id: 300003 },
      },
    },
  },
  {
    file: 'hyperliquid-api/http_clearinghouse_state_negative_total_raw_usd.json',
    vendor: 'hyperliquid',
    refused: ['DATA_SCHEMA', /state of one account/],
  },
  {
    file: 'hyperliquid-api/http_meta_perp_sample.json',
    vendor: 'hyperliquid',
    refused: ['DATA_SCHEMA', /list of contracts/],
  },
  {
    file: 'hyperliquid-api/http_spot_clearinghouse_state.json',
    vendor: 'hyperliquid',
    refused: ['DATA_SCHEMA', /state of one account/],
  },
];

/** A trade as most venues tell it. */
const trade = (time: number, price: number, qty: number, side: string, id: string | number): Row => ({
  time,
  price,
  qty,
  side,
  id,
});
/** One trade of a symbol. */
const one = (...told: Parameters<typeof trade>): Held => ({ rows: 1, first: trade(...told) });

/** Lines of a recorder: handshakes and messages that the sample cut off are left out. 2021-07-22 is day 18830. */
const CAPTURES: readonly Sample[] = [
  {
    file: 'cryptofeed-raw-ws/BITMEX.ws.1.0.head.txt',
    vendor: 'messages',
    series: {
      'bitmex/XRPU21/trades': one(
        1626992655328000,
        0.00001819,
        15,
        'sell',
        '8f8fe9db-eb13-26a5-dea2-a398d89e04a8',
      ),
      'bitmex/ADAUSDT/trades': one(
        1626993109091000,
        1.17478,
        1,
        'buy',
        '082f92a6-f803-dfaa-6b1a-6de3878418f8',
      ),
      'bitmex/SOLUSDT/trades': one(
        1626993355601000,
        27.457,
        1,
        'sell',
        '6fa9a84a-dc68-6a93-491b-97409d9917c1',
      ),
      'bitmex/TRXU21/trades': one(
        1626992660333000,
        0.0000016425,
        1300,
        'sell',
        '6f375362-a3de-a37e-2934-52d8f6bf1121',
      ),
      'bitmex/EOSUSDT/trades': one(
        1626993012300000,
        3.5285,
        40,
        'buy',
        '57563ddd-8c03-6930-777b-de6729205d95',
      ),
      'bitmex/TRXUSDT/trades': one(
        1626987717358000,
        0.05489,
        25,
        'sell',
        'cc863c22-10ef-d23d-053a-728e39c1a1af',
      ),
      'bitmex/BCHUSD/trades': one(
        1626993352015000,
        438.6,
        1412,
        'sell',
        '48e0eb8c-fef8-3009-f980-2e1433a80d2c',
      ),
      'bitmex/UNIUSDT/trades': {
        rows: 2,
        first: trade(1626993280283000, 17.292, 219, 'buy', '0c52f8cc-b0ef-50f7-881d-6fe355ac0944'),
        last: trade(1626993370014000, 17.297, 52, 'buy', '39744121-c20e-44ba-8cc8-a6b8cdf72885'),
      },
      'bitmex/MATICUSDT/trades': {
        rows: 2,
        first: trade(1626993335040000, 0.8792, 50, 'sell', 'cfed8f41-01ef-a859-a037-e36aa563aeb9'),
        last: trade(1626993379764000, 0.8795, 1199, 'sell', '3b2d6d74-b858-2413-ec15-715b1e7a251c'),
      },
      'bitmex/XBTUSD/trades': {
        rows: 8, // messages of 1, 2, 3, 1 and 1 trades; one of eight or more is cut off after 2,000 characters
        first: trade(1626993359790000, 32175, 1000, 'buy', 'a36d1fb8-ff0c-d428-cde7-d166a181c1d2'),
        last: trade(1626993395165000, 32187, 3000, 'buy', 'e747ffab-45c2-c878-4fa7-0e6b0b18e00c'),
      },
    },
  },
  {
    file: 'cryptofeed-raw-ws/BINANCE_FUTURES.ws.1.0.head.txt',
    vendor: 'messages',
    series: {
      // the one bar is not closed ("x":false), and depth updates are no top of a book
      'binance-um/CTKUSDT/aggTrades': one(1626992741421000, 1.011, 10, 'buy', 16599292),
      'binance-um/CTKUSDT/bookTop': {
        rows: 1,
        first: { time: 1626992741421000, bid: 1.01, ask: 1.011, bidQty: 85782, askQty: 6483 },
      },
      'binance-um/SUSHIUSDT/bookTop': {
        rows: 2,
        first: { time: 1626992741012000, bid: 7.611, ask: 7.612, bidQty: 2, askQty: 297 },
        last: { time: 1626992741163000, bid: 7.611, ask: 7.612, bidQty: 6, askQty: 297 },
      },
    },
  },
  {
    file: 'cryptofeed-raw-ws/BYBIT.ws.25.0.head.txt',
    vendor: 'messages',
    series: {
      'bybit/BCHUSDT/trades': {
        rows: 2,
        first: trade(1618677785116000, 1053.9, 0.14, 'buy', '01cacfe9-8d1c-5ee4-995d-d79a43f955a6'),
        last: trade(1618677785948000, 1054.45, 0.82, 'sell', 'a6492be8-54bb-55b2-8b46-69ad3c70a3b5'),
      },
      'bybit/XTZUSDT/trades': one(
        1618677784983000,
        7.207,
        0.9,
        'sell',
        '34a0c539-d0f2-5fac-8ceb-0737c5e36a0f',
      ),
      'bybit/UNIUSDT/trades': one(
        1618677781355000,
        35.402,
        0.8,
        'buy',
        '21e82307-f328-5fbc-8566-b3823e847b48',
      ),
      'bybit/LTCUSDT/trades': one(
        1618677780476000,
        313.14,
        0.6,
        'sell',
        '55e1cea6-bef5-5490-ae71-06160f62f99d',
      ),
      'bybit/DOTUSDT/trades': one(
        1618677744728000,
        43.55,
        7.9,
        'buy',
        '095123ba-e427-5230-9977-40f392033898',
      ),
      'bybit/LINKUSDT/trades': one(
        1618677757982000,
        41.083,
        0.1,
        'buy',
        '75b52c9f-92bb-57ed-bbed-4c43109358cf',
      ),
      'bybit/ADAUSDT/trades': one(1618677780318000, 1.3873, 1, 'buy', '650a9b1c-1b9e-5c28-9a23-9283874f5dde'),
      'bybit/ETHUSDT/trades': {
        rows: 2,
        first: trade(1618677784506000, 2365, 0.23, 'sell', 'b862869b-24da-5eef-b6fa-bfbe32cbfc69'),
        last: trade(1618677784718000, 2364.95, 0.13, 'buy', '31bf45b7-a295-52fb-a4f5-274679cb9fe4'),
      },
    },
  },
  {
    file: 'cryptofeed-raw-ws/OKX.ws.1.0.head.txt',
    vendor: 'messages',
    series: {
      'okx/BTC-USD-220527/trades': one(1652459199958000, 30218.8, 1, 'buy', 7849),
      'okx/UNI-USD-SWAP/trades': one(1652459215150000, 5.123, 100, 'sell', 12883020),
      'okx/BTC-USDT/trades': {
        rows: 15, // ids 338476307 .. 338476321
        first: trade(1652459224818000, 30236, 0.0002, 'buy', 338476307),
        last: trade(1652459228210000, 30247.5, 0.00135203, 'sell', 338476321),
      },
    },
  },
  {
    file: 'cryptofeed-raw-ws/KRAKEN_FUTURES.ws.1.0.head.txt',
    vendor: 'messages',
    series: {
      // the ten snapshots are cut off after 2,000 characters
      'kraken-futures/PI_LTCUSD/trades': one(
        1626994929946000,
        119.44,
        320,
        'buy',
        'e2429e31-8b9d-4195-900e-fd42be2dec89',
      ),
      'kraken-futures/FI_BCHUSD_210730/trades': one(
        1626994933519000,
        439.5,
        50,
        'buy',
        '727c154e-9339-4c50-987f-326c42f313a4',
      ),
      'kraken-futures/PI_ETHUSD/trades': one(
        1626994936490000,
        2005.2,
        40,
        'buy',
        'a4cce96f-e061-46ef-9205-8cbe73bb4cdb',
      ),
    },
  },
];

/** The files of messages and of API answers. */
export const MESSAGES: readonly Sample[] = [...BINANCE_MESSAGES, ...OKX, ...HYPERLIQUID, ...CAPTURES];
