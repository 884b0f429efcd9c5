/**
 * A world: one rule set and one set of assumptions, with its own ledger, overlay of touched accounts,
 * watch list, funds and feedback. `act` is one beat, in the ten stages of docs/architecture.md.
 */
import { type Price, ZERO_PRICE, ZERO_RATE } from '../basics/exact.ts';
import { beatEndUs, type Frames, type MarketFrames } from '../clock/frames.ts';
import { FundingClock } from '../ledger/fundingClock.ts';
import { InsuranceFund } from '../ledger/insuranceFund.ts';
import { type PocketId, type Pooling, PositionBook } from '../ledger/positionBook.ts';
import type { Population } from '../ledger/population.ts';
import { fundingStampsIn, paymentPerUnit } from '../mark/funding.ts';
import type { MarketPrice, Tilt } from '../mark/prices.ts';
import type { Marks } from '../margin/leg.ts';
import type { Assumptions } from '../rules/assumptions.ts';
import type { Market, MarketId } from '../rules/market.ts';
import { type LiveRules, liveRules } from '../rules/liveRules.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import { stagesOf } from '../rules/schedule.ts';
import { isUp } from '../orders/outages.ts';
import { applyAccountEvent } from './accountEvents.ts';
import { Behaviours } from './behaviours.ts';
import { BookAccess, withoutTrades } from './bookAccess.ts';
import { chargeStamp } from './chargeStamp.ts';
import { checkBeat, checkEnd } from './checks.ts';
import { constituentsAt } from './constituents.ts';
import { Deleverage } from './deleverage.ts';
import { Desk } from './desk.ts';
import { exhaustivePockets } from './exhaustive.ts';
import { Liquidator } from './liquidator.ts';
import { OwnPath } from './ownPath.ts';
import type { Pricing } from './pricing.ts';
import type { Outbox } from './rows.ts';
import { Screening } from './screening.ts';
import { Takeover } from './takeover.ts';
import { TradedPrices } from './tradedPrices.ts';
import { WatchList } from './watchList.ts';
import { exchangeDebts } from './wholeAccount.ts';
import { WinnersTake } from './winnersTake.ts';
import { WorldRows } from './worldRows.ts';

export interface WorldInput {
  readonly index: number;
  readonly name: string;
  readonly rules: RuleSet;
  readonly assumptions: Assumptions;
  readonly seed: string;
  readonly markets: readonly Market[];
  readonly frames: Frames;
  readonly pricing: Pricing;
  readonly population: Population;
  /** Impact coefficient per market and beat, log price per lot. */
  readonly lambda: readonly Float64Array[];
  /** The one by which this world's tape holds the baseline's flow, where something made the market thinner. */
  readonly tapeLambda?: readonly Float64Array[];
  /** The world whose flow is this one's history; null: this one is history itself, or accounting only. */
  readonly baseline: World | null;
  /** all: every row; money: only what money figures need (reruns); cash: of a fund only its cash, as it changes. */
  readonly record: 'all' | 'money' | 'cash';
  /** exhaustive: judges every pocket at every mark, the slow twin of the screen. */
  readonly screen: 'heap' | 'exhaustive';
}

/** Whether any rules of a run judge accounts over several assets: then indexes are watched beside marks. */
const isEverPooling = (rules: RuleSet): boolean =>
  stagesOf(rules).some(
    (stage) => stage.rules.collateral !== undefined || stage.rules.portfolio !== undefined,
  );

export class World {
  readonly input: WorldInput;
  readonly desk: Desk;
  readonly liquidator: Liquidator;
  readonly takeover: Takeover;
  readonly deleverage: Deleverage;
  readonly screening: Screening;
  /** What accounts do unasked; null where nobody does anything. */
  readonly behaviours: Behaviours | null;
  /** Signed forced lots of this beat per market: bought positive. What the next room calls flow. */
  readonly flow: Float64Array;
  prices: readonly MarketPrice[] = [];
  readonly books: ReadonlyMap<MarketId, BookAccess>;
  private readonly access: readonly BookAccess[];
  /** Recorded columns of each market; undefined where it is derived. */
  private readonly columns: readonly (MarketFrames | undefined)[];
  readonly traded: TradedPrices;
  private readonly live: LiveRules;
  private readonly watch: WatchList;
  private readonly marks: Marks;
  private readonly rows: WorldRows;
  private readonly path: OwnPath | null;
  /** Per market; where rules ever judge accounts over several assets, the indexes follow. */
  private readonly marksF64: Float64Array;
  private readonly prevMarksF64: Float64Array;
  private readonly prevMarks: Price[] = [];
  private started = false;
  private nextEvent = 0;
  private sinceUs: number;

