/**
 * Every position of a world: the shared population columns below, this world's own overlay of
 * accounts that it touched above, and beside it, as columns, those that lost a position and rest.
 * Anybody else's object is made only for a judgement.
 *
 * A pocket is a set of legs that share collateral: an isolated leg with its margin, or all cross
 * legs of an account with its wallet. Its number is the row of its first leg, so pockets need no
 * table of their own.
 */
import { Bits } from '../basics/bits.ts';
import { type Money, type Qty, steps, unscaled, ZERO_MONEY, ZERO_QTY } from '../basics/exact.ts';
import type { Pool } from '../margin/multiAsset.ts';
import type { MarketRules } from '../rules/ruleSet.ts';
import type { Asset, Market, MarketId, Side } from '../rules/market.ts';
import { nameOfNumber, numberOf } from './accountName.ts';
import { COLUMN_SCALE, type Population } from './population.ts';
import { RestingAccounts } from './restingAccounts.ts';

export type AccountIndex = number;
export type PocketId = number;

/** A leg as the engine works on it; has the shape of margin/leg.ts `Leg`. */
export interface LiveLeg {
  readonly row: number;
  readonly market: Market;
  readonly rules: MarketRules;
  readonly side: Side;
  readonly leverage: number;
  lots: number;
  qty: Qty;
  entryValue: Money;
  /** Isolated margin; 0 in cross. */
  margin: Money;
  /** Funding stamps already charged. */
  seen: number;
}

export interface LiveAccount {
  readonly index: AccountIndex;
  readonly name: string;
  readonly asset: Asset;
  readonly cross: boolean;
  readonly hedger: boolean;
  /** Cross wallet, or free balance beside isolated legs. */
  wallet: Money;
  orderMargin: Money;
  /** Balances in assets beside `asset`, signed: accounts of several assets only. */
  further: ReadonlyMap<Asset, Money>;
  readonly legs: readonly LiveLeg[];
  /** Pockets under liquidation. */
  frozen: ReadonlySet<PocketId>;
  /** Liquidations that still hold on to this object: under way, or with a debt to be cleared. */
  cases: number;
}

/** Shared by the many who have none. */
const NOTHING_FURTHER: ReadonlyMap<Asset, Money> = new Map();
const NOTHING_FROZEN: ReadonlySet<PocketId> = new Set();

/** Lots of the population per market, kept as positions change: the open interest and its imbalance. */
export interface SideLots {
  long: number;
  short: number;
}

export interface PositionBookInput {
  readonly population: Population;
  readonly markets: readonly Market[];
  readonly rules: (market: MarketId) => MarketRules;
  /** How cross accounts count their assets together now; null: each has one asset and the markets' tiers. */
  readonly pooling?: () => Pooling | null;
}

/** What is common to the pools of all accounts: rules and prices. `unit` of an account is filled in. */
export type Pooling = Omit<Pool, 'balances' | 'unit'>;

export class PositionBook {
  readonly population: Population;
  readonly markets: readonly Market[];
  /** Account of each leg row. */
  readonly accountOf: Uint32Array;
  readonly lots: readonly SideLots[];
  /** Signed entry value of the population per market. */
  readonly entrySum: Money[];
  private readonly overlay = new Map<AccountIndex, LiveAccount>();
  /** Accounts that were touched and are in the overlay no more. */
  private readonly resting = new RestingAccounts();
  /** Accounts that this world touched. */
  private readonly own: Bits;
  /** Lots of each leg row now; null until somebody asks: most worlds of a calm hour never do. */
  private held: Float64Array | null = null;
  private readonly rules: (market: MarketId) => MarketRules;
  private readonly indexOf: ReadonlyMap<string, AccountIndex>;
  private readonly pooling: () => Pooling | null;

  constructor({ population, markets, rules, pooling = () => null }: PositionBookInput) {
    this.pooling = pooling;
    this.population = population;
    this.own = new Bits(population.accounts);
    this.markets = population.markets.map((id) => markets.find((m) => m.id === id)!);
    this.rules = rules;
    const { accountOf, lots, entrySum } = openingOf(population);
    this.accountOf = accountOf;
    this.lots = lots.map((each) => ({ ...each }));
    this.entrySum = [...entrySum];
    this.indexOf = new Map([...population.names].map(([index, name]) => [name, index]));
  }

  /** Name of an account as the ledger knows it. */
  nameOf(a: AccountIndex): string {
    return this.population.names.get(a) ?? nameOfNumber(a);
  }

