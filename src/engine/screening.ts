/**
 * Puts pockets on the watch list: solves their float64 triggers from the population columns (the
 * many that nobody touched) or from the overlay (the few that changed). It never decides anything.
 */
import type { FundingClock } from '../ledger/fundingClock.ts';
import { type ColumnsF64, columnsF64 } from '../ledger/population.ts';
import type { LiveAccount, LiveLeg, PocketId, PositionBook } from '../ledger/positionBook.ts';
import { safeBand } from '../margin/safeBand.ts';
import { type ScreenPocket, type ScreenTiers, screenPocket, screenTiers, ULPS } from '../margin/screen.ts';
import type { Pocket } from '../margin/leg.ts';
import { isPooled, levelsOf, safeBandOf } from '../margin/portfolioVerdict.ts';
import type { Price } from '../basics/exact.ts';
import type { MarketId } from '../rules/market.ts';
import type { MarketRules } from '../rules/ruleSet.ts';
import { LadderMaker, type Ladders, sharedLadders, type Triggers } from './ladders.ts';
import { chargedView } from './pocketView.ts';
import type { WatchList } from './watchList.ts';

const noPocket = (): ScreenPocket => ({
  longQty: 0,
  longEntry: 0,
  shortQty: 0,
  shortEntry: 0,
  wallet: 0,
  mark: 0,
});

export class Screening {
  private readonly book: PositionBook;
  private readonly columnsOf: ColumnsF64;
  private readonly clocks: readonly FundingClock[];
  private readonly watch: WatchList;
  private tiers: readonly ScreenTiers[] = [];
  /** The same as text: worlds with equal schedules share triggers. */
  private schedules = '';
  private readonly rules: (market: MarketId) => MarketRules;
  private readonly marks: (market: MarketId) => Price;
  private readonly stepF64: readonly number[];
  /** Scratch: one pocket a market, which of them are in use, and the solved triggers. */
  private readonly pockets: readonly ScreenPocket[];
  private readonly used: number[] = [];
  private wallet = 0;
  private rounds = 0;
  private readonly out = new Float64Array(2);

  constructor(input: {
    book: PositionBook;
    clocks: readonly FundingClock[];
    watch: WatchList;
    rules: (market: MarketId) => MarketRules;
    /** Exact marks now, for accounts that are judged as one. */
    marks: (market: MarketId) => Price;
  }) {
    this.book = input.book;
    this.columnsOf = columnsF64(input.book.population);
    this.clocks = input.clocks;
    this.watch = input.watch;
    this.rules = input.rules;
    this.marks = input.marks;
    this.stepF64 = input.book.markets.map((market) => market.qtyStep.toNumber());
    this.pockets = input.book.markets.map(noPocket);
    this.reprice();
  }

  /** How often everybody was watched anew; whoever keeps triggers asks for all of them again when it moves. */
  get watchedAll(): number {
    return this.rounds;
  }

  /** Takes over the margin schedules that are in force now; everybody must be watched anew afterwards. */
  reprice(): void {
    this.tiers = this.book.markets.map((market) => screenTiers(market, this.rules(market.id)));
    this.schedules = this.tiers.map((tiers) => Object.values(tiers).join()).join('|');
  }

  /**
   * Watches everybody anew: at the start and after a funding stamp. @param marksF64  per market; NaN before
   * its first
   */
  watchAll(marksF64: Float64Array): void {
    this.rounds++;
    const { population, isPooling } = this.book;
    const funding = this.clocks.map(({ longF64, shortF64, slackF64 }) => [longF64, shortF64, slackF64]);
    const key = `${this.schedules}|${isPooling}|${marksF64.join()}|${funding.join()}`;
    this.watch.adopt(sharedLadders(population, key, () => this.untouched(marksF64)));
    for (let a = 0; a < population.accounts; a++) {
      if (this.book.isTouched(a) || (isPooling && population.cross[a] === 1))
        this.eachPocket(this.book.read(a), marksF64);
    }
  }

  /** Triggers of everybody as they opened, but for accounts that are judged as one. */
  private untouched(marksF64: Float64Array): Ladders {
    const { population, isPooling, accountOf } = this.book;
    const { legStart } = population;
    const maker = new LadderMaker(this.book.markets.length, accountOf.length);
    for (let a = 0; a < population.accounts; a++) {
      if (population.cross[a] === 0) {
        for (let row = legStart[a]!; row < legStart[a + 1]!; row++)
          this.columns(a, row, row + 1, marksF64, maker);
      } else if (!isPooling) this.columns(a, legStart[a]!, legStart[a + 1]!, marksF64, maker);
    }
    return maker.made();
  }

  /** Watches the pockets of one account anew; those under liquidation are left out. */
  watchAccount(account: LiveAccount, marksF64: Float64Array): void {
    this.eachPocket(account, marksF64);
  }