  constructor(input: WorldInput) {
    const { markets, frames, assumptions, population, seed } = input;
    this.live = liveRules(input.rules);
    const { rules } = this.live;
    const ruleOf = (id: MarketId) => rules.markets[id]!;
    const book = new PositionBook({ population, markets, rules: ruleOf, pooling: () => this.pooling() });
    const clocks = book.markets.map((m) => new FundingClock(ruleOf(m.id).funding.paymentScale));
    const funds = rules.funds.map((rule) => new InsuranceFund(rule));
    const marks = (id: MarketId): Price => this.prices[book.marketIndex(id)]?.mark ?? ZERO_PRICE;
    this.marks = marks;
    this.input = { ...input, rules };
    this.sinceUs = frames.startUs;
    this.desk = new Desk({
      book,
      funds,
      clocks,
      fundOpening: assumptions.fundOpening,
      explains: input.record === 'all',
    });
    const levels = book.markets.length * (isEverPooling(input.rules) ? 2 : 1);
    this.watch = new WatchList(levels, book.accountOf.length);
    this.screening = new Screening({ book, clocks, watch: this.watch, rules: ruleOf, marks });
    const common = { desk: this.desk, rules, marks };
    const { winnersTake: share } = assumptions;
    const winners = new WinnersTake({ ...common, share, seed, trigger: rules.trigger });
    const previousMarks = (id: MarketId): Price => this.prevMarks[book.marketIndex(id)] ?? marks(id);
    this.takeover = new Takeover({ ...common, winners });
    const { takeover } = this;
    this.deleverage = new Deleverage({ ...common, previousMarks, takeover, seed });
    this.liquidator = new Liquidator({
      ...common,
      beatUs: frames.beatUs,
      takeover,
      winners,
      constituents: (market) => constituentsAt(frames, market, this.desk.tsUs),
      estimate: (account, pocket, market) => this.estimate(account.index, pocket, market),
      watchAgain: (account) => this.screening.watchAccount(account, this.marksF64),
    });
    this.behaviours = this.behavioursOf(input);
    this.access = book.markets.map((market) => new BookAccess(market, assumptions.fills.participation));
    this.books = new Map(this.access.map((access) => [access.market.id, access]));
    this.columns = book.markets.map((market) => frames.markets.get(market.id));
    this.traded = new TradedPrices(
      this.columns,
      book.markets.map((market) => market.priceTick.toNumber()),
    );
    this.flow = new Float64Array(book.markets.length);
    this.marksF64 = new Float64Array(levels).fill(Number.NaN);
    this.prevMarksF64 = this.marksF64.slice();
    this.path = input.baseline === null ? null : this.ownPath(input);
    this.rows = new WorldRows(this, marks);
  }

  /**
   * Index and mark of a beat, to be asked once for each; null until every market has them, and while an index
   * is halted: then nobody acts in this world, and its candidates meet no flow of it.
   */
  price(beat: number): readonly MarketPrice[] | null {
    const prices = this.input.pricing.price(beat, this.tilts(beat));
    this.traded.begin(beat, prices, this.path);
    if (prices !== null) return prices;
    this.flow.fill(0);
    this.handOverFlow(beat);
    return null;
  }

  /** Displacement of each market's prices; null where history stands. */
  tilts(beat: number): readonly Tilt[] | null {
    return this.path?.tilts(beat) ?? null;
  }

  /** One beat at given prices. The outbox is reused: take what you need before the next call. */
  act(beat: number, prices: readonly MarketPrice[]): Outbox {
    const { frames, rules } = this.input;
    const { desk } = this;
    const endUs = beatEndUs(frames, beat);
    desk.begin(endUs);
    this.takeover.begin();
    const engineUp = isUp(frames.side.outages, 'engine', endUs);
    const ruled = this.live.reach(endUs);
    if (!this.started) this.start(prices);
    if (ruled) this.judgeAnew();
    const open = isUp(frames.side.outages, 'matching', endUs);
    this.openBooks(beat, prices, open);
    this.accountEvents(endUs);
    const { before: prevLastTicks, now: lastTicks } = this.traded;
    this.behaviours?.act({ endUs, prevLastTicks, lastTicks, books: this.access, open });
    // the screen must know of whoever changed before it is asked in this very beat
    for (const account of desk.changed) this.screening.watchAccount(account, this.marksF64);
    for (const stage of rules.stageOrder) {
      if (stage === 'mark') this.setPrices(prices);
      else if (stage === 'funding') this.payFunding(this.sinceUs, endUs);
      else if (engineUp && stage === 'liquidation') this.liquidate();
      else if (engineUp && stage === 'adl') this.deleverageAll();
    }
    this.takeover.clearOwed();
    this.takeover.contribute(this.sinceUs);
    exchangeDebts(desk);
    for (const [m, { forced }] of this.access.entries()) this.flow[m] = forced.buy - forced.sell;
    this.handOverFlow(beat);
    for (const account of desk.changed) this.screening.watchAccount(account, this.marksF64);
    if (desk.wrote) checkBeat(desk); // otherwise everything is as it was when it was last checked
    this.rows.record(beat);
    this.remember(prices, endUs);
    return desk.outbox;
  }

