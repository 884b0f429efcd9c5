/**
 * Known positions, row by row, as population columns: the one way in for account snapshots and for
 * named accounts. A row is one leg, its figures decimal text, so that what was published stays exact;
 * rows of one account belong together wherever they stand.
 *
 * Rules of a row: qty > 0 in whole lots; entryPrice > 0; an isolated leg brings `margin` (>= 0) and
 * `wallet` is the free balance beside it (default 0); a cross account brings its `wallet` (the same on
 * each of its rows) and no margin. One account has one mode, one settlement asset and at most one leg
 * a market and side. A cross account may bring `balances` instead of a wallet, the same on each of its rows:
 * then its legs may settle in several assets, and a balance may be below 0. Margin and wallet are cut
 * down to 8 decimal places, entry value half to even.
 */
import { canonicalJson } from '../basics/digest.ts';
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
  /** Balance by asset, in place of a wallet; null where the account has one asset. */
  readonly balances: Readonly<Record<string, string>> | null;
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
  /** Balances beside that of the first leg's settlement asset; null where the account has a wallet. */
  readonly further: ReadonlyMap<string, bigint> | null;
  readonly legs: Leg[];
}

/** Ledger accounts of our own, and what unnamed accounts are called: nobody else may bear these names. */
const RESERVED = /^(market|house|outside|socialised|fund:.*|funding:.*)$/;

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
    ...furtherOf(list),
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

/** The column of further balances, where anybody has one. */
function furtherOf(list: readonly Account[]): Pick<Population, 'further'> {
  const held = list.flatMap(({ further }, a) => (further === null ? [] : [[a, further] as const]));
  return held.length === 0 ? {} : { further: new Map(held) };
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
  const account = accounts.get(row.account);
  if (account === undefined) {
    const { wallet, further } =
      row.balances === null
        ? { wallet: walletOf(row), further: null }
        : split(row, markets[row.market]!.settle);
    accounts.set(row.account, { first: row, wallet, further, legs: [leg] });
    return;
  }
  const { first, legs } = account;
  const settle = markets[row.market]!.settle;
  if (first.mode !== row.mode) throw refused(row, `account ${row.account} is both isolated and cross`, SPLIT);
  if (account.further === null && markets[first.market]!.settle !== settle) {
    throw refused(
      row,
      `account ${row.account} settles in ${markets[first.market]!.settle} and ${settle}`,
      SPLIT,
    );
  }
  if (!sameCollateral(account, row)) {
    throw refused(
      row,
      `account ${row.account} has two wallets`,
      'Repeat the same wallet or balances on each of its rows.',
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

/** Whether a further row of an account states the collateral of the first again. */
function sameCollateral({ first, further, wallet }: Account, row: PositionRow): boolean {
  if (further === null) return row.balances === null && walletOf(row) === wallet;
  return canonicalJson(row.balances) === canonicalJson(first.balances);
}

/** Balances as columns: that of the first leg's asset apart. */
function split(row: PositionRow, settle: string): { wallet: bigint; further: Map<string, bigint> } {
  if (row.mode !== 'cross')
    throw refused(
      row,
      'balances of an isolated account',
      'Give the leg a margin, or make the account cross.',
    );
  if (row.wallet !== null)
    throw refused(row, 'both a wallet and balances', 'Put the wallet among the balances.');
  const further = new Map<string, bigint>();
  for (const [asset, text] of Object.entries(row.balances!)) {
    const amount = cut(figure(row, `balances.${asset}`, 'money', text), COLUMN_SCALE, 'down');
    further.set(asset, scaled(amount, COLUMN_SCALE));
  }
  const wallet = further.get(settle) ?? 0n;
  further.delete(settle);
  return { wallet, further };
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
