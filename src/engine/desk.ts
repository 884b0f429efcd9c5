/**
 * The desk carries out what others decided: it moves money, positions and rows together, so that the
 * ledger, the position book, the two bookkeepings of `market` and the outbox cannot drift apart.
 * Nothing else in the engine writes to any of them.
 */
import { MONEY_SCALE, type Money, ONE, type Price, quotient, steps, ZERO_MONEY } from '../basics/exact.ts';
import { invariant } from '../basics/errors.ts';
import type { Micros } from '../basics/instant.ts';
import type { FundingClock } from '../ledger/fundingClock.ts';
import { type InsuranceFund, type InventoryLot, qtyOf } from '../ledger/insuranceFund.ts';
import { Ledger, type Party } from '../ledger/ledger.ts';
import { MarketParty } from '../ledger/marketParty.ts';
import {
  collateralOf,
  type LiveAccount,
  type LiveLeg,
  type PocketId,
  type PositionBook,
  setCollateral,
  setFurther,
} from '../ledger/positionBook.ts';
import { entryPart, profit, valueAt } from '../margin/leg.ts';
import type { Exchange } from '../margin/multiAsset.ts';
import type { Asset, MarketId } from '../rules/market.ts';
import type { DecisionRow, FillRow, Outbox, Reason } from './rows.ts';
import { emptyOutbox } from './rows.ts';

export interface DeskInput {
  readonly book: PositionBook;
  readonly funds: readonly InsuranceFund[];
  readonly clocks: readonly FundingClock[];
  readonly fundOpening: Readonly<Record<string, Money>>;
  /** Whether decisions are written down. */
  readonly explains: boolean;
}

/** Why a fill happened and what fixed its price. */
export interface FillCause {
  readonly why: FillRow['why'];
  readonly priceRule: FillRow['priceRule'];
  readonly cause: number;
}

export class Desk {
  readonly book: PositionBook;
  readonly ledger: Ledger;
  readonly funds: readonly InsuranceFund[];
  readonly clocks: readonly FundingClock[];
  readonly parties: readonly MarketParty[];
  readonly outbox: Outbox = emptyOutbox();
  private readonly tables: readonly unknown[][] = Object.values(this.outbox);
  /** Accounts whose books changed in this beat: they are checked and watched anew. */
  readonly changed = new Set<LiveAccount>();
  tsUs: Micros = 0;
  private readonly explains: boolean;
  private lastSeq = 0;
  private seqAtStart = -1;

  constructor({ book, funds, clocks, fundOpening, explains }: DeskInput) {
    this.explains = explains;
    this.book = book;
    this.funds = funds;
    this.clocks = clocks;
    this.parties = book.markets.map((market, m) => {
      const { long, short } = book.lots[m]!;
      return new MarketParty(market, short - long, book.entrySum[m]!.neg());
    });
    this.ledger = new Ledger({
      find: (party) => book.find(party),
      ofAccount: (a, asset) => book.openingOf(a, asset),
      ofParty: (party, asset) => {
        const fund = funds.find((f) => f.party === party);
        return fund?.rule.asset === asset ? (fundOpening[fund.rule.name] ?? ZERO_MONEY) : ZERO_MONEY;
      },
    });
  }

  /** Whether anything was moved or looked into in this beat. */
  get wrote(): boolean {
    return this.lastSeq !== this.seqAtStart || this.changed.size > 0;
  }

  /** Number of the next event. */
  seq(): number {
    return ++this.lastSeq;
  }

  /** Empties the outbox at the start of a beat, and lets go of accounts that ended in the one before. */
  begin(tsUs: Micros): void {
    this.tsUs = tsUs;
    for (const account of this.changed) this.book.retire(account);
    this.changed.clear();
    this.seqAtStart = this.lastSeq;
    for (const rows of this.tables) if (rows.length > 0) rows.length = 0;
  }

  /** Money from one party to another; nothing happens for 0. */
  move(t: {
    from: Party;
    to: Party;
    amount: Money;
    asset: string;
    reason: Reason;
    market: MarketId | null;
    cause: number;
  }): void {
    if (t.amount.isZero()) return;
    this.ledger.post(t);
    const { from, to, amount, asset, reason, market, cause } = t;
    const row = { seq: this.seq(), tsUs: this.tsUs, asset, from, to, amount, reason, market, cause };
    this.outbox.transfers.push(row);
    if (t.market !== null && (t.from === 'market' || t.to === 'market')) {
      const party = this.partyOf(t.market);
      const kind = t.reason === 'realized-pnl' ? 'pnl' : 'other';
      party.receive(t.to === 'market' ? t.amount : t.amount.neg(), kind);
    }
  }

