/**
 * How near a fund is to trouble: what the open book would cost it after a further move. Float screens
 * from the profile of bankruptcy prices, kept up to date as accounts change; funding since the start
 * is in it only for accounts that were touched.
 */
import type { Money } from '../basics/exact.ts';
import { BookProfile } from '../ledger/bookProfile.ts';
import type { InsuranceFund } from '../ledger/insuranceFund.ts';
import { columnsF64 } from '../ledger/population.ts';
import { collateralOf, type LiveAccount, type PositionBook } from '../ledger/positionBook.ts';
import { sign } from '../ledger/side.ts';
import { bankruptcyPrices } from '../margin/bankruptcy.ts';
import type { Marks } from '../margin/leg.ts';
import { pocketView } from './pocketView.ts';
import type { FundRow } from './rows.ts';

const MOVES = [0.01, 0.02, 0.05, 0.1] as const;

export type HealthFigures = Pick<
  FundRow,
  | 'shortfall1F64'
  | 'shortfall2F64'
  | 'shortfall5F64'
  | 'shortfall10F64'
  | 'adl1F64'
  | 'adl2F64'
  | 'adl5F64'
  | 'adl10F64'
  | 'adlMoveF64'
>;

export class Health {
  private readonly book: PositionBook;
  private readonly marks: Marks;
  private readonly profiles: readonly BookProfile[];
  /** What each leg row stands in the profile with; 0 lots: not at all. */
  private readonly priceF64: Float64Array;
  private readonly lots: Float64Array;

  constructor(book: PositionBook, marks: Marks) {
    this.book = book;
    this.marks = marks;
    this.profiles = book.markets.map((market) => new BookProfile(market, marks(market.id).toNumber()));
    this.priceF64 = new Float64Array(book.population.legLots.length);
    this.lots = new Float64Array(book.population.legLots.length);
    const p = book.population;
    for (let a = 0; a < p.accounts; a++) {
      const isOne = book.isPooling && p.cross[a] === 1;
      const alone = !isOne && (p.cross[a] === 0 || p.legStart[a + 1]! - p.legStart[a]! === 1);
      if (alone) for (let row = p.legStart[a]!; row < p.legStart[a + 1]!; row++) this.column(a, row);
      else this.several(book.read(a));
    }
    for (const [m, profile] of this.profiles.entries()) {
      for (const side of ['long', 'short'] as const) {
        const rows = [...this.lots.keys()].filter(
          (row) => p.legMarket[row] === m && p.legSide[row] === sign(side),
        );
        profile.build(
          side,
          rows.map((row) => this.priceF64[row]!),
          rows.map((row) => this.lots[row]!),
        );
      }
    }
  }

  /** Puts an account that changed anew. */
  update(account: LiveAccount): void {
    const p = this.book.population;
    for (const leg of account.legs) this.takeOut(leg.row);
    this.several(account);
    for (const leg of account.legs) {
      if (this.lots[leg.row]! > 0) {
        this.profiles[p.legMarket[leg.row]!]!.put(leg.side, this.priceF64[leg.row]!, this.lots[leg.row]!);
      }
    }
  }

  /** Figures of one fund at today's marks. @param value  cash plus inventory at mark */
  figures(fund: InsuranceFund, value: Money): HealthFigures {
    const worst = MOVES.map((move) => this.worst(fund, value.toNumber(), move));
    return {
      shortfall1F64: worst[0]!.shortfall,
      shortfall2F64: worst[1]!.shortfall,
      shortfall5F64: worst[2]!.shortfall,
      shortfall10F64: worst[3]!.shortfall,
      adl1F64: worst[0]!.adl,
      adl2F64: worst[1]!.adl,
      adl5F64: worst[2]!.adl,
      adl10F64: worst[3]!.adl,
      adlMoveF64: this.smallest(fund, value.toNumber()),
    };
  }

  private worst(fund: InsuranceFund, value: number, move: number): { shortfall: number; adl: number } {
    let worst = { shortfall: 0, adl: 0 };
    for (const signed of [-move, move]) {
      let [shortfall, contracts, fundThen] = [0, 0, value];
      for (const id of fund.rule.markets) {
        const m = this.book.marketIndex(id);
        if (m < 0) continue;
        const markF64 = this.marks(id).toNumber();
        shortfall += this.profiles[m]!.shortfallAfter(markF64, signed);
        contracts += this.profiles[m]!.contractsBankrupt(markF64, signed);
        fundThen +=
          fund.lotsIn(id) * this.book.markets[m]!.qtyStep.toNumber() * this.perMove(m, markF64, signed);
      }
      const open = shortfall - Math.max(0, fundThen);
      const adl = open > 0 && shortfall > 0 ? contracts * (open / shortfall) : 0;
      if (shortfall > worst.shortfall) worst = { shortfall, adl };
    }
    return worst;
  }

  /** Gain of one unit long over a relative move. */
  private perMove(m: number, markF64: number, move: number): number {
    const market = this.book.markets[m]!;
    if (market.kind === 'linear') return markF64 * move;
    const face = market.faceValue.toNumber();
    return face / markF64 - face / (markF64 * (1 + move));
  }

  private smallest(fund: InsuranceFund, value: number): number {
    let least = Number.NaN;
    for (const id of fund.rule.markets) {
      const m = this.book.marketIndex(id);
      if (m < 0) continue;
      for (const side of ['long', 'short'] as const) {
        const move = this.profiles[m]!.smallestMove(this.marks(id).toNumber(), Math.max(0, value), side);
        if (!(Math.abs(move) >= Math.abs(least))) least = move;
      }
    }
    return least;
  }

  private takeOut(row: number): void {
    if (!(this.lots[row]! > 0)) return;
    const p = this.book.population;
    const side = p.legSide[row]! > 0 ? 'long' : 'short';
    this.profiles[p.legMarket[row]!]!.remove(side, this.priceF64[row]!, this.lots[row]!);
    this.lots[row] = 0;
  }

  /** Bankruptcy price of an untouched pocket of one leg, from the columns. */
  private column(a: number, row: number): void {
    const p = this.book.population;
    if (p.legLots[row] === 0) return;
    const market = this.book.markets[p.legMarket[row]!]!;
    const columns = columnsF64(p);
    const margin = p.cross[a] === 1 ? columns.wallet[a]! : columns.margin[row]!;
    const entry = columns.entryValue[row]!;
    const qty = p.legLots[row]! * market.qtyStep.toNumber();
    const long = p.legSide[row]! > 0;
    const linear = market.kind === 'linear';
    const value = long === linear ? entry - margin : entry + margin;
    this.priceF64[row] = linear ? value / qty : (qty * market.faceValue.toNumber()) / value;
    this.lots[row] = value > 0 ? p.legLots[row]! : 0;
  }

  /** Bankruptcy prices of an account's pockets, by the exact room. */
  private several(account: LiveAccount): void {
    const pockets = account.cross
      ? [this.book.population.legStart[account.index]!]
      : account.legs.map((leg) => leg.row);
    for (const pocket of pockets) {
      const view = pocketView(this.book, account, pocket);
      const overdrawn = view.pool === undefined && collateralOf(account, pocket).isNegative();
      if (view.legs.length === 0 || overdrawn) continue;
      const prices = bankruptcyPrices(view, this.marks);
      for (const [i, leg] of view.legs.entries()) {
        const at = prices[i]?.toNumber() ?? 0;
        this.priceF64[leg.row] = at;
        this.lots[leg.row] = at > 0 ? leg.lots : 0;
      }
    }
  }
}
