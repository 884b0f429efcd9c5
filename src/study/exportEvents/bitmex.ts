/**
 * BitMEX messages: rows of its tables, `{"table", "action", "data"}`. Money is in the currency's smallest
 * unit (XBt: 10^-8 XBT, USDt: 10^-6 USDT); what the run holds finer than that keeps its fraction, so
 * that nothing is rounded. Fields: docs/events.md names the pages.
 */
import { type Money, unscaled, ZERO_MONEY } from '../../basics/exact.ts';
import type { Asset, Market } from '../../rules/market.ts';
import { buys, type Happening, type HappeningOf, type ToldOrder } from './happenings.ts';
import { assetsOf, balanceOf, type Held, type HeldLeg, isHedged } from './holdings.ts';
import {
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

const UNITS: Readonly<Record<Asset, { readonly name: string; readonly scale: number }>> = {
  XBT: { name: 'XBt', scale: 8 },
  BTC: { name: 'XBt', scale: 8 },
  USDT: { name: 'USDt', scale: 6 },
};
const unitOf = (asset: Asset): { name: string; scale: number } => UNITS[asset] ?? { name: asset, scale: 0 };

/** An amount of an asset in its smallest unit, every digit kept. */
const inUnits = (asset: Asset, amount: Money): Money => {
  const { scale } = unitOf(asset);
  return amount.scale >= scale
    ? unscaled('money', amount.n, amount.scale - scale)
    : unscaled('money', amount.n * BigInt(`1${'0'.repeat(scale - amount.scale)}`), 0);
};

const iso = (tsUs: number): string => new Date(millis(tsUs)).toISOString();

/** Orders and executions have ids of this form; ours are numbers of events, so they are filled up. */
const uuid = (kind: 1 | 2, id: number): string =>
  `${String(kind).padStart(8, '0')}-0000-4000-8000-${id.toString(16).padStart(12, '0')}`;

const side = (order: ToldOrder): string => (buys(order) ? 'Buy' : 'Sell');

/** Liquidation: what the engine closes, ADL included; Bankruptcy: what is taken over. */
const EXEC_TYPE: Readonly<Record<ToldOrder['by'], string>> = {
  liquidation: 'Liquidation',
  takeover: 'Bankruptcy',
  adl: 'Liquidation',
  owner: 'Trade',
  stop: 'Trade',
};
const TEXT: Readonly<Record<ToldOrder['by'], string>> = {
  liquidation: 'Liquidation',
  takeover: 'Takeover at the bankruptcy price',
  adl: 'Auto-deleveraging',
  owner: "The account's own order",
  stop: 'Stop',
};

/** Numbers that accounts go by, since the venue has no names: `a17` is 17, named accounts follow from here on. */
const NAMED_FROM = 10_000_000;

/**
 * Number of each account.
 *
 * @param accounts  names in a fixed order
 */
export function accountNumbers(accounts: Iterable<string>): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  let next = NAMED_FROM;
  for (const name of accounts) numbers.set(name, /^a\d{1,7}$/.test(name) ? Number(name.slice(1)) : next++);
  return numbers;
}

/** An execution of an order, or a step in its life. */
type OrderStep = HappeningOf<'placed'> | HappeningOf<'filled'> | HappeningOf<'expired'>;

const row = (tsUs: number, table: string, action: string, data: Json): Message =>
  streamed(tsUs, { table, action, data: [data] });

/** Makes BitMEX's messages. */
export class BitMex implements Venue {
  private readonly valuation: Valuation;
  private readonly numbers: ReadonlyMap<string, number>;
  private readonly seen = new Set<string>();

  constructor(valuation: Valuation, numbers: ReadonlyMap<string, number>) {
    this.valuation = valuation;
    this.numbers = numbers;
  }