  /** Charges what is still owed and writes how everything ended. */
  finish(): Outbox {
    const { desk } = this;
    desk.begin(desk.tsUs);
    for (let a = 0; a < desk.book.population.accounts; a++) if (this.owesFunding(a)) this.settle(a);
    this.takeover.clearOwed(true);
    for (const { id: market, settle: asset } of desk.book.markets) {
      const party = `funding:${market}`;
      const rest = desk.ledger.balance(party, asset);
      const common = { asset, reason: 'funding-rounding', market, cause: 0 } as const;
      if (rest.isPositive()) desk.move({ ...common, from: party, to: 'market', amount: rest });
      else desk.move({ ...common, from: 'market', to: party, amount: rest.neg() });
    }
    checkBeat(desk);
    checkEnd(desk);
    if (this.started) this.rows.finish();
    return desk.outbox;
  }

  /** Lets go of the last rows, which the sink has: a pass of many worlds would hold them all. */
  rest(): void {
    this.desk.begin(this.desk.tsUs);
  }

  /** Charges the last funding. Whoever is not written down is not kept either, if nobody touched him before. */
  private settle(a: number): void {
    const { desk, input } = this;
    if (input.record === 'all' || desk.book.isTouched(a)) desk.open(a);
    else desk.settleFunding(desk.book.read(a), 0);
  }

  private ownPath({ assumptions, frames, markets, lambda, tapeLambda = lambda }: WorldInput): OwnPath {
    const { fills, feedback: assumption } = assumptions;
    const { kernel } = fills;
    const { beatUs } = frames;
    return new OwnPath({ markets: markets.length, kernel, assumption, beatUs, lambda, tapeLambda });
  }

  private behavioursOf({ population, assumptions, frames, screen }: WorldInput): Behaviours | null {
    const { behaviour } = population;
    if (behaviour === undefined) return null;
    const { desk, marks } = this;
    const { seized } = this.liquidator;
    const drawn = assumptions.population;
    const overLeverage = drawn.kind === 'synthetic' ? drawn.behaviour.overLeverage : 'reject';
    return new Behaviours({ desk, behaviour, frames, marks, overLeverage, screen, seized });
  }

  /** How cross accounts count their assets together under the rules in force; null: they do not. */
  private pooling(): Pooling | null {
    const { collateral, portfolio } = this.input.rules;
    if (collateral === undefined && portfolio === undefined) return null;
    const { book, tsUs } = this.desk;
    const index = (id: MarketId): Price => this.prices[book.marketIndex(id)]?.index ?? ZERO_PRICE;
    return { collateral, portfolio, index, nowUs: tsUs };
  }

  private start(prices: readonly MarketPrice[]): void {
    this.started = true;
    this.setPrices(prices);
    this.traded.start();
    this.screening.watchAll(this.marksF64);
    this.rows.start();
  }

  /** Other rules are in force: what was made from the old ones is made anew, and everybody is watched anew. */
  private judgeAnew(): void {
    const { desk } = this;
    for (const [m, { id }] of desk.book.markets.entries())
      desk.clocks[m]!.rescale(this.input.rules.markets[id]!.funding.paymentScale);
    for (const fund of desk.funds) fund.reorder();
    this.deleverage.reprice();
    this.screening.reprice();
    this.screening.watchAll(this.marksF64);
  }

  private setPrices(prices: readonly MarketPrice[]): void {
    this.prices = prices;
    for (let m = 0; m < prices.length; m++) this.marksF64[m] = prices[m]!.markF64;
    if (this.marksF64.length === prices.length) return;
    for (let m = 0; m < prices.length; m++) this.marksF64[prices.length + m] = prices[m]!.index.toNumber();
  }

