/**
 * What accounts do unasked, for reasons of their own: they come, leave, stop their losses and add margin.
 * Who does so, when and at which multiple of a price was drawn with the population, so that the luck is
 * the same in every world; prices, money and admission are those of the world. docs/method.md (Behaviour).
 */
import type { Bits } from '../basics/bits.ts';
import { cut, type Money, type Price, rate, steps } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import type { Frames } from '../clock/frames.ts';
import { type Behaviour, COLUMN_SCALE } from '../ledger/population.ts';
import type { LiveAccount, LiveLeg, PocketId } from '../ledger/positionBook.ts';
import { sideOf } from '../ledger/side.ts';
import { bankruptcyPrices } from '../margin/bankruptcy.ts';
import type { Marks } from '../margin/leg.ts';
import type { BehaviourAssumption } from '../rules/assumptions.ts';
import { admission, enter, marginAt } from './arrivals.ts';
import type { BookAccess } from './bookAccess.ts';
import type { Desk } from './desk.ts';
import { ExhaustiveLevels, type Levels, type Reached, ScreenedLevels } from './levels.ts';
import { chargedView } from './pocketView.ts';
import type { DecisionRow } from './rows.ts';

/** Share of the margin that a top-up adds. */
const TOP_UP_SHARE = rate('0.5');

export interface BehavioursInput {
  readonly desk: Desk;
  readonly behaviour: Behaviour;
  readonly frames: Frames;
  /** Marks of the beat before. */
  readonly marks: Marks;
  readonly overLeverage: BehaviourAssumption['overLeverage'];
  readonly screen: 'heap' | 'exhaustive';
  /** Pockets that were in the hands of the liquidation at any time: their stops are void. */
  readonly seized: Pick<Bits, 'has'>;
}

/** A beat as owners see it. */
export interface OwnersBeat {
  readonly endUs: Micros;
  /** Last prices of the beat before, whole ticks, by market. */
  readonly prevLastTicks: Float64Array;
  /** What is paid in this beat, whole ticks, by market. */
  readonly lastTicks: Float64Array;
  readonly books: readonly BookAccess[];
  /** false while matching is down: nobody trades. */
  readonly open: boolean;
}

/** A stop-loss whose level was reached. */
interface Stop {
  readonly row: number;
  /** Number of the event by which it became an order. */
  readonly seq: number;
}

/** A leg with its account, as this world sees it. */
interface Standing {
  readonly account: LiveAccount;
  readonly leg: LiveLeg;
  readonly pocket: PocketId;
}

export class Behaviours {
  /** How often something was done so far; `rejected`, `scaled`: arrivals whose leverage the rules refuse. */
  readonly counts = { arrived: 0, rejected: 0, scaled: 0, departed: 0, stopped: 0, toppedUp: 0 };
  private readonly input: BehavioursInput;
  private readonly levels: Levels;
  /** Stops that are not filled yet, oldest first. */
  private stops: Stop[] = [];
  /** Legs whose owner wants to leave, in the order of the wish. */
  private leaving: number[] = [];
  /** Margin of newcomers whose lots were cut to it, by row: not what their leverage as wanted says. */
  private readonly scaledMargin = new Map<number, Money>();
  private nextArrival = 0;
  private nextDeparture = 0;

  constructor(input: BehavioursInput) {
    this.input = input;
    const { behaviour, frames, desk, screen } = input;
    const of = { behaviour, frames, population: desk.book.population };
    this.levels = screen === 'heap' ? new ScreenedLevels(of) : new ExhaustiveLevels(of);
  }

  /** One beat: top-ups and stops by the last price before it, then who comes and who goes at its own. */
  act(beat: OwnersBeat): void {
    for (let m = 0; m < beat.books.length; m++) {
      for (const one of this.levels.take(m, beat.prevLastTicks[m]!)) {
        if (one.kind === 'topUp') this.topUp(one);
        else this.order(one);
      }
    }
    if (this.stops.length > 0) this.stops = this.stops.filter((stop) => !this.worked(stop, beat));
    if (!beat.open) return;
    const { arrivals, departures } = this.input.behaviour;
    for (; arrivals.tsUs[this.nextArrival]! <= beat.endUs; this.nextArrival++)
      this.arrive(this.nextArrival, beat);
    for (; departures.tsUs[this.nextDeparture]! <= beat.endUs; this.nextDeparture++)
      this.leaving.push(departures.row[this.nextDeparture]!);
    if (this.leaving.length > 0) this.leaving = this.leaving.filter((row) => !this.left(row, beat));
  }

  private topUp(reached: Reached): void {
    const { desk } = this.input;
    const standing = this.standing(reached.row);
    if (standing === null) return;
    const seq = desk.seq();
    const { account, leg, pocket } = this.own(standing, seq);
    const brought = this.scaledMargin.get(leg.row) ?? marginAt(leg.entryValue, leg.leverage);
    const margin = account.cross ? brought : leg.margin;
    if (!margin.isPositive()) return;
    const amount = cut(margin.times(TOP_UP_SHARE), COLUMN_SCALE, 'up');
    const market = leg.market.id;
    desk.credit({ account, pocket, party: 'outside', amount, reason: 'top-up', market, cause: seq });
    this.counts.toppedUp++;
    const values = () => ({ level: this.levelOf(reached, leg), amount: amount.toString() });
    this.note({ seq, step: 'top-up' }, standing, values);
  }

