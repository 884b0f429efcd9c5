/**
 * Binance USD-M (and COIN-M) messages in the envelope of its combined streams, `{"stream", "data"}`; a
 * user data stream goes by the account's name where the venue has a listen key. Fields and enums:
 * docs/events.md names the pages. What the stored rows do not tell is left out.
 */
import { assetsOf, balanceOf, freeOf, type Held, type HeldLeg, isHedged } from './holdings.ts';
import { type Micros, SECOND_US } from '../../basics/instant.ts';
import type { Market, Side } from '../../rules/market.ts';
import { ZERO_MONEY } from '../../basics/exact.ts';
import {
  type BookedFor,
  buys,
  type Happening,
  type HappeningOf,
  type OrderBy,
  type ToldOrder,
} from './happenings.ts';
import {
  asked,
  averagePrice,
  entryPrice,
  type JsonFields,
  type Message,
  millis,
  streamed,
  type Venue,
} from './message.ts';
import type { Valuation } from './valuation.ts';

const REASON: Readonly<Record<BookedFor, string>> = {
  order: 'ORDER',
  funding: 'FUNDING_FEE',
  insurance: 'INSURANCE_CLEAR',
  deposit: 'DEPOSIT',
  withdrawal: 'WITHDRAW',
  margin: 'MARGIN_TRANSFER',
  exchange: 'AUTO_EXCHANGE',
  adjustment: 'ADJUSTMENT',
};

/** Whether the account itself made an order. */
const isOwn = (by: OrderBy): boolean => by === 'owner' || by === 'stop';

/** Client ids by which the venue marks orders of its own. */
const clientId = ({ by, id }: ToldOrder): string => {
  if (by === 'adl') return 'adl_autoclose';
  return isOwn(by) ? `owner-${id}` : `autoclose-${id}`;
};

const side = (order: ToldOrder): string => (buys(order) ? 'BUY' : 'SELL');
const timeInForce = (order: ToldOrder): string => {
  if (order.rule === 'fok') return 'FOK';
  return isOwn(order.by) ? 'GTC' : 'IOC';
};
const status = (order: ToldOrder): string => (order.filled.lt(order.qty) ? 'PARTIALLY_FILLED' : 'FILLED');

/** Type of an order as its owner sees it: the enum has LIQUIDATION and nothing for ADL. */
const typeOf = ({ by }: ToldOrder): string =>
  by === 'owner' ? 'LIMIT' : by === 'stop' ? 'MARKET' : 'LIQUIDATION';

/** A step in the life of an order. */
type OrderStep = HappeningOf<'placed'> | HappeningOf<'filled'> | HappeningOf<'expired'>;

/** Execution type, order status and expiry reason. */
interface Told {
  readonly x: string;
  readonly X: string;
  readonly er?: string;
}

/** Makes Binance's messages. */
export class Binance implements Venue {
  private readonly valuation: Valuation;
  private readonly markStream: string;

  /** @param markEveryUs  time between marks: the venue has a stream of every second and one of every three */
  constructor(valuation: Valuation, markEveryUs: Micros) {
    this.valuation = valuation;
    this.markStream = markEveryUs >= 3 * SECOND_US ? '@markPrice' : '@markPrice@1s';
  }

  tell(h: Happening): readonly Message[] {
    switch (h.kind) {
      case 'mark':
        return [markUpdate(h, this.markStream)];
      case 'marginCall':
        return [this.marginCall(h)];
      case 'placed':
        return [orderUpdate(h, { x: 'NEW', X: 'NEW' })];
      case 'filled':
        return [orderUpdate(h, { x: executionType(h.order), X: status(h.order) })];
      case 'expired': // reason 2: the rest of an IOC order is cancelled
        return [orderUpdate(h, { x: 'EXPIRED', X: 'EXPIRED', er: '2' })];
      case 'liquidated': // what is closed outside the book is no order of the liquidation stream
        return h.order.rule === 'offBook' ? [] : [forceOrder(h)];
      case 'booked':
        return [this.accountUpdate(h)];
      case 'lights':
        return [quantile(h)];
      case 'fund':
        return h.snapshot ? [insurance(h)] : [];
      case 'snapshot':
        return [this.account(h), this.positionRisk(h)];
    }
  }