  /** Money into a pocket (negative: out of it) from a party; keeps collateral and ledger in step. */
  credit(p: {
    account: LiveAccount;
    pocket: PocketId;
    party: Party;
    amount: Money;
    reason: Reason;
    market: MarketId | null;
    cause: number;
    /** Needed where neither market nor party says it and the account may have several. */
    asset?: Asset;
  }): void {
    if (p.amount.isZero()) return;
    const { account, pocket, party, amount, reason, market, cause } = p;
    const asset = this.assetOf(p);
    if (asset === account.asset) setCollateral(account, pocket, collateralOf(account, pocket).plus(amount));
    else setFurther(account, asset, (account.further.get(asset) ?? ZERO_MONEY).plus(amount));
    this.changed.add(account);
    const gains = amount.isPositive();
    this.move({
      from: gains ? party : account.name,
      to: gains ? account.name : party,
      amount: amount.abs(),
      asset,
      reason,
      market,
      cause,
    });
  }

  /**
   * Asset of a payment to or from a pocket: the account's own; in an account of several that of the market, or of
   * the fund on the other side.
   */
  private assetOf(p: { account: LiveAccount; party: Party; market: MarketId | null; asset?: Asset }): Asset {
    if (this.book.poolOf(p.account) === null) return p.account.asset;
    if (p.asset !== undefined) return p.asset;
    if (p.market !== null) return this.partyOf(p.market).market.settle;
    return this.funds.find((f) => f.party === p.party)?.rule.asset ?? p.account.asset;
  }

  /** An exchange inside an account of several assets, against `market`. */
  exchange(account: LiveAccount, x: Exchange, cause: number): void {
    const pocket = this.book.population.legStart[account.index]!;
    const common = { account, pocket, party: 'market', reason: 'exchange', market: null, cause } as const;
    this.credit({ ...common, asset: x.sold, amount: x.amount.neg() });
    this.credit({ ...common, asset: x.bought, amount: x.proceeds });
  }

  /** Money between the outside and an account's wallet (free balance beside isolated legs); negative: out. */
  fundWallet(by: { account: LiveAccount; cause: number }, amount: Money): void {
    const { account, cause } = by;
    account.wallet = account.wallet.plus(amount);
    this.changed.add(account);
    const [from, to] = amount.isPositive() ? ['outside', account.name] : [account.name, 'outside'];
    const reason = amount.isPositive() ? 'deposit' : 'withdrawal';
    this.move({ asset: account.asset, from, to, amount: amount.abs(), reason, market: null, cause });
  }

  /** Closes lots of a leg at a price. The position goes to `market` at its entry value. */
  close(account: LiveAccount, leg: LiveLeg, lots: number, price: Price, by: FillCause): Money {
    invariant(lots > 0 && lots <= leg.lots, 'a close takes no more than the leg holds');
    const q = steps(lots, leg.market.qtyStep);
    const value = valueAt(leg.market, q, price);
    const part = entryPart(leg, q);
    const cash = profit(leg, value, part);
    const pocket = this.book.pocketOf(leg.row);
    this.book.resize(leg, leg.lots - lots, leg.entryValue.minus(part));
    this.partyOf(leg.market.id).takeClose(leg.side, lots, part, value);
    this.outbox.fills.push({
      seq: this.seq(),
      tsUs: this.tsUs,
      market: leg.market.id,
      account: account.name,
      side: leg.side,
      effect: 'close',
      qty: q,
      price,
      value,
      entryValue: part,
      ...by,
    });
    this.changed.add(account);
    this.credit({
      account,
      pocket,
      party: 'market',
      amount: cash,
      reason: 'realized-pnl',
      market: leg.market.id,
      cause: by.cause,
    });
    return value;
  }

  /** A wholly closed isolated leg gives its margin back to the free balance. */
  freeMargin(account: LiveAccount, pocket: PocketId): void {
    if (account.cross) return;
    account.wallet = account.wallet.plus(collateralOf(account, pocket));
    setCollateral(account, pocket, ZERO_MONEY);
  }

  /** An isolated leg that its owner (not a liquidation) made smaller frees its margin pro rata. */
  release(account: LiveAccount, leg: LiveLeg, closed: number, whole: number): void {
    if (account.cross || !leg.margin.isPositive()) return;
    const part = quotient<'money'>(
      'money',
      leg.margin.times(steps(closed, ONE)),
      steps(whole, ONE),
      MONEY_SCALE,
      'down',
    );
    leg.margin = leg.margin.minus(part);
    account.wallet = account.wallet.plus(part);
  }

  /** Enlarges a leg at a price: an account's own opening. */
  enlarge(account: LiveAccount, leg: LiveLeg, lots: number, price: Price, by: FillCause): void {
    const q = steps(lots, leg.market.qtyStep);
    const value = valueAt(leg.market, q, price);
    this.book.resize(leg, leg.lots + lots, leg.entryValue.plus(value));
    this.partyOf(leg.market.id).takeOpen(leg.side, lots, value);
    this.outbox.fills.push({
      seq: this.seq(),
      tsUs: this.tsUs,
      market: leg.market.id,
      account: account.name,
      side: leg.side,
      effect: 'open',
      qty: q,
      price,
      value,
      entryValue: value,
      ...by,
    });
    this.changed.add(account);
  }

