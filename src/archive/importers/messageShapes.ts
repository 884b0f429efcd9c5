/**
 * What the venues' websocket messages and API answers look like: for each shape how it is recognised,
 * where its rows are, and what their fields mean. A row is `r`, the whole message `doc`, both JSON.
 *
 * Sources: developers.binance.com (websocket market and user data streams), bitmex.com/app/wsAPI,
 * bybit-exchange.github.io/docs/v5, okx.com/docs-v5, docs.futures.kraken.com (websocket v1),
 * hyperliquid.gitbook.io (info endpoint); one original of each in the vendor samples.
 */
import { textTimeUs } from '../layout.ts';
import type { Series, SeriesKind } from '../series.ts';

export type MessageVenue = 'binance' | 'bitmex' | 'bybit' | 'okx' | 'kraken-futures' | 'hyperliquid';

export interface MessageShape {
  readonly venue: MessageVenue;
  readonly kind: SeriesKind;
  /** Name of the series where it is not the kind's. */
  readonly name?: string;
  /** Which messages; SQL over `doc`. */
  readonly when: string;
  /** Rows of a message: a JSON path that ends in `[*]`, or `$` where the message is the row. */
  readonly rows: string;
  /** SQL over `r` and `doc`. */
  readonly symbol: string;
  readonly select: Readonly<Record<string, string>>;
  readonly unique: readonly string[] | null;
  readonly textId?: true;
  /** Said again and again: of one instant the last message stands. */
  readonly state?: true;
}

/** Whether a message says something at a path; whether it says this there. */
const has = (path: string): string => `json_exists(doc, '$.${path}')`;
const is = (path: string, value: string): string => `(doc->>'$.${path}') = '${value}'`;
const text = (path: string, of = 'r'): string => `(${of}->>'${path}')`;
const number = (path: string): string => `${text(path)}::DOUBLE`;
const ms = (path: string, of = 'r'): string => `${text(path, of)}::BIGINT * 1000`;
const lower = (path: string): string => `lower(${text(path)})`;

/** A liquidation or the reverse side of one: time, side, quantity, price. */
const forced = (time: string, side: string, qty: string, price: string): Record<string, string> => ({
  time: ms(time),
  side: lower(side),
  qty: number(qty),
  price: number(price),
});

const ADL = 'autoDeleveraging';
/** A fill of an order whose name the venue chose: a liquidation, or a deleveraging. */
const filled = (prefix: string): string =>
  `${is('e', 'ORDER_TRADE_UPDATE')} AND starts_with(doc->>'$.o.c', '${prefix}') AND (doc->>'$.o.l')::DOUBLE > 0`;

const BINANCE: readonly Omit<MessageShape, 'venue'>[] = [
  {
    kind: 'trades',
    name: 'aggTrades',
    when: is('e', 'aggTrade'),
    rows: '$',
    symbol: text('s'),
    select: {
      time: ms('T'),
      price: number('p'),
      qty: number('q'),
      side: `CASE WHEN ${text('m')} = 'true' THEN 'sell' ELSE 'buy' END`,
      id: text('a'),
    },
    unique: ['id'],
  },
  {
    kind: 'mark',
    when: is('e', 'markPriceUpdate'),
    rows: '$',
    symbol: text('s'),
    select: { time: ms('E'), price: number('p'), index: number('i') },
    unique: ['time'],
    state: true,
  },
  {
    kind: 'bookTop',
    when: is('e', 'bookTicker'),
    rows: '$',
    symbol: text('s'),
    select: { time: ms('T'), bid: number('b'), ask: number('a'), bidQty: number('B'), askQty: number('A') },
    unique: null,
  },
  {
    kind: 'candles',
    name: 'candles-1m',
    when: `${is('e', 'kline')} AND ${is('k.i', '1m')} AND ${is('k.x', 'true')}`,
    rows: '$.k',
    symbol: text('s'),
    select: {
      time: ms('t'),
      open: number('o'),
      high: number('h'),
      low: number('l'),
      close: number('c'),
      volume: number('v'),
      buyVolume: number('V'),
      trades: text('n'),
    },
    unique: ['time'],
  },
  {
    kind: 'liquidations',
    when: is('e', 'forceOrder'),
    rows: '$.o',
    symbol: text('s'),
    select: forced('T', 'S', 'z', 'ap'),
    unique: null,
  },
  {
    kind: 'liquidations',
    when: filled('autoclose-'),
    rows: '$.o',
    symbol: text('s'),
    select: forced('T', 'S', 'l', 'L'),
    unique: null,
  },
  {
    kind: 'liquidations',
    name: ADL,
    when: filled('adl_autoclose'),
    rows: '$.o',
    symbol: text('s'),
    select: forced('T', 'S', 'l', 'L'),
    unique: null,
  },
];

