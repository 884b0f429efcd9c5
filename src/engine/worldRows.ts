/** Writes down what a world looks like: per beat, at the start and at the end. It reads, it never acts. */
import { cut, MONEY_SCALE, type Money, type Price, steps, ZERO_MONEY } from '../basics/exact.ts';
import { SECOND_US } from '../basics/instant.ts';
import { isRanked, lights } from '../adl/ranking.ts';
import { collateralOf, type LiveAccount, type LiveLeg } from '../ledger/positionBook.ts';
import { sideOf } from '../ledger/side.ts';
import type { Marks } from '../margin/leg.ts';
import { judge } from '../margin/trigger.ts';
import { Health, type HealthFigures } from './health.ts';
import { chargedView, pocketView } from './pocketView.ts';
import { openInterestLots } from './totals.ts';
import type { AccountRow } from './rows.ts';
import type { World } from './world.ts';

/** ADL lights are looked at every 30 s, as Binance publishes them. */
const LIGHTS_US = 30 * SECOND_US;

export class WorldRows {
  private readonly world: World;
  private readonly marks: Marks;
  private health: Health | null = null;
  private readonly lastProvenance: string[] = [];
  private readonly trackedAccounts: number[];
  private readonly lightsOf = new Map<number, number>();
  private lightsAtUs = -Infinity;
  private readonly lastCash: Money[] = [];
  private readonly extremes: { readonly low: number; readonly high: number; readonly last: number }[] = [];

  constructor(world: World, marks: Marks) {
    this.world = world;
    this.marks = marks;
    const { tracked } = world.input.population;
    this.trackedAccounts = [];
    for (let a = 0; a < tracked.length; a++) if (tracked[a] === 1) this.trackedAccounts.push(a);
  }

  private get all(): boolean {
    return this.world.input.record === 'all';
  }

  /** Everybody as they stand before the first beat. */
  start(): void {
    if (!this.all) return this.fundBalances('before');
    this.health = new Health(this.world.desk.book, this.marks);
    this.accounts('before');
    this.balances('before');
  }

  /** Everybody as they stand after the last beat, and liquidations under way. */
  finish(): void {
    this.world.desk.outbox.liquidations.push(...this.world.liquidator.openRows());
    if (!this.all) return;
    this.accounts('after');
    this.balances('after');
  }

  /** Rows of one beat. */
  record(beat: number): void {
    if (this.all && this.health !== null) {
      for (const account of this.world.desk.changed) this.health.update(account);
    }
    if (this.all || this.tellsMoney(beat)) this.beats(beat);
    this.funds();
    if (!this.all) return;
    this.provenance();
    if (this.trackedAccounts.length > 0) this.tracked();
  }

  /** A rerun writes a beat only where it holds a first, last, lowest or highest price. */
  private tellsMoney(beat: number): boolean {
    const { frames } = this.world.input;
    let tells = beat === frames.beats - 1;
    for (const [m, market] of this.world.desk.book.markets.entries()) {
      const { markF64 } = this.world.prices[m]!;
      const low = this.world.books.get(market.id)!.beat.lowTicks;
      const seen = this.extremes[m];
      if (seen !== undefined && markF64 >= seen.low && markF64 <= seen.high && low >= seen.last) continue;
      tells = true;
      this.extremes[m] = {
        low: Math.min(markF64, seen?.low ?? Infinity),
        high: Math.max(markF64, seen?.high ?? 0),
        last: Math.min(low, seen?.last ?? Infinity),
      };
    }
    return tells;
  }

