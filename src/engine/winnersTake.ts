/**
 * A stated share of every forced order is taken by winners who close (docs/decisions/0003), drawn
 * by seed: without them open interest could never fall as it did. The order still trades against
 * `market`, and the winner closes against `market` at the same price: net, they trade together.
 */
import { draw, hashText } from '../basics/draw.ts';
import type { Price, Rate } from '../basics/exact.ts';
import { judge } from '../margin/trigger.ts';
import type { Marks } from '../margin/leg.ts';
import { profit, valueAt } from '../margin/leg.ts';
import type { Market, Side } from '../rules/market.ts';
import type { TriggerRule } from '../rules/ruleSet.ts';
import { sign } from '../ledger/side.ts';
import type { Desk } from './desk.ts';
import { pocketView } from './pocketView.ts';

/** Draws a order before the rest stays with `market`. */
const TRIES = 6;
/** Draws for one of them where people come and go: a row may hold nothing, which is no try. */
const REDRAWS = 4;
const FIELD = hashText('winner');

export interface TakenFill {
  readonly market: Market;
  /** Side of the position that was closed by force. */
  readonly loser: Side;
  readonly lots: number;
  readonly price: Price;
  readonly priceRule: 'book' | 'impact';
  readonly cause: number;
  /** What the winners are drawn by: unique to this fill. */
  readonly id: number;
}

export class WinnersTake {
  private readonly desk: Desk;
  private readonly share: number;
  private readonly seed: number;
  private readonly marks: Marks;
  private readonly trigger: TriggerRule;
  /** Leg rows by market and side. */
  private readonly rows: readonly { readonly long: Uint32Array; readonly short: Uint32Array }[];

  constructor(input: { desk: Desk; share: Rate; seed: string; marks: Marks; trigger: TriggerRule }) {
    const { population } = input.desk.book;
    this.desk = input.desk;
    this.share = input.share.toNumber();
    this.seed = hashText(input.seed);
    this.marks = input.marks;
    this.trigger = input.trigger;
    const rowsOf = (m: number, side: Side): Uint32Array => {
      const found: number[] = [];
      if (this.share === 0) return Uint32Array.from(found);
      for (let row = 0; row < population.legLots.length; row++) {
        if (population.legMarket[row] === m && population.legSide[row] === sign(side)) found.push(row);
      }
      return Uint32Array.from(found);
    };
    this.rows = input.desk.book.markets.map((_, m) => ({
      long: rowsOf(m, 'long'),
      short: rowsOf(m, 'short'),
    }));
  }

  /** Closes winners of the other side for the stated share of a forced fill. */
  take(fill: TakenFill): void {
    let open = Math.floor(fill.lots * this.share);
    const winner: Side = fill.loser === 'long' ? 'short' : 'long';
    const rows = this.rows[this.desk.book.marketIndex(fill.market.id)]![winner];
    if (open === 0 || rows.length === 0) return;
    const draws = this.desk.book.population.behaviour === undefined ? TRIES : TRIES * REDRAWS;
    const held = this.desk.book.heldLots();
    for (let k = 0, tries = 0; k < draws && tries < TRIES && open > 0; k++) {
      const row = rows[Math.floor(draw(this.seed, fill.id * draws + k, FIELD) * rows.length)]!;
      if (draws > TRIES && held[row] === 0) continue;
      tries++;
      open -= this.closeOne(row, open, fill);
    }
  }

  private closeOne(row: number, lots: number, fill: TakenFill): number {
    const { book } = this.desk;
    const pocket = book.pocketOf(row);
    const account = book.read(book.accountOf[row]!);
    const leg = account.legs.find((l) => l.row === row)!;
    if (leg.lots === 0 || account.frozen.has(pocket)) return 0;
    if (!profit(leg, valueAt(leg.market, leg.qty, fill.price), leg.entryValue).isPositive()) return 0;
    const live = this.desk.open(account.index);
    if (judge(pocketView(book, live, pocket), this.marks, this.trigger).liquidatable) return 0;
    const own = live.legs.find((l) => l.row === row)!;
    const taken = Math.min(own.lots, lots);
    const whole = own.lots;
    this.desk.close(live, own, taken, fill.price, {
      why: 'winner-closes',
      priceRule: fill.priceRule,
      cause: fill.cause,
    });
    this.desk.release(live, own, taken, whole);
    return taken;
  }
}