const BITMEX: readonly Omit<MessageShape, 'venue'>[] = [
  {
    kind: 'trades',
    when: is('table', 'trade'),
    rows: '$.data[*]',
    symbol: text('symbol'),
    select: {
      time: textTimeUs(text('timestamp')),
      price: number('price'),
      qty: number('size'),
      side: lower('side'),
      id: text('trdMatchID'),
    },
    unique: ['id'],
    textId: true,
  },
];

const bybitFill = (type: string): string => `${is('topic', 'execution')} AND ${is('data[0].execType', type)}`;
const TRADES = `regexp_matches(doc->>'$.topic', '^(trade|publicTrade)\\.')`;
const BYBIT: readonly Omit<MessageShape, 'venue'>[] = [
  {
    kind: 'trades',
    when: `${TRADES} AND ${has('data[0].trade_id')}`,
    rows: '$.data[*]',
    symbol: text('symbol'),
    select: {
      time: ms('trade_time_ms'),
      price: number('price'),
      qty: number('size'),
      side: lower('side'),
      id: text('trade_id'),
    },
    unique: ['id'],
    textId: true,
  },
  {
    kind: 'trades',
    when: `${TRADES} AND ${has('data[0].i')}`,
    rows: '$.data[*]',
    symbol: text('s'),
    select: { time: ms('T'), price: number('p'), qty: number('v'), side: lower('S'), id: text('i') },
    unique: ['id'],
    textId: true,
  },
  {
    kind: 'funding',
    when: has('result.list[0].fundingRateTimestamp'),
    rows: '$.result.list[*]',
    symbol: text('symbol'),
    select: { time: ms('fundingRateTimestamp'), rate: number('fundingRate') },
    unique: ['time'],
  },
  ...(['BustTrade', 'AdlTrade'] as const).map((type) => ({
    kind: 'liquidations' as const,
    ...(type === 'AdlTrade' ? { name: ADL } : {}),
    when: bybitFill(type),
    rows: '$.data[*]',
    symbol: text('symbol'),
    select: forced('execTime', 'side', 'execQty', 'execPrice'),
    unique: null,
  })),
];

const okxOrder = (category: string): string =>
  [
    is('arg.channel', 'orders'),
    `regexp_matches(doc->>'$.data[0].category', '${category}')`,
    `(doc->>'$.data[0].fillSz') <> ''`,
  ].join(' AND ');
const OKX: readonly Omit<MessageShape, 'venue'>[] = [
  {
    kind: 'trades',
    when: `${has('data[0].tradeId')} AND ${has('data[0].px')} AND NOT ${has('data[0].ordId')}`,
    rows: '$.data[*]',
    symbol: text('instId'),
    select: {
      time: ms('ts'),
      price: number('px'),
      qty: number('sz'),
      side: lower('side'),
      id: text('tradeId'),
    },
    unique: ['id'],
  },
  {
    kind: 'funding',
    // the rate that was paid, which a cap may have cut, stands beside the one that was computed
    when: has('data[0].realizedRate'),
    rows: '$.data[*]',
    symbol: text('instId'),
    select: { time: ms('fundingTime'), rate: number('realizedRate') },
    unique: ['time'],
  },
  {
    kind: 'funding',
    when: is('arg.channel', 'funding-rate'),
    rows: '$.data[*]',
    symbol: text('instId'),
    select: { time: ms('fundingTime'), rate: number('fundingRate') },
    unique: ['time'],
    state: true,
  },
  {
    kind: 'mark',
    when: has('data[0].markPx'),
    rows: '$.data[*]',
    symbol: text('instId'),
    select: { time: ms('ts'), price: number('markPx') },
    unique: ['time'],
    state: true,
  },
  {
    kind: 'index',
    when: has('data[0].idxPx'),
    rows: '$.data[*]',
    symbol: text('instId'),
    select: { time: ms('ts'), price: number('idxPx') },
    unique: ['time'],
    state: true,
  },
  ...(['liquidation', '^adl$'] as const).map((category) => ({
    kind: 'liquidations' as const,
    ...(category === '^adl$' ? { name: ADL } : {}),
    when: okxOrder(category),
    rows: '$.data[*]',
    symbol: text('instId'),
    select: forced('fillTime', 'side', 'fillSz', 'fillPx'),
    unique: null,
  })),
];

