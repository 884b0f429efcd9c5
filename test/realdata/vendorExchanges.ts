/** What is in the files of BitMEX and Bybit among the vendor samples: typed by hand from the originals. */
import type { Sample } from './vendorSample.ts';

/** Archives and API of BitMEX. */
export const BITMEX: readonly Sample[] = [
  {
    file: 'bitmex/trade_XBTUSD_rows.csv',
    vendor: 'bitmex',
    series: {
      'bitmex/XBTUSD/trades': {
        rows: 199,
        // 2018-06-04 is day 17686: 17686 * 86400 + 4 * 3600 + 7.109045
        first: {
          time: 1528084807109045,
          price: 7694,
          qty: 20,
          side: 'buy',
          id: '3627d94a-3f0b-4ed9-75c8-362ba6a5bb93',
        },
        // 2018-08-09 is day 17752: 17752 * 86400 + 4 * 3600 + 5.817131
        last: {
          time: 1533787205817131,
          price: 6320,
          qty: 30000,
          side: 'sell',
          id: '716a4342-ca5a-ca1a-5cb8-3bc2afdd4fe9',
        },
      },
    },
  },
  {
    file: 'bitmex/funding_api_csv.csv',
    vendor: 'bitmex',
    series: {
      'bitmex/XBTUSD/funding': {
        rows: 49,
        first: { time: 1463227200000000, rate: 6.900000000000001e-4 }, // day 16935, 12:00
        last: { time: 1465819200000000, rate: 0.01125 }, // day 16965, 12:00
      },
    },
  },
  {
    file: 'bitmex/api_v1_trade_1000_rows.json',
    vendor: 'bitmex',
    series: {
      'bitmex/XBTUSD/trades': {
        rows: 1000,
        // 2019-05-03 is day 18019: 18019 * 86400 + 12 * 3600 + 5 * 60 + 8.063
        first: {
          time: 1556885108063000,
          price: 5704,
          qty: 135,
          side: 'buy',
          id: '375d87a1-6a5e-7c95-ba96-fa6a0e10ddd4',
        },
        last: {
          time: 1556885153937000,
          price: 5710.5,
          qty: 10,
          side: 'buy',
          id: '64f2abf4-011a-4ab4-e3a8-5e1c14e042e8',
        },
      },
    },
  },
  {
    file: 'bitmex/api_v1_trade_bucketed_1m_1000_rows.json',
    vendor: 'bitmex',
    series: {
      'bitmex/XBTUSD/candles-1m': {
        rows: 1000,
        // stamped 2020-01-02T09:20 (day 18263), so it opened at 09:19: 18263 * 86400 + 33540
        first: {
          time: 1577956740000000,
          open: 7124,
          high: 7124,
          low: 7121.5,
          close: 7121.5,
          volume: 264462,
          trades: 147,
        },
        // stamped 2020-01-03T01:59, so it opened at 01:58: 18264 * 86400 + 7080
        last: {
          time: 1578016680000000,
          open: 6868.5,
          high: 6868.5,
          low: 6866,
          close: 6866,
          volume: 1473392,
          trades: 636,
        },
      },
    },
  },
  {
    file: 'bitmex-api/http_get_trade_bins.json',
    vendor: 'bitmex',
    series: {
      'bitmex/XBTUSD/candles-1m': {
        rows: 3,
        // stamped 2024-11-25T10:30 (day 20052), opened 10:29: 20052 * 86400 + 37740
        first: {
          time: 1732530540000000,
          open: 98900,
          high: 98980.5,
          low: 98890,
          close: 98950,
          volume: 150000,
          trades: 45,
        },
        last: {
          time: 1732530660000000,
          open: 98960,
          high: 98975,
          low: 98955,
          close: 98970,
          volume: 78000,
          trades: 28,
        },
      },
    },
  },
  {
    file: 'bitmex-api/ws_funding_rate.json',
    vendor: 'bitmex',
    // 2024-11-25T04:00: 20052 * 86400 + 14400
    series: { 'bitmex/XBTUSD/funding': { rows: 1, first: { time: 1732507200000000, rate: 0.0001 } } },
  },
  {
    file: 'bitmex-api/ws_instrument_mark_update.json',
    vendor: 'bitmex',
    // 2026-05-27 is day 20600: 20600 * 86400 + 12 * 3600 + 56 * 60 + 40.5
    series: { 'bitmex/DOTUSDT/mark': { rows: 1, first: { time: 1779886600500000, price: 1.2669 } } },
  },
  {
    file: 'bitmex-api/ws_instrument_index_update.json',
    vendor: 'bitmex',
    series: { 'bitmex/XBTUSD/index': { rows: 1, first: { time: 1779879600500000, price: 75847.62 } } },
  },
  {
    file: 'bitmex-api/ws_trade.json',
    vendor: 'bitmex',
    series: {
      'bitmex/XBTUSD/trades': {
        rows: 1,
        // 2024-11-24 is day 20051: 20051 * 86400 + 8 * 3600 + 15 * 60 + 38.704
        first: {
          time: 1732436138704000,
          price: 98570.9,
          qty: 100,
          side: 'sell',
          id: '00000000-006d-1000-0000-000e8737d536',
        },
      },
    },
  },
  { file: 'bitmex-api/ws_liquidation.json', vendor: 'bitmex', refused: ['DATA_SCHEMA', /without a time/] },
  {
    file: 'bitmex-api/http_get_instrument_xbtusd.json',
    vendor: 'bitmex',
    refused: ['DATA_SCHEMA', /description of a contract/],
  },
];

/** Archives and API of Bybit. */
export const BYBIT: readonly Sample[] = [
  {
    file: 'bybit/2024-12-01_XRPUSDT_ob500.data.zip',
    vendor: 'bybit',
    series: {
      'bybit/XRPUSDT/bookTop': {
        // 50 messages; those sent at ...203590 and ...204590 leave the best bid and ask and their quantities as they were
        rows: 48,
        first: { time: 1733011200589000, bid: 1.9531, ask: 1.9532, bidQty: 6203, askQty: 10480 },
        last: { time: 1733011205488000, bid: 1.9537, ask: 1.9538, bidQty: 10605, askQty: 6702 },
      },
    },
  },
  {
    file: 'bybit-api/ws_account_execution_adl.json',
    vendor: 'bybit',
    series: {
      'bybit/BTCUSDT/autoDeleveraging': {
        rows: 1,
        first: { time: 1746270400398000, side: 'sell', qty: 0.5, price: 95850 },
      },
    },
  },
  {
    file: 'bybit-api/http_get_funding_history.json',
    vendor: 'bybit',
    series: {
      'bybit/BTCUSDT/funding': {
        rows: 2, // newest first in the file
        first: { time: 1709856000000000, rate: 0.00015 },
        last: { time: 1709884800000000, rate: 0.0001 },
      },
    },
  },
  {
    file: 'bybit-api/ws_public_trade.json',
    vendor: 'bybit',
    series: {
      'bybit/BTCUSDT/trades': {
        rows: 1,
        first: {
          time: 1709891679000000,
          price: 27451,
          qty: 0.01,
          side: 'buy',
          id: '9dc75fca-4bdd-4773-9f78-6f5d7ab2a110',
        },
      },
    },
  },
];