  private accountUpdate(h: HappeningOf<'booked'>): Message {
    const { held, why, tsUs } = h;
    // funding of a cross position is told without the position
    const legs = why === 'funding' && held.cross ? [] : h.legs;
    return toUser(held, tsUs, {
      e: 'ACCOUNT_UPDATE',
      E: millis(tsUs),
      T: millis(tsUs),
      a: {
        m: REASON[why],
        B: h.assets.map((asset) => ({
          a: asset,
          wb: balanceOf(held, asset).toString(),
          cw: (asset === held.asset ? freeOf(held) : balanceOf(held, asset)).toString(),
          bc: (h.changes.get(asset) ?? ZERO_MONEY).toString(),
        })),
        P: legs.map((leg) => ({
          s: leg.market.id,
          pa: amountOf(leg),
          ep: entryPrice(leg).toString(),
          cr: leg.realised.toString(),
          up: this.valuation.profit(leg).toString(),
          mt: held.cross ? 'cross' : 'isolated',
          iw: leg.margin.toString(),
          ps: positionSide(held, leg.market, leg.side),
        })),
      },
    });
  }

  private marginCall({ held, legs, tsUs }: HappeningOf<'marginCall'>): Message {
    return toUser(held, tsUs, {
      e: 'MARGIN_CALL',
      E: millis(tsUs),
      cw: held.cross ? freeOf(held).toString() : undefined,
      p: legs.map((leg) => ({
        s: leg.market.id,
        ps: positionSide(held, leg.market, leg.side),
        pa: amountOf(leg),
        mt: held.cross ? 'CROSSED' : 'ISOLATED',
        iw: leg.margin.toString(),
        mp: this.valuation.markOf(leg.market.id).toString(),
        up: this.valuation.profit(leg).toString(),
        mm: this.valuation.maintenance(leg)?.toString(),
      })),
    });
  }

  private account({ held, tsUs }: HappeningOf<'snapshot'>): Message {
    const { valuation } = this;
    const assets = assetsOf(held).map((asset) => {
      const wallet = balanceOf(held, asset);
      const profit = valuation.profitIn(held, asset);
      return {
        asset,
        walletBalance: wallet.toString(),
        unrealizedProfit: profit.toString(),
        marginBalance: wallet.plus(profit).toString(),
        maintMargin: valuation.maintenanceIn(held, asset)?.toString(),
        crossWalletBalance: (asset === held.asset ? freeOf(held) : wallet).toString(),
        crossUnPnl: (held.cross ? profit : ZERO_MONEY).toString(),
        updateTime: millis(tsUs),
      };
    });
    const own = assets[0]!; // in single-asset mode the totals are those of the settlement asset
    const response = {
      totalMaintMargin: own.maintMargin,
      totalWalletBalance: own.walletBalance,
      totalUnrealizedProfit: own.unrealizedProfit,
      totalMarginBalance: own.marginBalance,
      totalCrossWalletBalance: own.crossWalletBalance,
      totalCrossUnPnl: own.crossUnPnl,
      assets,
    };
    return asked({ tsUs, rest: `GET ${apiOf(held)}/account`, account: held.account, response });
  }

  private positionRisk({ held, tsUs }: HappeningOf<'snapshot'>): Message {
    const { valuation } = this;
    const response = held.legs.map((leg) => {
      const notional = valuation.notional(leg);
      const profit = valuation.profit(leg);
      return {
        symbol: leg.market.id,
        positionAmt: amountOf(leg),
        entryPrice: entryPrice(leg).toString(),
        markPrice: valuation.markOf(leg.market.id).toString(),
        unRealizedProfit: profit.toString(),
        liquidationPrice: (valuation.liquidationPrice(held, leg) ?? ZERO_MONEY).toString(),
        leverage: String(leg.leverage),
        marginType: held.cross ? 'cross' : 'isolated',
        isolatedMargin: (held.cross ? ZERO_MONEY : leg.margin.plus(profit)).toString(),
        isolatedWallet: leg.margin.toString(),
        positionSide: positionSide(held, leg.market, leg.side),
        [leg.market.kind === 'inverse' ? 'notionalValue' : 'notional']: (leg.side === 'long'
          ? notional
          : notional.neg()
        ).toString(),
        updateTime: millis(tsUs),
      };
    });
    return asked({ tsUs, rest: `GET ${apiOf(held)}/positionRisk`, account: held.account, response });
  }
}