  /** Account of a name; -1 where there is none. */
  find(name: string): AccountIndex {
    return this.indexOf.get(name) ?? numberOf(name);
  }

  /** Whether this world touched the account; cheaper than asking for it. */
  isTouched(a: AccountIndex): boolean {
    return this.own.has(a);
  }

  /** The account if this world touched it. */
  touched(a: AccountIndex): LiveAccount | undefined {
    return this.isTouched(a) ? this.read(a) : undefined;
  }

  /** The account, taken into the overlay: from here on this world's own. */
  open(a: AccountIndex): LiveAccount {
    const account = this.read(a);
    this.overlay.set(a, account);
    this.own.add(a);
    return account;
  }

  /**
   * Puts an account away that was opened and lost a position, where nothing is going on: it reads on as before,
   * but is another object.
   */
  retire(account: LiveAccount): void {
    if (!RestingAccounts.isFit(account) || this.overlay.get(account.index) !== account) return;
    this.resting.put(account);
    this.overlay.delete(account.index);
  }

  /** The account as it stands, without taking it into the overlay. */
  read(a: AccountIndex): LiveAccount {
    const account = this.overlay.get(a);
    if (account !== undefined) return account;
    const opened = this.asOpened(a);
    if (this.isTouched(a)) this.resting.restore(opened);
    return opened;
  }

  private asOpened(a: AccountIndex): LiveAccount {
    const p = this.population;
    return {
      index: a,
      name: this.nameOf(a),
      asset: p.assets[p.asset[a]!]!,
      cross: p.cross[a] === 1,
      hedger: p.hedger[a] === 1,
      wallet: unscaled('money', p.wallet[a]!, COLUMN_SCALE),
      orderMargin: unscaled('money', p.orderMargin[a]!, COLUMN_SCALE),
      further: this.openingFurther(a),
      legs: this.readLegs(p.legStart[a]!, p.legStart[a + 1]!),
      frozen: NOTHING_FROZEN,
      cases: 0,
    };
  }

  /** Opening balance of a population account: wallet and isolated margins. */
  openingBalance(a: AccountIndex): Money {
    const p = this.population;
    let n = p.wallet[a]!;
    for (let row = p.legStart[a]!; row < p.legStart[a + 1]!; row++) n += p.legMargin[row]!;
    return unscaled('money', n, COLUMN_SCALE);
  }

  /** Opening balances of a population account in further assets. */
  openingFurther(a: AccountIndex): ReadonlyMap<Asset, Money> {
    const own = this.population.further?.get(a);
    if (own === undefined) return NOTHING_FURTHER;
    return new Map([...own].map(([asset, n]) => [asset, unscaled('money', n, COLUMN_SCALE)]));
  }

  /** Opening balance of a population account in an asset. */
  openingOf(a: AccountIndex, asset: Asset): Money {
    const { assets, asset: own } = this.population;
    if (assets[own[a]!] === asset) return this.openingBalance(a);
    return this.openingFurther(a).get(asset) ?? ZERO_MONEY;
  }

  /** Whether cross accounts are judged as one over all their assets now. */
  get isPooling(): boolean {
    return this.pooling() !== null;
  }

  /** How an account's assets count together; null where it is judged pocket by pocket. */
  poolOf(account: LiveAccount): Pool | null {
    const pooling = account.cross ? this.pooling() : null;
    if (pooling === null) return null;
    return {
      ...pooling,
      unit: pooling.collateral?.unit ?? account.asset,
      balances: new Map([[account.asset, account.wallet], ...account.further]),
    };
  }

  /** Number of a market in this book. */
  marketIndex(id: MarketId): number {
    return this.markets.findIndex((m) => m.id === id);
  }

  /** First leg row of the pocket that holds `row`. */
  pocketOf(row: number): PocketId {
    const a = this.accountOf[row]!;
    return this.population.cross[a] === 1 ? this.population.legStart[a]! : row;
  }

  /** Legs of a pocket that still hold something. */
  legsOf(account: LiveAccount, pocket: PocketId): LiveLeg[] {
    return account.legs.filter((leg) => leg.lots > 0 && (account.cross || leg.row === pocket));
  }

  /** Lots that each leg row holds now. */
  heldLots(): Readonly<Float64Array> {
    if (this.held !== null) return this.held;
    const held = this.population.legLots.slice();
    for (const a of [...this.resting.numbers(), ...this.overlay.keys()])
      for (const { row, lots } of this.read(a).legs) held[row] = lots;
    this.held = held;
    return held;
  }

