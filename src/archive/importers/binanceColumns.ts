/**
 * Columns of data.binance.vision by kind of file.
 *
 * Source: github.com/binance/binance-public-data, README and head lines of the files themselves.
 */
import type { CsvType } from '../layout.ts';

/** Columns of a kind in the archive's order, for files without a head line. */
export const ORDER = {
  candles:
    'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore',
  aggTrades: 'agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker',
  trades: 'id,price,qty,quote_qty,time,is_buyer_maker',
  fundingRate: 'calc_time,funding_interval_hours,last_funding_rate',
  metrics:
    'create_time,symbol,sum_open_interest,sum_open_interest_value,count_toptrader_long_short_ratio,' +
    'sum_toptrader_long_short_ratio,count_long_short_ratio,sum_taker_long_short_vol_ratio',
  liquidationSnapshot:
    'time,side,order_type,time_in_force,original_quantity,price,average_price,order_status,' +
    'last_fill_quantity,accumulated_fill_quantity',
  bookDepth: 'timestamp,percentage,depth,notional',
  bookTicker: 'update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time',
} as const;
/** Kind of a file. */
export type Kind = keyof typeof ORDER;

/** Columns that are read as something else than text. */
export const TYPES: Readonly<Record<string, CsvType>> = {
  ...Object.fromEntries(
    [
      'open_time',
      'count',
      'agg_trade_id',
      'transact_time',
      'id',
      'time',
      'calc_time',
      'transaction_time',
    ].map((name) => [name, 'BIGINT'] as const),
  ),
  ...Object.fromEntries(
    (
      'open,high,low,close,volume,taker_buy_volume,price,quantity,qty,last_funding_rate,sum_open_interest,' +
      'sum_open_interest_value,average_price,accumulated_fill_quantity,percentage,depth,notional,' +
      'best_bid_price,best_bid_qty,best_ask_price,best_ask_qty'
    )
      .split(',')
      .map((name) => [name, 'DOUBLE'] as const),
  ),
  is_buyer_maker: 'BOOLEAN',
};

/** Columns without which a file is not of its kind. */
export const NEEDED: Readonly<Record<Kind, readonly string[]>> = {
  candles: ['open_time', 'open', 'high', 'low', 'close'],
  aggTrades: ['agg_trade_id', 'price', 'quantity', 'transact_time', 'is_buyer_maker'],
  trades: ['id', 'price', 'qty', 'time', 'is_buyer_maker'],
  fundingRate: ['calc_time', 'last_funding_rate'],
  metrics: ['create_time', 'sum_open_interest'],
  liquidationSnapshot: ORDER.liquidationSnapshot.split(','),
  bookDepth: ORDER.bookDepth.split(','),
  bookTicker: ['best_bid_price', 'best_bid_qty', 'best_ask_price', 'best_ask_qty', 'transaction_time'],
};