  private beats(beat: number): void {
    const { world } = this;
    const { desk } = world;
    for (const [m, market] of desk.book.markets.entries()) {
      const price = world.prices[m]!;
      const book = world.books.get(market.id)!;
      const party = desk.parties[m]!;
      const columns = world.input.frames.markets.get(market.id);
      const traded = columns !== undefined && !Number.isNaN(columns.highTicks[beat]!);
      const tick = (ticks: number): Price => steps(ticks, market.priceTick);
      const last = tick(world.traded.now[m]!);
      desk.outbox.beats.push({
        tsUs: desk.tsUs,
        market: market.id,
        last,
        high: traded ? tick(book.beat.highTicks) : last,
        low: traded ? tick(book.beat.lowTicks) : last,
        index: price.index,
        mark: price.mark,
        markFrom: price.from,
        price1: price.price1,
        price2: price.price2,
        lots: book.beat.lots,
        openInterest: steps(openInterestLots(desk, market), market.qtyStep),
        marketNet: steps(Math.abs(party.lots), market.qtyStep),
        marketSide: sideOf(party.lots),
        marketProfit: party.profitAt(price.mark),
        marketLowestCash: party.lowestCash,
        queue: world.liquidator.cases.length,
        forcedSellLots: book.forced.sell,
        forcedBuyLots: book.forced.buy,
        stepLimitHit: world.liquidator.stepLimitHit,
      });
    }
  }

  private provenance(): void {
    const { desk, prices } = this.world;
    for (const [m, market] of desk.book.markets.entries()) {
      const { provenance, held } = prices[m]!;
      const text = `${provenance}${held ? ' held' : ''}`;
      if (this.lastProvenance[m] === text) continue;
      this.lastProvenance[m] = text;
      desk.outbox.provenance.push({ tsUs: desk.tsUs, market: market.id, constituents: provenance, held });
    }
  }

  private funds(): void {
    const { desk, takeover } = this.world;
    for (const [i, fund] of desk.funds.entries()) {
      const cash = desk.cashOf(fund);
      const before = this.lastCash[i];
      const stands = !this.all && (before === cash || before?.eq(cash) === true);
      if (stands && (fund.isEmpty || this.world.input.record === 'cash')) continue;
      this.lastCash[i] = cash;
      const inventoryPnl = fund.inventoryPnl(this.marks);
      const value = cash.plus(inventoryPnl);
      desk.outbox.fund.push({
        tsUs: desk.tsUs,
        fund: fund.rule.name,
        asset: fund.rule.asset,
        cash,
        inventoryPnl,
        inventoryNotional: fund.netNotional(this.marks),
        lots: fund.lotsHeld,
        refusing: takeover.hasRefused(fund),
        ...(this.health?.figures(fund, value) ?? NO_HEALTH),
      });
    }
  }

  private tracked(): void {
    const { desk } = this.world;
    if (desk.tsUs - this.lightsAtUs >= LIGHTS_US) this.lookAtLights();
    for (const a of this.trackedAccounts) {
      const account = desk.book.read(a);
      for (const leg of account.legs) if (leg.lots > 0) this.trackedLeg(account, leg);
    }
  }

  private lookAtLights(): void {
    const { desk, deleverage } = this.world;
    this.lightsAtUs = desk.tsUs;
    if (!isRanked(this.world.input.rules.adl.ranking)) return;
    deleverage.forget();
    for (const a of this.trackedAccounts) {
      for (const leg of desk.book.read(a).legs) {
        if (leg.lots === 0) continue;
        const queue = deleverage.queueOf(leg.market, leg.side);
        const rank = queue.rankOf(leg.row);
        this.lightsOf.set(leg.row, rank === 0 ? 0 : lights(rank, queue.size));
      }
    }
    deleverage.forget();
  }

  private trackedLeg(account: LiveAccount, leg: LiveLeg): void {
    const { desk, screening, prices, input } = this.world;
    const pocket = desk.book.pocketOf(leg.row);
    const m = desk.book.marketIndex(leg.market.id);
    const { equity, maintenance } = judge(
      chargedView(desk.book, desk.clocks, account, pocket),
      this.marks,
      input.rules.trigger,
    );
    const marksF64 = Float64Array.from(prices, (p) => p.markF64);
    const [low, high] = screening.triggersOf(account, pocket, m, marksF64);
    const mark = marksF64[m]!;
    const [down, up] = [low > 0 ? low : null, high < Infinity ? high : null];
    const distances = [down, up].filter((p) => p !== null).map((p) => Math.abs(p / mark - 1));
    desk.outbox.tracked.push({
      tsUs: desk.tsUs,
      account: account.name,
      market: leg.market.id,
      side: leg.side,
      qty: leg.qty,
      equity,
      maintenanceMargin: cut(maintenance, MONEY_SCALE, 'even'),
      marginRatioF64: ratio(maintenance, equity),
      liquidationLowF64: down,
      liquidationHighF64: up,
      distanceF64: distances.length === 0 ? null : Math.min(...distances),
      adlLights: this.lightsOf.get(leg.row) ?? 0,
    });
  }