  /** Changes a leg's lots and keeps the sums. @param entryValue  what it stands at afterwards */
  resize(leg: LiveLeg, lots: number, entryValue: Money): void {
    const m = this.marketIndex(leg.market.id);
    const stands = lots === 0 ? ZERO_MONEY : entryValue;
    const change = stands.minus(leg.entryValue);
    this.lots[m]![leg.side] += lots - leg.lots;
    this.entrySum[m] = leg.side === 'long' ? this.entrySum[m]!.plus(change) : this.entrySum[m]!.minus(change);
    leg.lots = lots;
    if (this.held !== null) this.held[leg.row] = lots;
    leg.qty = lots === 0 ? ZERO_QTY : steps(lots, leg.market.qtyStep);
    leg.entryValue = stands;
  }

  /** In an array of just that room: there are many. */
  private readLegs(from: number, until: number): LiveLeg[] {
    if (until - from === 1) return [this.readLeg(from)];
    return Array.from({ length: until - from }, (_, i) => this.readLeg(from + i));
  }

  private readLeg(row: number): LiveLeg {
    const p = this.population;
    const market = this.markets[p.legMarket[row]!]!;
    return {
      row,
      market,
      rules: this.rules(market.id),
      side: p.legSide[row]! > 0 ? 'long' : 'short',
      leverage: p.legLeverage[row]!,
      lots: p.legLots[row]!,
      qty: steps(p.legLots[row]!, market.qtyStep),
      entryValue: unscaled('money', p.legEntryValue[row]!, COLUMN_SCALE),
      margin: unscaled('money', p.legMargin[row]!, COLUMN_SCALE),
      seen: 0,
    };
  }
}

/** What is the same in every world of a population as it opens. */
interface Opening {
  readonly accountOf: Uint32Array;
  readonly lots: readonly Readonly<SideLots>[];
  readonly entrySum: readonly Money[];
}

const openings = new WeakMap<Population, Opening>();

/** Made once for a population, however many worlds hold it. */
function openingOf(population: Population): Opening {
  const found = openings.get(population);
  if (found !== undefined) return found;
  const accountOf = new Uint32Array(population.legLots.length);
  const lots = population.markets.map(() => ({ long: 0, short: 0 }));
  const entrySum = population.markets.map(() => 0n);
  for (let a = 0; a < population.accounts; a++) {
    for (let row = population.legStart[a]!; row < population.legStart[a + 1]!; row++) {
      accountOf[row] = a;
      const m = population.legMarket[row]!;
      const long = population.legSide[row]! > 0;
      lots[m]![long ? 'long' : 'short'] += population.legLots[row]!;
      entrySum[m]! += long ? population.legEntryValue[row]! : -population.legEntryValue[row]!;
    }
  }
  const made = { accountOf, lots, entrySum: entrySum.map((n) => unscaled('money', n, COLUMN_SCALE)) };
  openings.set(population, made);
  return made;
}

/** Collateral of a pocket. */
export const collateralOf = (account: LiveAccount, pocket: PocketId): Money =>
  account.cross ? account.wallet : account.legs.find((leg) => leg.row === pocket)!.margin;

/** Puts a pocket's collateral. */
export function setCollateral(account: LiveAccount, pocket: PocketId, amount: Money): void {
  if (account.cross) account.wallet = amount;
  else account.legs.find((leg) => leg.row === pocket)!.margin = amount;
}

/** Puts a balance beside the account's own asset. */
export function setFurther(account: LiveAccount, asset: Asset, amount: Money): void {
  account.further = new Map([...account.further, [asset, amount]]);
}

/** Freezes a pocket: its owner can do nothing with it. */
export function freeze(account: LiveAccount, pocket: PocketId): void {
  account.frozen = new Set([...account.frozen, pocket]);
}

/** Gives a pocket back to its owner. */
export function thaw(account: LiveAccount, pocket: PocketId): void {
  const others = [...account.frozen].filter((p) => p !== pocket);
  account.frozen = others.length === 0 ? NOTHING_FROZEN : new Set(others);
}

/** What the ledger must say of the account: wallet and isolated margins. */
export const balanceOf = (account: LiveAccount): Money =>
  account.legs.reduce((total, leg) => total.plus(leg.margin), account.wallet);