  /** Triggers of one pocket as it stands: [low, high] in a market, for reports. 0 and Infinity: none. */
  triggersOf(
    account: LiveAccount,
    pocket: PocketId,
    market: number,
    marksF64: Float64Array,
  ): [number, number] {
    if (this.book.poolOf(account) !== null) return [0, Infinity]; // other prices decide about it too
    this.load(account, this.book.legsOf(account, pocket), marksF64);
    if (this.used.length !== 1 || this.used[0] !== market) return [0, Infinity];
    this.single();
    return [this.out[0]!, this.out[1]!];
  }

  private eachPocket(account: LiveAccount, marksF64: Float64Array): void {
    const pockets = account.cross
      ? [this.book.population.legStart[account.index]!]
      : account.legs.map((leg) => leg.row);
    for (const pocket of pockets) {
      this.watch.drop(pocket);
      if (account.frozen.has(pocket)) continue;
      if (this.book.poolOf(account) !== null) {
        this.placeWhole(pocket, chargedView(this.book, this.clocks, account, pocket));
        continue;
      }
      this.load(account, this.book.legsOf(account, pocket), marksF64);
      this.place(pocket, this.watch);
    }
  }

  /** Watches every mark and index that the verdict about a whole account reads, an index after the marks. */
  private placeWhole(pocket: PocketId, view: Pocket): void {
    if (!isPooled(view) || view.legs.length === 0) return;
    const { book, watch } = this;
    const move = safeBandOf(view, this.marks)?.toNumber() ?? null;
    for (const { market, what } of levelsOf(view)) {
      const m = book.marketIndex(market);
      if (move === null) {
        watch.put(pocket, m, Infinity, 0); // every mark meets it
        continue;
      }
      const now = (what === 'mark' ? this.marks(market) : view.pool.index(market)).toNumber();
      const level = what === 'mark' ? m : book.markets.length + m;
      watch.put(pocket, level, now * (1 - move) * (1 + ULPS), now * (1 + move) * (1 - ULPS));
    }
  }

  private load(account: LiveAccount, legs: readonly LiveLeg[], marksF64: Float64Array): void {
    this.used.length = 0;
    this.wallet = (account.cross ? account.wallet : (legs[0]?.margin ?? account.wallet)).approxF64();
    for (const leg of legs) {
      const m = this.book.marketIndex(leg.market.id);
      this.enter(m, leg.side === 'long', leg.qty.approxF64(), leg.entryValue.approxF64(), marksF64);
      const clock = this.clocks[m]!;
      this.wallet -= clock.due(leg.side, leg.qty, leg.seen).approxF64();
    }
  }

  /** The pocket of untouched legs rows from .. until - 1. */
  private columns(a: number, from: number, until: number, marksF64: Float64Array, into: Triggers): void {
    const p = this.book.population;
    this.used.length = 0;
    this.wallet = p.cross[a] === 1 ? this.columnsOf.wallet[a]! : this.columnsOf.margin[from]!;
    for (let row = from; row < until; row++) {
      if (p.legLots[row] === 0) continue;
      const m = p.legMarket[row]!;
      const long = p.legSide[row]! > 0;
      const qty = p.legLots[row]! * this.stepF64[m]!;
      const clock = this.clocks[m]!;
      this.wallet -= qty * (long ? clock.longF64 : clock.shortF64) + clock.slackF64;
      this.enter(m, long, qty, this.columnsOf.entryValue[row]!, marksF64);
    }
    this.place(from, into);
  }

  private enter(m: number, long: boolean, qty: number, entry: number, marksF64: Float64Array): void {
    const pocket = this.pockets[m]!;
    if (!this.used.includes(m)) {
      this.used.push(m);
      pocket.longQty = pocket.longEntry = pocket.shortQty = pocket.shortEntry = 0;
      pocket.mark = marksF64[m]!;
    }
    if (long) [pocket.longQty, pocket.longEntry] = [qty, entry];
    else [pocket.shortQty, pocket.shortEntry] = [qty, entry];
  }

  private single(): void {
    const pocket = this.pockets[this.used[0]!]!;
    pocket.wallet = this.wallet;
    screenPocket(this.tiers[this.used[0]!]!, pocket, this.out);
  }

  private place(pocket: PocketId, into: Triggers): void {
    const { used } = this;
    if (used.length === 0) return;
    if (used.length === 1) {
      this.single();
      into.put(pocket, used[0]!, this.out[0]!, this.out[1]!);
      return;
    }
    const move = safeBand(
      used.map((m) => this.tiers[m]!),
      used.map((m) => this.pockets[m]!),
      this.wallet,
    );
    for (const m of used) {
      const { mark } = this.pockets[m]!;
      into.put(pocket, m, mark * (1 - move), mark * (1 + move));
    }
  }
}
