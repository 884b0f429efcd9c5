/** Closes of winners in columns, beside the fills that they are: made anew each time they are asked for. */
import { ExactColumn, roomFor, widened } from '../../basics/columns.ts';
import type { Price } from '../../basics/exact.ts';
import type { AdlRow } from '../../engine/rows.ts';
import type { Fill, FillLog } from './fillLog.ts';

/** A winner's close: what is kept of a row of `adl`, and its fill. */
export type AdlClose = Pick<
  AdlRow,
  'tsUs' | 'market' | 'account' | 'side' | 'qty' | 'mark' | 'loser' | 'hedger' | 'givenUp' | 'seq'
> & { readonly fill: Fill };

export class AdlLog implements Iterable<AdlClose> {
  private readonly fills: FillLog;
  private rows = 0;
  private seqs = new Float64Array(0);
  /** Place of the fill of each close. */
  private fill = new Uint32Array(0);
  private hedgers = new Uint8Array(0);
  /** As they stand in the rows: one object a beat, and a name for each loser. */
  private readonly marks: Price[] = [];
  private readonly losers: string[] = [];
  private readonly givenUp = new ExactColumn<'money'>();

  /** @param fills  the world's; a close comes after its fill */
  constructor(fills: FillLog) {
    this.fills = fills;
  }

  push(row: AdlRow): void {
    if (this.rows === this.seqs.length) {
      const room = roomFor(this.rows + 1);
      this.seqs = widened(this.seqs, new Float64Array(room));
      this.fill = widened(this.fill, new Uint32Array(room));
      this.hedgers = widened(this.hedgers, new Uint8Array(room));
    }
    this.seqs[this.rows] = row.seq;
    this.fill[this.rows] = this.fills.latestBefore(row.seq, row);
    this.hedgers[this.rows] = row.hedger ? 1 : 0;
    this.marks.push(row.mark);
    this.losers.push(row.loser);
    this.givenUp.push(row.givenUp);
    this.rows++;
  }

  /** Everybody who was closed. */
  accounts(): Set<string> {
    const found = new Set<string>();
    for (let row = 0; row < this.rows; row++) found.add(this.fills.accountAt(this.fill[row]!));
    return found;
  }

  *[Symbol.iterator](): IterableIterator<AdlClose> {
    for (let row = 0; row < this.rows; row++) {
      const fill = this.fills.at(this.fill[row]!);
      const { tsUs, market, account, side, qty } = fill;
      yield {
        seq: this.seqs[row]!,
        tsUs,
        market,
        account,
        side,
        qty,
        mark: this.marks[row]!,
        loser: this.losers[row]!,
        hedger: this.hedgers[row] === 1,
        givenUp: this.givenUp.at(row),
        fill,
      };
    }
  }
}