  private accounts(when: AccountRow['when']): void {
    const { desk, screening, prices, input } = this.world;
    const marksF64 = Float64Array.from(prices, (p) => p.markF64);
    for (let a = 0; a < input.population.accounts; a++) {
      const account = desk.book.read(a);
      for (const [i, leg] of account.legs.entries()) {
        if (when === 'after' && leg.lots === 0 && i > 0) continue;
        const pocket = desk.book.pocketOf(leg.row);
        const m = desk.book.marketIndex(leg.market.id);
        const view = pocketView(desk.book, account, pocket);
        const { equity, maintenance } = judge(view, this.marks, input.rules.trigger);
        const [low, high] = leg.lots > 0 ? screening.triggersOf(account, pocket, m, marksF64) : [0, Infinity];
        const near = leg.side === 'long' ? low : high;
        desk.outbox.accounts.push({
          when,
          account: account.name,
          mode: account.cross ? 'cross' : 'isolated',
          market: leg.market.id,
          side: leg.side,
          qty: leg.qty,
          entryValue: leg.entryValue,
          margin: account.cross ? (i === 0 ? account.wallet : ZERO_MONEY) : collateralOf(account, leg.row),
          leverage: leg.leverage,
          marginRatioF64: view.legs.length === 0 ? 0 : ratio(maintenance, equity),
          liquidationPriceF64: near > 0 && near < Infinity ? near : null,
          hedger: account.hedger,
        });
      }
    }
  }

  private fundBalances(when: 'before' | 'after'): void {
    const { desk } = this.world;
    for (const { party, rule } of desk.funds) {
      desk.outbox.balances.push({
        when,
        account: party,
        asset: rule.asset,
        balance: desk.ledger.balance(party, rule.asset),
      });
    }
  }

  /** Every asset that an account has or had, its own first. */
  private ofAccount(a: number, put: (account: string, asset: string) => void): void {
    const { book } = this.world.desk;
    const name = book.nameOf(a);
    put(name, book.population.assets[book.population.asset[a]!]!);
    for (const asset of (book.touched(a) ?? { further: book.openingFurther(a) }).further.keys())
      put(name, asset);
  }

  private balances(when: 'before' | 'after'): void {
    const { desk } = this.world;
    const { book } = desk;
    const put = (account: string, asset: string): void => {
      desk.outbox.balances.push({ when, account, asset, balance: desk.ledger.balance(account, asset) });
    };
    for (let a = 0; a < book.population.accounts; a++) this.ofAccount(a, put);
    this.fundBalances(when);
    if (when === 'before') return;
    for (const { party, asset } of desk.ledger.moved()) if (!party.startsWith('fund:')) put(party, asset);
  }
}

/** A rerun for money figures looks at no health. */
const NO_HEALTH: HealthFigures = {
  shortfall1F64: Number.NaN,
  shortfall2F64: Number.NaN,
  shortfall5F64: Number.NaN,
  shortfall10F64: Number.NaN,
  adl1F64: Number.NaN,
  adl2F64: Number.NaN,
  adl5F64: Number.NaN,
  adl10F64: Number.NaN,
  adlMoveF64: Number.NaN,
};

/** Maintenance over equity; Infinity at equity <= 0. */
const ratio = (maintenance: Money, equity: Money): number =>
  equity.isPositive() ? maintenance.approxF64() / equity.approxF64() : Infinity;
