/**
 * What is in the vendor samples, file by file: typed by hand from the originals. Times that the
 * originals give as text were reckoned from days since 1970 (in the comments where they are).
 */
import { BITMEX, BYBIT } from './vendorExchanges.ts';
import { MESSAGES } from './vendorMessages.ts';
import type { Sample } from './vendorSample.ts';

const UM = { market: 'um' };

const TARDIS: readonly Sample[] = [
  {
    file: 'tardis/trades_bitmex_XBTUSD.csv',
    vendor: 'tardis',
    series: {
      'bitmex/XBTUSD/trades': {
        rows: 10,
        first: {
          time: 1583020803145000,
          price: 8531.5,
          qty: 2152,
          side: 'sell',
          id: 'ccc3c1fa-212c-e8b0-1706-9b9c4f3d5ecf',
        },
        last: {
          time: 1583020803276000,
          price: 8531.5,
          qty: 1,
          side: 'sell',
          id: '7cae8d7b-b69d-025b-cc3c-84b911f37a8a',
        },
      },
    },
  },
  {
    file: 'tardis/incremental_book_L2_deribit_BTC-PERPETUAL.csv',
    vendor: 'tardis',
    refused: ['DATA_SCHEMA', /incremental book updates/], // fifteen asks and no bid: no top of a book
  },
  {
    file: 'tardis/quotes_huobi-dm-swap_BTC-USD.csv',
    vendor: 'tardis',
    series: {
      'huobi-dm-swap/BTC-USD/bookTop': {
        rows: 10,
        first: { time: 1588291201099000, bid: 8629.2, ask: 8629.3, bidQty: 806, askQty: 5494 },
        last: { time: 1588291201814000, bid: 8629.2, ask: 8629.3, bidQty: 847, askQty: 5411 },
      },
    },
  },
  {
    file: 'tardis/book_snapshot_5_binance-futures_BTCUSDT.csv',
    vendor: 'tardis',
    options: { qtyUnit: 'base' },
    series: {
      'binance-futures/BTCUSDT/bookTop': {
        rows: 10,
        first: { time: 1598918403696000, bid: 11657.07, ask: 11657.08, bidQty: 10.896, askQty: 1.714 },
        last: { time: 1598918404284000, bid: 11657.07, ask: 11657.08, bidQty: 10.881, askQty: 1.393 },
      },
    },
  },
  {
    file: 'tardis/book_snapshot_25_binance-futures_BTCUSDT.csv',
    vendor: 'tardis',
    options: { qtyUnit: 'base' },
    series: {
      'binance-futures/BTCUSDT/bookTop': {
        rows: 10,
        first: { time: 1598918403696000, bid: 11657.07, ask: 11657.08, bidQty: 10.896, askQty: 1.714 },
        last: { time: 1598918404005000, bid: 11657.07, ask: 11657.08, bidQty: 10.881, askQty: 1.475 },
      },
    },
  },
  {
    file: 'tardis/derivative_ticker_bitmex_XBTUSD_synthetic.csv',
    vendor: 'tardis',
    series: {
      'bitmex/XBTUSD/mark': {
        rows: 2,
        first: { time: 1583020803145000, price: 9500.25 },
        last: { time: 1583020863145000, price: 9500.75 },
      },
      'bitmex/XBTUSD/index': {
        rows: 2,
        first: { time: 1583020803145000, price: 9500 },
        last: { time: 1583020863145000, price: 9500.5 },
      },
      'bitmex/XBTUSD/openInterest': {
        rows: 2,
        first: { time: 1583020803145000, openInterest: 1000000 },
        last: { time: 1583020863145000, openInterest: 1000500 },
      },
      // both tickers come 3 s after the stamp that they name: neither tells the rate of a stamp to come
    },
  },
];

