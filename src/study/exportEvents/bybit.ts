/**
 * Bybit v5 messages by topic. A private topic is one user's own and names no account, so the message
 * id does: `<account>:<number>`. Fields and enums: docs/events.md names the pages.
 */
import { type Money, ZERO_MONEY } from '../../basics/exact.ts';
import type { Market } from '../../rules/market.ts';
import { buys, type Happening, type HappeningOf, type ToldOrder } from './happenings.ts';
import { assetsOf, balanceOf, type Held, type HeldLeg, isHedged } from './holdings.ts';
import {
  asked,
  averagePrice,
  entryPrice,
  type Json,
  type JsonFields,
  type Message,
  millis,
  streamed,
  type Venue,
} from './message.ts';
import type { Valuation } from './valuation.ts';

const CREATE_TYPE: Readonly<Record<ToldOrder['by'], string>> = {
  liquidation: 'CreateByLiq',
  takeover: 'CreateByTakeOver_PassThrough',
  adl: 'CreateByAdl_PassThrough',
  owner: 'CreateByUser',
  stop: 'CreateByStopLoss',
};

const EXEC_TYPE: Readonly<Record<ToldOrder['by'], string>> = {
  liquidation: 'Trade',
  takeover: 'BustTrade',
  adl: 'AdlTrade',
  owner: 'Trade',
  stop: 'Trade',
};

const STATUS = { normal: 'Normal', liquidation: 'Liq', adl: 'Adl' } as const;

const categoryOf = (market: Market): string => (market.kind === 'linear' ? 'linear' : 'inverse');
const side = (order: ToldOrder): string => (buys(order) ? 'Buy' : 'Sell');
const positionIdx = (held: Held, market: Market, of: string): number => {
  if (!isHedged(held, market.id)) return 0;
  return of === 'long' ? 1 : 2;
};

/** Makes Bybit's messages. */
export class Bybit implements Venue {
  private readonly valuation: Valuation;
  private readonly seen = new Set<string>();
  private readonly numbers = new Map<string, number>();

  constructor(valuation: Valuation) {
    this.valuation = valuation;
  }

  tell(h: Happening): readonly Message[] {
    switch (h.kind) {
      case 'mark':
        return [ticker(h, this.seen)];
      case 'placed':
        return [this.order(h.tsUs, h.order, 'New')];
      case 'filled': {
        const { order, tsUs } = h;
        const status = order.filled.lt(order.qty) ? 'PartiallyFilled' : 'Filled';
        const execution = executionFields(h, this.valuation);
        return [this.own(order.held, tsUs, 'execution', execution), this.order(tsUs, order, status)];
      }
      case 'expired':
        return [this.order(h.tsUs, h.order, 'Cancelled')];
      case 'liquidated':
        return [publicLiquidation(h)];
      case 'booked':
        return this.booked(h);
      case 'lights': {
        const how = { tsUs: h.tsUs, status: 'Normal', lights: h.lights };
        return [this.own(h.held, h.tsUs, 'position', positionFields(this.valuation, h.held, h.leg, how))];
      }
      case 'fund':
        return [insurance(h, this.seen)];
      case 'snapshot':
        return snapshot(h, this.valuation);
      case 'marginCall':
        return []; // no message of the venue
    }
  }

  private own(held: Held, tsUs: number, topic: string, data: Json): Message {
    const { account } = held;
    const number = (this.numbers.get(account) ?? 0) + 1;
    this.numbers.set(account, number);
    const body = { id: `${account}:${number}`, topic, creationTime: millis(tsUs), data: [data] };
    return streamed(tsUs, body, account);
  }