/** Matched in the book: TRADE; at the bankruptcy price outside of it: CALCULATED. */
const executionType = (order: ToldOrder): string =>
  order.rule === 'offBook' && !isOwn(order.by) ? 'CALCULATED' : 'TRADE';

const positionSide = (held: Held, market: Market, of: Side): string =>
  isHedged(held, market.id) ? of.toUpperCase() : 'BOTH';

const apiOf = (held: Held): string => (held.legs[0]?.market.kind === 'inverse' ? '/dapi/v1' : '/fapi/v2');

const toUser = (held: Held, tsUs: number, data: JsonFields): Message =>
  streamed(tsUs, { stream: held.account, data }, held.account);

function orderUpdate(h: OrderStep, told: Told): Message {
  const { order, tsUs } = h;
  const { settle, kind } = order.market;
  const fill = h.kind === 'filled' ? h.fill : null;
  const charged = fill !== null && !fill.fee.isZero();
  return toUser(order.held, tsUs, {
    e: 'ORDER_TRADE_UPDATE',
    E: millis(tsUs),
    T: millis(tsUs),
    o: {
      s: order.market.id,
      c: clientId(order),
      S: side(order),
      o: typeOf(order),
      f: timeInForce(order),
      q: order.qty.toString(),
      p: (order.limit ?? ZERO_MONEY).toString(),
      ap: averagePrice(order).toString(),
      x: told.x,
      X: told.X,
      i: order.id,
      l: (fill?.qty ?? ZERO_MONEY).toString(),
      z: order.filled.toString(),
      L: (fill?.price ?? ZERO_MONEY).toString(),
      ma: kind === 'inverse' ? settle : undefined,
      N: charged ? settle : undefined,
      n: charged ? fill.fee.toString() : undefined,
      T: millis(tsUs),
      t: fill?.id ?? 0,
      m: order.by === 'owner',
      R: order.closes,
      ot: order.by === 'stop' ? 'STOP_MARKET' : typeOf(order),
      ps: positionSide(order.held, order.market, order.position),
      rp: (fill?.profit ?? ZERO_MONEY).toString(),
      er: told.er,
    },
  });
}

/** Position amount: below 0 for a short. */
const amountOf = (leg: HeldLeg): string => (leg.side === 'long' ? leg.qty : leg.qty.neg()).toString();

const markUpdate = (h: HappeningOf<'mark'>, stream: string): Message =>
  streamed(h.tsUs, {
    stream: `${h.market.id.toLowerCase()}${stream}`,
    data: {
      e: 'markPriceUpdate',
      E: millis(h.tsUs),
      s: h.market.id,
      p: h.mark.toString(),
      i: h.index.toString(),
      T: millis(h.nextFundingUs),
    },
  });

const forceOrder = (h: HappeningOf<'liquidated'>): Message => {
  const { order, tsUs } = h;
  return streamed(tsUs, {
    stream: `${order.market.id.toLowerCase()}@forceOrder`,
    data: {
      e: 'forceOrder',
      E: millis(tsUs),
      o: {
        s: order.market.id,
        S: side(order),
        o: order.limit === null ? 'MARKET' : 'LIMIT',
        f: timeInForce(order),
        q: order.qty.toString(),
        p: (order.limit ?? ZERO_MONEY).toString(),
        ap: h.averagePrice.toString(),
        X: status(order),
        l: order.filled.toString(),
        z: order.filled.toString(),
        T: millis(tsUs),
      },
    },
  });
};

/** Quantile 0 .. 4 of lights 1 .. 5; a position without a place in the queue has the lowest. */
const quantile = (h: HappeningOf<'lights'>): Message => {
  const { held, leg } = h;
  const value = Math.max(0, h.lights - 1);
  const hedged = isHedged(held, leg.market.id);
  return asked({
    tsUs: h.tsUs,
    rest: 'GET /fapi/v1/adlQuantile',
    account: held.account,
    response: [{ symbol: leg.market.id, adlQuantile: { [hedged ? leg.side.toUpperCase() : 'BOTH']: value } }],
  });
};

const insurance = (h: HappeningOf<'fund'>): Message =>
  asked({
    tsUs: h.tsUs,
    rest: 'GET /fapi/v1/insuranceBalance',
    response: {
      symbols: h.markets,
      assets: [{ asset: h.asset, marginBalance: h.cash.toString(), updateTime: millis(h.tsUs) }],
    },
  });
