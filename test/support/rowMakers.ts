/** Rows of the hand-made run of rows.ts, one maker a table: what does not differ between them is here. */
import { money, price, qty } from '../../src/basics/exact.ts';
import type { Outbox, FillRow, TransferRow } from '../../src/engine/rows.ts';
import type { Side } from '../../src/rules/market.ts';

export const MARKET = 'BTCUSDT';
/** 2020-03-12T10:00:00Z. */
export const START_US = 1_584_007_200_000_000;
/** End of beat n, 1 .. 4: a second each. */
export const beatUs = (n: number): number => START_US + n * 1_000_000;

type Deep<T> = {
  -readonly [K in keyof T]: T[K] extends readonly (infer R)[] ? { -readonly [F in keyof R]: R[F] }[] : T[K];
};
/** Rows that a test may tamper with. */
export type Rows = Deep<Outbox>;

export const transfer = (
  seq: number,
  beat: number,
  path: readonly [from: string, to: string],
  amount: string,
  reason: TransferRow['reason'],
  cause: number,
): TransferRow => ({
  seq,
  tsUs: beatUs(beat),
  asset: 'USDT',
  from: path[0],
  to: path[1],
  amount: money(amount),
  reason,
  cause,
  market: reason === 'insolvency' ? null : MARKET,
});

export const fill = (
  seq: number,
  beat: number,
  who: readonly [account: string, side: Side, effect: FillRow['effect']],
  deal: readonly [qty: string, price: string, value: string, entry: string],
  why: FillRow['why'],
  priceRule: FillRow['priceRule'],
  cause: number,
): FillRow => ({
  seq,
  tsUs: beatUs(beat),
  market: MARKET,
  account: who[0],
  side: who[1],
  effect: who[2],
  qty: qty(deal[0]),
  price: price(deal[1]),
  value: money(deal[2]),
  entryValue: money(deal[3]),
  why,
  priceRule,
  cause,
});

export function beat(
  rows: Rows,
  n: number,
  last: string,
  range: readonly [low: string, high: string],
  mark: string,
): void {
  const at = [
    ['3.5', '0.5', 'short', '-1000', 0, 0],
    ['2.7', '1', 'long', '-522', 1, 1400],
    ['2.4', '1.8', 'long', '-1602', 0, 1100],
    ['2.4', '1.8', 'long', '-702', 0, 0],
  ][n - 1] as [string, string, Side, string, number, number];
  rows.beats.push({
    tsUs: beatUs(n),
    market: MARKET,
    last: price(last),
    low: price(range[0]),
    high: price(range[1]),
    index: price(mark),
    mark: price(mark),
    markFrom: 'indexOnly',
    price1: null,
    price2: null,
    lots: 5000,
    openInterest: qty(at[0]),
    marketNet: qty(at[1]),
    marketSide: at[2],
    marketProfit: money(at[3]),
    marketLowestCash: money('0'),
    queue: at[4],
    forcedSellLots: at[5],
    forcedBuyLots: 0,
    stepLimitHit: false,
  });
  const fund = [
    ['1000', '0', '0', 0],
    ['836.9', '-100', '1800', 200],
    ['740', '-150', '800', 100],
    ['740', '-100', '850', 100],
  ][n - 1] as [string, string, string, number];
  rows.fund.push({
    tsUs: beatUs(n),
    fund: 'main',
    asset: 'USDT',
    cash: money(fund[0]),
    inventoryPnl: money(fund[1]),
    inventoryNotional: money(fund[2]),
    lots: fund[3],
    refusing: false,
    shortfall1F64: 0,
    shortfall2F64: 0,
    shortfall5F64: 0,
    shortfall10F64: 0.5,
    adl1F64: 0,
    adl2F64: 0,
    adl5F64: 0,
    adl10F64: 0,
    adlMoveF64: Number.NaN,
  });
}

export const leg = (
  when: 'before' | 'after',
  account: string,
  side: Side,
  amounts: readonly [qty: string, entry: string, margin: string],
): Outbox['accounts'][number] => ({
  when,
  account,
  mode: 'isolated',
  market: MARKET,
  side,
  qty: qty(amounts[0]),
  entryValue: money(amounts[1]),
  margin: money(amounts[2]),
  leverage: 10,
  marginRatioF64: 0.25,
  liquidationPriceF64: null,
  hedger: false,
});

export const balance = (
  when: 'before' | 'after',
  account: string,
  amount: string,
): Outbox['balances'][number] => ({
  when,
  account,
  asset: 'USDT',
  balance: money(amount),
});

/** An order of the sample; what does not differ between them is here. */
export const order = (
  o: Pick<
    Outbox['orders'][number],
    | 'seq'
    | 'tsUs'
    | 'account'
    | 'plan'
    | 'qty'
    | 'filled'
    | 'averagePrice'
    | 'markAtVerdict'
    | 'bankruptcyPrice'
    | 'fee'
    | 'cause'
  >,
): Outbox['orders'][number] => ({
  market: MARKET,
  side: 'long',
  kind: 'ioc',
  attempt: 1,
  limit: null,
  liquidationPriceF64: 9050.25,
  queuePlace: 1,
  queueSec: 0,
  ...o,
});

export const liquidation = (
  l: Pick<
    Outbox['liquidations'][number],
    | 'seq'
    | 'tsUs'
    | 'account'
    | 'equity'
    | 'notional'
    | 'end'
    | 'closedNotional'
    | 'fees'
    | 'residue'
    | 'deficit'
    | 'positionsLost'
    | 'tier'
    | 'markAtVerdict'
  >,
): Outbox['liquidations'][number] => ({
  endUs: l.tsUs,
  market: MARKET,
  side: 'long',
  mode: 'isolated',
  legs: 1,
  leverage: 10,
  maintenanceMargin: money('90'),
  openOrdersCancelled: false,
  queueSec: 0,
  tries: 1,
  ...l,
});
