/**
 * Known positions, row by row, as population columns: the one way in for account snapshots and for
 * named accounts. A row is one leg, its figures decimal text, so that what was published stays exact;
 * rows of one account belong together wherever they stand.
 *
 * Rules of a row: qty > 0 in whole lots; entryPrice > 0; an isolated leg brings `margin` (>= 0) and
 * `wallet` is the free balance beside it (default 0); a cross account brings its `wallet` (the same on
 * each of its rows) and no margin. One account has one mode, one settlement asset and at most one leg
 * a market and side. Margin and wallet are cut down to 8 decimal places, entry value half to even.
 */
import { nearest, type Place, ReplayError } from '../basics/errors.ts';
import {
  cut,
  type Direction,
  type Exact,
  parse,
  type Qty,
  scaled,
  steps,
  toStep,
  type Unit,
  wholeSteps,
} from '../basics/exact.ts';
import { COLUMN_SCALE, type Population } from '../ledger/population.ts';
import type { Market, MarketId } from '../rules/market.ts';
import { assetsOf, columnF64, entryValueOf } from './columns.ts';

/** One leg as somebody wrote it down. */
export interface PositionRow {
  readonly account: string;
  readonly mode: string;
  readonly market: string;
  readonly side: string;
  /** Base units (linear) or contracts (inverse). */
  readonly qty: string;
  readonly entryPrice: string;
  /** Settlement units; null where there is none. */
  readonly margin: string | null;
  readonly wallet: string | null;
  /** Leverage at opening, for reports; null: entry value / collateral. */
  readonly leverage: number | null;
  readonly hedger: boolean;
  readonly tracked: boolean;
  /** Where it was read, for errors. */
  readonly place: Place;
}

interface Leg {
  readonly row: PositionRow;
  readonly market: number;
  readonly side: 1 | -1;
  readonly lots: number;
  readonly entryValue: bigint;
  readonly margin: bigint;
}

interface Account {
  readonly first: PositionRow;
  readonly wallet: bigint;
  readonly legs: Leg[];
}

/** Ledger accounts of our own, and what unnamed accounts are called: nobody else may bear these names. */
const RESERVED = /^(market|house|fund:.*|funding:.*)$/;

/**
 * Columns of known positions, accounts in order of first appearance.
 *
 * @param markets  `facts.markets`
 * @param tracked  track every account, whatever its rows say
 * @throws ReplayError DATA_SCHEMA with the row's place, saying what the row must hold instead
 */
export function populationOf(
  rows: readonly PositionRow[],
  markets: Readonly<Record<MarketId, Market>>,
  tracked = false,
): Population {
  const accounts = new Map<string, Account>();
  for (const row of rows) addRow(accounts, row, markets);
  const list = [...accounts.values()];
  const legs = list.flatMap((account) => account.legs);
  const assets = assetsOf(Object.values(markets));
  const legStart = new Uint32Array(list.length + 1);
  for (const [a, account] of list.entries()) legStart[a + 1] = legStart[a]! + account.legs.length;
  return {
    accounts: list.length,
    markets: Object.keys(markets),
    names: new Map([...accounts.keys()].map((name, a) => [a, name])),
    tracked: Uint8Array.from(list, (a) => (tracked || a.legs.some((leg) => leg.row.tracked) ? 1 : 0)),
    cross: Uint8Array.from(list, (a) => (a.first.mode === 'cross' ? 1 : 0)),
    asset: Uint8Array.from(list, (a) => assets.indexOf(markets[a.first.market]!.settle)),
    assets,
    wallet: BigInt64Array.from(list, (a) => a.wallet),
    orderMargin: new BigInt64Array(list.length),
    hedger: Uint8Array.from(list, (a) => (a.legs.some((leg) => leg.row.hedger) ? 1 : 0)),
    legStart,
    legMarket: Uint8Array.from(legs, (leg) => leg.market),
    legSide: Int8Array.from(legs, (leg) => leg.side),
    legLots: Float64Array.from(legs, (leg) => leg.lots),
    legEntryValue: BigInt64Array.from(legs, (leg) => leg.entryValue),
    legMargin: BigInt64Array.from(legs, (leg) => leg.margin),
    legLeverage: Float32Array.from(list.flatMap(leveragesOf)),
    draws: 0,
  };
}

/** Stated leverage, else entry value over what carries it; 0 where nothing does. */
function leveragesOf(account: Account): number[] {
  const total = account.legs.reduce((sum, leg) => sum + columnF64(leg.entryValue), 0);
  const cross = account.first.mode === 'cross';
  return account.legs.map((leg) => {
    const carried = columnF64(cross ? account.wallet : leg.margin);
    const derived = carried > 0 ? (cross ? total : columnF64(leg.entryValue)) / carried : 0;
    return leg.row.leverage ?? derived;
  });
}