/** A trade is said alone, or in the snapshot at the beginning; one that a liquidation caused is marked. */
const KRAKEN = (
  [
    ['trade', '$'],
    ['trade_snapshot', '$.trades[*]'],
  ] as const
).flatMap(([feed, rows]): Omit<MessageShape, 'venue'>[] => {
  const price = { time: ms('time'), price: number('price'), qty: number('qty'), side: lower('side') };
  const common = { when: is('feed', feed), rows };
  const symbol = text('product_id');
  return [
    {
      ...common,
      kind: 'trades',
      symbol,
      select: { ...price, id: text('uid') },
      unique: ['id'],
      textId: true,
    },
    {
      ...common,
      kind: 'liquidations',
      symbol: `CASE ${text('type')} WHEN 'liquidation' THEN ${symbol} END`,
      select: price,
      unique: null,
    },
  ];
});

const HYPERLIQUID: readonly Omit<MessageShape, 'venue'>[] = [
  {
    kind: 'trades',
    when: `${has('tid')} AND ${has('users')}`,
    rows: '$',
    symbol: text('coin'),
    select: {
      time: ms('time'),
      price: number('px'),
      qty: number('sz'),
      side: `CASE ${text('side')} WHEN 'B' THEN 'buy' WHEN 'A' THEN 'sell' END`,
      id: text('tid'),
    },
    unique: ['id'],
  },
  {
    kind: 'funding',
    when: `${has('fundingRate')} AND ${has('coin')}`,
    rows: '$',
    symbol: text('coin'),
    select: { time: ms('time'), rate: number('fundingRate') },
    unique: ['time'],
  },
  {
    kind: 'bookTop',
    when: has('levels[1][0].px'),
    rows: '$',
    symbol: text('coin'),
    select: {
      time: ms('time'),
      bid: `(r->>'$.levels[0][0].px')::DOUBLE`,
      ask: `(r->>'$.levels[1][0].px')::DOUBLE`,
      bidQty: `(r->>'$.levels[0][0].sz')::DOUBLE`,
      askQty: `(r->>'$.levels[1][0].sz')::DOUBLE`,
    },
    unique: null,
  },
];

const of = (venue: MessageVenue, shapes: readonly Omit<MessageShape, 'venue'>[]): MessageShape[] =>
  shapes.map((shape) => ({ venue, ...shape }));

/** Every shape that is known. */
export const SHAPES: readonly MessageShape[] = [
  ...of('binance', BINANCE),
  ...of('bitmex', BITMEX),
  ...of('bybit', BYBIT),
  ...of('okx', OKX),
  ...of('kraken-futures', KRAKEN),
  ...of('hyperliquid', HYPERLIQUID),
];

/** In which unit a venue counts the quantities of a symbol. */
export function qtyUnitOf(venue: MessageVenue, symbol: string, market: string): Series['qtyUnit'] {
  switch (venue) {
    case 'binance':
      return market === 'cm' ? 'contracts' : 'base';
    case 'bitmex':
      return 'contracts';
    case 'bybit':
      return /USD$/.test(symbol) ? 'contracts' : 'base'; // BTCUSD is inverse, a contract is a dollar
    case 'okx':
      return /-(SWAP|\d{6})$/.test(symbol) ? 'contracts' : 'base';
    case 'kraken-futures':
      return /^P?F_/i.test(symbol) ? 'base' : 'contracts'; // PF_: linear; PI_, FI_: inverse, dollars
    case 'hyperliquid':
      return 'base';
  }
}

/** Answers that are no series, and what they are. */
export const NO_SERIES: readonly { readonly told: RegExp; readonly what: string }[] = [
  { told: /"maxLever"[\s\S]*"mmr"/, what: 'position tiers: rules, which belong into a rule set' },
  { told: /"maker"[\s\S]*"taker"/, what: 'fee rates: rules, which belong into a rule set' },
  { told: /"sprdId"/, what: 'fills of a spread between two contracts: no price of one market' },
  { told: /"universe"/, what: 'a list of contracts' },
  { told: /"tickSize"|"lotSize"/, what: 'a description of a contract' },
  { told: /"assetPositions"|"balances"/, what: 'the state of one account' },
  { told: /"maintenanceMarginRate"/, what: 'leverage tiers: rules, which belong into a rule set' },
];
