/**
 * Every fill of a world but those of funds that unwind, in columns: a world that closes all winners pro rata has
 * some hundred thousand, of which each is asked for once or twice when the figures are made. Rows are made anew
 * each time; they are to be looked at and let go.
 */
import { ExactColumn, roomFor, widened } from '../../basics/columns.ts';
import type { FillRow } from '../../engine/rows.ts';
import type { MarketId, Side } from '../../rules/market.ts';

/** What is kept of a fill. */
export type Fill = Omit<FillRow, 'price' | 'priceRule' | 'cause'>;

/** Whose fills, and of which of its positions. */
type Position = Pick<Fill, 'account' | 'market' | 'side'>;

const SIDES: readonly Side[] = ['long', 'short'];
const EFFECTS: readonly Fill['effect'][] = ['close', 'open'];
const NONE = -1;

/** Numbers texts in the order in which they are first met. */
class Names<T extends string> {
  readonly list: T[] = [];
  private readonly numbers = new Map<T, number>();

  find(name: T): number | undefined {
    return this.numbers.get(name);
  }

  numberOf(name: T): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    this.numbers.set(name, this.list.length);
    return this.list.push(name) - 1;
  }
}

export class FillLog {
  /** Number of fills. */
  size = 0;
  private readonly accounts = new Names<string>();
  private readonly markets = new Names<MarketId>();
  private readonly reasons = new Names<Fill['why']>();
  private seqs = new Float64Array(0);
  private times = new Float64Array(0);
  private account = new Uint32Array(0);
  /** The fill of the same account before it. */
  private before = new Int32Array(0);
  /** Market, reason, side and effect, a byte each. */
  private kinds = new Uint8Array(0);
  private readonly qtys = new ExactColumn<'qty'>();
  private readonly values = new ExactColumn<'money'>();
  private readonly entryValues = new ExactColumn<'money'>();
  /** Latest fill of each account. */
  private readonly latest: number[] = [];

  /** Takes a fill; they come in the order of their numbers. */
  push(fill: FillRow): void {
    if (this.size === this.seqs.length) this.grow();
    const row = this.size++;
    const account = this.accounts.numberOf(fill.account);
    this.seqs[row] = fill.seq;
    this.times[row] = fill.tsUs;
    this.account[row] = account;
    this.before[row] = this.latest[account] ?? NONE;
    this.latest[account] = row;
    this.kinds[row * 4] = this.markets.numberOf(fill.market);
    this.kinds[row * 4 + 1] = this.reasons.numberOf(fill.why);
    this.kinds[row * 4 + 2] = SIDES.indexOf(fill.side);
    this.kinds[row * 4 + 3] = EFFECTS.indexOf(fill.effect);
    this.qtys.push(fill.qty);
    this.values.push(fill.value);
    this.entryValues.push(fill.entryValue);
  }

  /** The fill at a place in the order of time, from 0. */
  at(row: number): Fill {
    return {
      seq: this.seqs[row]!,
      tsUs: this.times[row]!,
      market: this.markets.list[this.kinds[row * 4]!]!,
      account: this.accountAt(row),
      side: SIDES[this.kinds[row * 4 + 2]!]!,
      effect: EFFECTS[this.kinds[row * 4 + 3]!]!,
      qty: this.qtys.at(row),
      value: this.values.at(row),
      entryValue: this.entryValues.at(row),
      why: this.reasons.list[this.kinds[row * 4 + 1]!]!,
    };
  }

  /** Number of the event that a fill was. */
  seqAt(row: number): number {
    return this.seqs[row]!;
  }

  accountAt(row: number): string {
    return this.accounts.list[this.account[row]!]!;
  }

  /** Places of an account's fills, in the order of time, from 0. */
  placesOf(account: string): number[] {
    const found: number[] = [];
    const number = this.accounts.find(account);
    let row = number === undefined ? NONE : this.latest[number]!;
    for (; row !== NONE; row = this.before[row]!) found.push(row);
    return found.reverse();
  }

  /** Fills of an account, in the order of time. */
  of(account: string): Fill[] {
    return this.placesOf(account).map((row) => this.at(row));
  }

  /**
   * Fills for some reasons, account by account in the order of the first fill of each; those of an account in the
   * order of time.
   */
  *because(...reasons: readonly Fill['why'][]): IterableIterator<Fill> {
    const wanted = this.reasons.list.map((reason) => reasons.includes(reason));
    for (const account of this.accounts.list)
      for (const row of this.placesOf(account)) if (wanted[this.kinds[row * 4 + 1]!]) yield this.at(row);
  }

  /** Place of the latest fill of a position before an event; -1: none. */
  latestBefore(seq: number, { account, market, side }: Position): number {
    const number = this.accounts.find(account);
    const [m, s] = [this.markets.find(market), SIDES.indexOf(side)];
    let row = number === undefined ? NONE : this.latest[number]!;
    const isIt = (): boolean =>
      this.seqs[row]! < seq && this.kinds[row * 4] === m && this.kinds[row * 4 + 2] === s;
    while (row !== NONE && !isIt()) row = this.before[row]!;
    return row;
  }

  private grow(): void {
    const room = roomFor(this.size + 1);
    this.seqs = widened(this.seqs, new Float64Array(room));
    this.times = widened(this.times, new Float64Array(room));
    this.account = widened(this.account, new Uint32Array(room));
    this.before = widened(this.before, new Int32Array(room));
    this.kinds = widened(this.kinds, new Uint8Array(room * 4));
  }
}