  private order(tsUs: number, order: ToldOrder, status: string): Message {
    const over = status === 'Cancelled';
    return this.own(order.held, tsUs, 'order', {
      ...orderFields(order),
      price: (order.limit ?? ZERO_MONEY).toString(),
      qty: order.qty.toString(),
      avgPrice: order.filled.isZero() ? '' : averagePrice(order).toString(),
      leavesQty: over ? '0' : order.qty.minus(order.filled).toString(),
      cumExecQty: order.filled.toString(),
      cumExecValue: order.value.toString(),
      cumExecFee: (order.filled.isZero() ? ZERO_MONEY : order.fee).toString(),
      timeInForce: timeInForce(order),
      orderStatus: status,
      createType: CREATE_TYPE[order.by],
      rejectReason: over ? 'EC_CancelForNoFullFill' : 'EC_NoError',
      reduceOnly: order.closes,
      positionIdx: positionIdx(order.held, order.market, order.position),
      createdTime: String(millis(order.placedUs)),
      updatedTime: String(millis(tsUs)),
    });
  }

  private booked(h: HappeningOf<'booked'>): Message[] {
    const { held, tsUs, lights } = h;
    const how = { tsUs, status: STATUS[h.status], lights };
    return [
      ...(h.why === 'funding' ? [this.own(held, tsUs, 'execution', fundingExecution(h))] : []),
      ...h.legs.map((leg) =>
        this.own(held, tsUs, 'position', positionFields(this.valuation, held, leg, how)),
      ),
      this.own(held, tsUs, 'wallet', walletFields(this.valuation, held)),
    ];
  }
}

const timeInForce = (order: ToldOrder): string => {
  if (order.rule === 'fok') return 'FOK';
  return order.by === 'owner' ? 'GTC' : 'IOC';
};

const orderFields = (order: ToldOrder): JsonFields => ({
  category: categoryOf(order.market),
  symbol: order.market.id,
  orderId: String(order.id),
  orderLinkId: '',
  side: side(order),
  orderType: order.limit === null ? 'Market' : 'Limit',
});

const executionFields = (h: HappeningOf<'filled'>, valuation: Valuation): Json => ({
  ...orderFields(h.order),
  execId: String(h.fill.id),
  execType: EXEC_TYPE[h.order.by],
  execPrice: h.fill.price.toString(),
  execQty: h.fill.qty.toString(),
  execValue: h.fill.value.toString(),
  execFee: h.fill.fee.toString(),
  execTime: String(millis(h.tsUs)),
  isMaker: h.order.by === 'owner',
  leavesQty: h.order.qty.minus(h.order.filled).toString(),
  orderPrice: (h.order.limit ?? ZERO_MONEY).toString(),
  orderQty: h.order.qty.toString(),
  markPrice: valuation.markOf(h.order.market.id).toString(),
  createType: CREATE_TYPE[h.order.by],
});

/** A funding fee is told as an execution; above 0 the account pays. */
const fundingExecution = (h: HappeningOf<'booked'>): Json => {
  const leg = h.legs[0]!;
  const paid: Money = h.changes.get(leg.market.settle)?.neg() ?? ZERO_MONEY;
  return {
    category: categoryOf(leg.market),
    symbol: leg.market.id,
    side: leg.side === 'long' ? 'Buy' : 'Sell',
    orderType: 'UNKNOWN',
    execId: String(h.id),
    execType: 'Funding',
    execFee: paid.toString(),
    execQty: leg.qty.toString(),
    execTime: String(millis(h.tsUs)),
    leavesQty: '0',
  };
};

const positionFields = (
  valuation: Valuation,
  held: Held,
  leg: HeldLeg,
  how: { tsUs: number; status: string; lights: number | null },
): JsonFields => ({
  category: categoryOf(leg.market),
  positionIdx: positionIdx(held, leg.market, leg.side),
  tradeMode: held.cross ? 0 : 1,
  symbol: leg.market.id,
  side: sideOfLeg(held, leg),
  size: leg.qty.toString(),
  entryPrice: entryPrice(leg).toString(),
  leverage: String(leg.leverage),
  positionValue: leg.entryValue.toString(),
  positionBalance: leg.margin.toString(),
  markPrice: valuation.markOf(leg.market.id).toString(),
  positionMM: valuation.maintenance(leg)?.toString(),
  unrealisedPnl: valuation.profit(leg).toString(),
  cumRealisedPnl: leg.realised.toString(),
  positionStatus: how.status,
  adlRankIndicator: leg.qty.isZero() ? 0 : (how.lights ?? undefined),
  updatedTime: String(millis(how.tsUs)),
});