  private openBooks(beat: number, prices: readonly MarketPrice[], open: boolean): void {
    const { lambda } = this.input;
    for (let m = 0; m < this.access.length; m++) {
      const book = this.access[m]!;
      if (book.market.derived !== undefined) {
        book.begin(withoutTrades(book.market, prices[m]!));
        continue;
      }
      const columns = this.columns[m]!;
      const shift = this.path === null ? 1 : this.traded.shift(m, beat);
      book.begin({
        open,
        lambda: lambda[m]![beat]!,
        prevLastTicks: this.traded.before[m]!,
        lots: columns.lots[beat]!,
        highTicks: Math.round(columns.highTicks[beat]! * shift),
        lowTicks: Math.round(columns.lowTicks[beat]! * shift),
      });
    }
    this.liquidator.begin(this.books);
  }

  private accountEvents(endUs: number): void {
    const events = this.input.frames.side.accountEvents;
    for (; this.nextEvent < events.length && events[this.nextEvent]!.tsUs <= endUs; this.nextEvent++) {
      applyAccountEvent(this.desk, events[this.nextEvent]!, this.marks);
    }
  }

  /**
   * Stage 5: a stamp charges `market` and the funds at once, everybody else when touched; all triggers are
   * solved anew.
   */
  private payFunding(sinceUs: number, untilUs: number): void {
    let charged = false;
    for (const [m, market] of this.desk.book.markets.entries()) {
      const rule = this.input.rules.markets[market.id]!.funding;
      for (const stamp of fundingStampsIn(rule, sinceUs, untilUs)) {
        const rate = this.input.pricing.fundingRateAt(m, stamp) ?? ZERO_RATE;
        if (rate.isZero() || Number.isNaN(this.marksF64[m]!)) continue;
        chargeStamp(this.desk, m, paymentPerUnit(market, this.prices[m]!.mark, rate));
        charged = true;
      }
    }
    if (charged) this.screening.watchAll(this.marksF64);
  }

  private liquidate(): void {
    this.takeover.unwind(this.books);
    const found: PocketId[] = [];
    if (this.input.screen === 'exhaustive') {
      const { desk, liquidator, prices } = this;
      for (const p of exhaustivePockets(desk, liquidator.cases, this.input.rules.trigger, prices))
        found.push(p);
    } else {
      for (let m = 0; m < this.marksF64.length; m++) {
        if (!this.watch.touchedBy(m, this.marksF64[m]!)) continue;
        for (const pocket of this.watch.take(m, this.marksF64[m]!)) found.push(pocket);
      }
    }
    if (found.length > 0) this.liquidator.admit([...new Set(found)].sort((a, b) => a - b));
    if (this.liquidator.cases.length > 0) this.liquidator.work();
  }

  private deleverageAll(): void {
    const { desk } = this;
    for (const fund of desk.funds) {
      if (!fund.isEmpty || fund.rule.refusal.drawdown !== null)
        fund.observe(desk.tsUs, this.takeover.valueOf(fund));
    }
    this.takeover.offerInventory();
    if (this.takeover.requests.length === 0) return;
    this.deleverage.serve();
    this.liquidator.sweep();
    if (this.deleverage.takeCharged()) this.screening.watchAll(this.marksF64);
  }

  private handOverFlow(beat: number): void {
    const { baseline } = this.input;
    if (baseline !== null) this.path!.push(beat, this.flow, baseline.flow);
  }

  private remember(prices: readonly MarketPrice[], endUs: number): void {
    this.sinceUs = endUs;
    for (const [m, { mark, markF64 }] of prices.entries()) {
      this.prevMarksF64[m] = markF64;
      this.prevMarks[m] = mark;
    }
  }

  private estimate(a: number, pocket: PocketId, market: MarketId): number | null {
    const account = this.desk.book.read(a);
    const m = this.desk.book.marketIndex(market);
    if (Number.isNaN(this.prevMarksF64[m]!)) return null;
    const [low, high] = this.screening.triggersOf(account, pocket, m, this.prevMarksF64);
    const mark = this.marksF64[m]!;
    const near = Math.abs(low - mark) < Math.abs(high - mark) ? low : high;
    return near > 0 && near < Infinity ? near : null;
  }

  private owesFunding(a: number): boolean {
    const account = this.desk.book.touched(a);
    if (account !== undefined)
      return account.legs.some(
        (leg) => leg.lots > 0 && leg.seen < this.desk.clocks[this.desk.book.marketIndex(leg.market.id)]!.seen,
      );
    return this.desk.clocks.some((clock) => clock.seen > 0);
  }
}