const BINANCE: readonly Sample[] = [
  {
    file: 'binance-vision/um_klines_1m_NEARUSDT-1m-2024-11_WITH_header.csv',
    vendor: 'binance-vision',
    symbol: 'NEARUSDT',
    options: UM,
    series: {
      'binance-um/NEARUSDT/candles-1m': {
        rows: 60,
        first: {
          time: 1730419200000000,
          open: 4.052,
          high: 4.053,
          low: 4.047,
          close: 4.051,
          volume: 30222,
          buyVolume: 17083,
          trades: 320,
        },
        last: {
          time: 1730422740000000,
          open: 4.045,
          high: 4.046,
          low: 4.043,
          close: 4.044,
          volume: 6289,
          buyVolume: 3232,
          trades: 102,
        },
      },
    },
  },
  {
    file: 'binance-vision/um_aggTrades_BTCUSDT_2025-10-22_with_header.csv',
    vendor: 'binance-vision',
    symbol: 'BTCUSDT',
    options: UM,
    series: {
      'binance-um/BTCUSDT/aggTrades': {
        rows: 6,
        first: { time: 1761091200007000, price: 108253.8, qty: 0.011, side: 'buy', id: 2907604449 },
        last: { time: 1761091201326000, price: 108253.1, qty: 0.011, side: 'sell', id: 2907604454 },
      },
    },
  },
  {
    file: 'binance-vision/um_metrics_BTCUSDT_rows.csv',
    vendor: 'binance-vision',
    symbol: 'BTCUSDT',
    options: UM,
    series: {
      'binance-um/BTCUSDT/openInterest': {
        rows: 2,
        // 2025-10-07 is day 20368: 20368 * 86400 = 1759795200
        first: { time: 1759795200000000, openInterest: 100243.058, value: 12494186585.4 },
        last: { time: 1759795500000000, openInterest: 100180.792, value: 12491937936.12 },
      },
    },
  },
  {
    file: 'binance-vision/um_fundingRate_ETHUSDT_row.csv',
    vendor: 'binance-vision',
    symbol: 'ETHUSDT',
    options: UM,
    // calc_time 1751328000007: seven milliseconds after the full minute
    series: {
      'binance-um/ETHUSDT/funding': { rows: 1, first: { time: 1751328000000000, rate: 0.00008191 } },
    },
  },
  {
    file: 'binance-vision/cm_liquidationSnapshot_BTCUSD_PERP_2023-06-25_rows.csv',
    vendor: 'binance-vision',
    symbol: 'BTCUSD_PERP',
    options: { market: 'cm' },
    series: {
      'binance-cm/BTCUSD_PERP/liquidations': {
        rows: 2, // of three: the first stands there twice, the copy of the other was cut off
        first: { time: 1687656471926000, side: 'buy', qty: 7, price: 30631.6 },
        last: { time: 1687656473356000, side: 'buy', qty: 43, price: 30631.6 },
      },
    },
  },
  {
    file: 'binance-vision/um_bookDepth_header.csv',
    vendor: 'binance-vision',
    symbol: 'BTCUSDT',
    options: UM,
    refused: ['DATA_MISSING', /no row of bookDepth/],
  },
  {
    file: 'binance-vision/README_columns.md',
    vendor: 'binance-vision',
    symbol: 'BTCUSDT',
    options: UM,
    refused: ['DATA_SCHEMA', /neither its name nor a head line says what it holds/],
  },
  {
    file: 'finom-static-klines/binance_spot_klines_1h.json',
    vendor: 'binance-vision',
    symbol: 'BTCUSDT',
    options: { market: 'spot' },
    refused: ['DATA_MISSING', /cut off/], // the sample ends after 2,048 bytes, in the middle of its array
  },
];

const CANDLES: readonly Sample[] = [
  {
    file: 'kraken/trades_BCHEUR.csv',
    vendor: 'kraken',
    series: {
      'kraken/BCHEUR/trades': {
        rows: 40,
        first: { time: 1672531436000000, price: 90.54, qty: 1.1044842 },
        last: { time: 1672568359000000, price: 90.45, qty: 3.3899107 },
      },
    },
  },
  {
    file: 'kraken/ohlcvt_XBTUSD_60.csv',
    vendor: 'kraken',
    series: {
      'kraken/XBTUSD/candles-1h': {
        rows: 20,
        first: { time: 1381093200000000, open: 122, high: 122, low: 122, close: 122, volume: 0.1, trades: 1 },
        last: {
          time: 1381964400000000,
          open: 137.63758,
          high: 138.09,
          low: 137.63758,
          close: 138.09,
          volume: 3,
          trades: 3,
        },
      },
    },
  },
  {
    file: 'cryptodatadownload/Bitstamp_BTCUSD_1h_head.csv',
    vendor: 'cryptodatadownload',
    series: {
      'bitstamp/BTCUSD/candles-1h': {
        rows: 11,
        first: {
          time: 1676037600000000,
          open: 21775,
          high: 21886,
          low: 21765,
          close: 21846,
          volume: 58.97445145,
        },
        last: {
          time: 1676073600000000,
          open: 21631,
          high: 21640,
          low: 21619,
          close: 21624,
          volume: 1.12053272,
        },
      },
    },
  },
  {
    file: 'cryptodatadownload/Coinbase_BTCUSD_1h_2020_head.csv',
    vendor: 'cryptodatadownload',
    series: {
      'coinbase/BTCUSD/candles-1h': {
        rows: 10,
        // 2020-07-08 05-AM: day 18451: 18451 * 86400 + 5 * 3600; 02-PM is 14 h
        first: {
          time: 1594184400000000,
          open: 9264.66,
          high: 9279.63,
          low: 9251.88,
          close: 9270.01,
          volume: 205.54,
        },
        last: {
          time: 1594216800000000,
          open: 9444.76,
          high: 9475,
          low: 9425.48,
          close: 9436.64,
          volume: 478.88,
        },
      },
    },
  },
  {
    file: 'cryptodatadownload/Bitfinex_BTCUSD_1h_head.csv',
    vendor: 'cryptodatadownload',
    series: {
      'bitfinex/BTCUSD/candles-1h': {
        rows: 11, // "Volume USD" stands before "Volume BTC" here
        first: {
          time: 1627653600000000,
          open: 38857.36619138,
          high: 39161.25880957,
          low: 38855,
          close: 39019,
          volume: 150.25439136,
        },
        last: {
          time: 1627689600000000,
          open: 42196.27398595,
          high: 42398,
          low: 41677.51591284,
          close: 42060,
          volume: 274.56470885,
        },
      },
    },
  },
  {
    file: 'freqtrade/binance_leverage_tiers_BTC_ETH_latest.json',
    vendor: 'freqtrade',
    refused: ['DATA_SCHEMA', /leverage tiers/],
  },
];

/** Every file of the manifest. */
export const SAMPLES: readonly Sample[] = [
  ...TARDIS,
  ...BINANCE,
  ...BITMEX,
  ...BYBIT,
  ...CANDLES,
  ...MESSAGES,
];