/** `Buy` long, `Sell` short; an empty one-way position has no side. */
const sideOfLeg = (held: Held, leg: HeldLeg): string => {
  if (leg.qty.isZero() && !isHedged(held, leg.market.id)) return '';
  return leg.side === 'long' ? 'Buy' : 'Sell';
};

const walletFields = (valuation: Valuation, held: Held): JsonFields => ({
  accountType: 'CONTRACT',
  coin: assetsOf(held).map((coin) => {
    const profit = valuation.profitIn(held, coin);
    return {
      coin,
      equity: balanceOf(held, coin).plus(profit).toString(),
      walletBalance: balanceOf(held, coin).toString(),
      totalPositionMM: valuation.maintenanceIn(held, coin)?.toString(),
      unrealisedPnl: profit.toString(),
    };
  }),
});

/** The first message of a topic is a snapshot of it, later ones are deltas; both are part of the stream. */
const typeOf = (seen: Set<string>, topic: string): string => {
  if (seen.has(topic)) return 'delta';
  seen.add(topic);
  return 'snapshot';
};

const ticker = (h: HappeningOf<'mark'>, seen: Set<string>): Message => {
  const topic = `tickers.${h.market.id}`;
  return streamed(h.tsUs, {
    topic,
    type: typeOf(seen, topic),
    ts: millis(h.tsUs),
    data: {
      symbol: h.market.id,
      lastPrice: h.last.toString(),
      markPrice: h.mark.toString(),
      indexPrice: h.index.toString(),
      openInterest: h.openInterest.toString(),
      nextFundingTime: String(millis(h.nextFundingUs)),
    },
  });
};

const publicLiquidation = ({ order, tsUs }: HappeningOf<'liquidated'>): Message =>
  streamed(tsUs, {
    topic: `allLiquidation.${order.market.id}`,
    type: 'snapshot',
    ts: millis(tsUs),
    data: [
      {
        T: millis(tsUs),
        s: order.market.id,
        S: order.position === 'long' ? 'Buy' : 'Sell',
        v: order.filled.toString(),
        p: order.bankruptcyPrice.toString(),
      },
    ],
  });

const insurance = (h: HappeningOf<'fund'>, seen: Set<string>): Message => {
  const pool = {
    coin: h.asset,
    symbols: h.markets.join(','),
    balance: h.cash.toString(),
    updateTime: String(millis(h.tsUs)),
  };
  if (h.snapshot) {
    const response = { updateTime: String(millis(h.tsUs)), list: [pool] };
    return asked({ tsUs: h.tsUs, rest: 'GET /v5/market/insurance', response });
  }
  const topic = `insurance.${h.asset === 'USDT' || h.asset === 'USDC' ? h.asset : 'inverse'}`;
  return streamed(h.tsUs, { topic, type: typeOf(seen, topic), ts: millis(h.tsUs), data: [pool] });
};

/** Positions and wallet as a handler would ask for them. */
function snapshot({ held, tsUs }: HappeningOf<'snapshot'>, valuation: Valuation): Message[] {
  const { account } = held;
  const list = held.legs.map((leg) => ({
    ...positionFields(valuation, held, leg, { tsUs, status: 'Normal', lights: null }),
    liqPrice: (valuation.liquidationPrice(held, leg) ?? '').toString(),
  }));
  return [
    asked({ tsUs, rest: 'GET /v5/position/list', account, response: { list } }),
    asked({
      tsUs,
      rest: 'GET /v5/account/wallet-balance',
      account,
      response: { list: [walletFields(valuation, held)] },
    }),
  ];
}