  /** The fund takes a position over at its bankruptcy price. */
  takeOver(fund: InsuranceFund, lot: Omit<InventoryLot, 'entryValue' | 'takenUs'>): void {
    const q = steps(lot.lots, lot.market.qtyStep);
    const value = valueAt(lot.market, q, lot.bankruptcyPrice);
    this.partyOf(lot.market.id).takeOpen(lot.side, lot.lots, value);
    fund.take({ ...lot, entryValue: value, takenUs: this.tsUs });
    this.outbox.fills.push({
      seq: this.seq(),
      tsUs: this.tsUs,
      market: lot.market.id,
      account: fund.party,
      side: lot.side,
      effect: 'open',
      qty: q,
      price: lot.bankruptcyPrice,
      value,
      entryValue: value,
      why: 'takeover',
      priceRule: 'bankruptcy',
      cause: lot.cause,
    });
  }

  /** The fund closes part of an inventory lot at a price; `house` pays what its cash cannot. */
  closeLot(fund: InsuranceFund, lot: InventoryLot, lots: number, price: Price, by: FillCause): void {
    const q = steps(lots, lot.market.qtyStep);
    const value = valueAt(lot.market, q, price);
    const whole = { ...lot, rules: undefined as never, qty: qtyOf(lot) };
    const part = entryPart(whole, q);
    const cash = profit(whole, value, part);
    this.partyOf(lot.market.id).takeClose(lot.side, lots, part, value);
    fund.reduce(lot, lots, part);
    this.outbox.fills.push({
      seq: this.seq(),
      tsUs: this.tsUs,
      market: lot.market.id,
      account: fund.party,
      side: lot.side,
      effect: 'close',
      qty: q,
      price,
      value,
      entryValue: part,
      ...by,
    });
    const gains = cash.isPositive();
    this.move({
      asset: fund.rule.asset,
      from: gains ? 'market' : fund.party,
      to: gains ? fund.party : 'market',
      amount: cash.abs(),
      reason: 'realized-pnl',
      market: lot.market.id,
      cause: by.cause,
    });
    this.keepSolvent(fund, by.cause);
  }

  /** Lifts a fund's cash to 0 by the operator's account. */
  keepSolvent(fund: InsuranceFund, cause: number): void {
    const cash = this.cashOf(fund);
    if (!cash.isNegative()) return;
    const { asset } = fund.rule;
    this.move({
      asset,
      from: 'house',
      to: fund.party,
      amount: cash.neg(),
      reason: 'insolvency',
      market: null,
      cause,
    });
  }

  /** The fund covers a pocket's negative collateral; the account ends at 0. Returns what was lacking. */
  coverDeficit(account: LiveAccount, pocket: PocketId, market: MarketId, cause: number): Money {
    const lacking = collateralOf(account, pocket).neg();
    if (!lacking.isPositive()) return ZERO_MONEY;
    const fund = this.fundOf(market);
    this.credit({
      account,
      pocket,
      party: fund.party,
      amount: lacking,
      reason: 'deficit',
      market: null,
      cause,
    });
    this.keepSolvent(fund, cause);
    return lacking;
  }

  /** Charges all funding that the account's legs owe or are owed. */
  settleFunding(account: LiveAccount, cause: number): void {
    for (const leg of account.legs) {
      const clock = this.clocks[this.book.marketIndex(leg.market.id)]!;
      if (leg.seen === clock.seen) continue;
      const due = clock.due(leg.side, leg.qty, leg.seen);
      leg.seen = clock.seen;
      this.credit({
        account,
        pocket: this.book.pocketOf(leg.row),
        party: `funding:${leg.market.id}`,
        amount: due.neg(),
        reason: 'funding',
        market: leg.market.id,
        cause,
      });
    }
  }

  /** Takes an account into the overlay with its funding charged: the state that may be judged and changed. */
  open(a: number, cause = 0): LiveAccount {
    const account = this.book.open(a);
    this.settleFunding(account, cause);
    return account;
  }

  cashOf(fund: InsuranceFund): Money {
    return this.ledger.balance(fund.party, fund.rule.asset);
  }

  fundOf(market: MarketId): InsuranceFund {
    const fund = this.funds.find((f) => f.rule.markets.includes(market));
    invariant(fund !== undefined, 'every market has an insurance fund');
    return fund;
  }

  partyOf(market: MarketId): MarketParty {
    return this.parties[this.book.marketIndex(market)]!;
  }

  /** Writes a decision down where somebody will read it; a rerun for money figures makes no such row. */
  decide(row: () => Omit<DecisionRow, 'tsUs'>): void {
    if (this.explains) this.outbox.decisions.push({ ...row(), tsUs: this.tsUs });
  }
}