function addRow(
  accounts: Map<string, Account>,
  row: PositionRow,
  markets: Readonly<Record<MarketId, Market>>,
): void {
  if (row.account === '' || RESERVED.test(row.account)) {
    throw refused(
      row,
      `the account name ${JSON.stringify(row.account)} is not free`,
      'Give the account another name.',
    );
  }
  oneOf(row, 'mode', row.mode, ['isolated', 'cross']);
  oneOf(row, 'side', row.side, ['long', 'short']);
  oneOf(row, 'market', row.market, Object.keys(markets));
  const leg = legOf(row, markets);
  const wallet = walletOf(row);
  const account = accounts.get(row.account);
  if (account === undefined) {
    accounts.set(row.account, { first: row, wallet, legs: [leg] });
    return;
  }
  const { first, legs } = account;
  const settle = markets[row.market]!.settle;
  if (first.mode !== row.mode) throw refused(row, `account ${row.account} is both isolated and cross`, SPLIT);
  if (markets[first.market]!.settle !== settle) {
    throw refused(
      row,
      `account ${row.account} settles in ${markets[first.market]!.settle} and ${settle}`,
      SPLIT,
    );
  }
  if (account.wallet !== wallet) {
    throw refused(
      row,
      `account ${row.account} has two wallets`,
      'Repeat the same wallet on each of its rows.',
    );
  }
  if (legs.some((other) => other.market === leg.market && other.side === leg.side)) {
    throw refused(
      row,
      `account ${row.account} holds two ${row.side} legs of ${row.market}`,
      'Add them up in one row.',
    );
  }
  legs.push(leg);
}

const SPLIT = 'Write it as two accounts with names of their own.';

function legOf(row: PositionRow, markets: Readonly<Record<MarketId, Market>>): Leg {
  const market = markets[row.market]!;
  const qty = figure(row, 'qty', 'qty', row.qty);
  const entryPrice = figure(row, 'entry_price', 'price', row.entryPrice);
  if (!entryPrice.isPositive()) throw refused(row, `entry_price is ${entryPrice}`, 'It must be above 0.');
  const lots = lotsOf(row, market, qty);
  const margin = row.margin === null ? 0n : column(row, 'margin', row.margin, 'down');
  if (row.mode === 'cross' && margin !== 0n) {
    throw refused(
      row,
      'a cross leg has a margin of its own',
      'Put it into the wallet, or make the leg isolated.',
    );
  }
  return {
    row,
    market: Object.keys(markets).indexOf(row.market),
    side: row.side === 'long' ? 1 : -1,
    lots,
    entryValue: entryValueOf(market, steps(lots, market.qtyStep), entryPrice),
    margin,
  };
}

function lotsOf(row: PositionRow, market: Market, qty: Qty): number {
  const lots = Number(wholeSteps(qty, market.qtyStep, 'down'));
  if (!qty.isPositive() || !toStep(qty, market.qtyStep, 'down').eq(qty) || !Number.isSafeInteger(lots)) {
    throw refused(
      row,
      `qty is ${qty}`,
      `It must be a positive multiple of ${market.qtyStep}; the side is a column.`,
    );
  }
  return lots;
}

function walletOf(row: PositionRow): bigint {
  if (row.wallet !== null) return column(row, 'wallet', row.wallet, 'down');
  if (row.mode === 'isolated') return 0n;
  throw refused(row, 'a cross account has no wallet', 'State its wallet on each of its rows.');
}

/** Money in column units. */
function column(row: PositionRow, name: string, text: string, toward: Direction): bigint {
  const amount = cut(figure(row, name, 'money', text), COLUMN_SCALE, toward);
  if (amount.isNegative()) throw refused(row, `${name} is ${amount}`, 'It must not be below 0.');
  return scaled(amount, COLUMN_SCALE);
}

function figure<U extends Unit>(row: PositionRow, name: string, unit: U, text: string): Exact<U> {
  try {
    return parse(unit, text);
  } catch {
    throw refused(row, `${name} is ${JSON.stringify(text)}`, 'It must be a decimal number.');
  }
}

function oneOf(row: PositionRow, name: string, text: string, allowed: readonly string[]): void {
  if (allowed.includes(text)) return;
  const near = nearest(text, allowed);
  throw refused(
    row,
    `${name} is ${JSON.stringify(text)}`,
    near === null ? `It must be one of ${allowed.join(', ')}.` : `Did you mean ${near}?`,
  );
}

const refused = (row: PositionRow, what: string, remedy: string): ReplayError =>
  new ReplayError('DATA_SCHEMA', `Position refused: ${what}.`, row.place, remedy);