  /** A stop becomes a market order. */
  private order(reached: Reached): void {
    const standing = this.standing(reached.row);
    if (standing === null || this.input.seized.has(standing.pocket)) return;
    const seq = this.input.desk.seq();
    this.stops.push({ row: reached.row, seq });
    this.counts.stopped++;
    const { leg } = standing;
    const values = () => ({ level: this.levelOf(reached, leg), qty: leg.qty.toString() });
    this.note({ seq, step: 'stop-loss' }, standing, values);
  }

  /** Sends what is left of a stop to the book. Returns whether nothing is left to do. */
  private worked(stop: Stop, { books }: OwnersBeat): boolean {
    const { desk, seized } = this.input;
    const { legMarket, legSide } = desk.book.population;
    const book = books[legMarket[stop.row]!]!;
    const side = sideOf(legSide[stop.row]!);
    if (book.roomFor(side) <= 0) return false; // thousands may wait: nobody is looked at
    const standing = this.standing(stop.row);
    if (standing === null || seized.has(standing.pocket)) return true;
    const { lots } = standing.leg;
    const worst = this.worstPrice(standing);
    const fill = worst === 'none' ? null : book.offer(side, lots, worst);
    if (fill === null || fill.lots === 0) return false;
    const { account, leg } = this.own(standing, stop.seq);
    const { priceRule } = fill;
    desk.close(account, leg, fill.lots, fill.price, { why: 'stop-loss', priceRule, cause: stop.seq });
    book.take(side, fill.lots);
    desk.release(account, leg, fill.lots, lots);
    return fill.lots === lots;
  }

  private arrive(i: number, { lastTicks }: OwnersBeat): void {
    const { desk, behaviour, overLeverage } = this.input;
    const { row, lots, leverage, free } = behaviour.arrivals;
    const standing = this.at(row[i]!);
    const { market } = standing.leg;
    const ticks = lastTicks[desk.book.marketIndex(market.id)]!;
    const price = steps(ticks, market.priceTick);
    const drawn = { lots: lots[i]!, leverage: leverage[i]!, free: free[i]! };
    const admitted = admission(desk, { ...standing, ...drawn }, { price, overLeverage });
    const { outcome, wanted, needed } = admitted;
    const seq = desk.seq();
    if (outcome !== 'admitted') {
      this.counts[outcome]++;
      const qty = steps(admitted.lots, market.qtyStep).toString();
      const values = () => ({ outcome, wanted: wanted.toString(), needed: needed.toString(), qty });
      this.note({ seq, step: 'arrival' }, standing, values);
    }
    if (outcome === 'rejected') return;
    const mark = this.input.marks(market.id);
    const newcomer = { ...this.own(standing, seq), ...drawn, lots: admitted.lots };
    enter(desk, newcomer, { price, mark, margin: wanted, cause: seq });
    if (outcome === 'scaled') this.scaledMargin.set(row[i]!, wanted);
    this.counts.arrived++;
    this.levels.put(i, ticks);
  }

  /** Closes the whole leg of an owner who leaves. Returns whether nothing is left to do. */
  private left(row: number, { lastTicks }: OwnersBeat): boolean {
    const { desk } = this.input;
    const standing = this.standing(row);
    if (standing === null) return true;
    const { side, lots, market } = standing.leg;
    const last = steps(lastTicks[desk.book.marketIndex(market.id)]!, market.priceTick);
    const worst = this.worstPrice(standing);
    if (worst === 'none') return false;
    if (worst !== null && (side === 'long' ? last.lt(worst) : worst.lt(last))) return false;
    const seq = desk.seq();
    const { account, leg } = this.own(standing, seq);
    desk.close(account, leg, lots, last, { why: 'departure', priceRule: 'last', cause: seq });
    desk.release(account, leg, lots, lots);
    this.counts.departed++;
    return true;
  }

  private at(row: number): Standing {
    const { book } = this.input.desk;
    const account = book.read(book.accountOf[row]!);
    return { account, leg: account.legs.find((l) => l.row === row)!, pocket: book.pocketOf(row) };
  }

  /** A leg that its owner may still act on: it holds something, and the liquidation has not got it. */
  private standing(row: number): Standing | null {
    const found = this.at(row);
    return found.leg.lots === 0 || found.account.frozen.has(found.pocket) ? null : found;
  }

  /** The same as this world's own, its funding charged: what may be changed. */
  private own({ account, leg, pocket }: Standing, cause: number): Standing {
    const own = this.input.desk.open(account.index, cause);
    return { account: own, leg: own.legs.find((l) => l.row === leg.row)!, pocket };
  }

  /**
   * The worst price at which an owner may close: the bankruptcy price, beyond which the loss is not his any
   * more and the position is the engine's. null: any price; none: not even the best would do.
   */
  private worstPrice({ account, leg, pocket }: Standing): Price | null | 'none' {
    const { desk, marks } = this.input;
    const view = chargedView(desk.book, desk.clocks, account, pocket);
    const found = bankruptcyPrices(view, marks)[view.legs.findIndex((l) => l.row === leg.row)]!;
    const isLong = leg.side === 'long';
    if (found?.isPositive()) return found;
    // a linear long with more margin than value survives 0, an inverse short every price
    return isLong === (leg.market.kind === 'linear') ? null : 'none';
  }

  private levelOf(reached: Reached, { market }: LiveLeg): string {
    return steps(this.levels.levelOf(reached), market.priceTick).toString();
  }

  private note(
    what: Pick<DecisionRow, 'seq' | 'step'>,
    { account, leg }: Standing,
    values: () => Record<string, string>,
  ): void {
    const market = leg.market.id;
    this.input.desk.decide(() => ({
      ...what,
      account: account.name,
      market,
      values: { side: leg.side, ...values() },
    }));
  }
}
