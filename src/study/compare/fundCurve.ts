/** The funds' joint cash as it went, and how far it fell: rows come only for funds that changed. */
import type { Outbox } from '../../engine/rows.ts';

export class FundCurve {
  private readonly cash = new Map<string, number>();
  private readonly marked = new Map<string, number>();
  private opening = 0;
  private peak = Number.NaN;
  private peakMarked = Number.NaN;
  private fall = 0;
  private fallMarked = 0;

  /** Takes the rows of a beat. @param asset  the one that is counted */
  take({ fund, balances }: Outbox, asset: string): void {
    for (const b of balances) {
      if (b.when !== 'before' || b.asset !== asset || !b.account.startsWith('fund:')) continue;
      const opening = b.balance.toNumber();
      this.opening += opening;
      this.cash.set(b.account.slice(5), opening);
      this.marked.set(b.account.slice(5), opening);
      this.peak = this.peakMarked = this.opening;
    }
    let changed = false;
    for (const row of fund) {
      if (row.asset !== asset) continue;
      changed = true;
      const cash = row.cash.toNumber();
      this.cash.set(row.fund, cash);
      this.marked.set(row.fund, cash + row.inventoryPnl.toNumber());
    }
    if (changed) this.look();
  }

  /** Largest fall of cash from a peak, of the cash at the start; null without cash. */
  get drawdown(): number | null {
    return this.opening > 0 ? this.fall / this.opening : null;
  }

  /** The same with inventory valued at mark. */
  get drawdownMarked(): number | null {
    return this.opening > 0 ? this.fallMarked / this.opening : null;
  }

  private look(): void {
    const [cash, marked] = [total(this.cash), total(this.marked)];
    this.peak = this.peak >= cash ? this.peak : cash;
    this.peakMarked = this.peakMarked >= marked ? this.peakMarked : marked;
    this.fall = Math.max(this.fall, this.peak - cash);
    this.fallMarked = Math.max(this.fallMarked, this.peakMarked - marked);
  }
}

const total = (amounts: ReadonlyMap<string, number>): number =>
  [...amounts.values()].reduce((sum, amount) => sum + amount, 0);