  tell(h: Happening): readonly Message[] {
    switch (h.kind) {
      case 'mark':
        return [instrument(h, this.seen)];
      case 'placed':
        return [this.execution(h, 'New', 'New'), ...listed(h)];
      case 'filled': {
        const status = h.order.filled.lt(h.order.qty) ? 'PartiallyFilled' : 'Filled';
        return [this.execution(h, EXEC_TYPE[h.order.by], status), ...listed(h)];
      }
      case 'expired':
        return [this.execution(h, 'Canceled', 'Canceled'), ...listed(h)];
      case 'booked':
        return this.booked(h);
      case 'lights':
        return [this.own(h.held, h.tsUs, 'position', this.position(h.held, h.leg, h))];
      case 'fund':
        return [insurance(h)];
      case 'snapshot':
        return this.snapshot(h);
      case 'marginCall':
      case 'liquidated':
        return []; // the venue has no such message; its list of liquidation orders tells the latter
    }
  }

  private own(held: Held, tsUs: number, table: string, data: Json): Message {
    const action = table === 'execution' ? 'insert' : 'update';
    return { ...row(tsUs, table, action, data), account: held.account };
  }

  private execution(h: OrderStep, execType: string, ordStatus: string): Message {
    const { order, tsUs } = h;
    const fill = h.kind === 'filled' ? h.fill : null;
    const { settle } = order.market;
    return this.own(order.held, tsUs, 'execution', {
      execID: uuid(2, fill?.id ?? order.id),
      orderID: uuid(1, order.id),
      clOrdID: '',
      account: this.numbers.get(order.held.account)!,
      symbol: order.market.id,
      side: side(order),
      lastQty: fill?.qty,
      lastPx: fill?.price,
      orderQty: order.qty,
      price: order.limit ?? undefined,
      settlCurrency: unitOf(settle).name,
      execType,
      ordType: order.limit === null ? 'Market' : 'Limit',
      timeInForce: timeInForce(order),
      ordStatus,
      leavesQty: h.kind === 'expired' ? 0 : order.qty.minus(order.filled),
      cumQty: order.filled,
      avgPx: order.filled.isZero() ? undefined : averagePrice(order),
      execCost: fill === null ? undefined : signed(order.market, buys(order), fill.value),
      execComm: fill === null ? undefined : inUnits(settle, fill.fee),
      text: TEXT[order.by],
      transactTime: iso(tsUs),
      timestamp: iso(tsUs),
    });
  }

  private booked(h: HappeningOf<'booked'>): Message[] {
    const { held, tsUs } = h;
    return [
      ...(h.why === 'funding' ? [this.own(held, tsUs, 'execution', this.funding(h))] : []),
      ...h.legs.map((leg) => this.own(held, tsUs, 'position', this.position(held, leg, h))),
      ...this.margins(held, tsUs).map((data) => this.own(held, tsUs, 'margin', data)),
    ];
  }

  /** Funding is told as an execution; above 0 the account pays. */
  private funding(h: HappeningOf<'booked'>): Json {
    const leg = h.legs[0]!;
    const paid = h.changes.get(leg.market.settle)?.neg() ?? ZERO_MONEY;
    return {
      execID: uuid(2, h.id),
      account: this.numbers.get(h.held.account)!,
      symbol: leg.market.id,
      settlCurrency: unitOf(leg.market.settle).name,
      execType: 'Funding',
      lastQty: leg.qty,
      execComm: inUnits(leg.market.settle, paid),
      text: 'Funding',
      transactTime: iso(h.tsUs),
      timestamp: iso(h.tsUs),
    };
  }

  private position(held: Held, leg: HeldLeg, how: { tsUs: number; lights: number | null }): JsonFields {
    return {
      account: this.numbers.get(held.account)!,
      ...positionFields(this.valuation, held, leg),
      deleveragePercentile: how.lights === null ? undefined : how.lights / 5,
      timestamp: iso(how.tsUs),
    };
  }

  private margins(held: Held, tsUs: number): Json[] {
    return assetsOf(held).map((asset) => ({
      account: this.numbers.get(held.account)!,
      ...marginFields(this.valuation, held, asset),
      timestamp: iso(tsUs),
    }));
  }

  /** What a new subscription begins with. */
  private snapshot({ held, tsUs }: HappeningOf<'snapshot'>): Message[] {
    const { account } = held;
    const filter = { account: this.numbers.get(account)! };
    const partial = (table: string, keys: string[], data: Json): Message => ({
      tsUs,
      snapshot: true,
      account,
      body: { table, action: 'partial', keys, filter, data },
    });
    const positions = held.legs.map((leg) => ({
      ...this.position(held, leg, { tsUs, lights: null }),
      liquidationPrice: this.valuation.liquidationPrice(held, leg),
    }));
    return [
      partial('position', ['account', 'symbol', 'currency', 'strategy'], positions),
      partial('margin', ['account', 'currency'], this.margins(held, tsUs)),
    ];
  }
}

const timeInForce = (order: ToldOrder): string => {
  if (order.rule === 'fok') return 'FillOrKill';
  return order.by === 'owner' ? 'GoodTillCancel' : 'ImmediateOrCancel';
};

/** Signed as the venue signs cost: what a long costs is above 0 in a linear contract, below 0 in an inverse one. */
const signed = (market: Market, long: boolean, value: Money): Money =>
  inUnits(market.settle, long === (market.kind === 'linear') ? value : value.neg());

/** The public list of liquidation orders: there from the order on, gone when it is over. */
function listed(h: OrderStep): Message[] {
  const { order, tsUs } = h;
  if (order.by !== 'liquidation') return [];
  const key = { orderID: uuid(1, order.id), symbol: order.market.id };
  if (h.kind === 'placed') {
    const price = order.limit ?? order.bankruptcyPrice;
    const data = { ...key, side: side(order), price, leavesQty: order.qty };
    return [row(tsUs, 'liquidation', 'insert', data)];
  }
  if (h.kind === 'expired' || !order.filled.lt(order.qty)) return [row(tsUs, 'liquidation', 'delete', key)];
  const leavesQty = order.qty.minus(order.filled);
  return [row(tsUs, 'liquidation', 'update', { ...key, leavesQty })];
}

const positionFields = (valuation: Valuation, held: Held, leg: HeldLeg): JsonFields => {
  const { market } = leg;
  const long = leg.side === 'long';
  const units = (amount: Money): Json => inUnits(market.settle, amount);
  const maintenance = valuation.maintenance(leg);
  return {
    symbol: market.id,
    currency: unitOf(market.settle).name,
    strategy: isHedged(held, market.id) ? (long ? 'Long' : 'Short') : 'OneWay',
    leverage: leg.leverage,
    crossMargin: held.cross,
    currentQty: long ? leg.qty : leg.qty.neg(),
    isOpen: !leg.qty.isZero(),
    avgEntryPrice: entryPrice(leg),
    posCost: signed(market, long, leg.entryValue),
    posMargin: held.cross ? undefined : units(leg.margin),
    markPrice: valuation.markOf(market.id),
    markValue: signed(market, long, valuation.notional(leg)),
    unrealisedPnl: units(valuation.profit(leg)),
    realisedPnl: units(leg.realised),
    maintMargin: maintenance === null ? undefined : units(maintenance),
  };
};

const marginFields = (valuation: Valuation, held: Held, asset: Asset): JsonFields => {
  const wallet = balanceOf(held, asset);
  const profit = valuation.profitIn(held, asset);
  const maintenance = valuation.maintenanceIn(held, asset);
  return {
    currency: unitOf(asset).name,
    walletBalance: inUnits(asset, wallet),
    unrealisedPnl: inUnits(asset, profit),
    marginBalance: inUnits(asset, wallet.plus(profit)),
    maintMargin: maintenance === null ? undefined : inUnits(asset, maintenance),
  };
};

const instrument = (h: HappeningOf<'mark'>, seen: Set<string>): Message => {
  const action = seen.has(h.market.id) ? 'update' : 'insert';
  seen.add(h.market.id);
  return streamed(h.tsUs, {
    table: 'instrument',
    action,
    data: [
      {
        symbol: h.market.id,
        lastPrice: h.last,
        markPrice: h.mark,
        indicativeSettlePrice: h.index,
        openInterest: h.openInterest,
        fundingTimestamp: iso(h.nextFundingUs),
        timestamp: iso(h.tsUs),
      },
    ],
  });
};

const insurance = (h: HappeningOf<'fund'>): Message => {
  const { name: currency } = unitOf(h.asset);
  const data = [{ currency, timestamp: iso(h.tsUs), walletBalance: inUnits(h.asset, h.cash) }];
  const action = h.snapshot ? 'partial' : 'insert';
  return { tsUs: h.tsUs, snapshot: h.snapshot, account: null, body: { table: 'insurance', action, data } };
};
