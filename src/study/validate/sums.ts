/** A sink that keeps the few sums of each world that the checks of docs/validation.md ask for. */
import { HOUR_US } from '../../basics/instant.ts';
import type { Outbox } from '../../engine/rows.ts';
import type { Sink } from '../../results/sink.ts';
import type { Market } from '../../rules/market.ts';

/** Sums of one world, for tables that people read: float64 throughout. */
export interface WorldSums {
  /** Liquidated longs and shorts by hour of the window, USD or the settlement asset at par. */
  readonly longByHourF64: number[];
  readonly shortByHourF64: number[];
  /** Fund's cash after each hour, lowest in each hour, and its lowest unrealized profit. */
  readonly cashF64: number[];
  readonly cashLowF64: number[];
  readonly inventoryPnlF64: number[];
  readonly inventoryNotionalF64: number[];
  /** Money into (positive) and out of the fund by reason. */
  readonly fundByReasonF64: Record<string, number>;
  adlF64: number;
  adlFromUs: number;
  deficitF64: number;
  /** Lowest trade as displaced by feedback, and when. */
  lowF64: number;
  /** Open interest of the first beat, contracts or base units, and notional at its mark. */
  openInterestF64: number;
  openNotionalF64: number;
  /** Every fill and transfer as text, of the worlds that are compared: two are equal when these are. */
  readonly digestRows: string[];
}

const emptySums = (hours: number): WorldSums => ({
  longByHourF64: new Array<number>(hours).fill(0),
  shortByHourF64: new Array<number>(hours).fill(0),
  cashF64: new Array<number>(hours).fill(Number.NaN),
  cashLowF64: new Array<number>(hours).fill(Infinity),
  inventoryPnlF64: new Array<number>(hours).fill(0),
  inventoryNotionalF64: new Array<number>(hours).fill(0),
  fundByReasonF64: {},
  adlF64: 0,
  adlFromUs: Number.NaN,
  deficitF64: 0,
  lowF64: Infinity,
  openInterestF64: Number.NaN,
  openNotionalF64: Number.NaN,
  digestRows: [],
});

/** Sums as they come, beat by beat. */
export class SumSink implements Sink {
  readonly worlds: WorldSums[];
  private readonly startUs: number;
  private readonly market: Market;
  private readonly digests: number;

  constructor(o: { worlds: number; hours: number; startUs: number; market: Market; digests: number }) {
    this.worlds = Array.from({ length: o.worlds }, () => emptySums(o.hours));
    this.startUs = o.startUs;
    this.market = o.market;
    this.digests = o.digests;
  }

  record(world: number, outbox: Outbox): void {
    const sums = this.worlds[world]!;
    this.takeFills(sums, outbox);
    this.takeFunds(sums, outbox);
    for (const l of outbox.liquidations) sums.deficitF64 += l.deficit.toNumber();
    for (const b of outbox.beats) {
      sums.lowF64 = Math.min(sums.lowF64, b.low.toNumber());
      if (!Number.isNaN(sums.openInterestF64)) continue;
      sums.openInterestF64 = b.openInterest.toNumber();
      sums.openNotionalF64 = this.usd(sums.openInterestF64, sums.openInterestF64 * b.mark.toNumber());
    }
    if (world >= this.digests) return;
    for (const rows of [outbox.fills, outbox.transfers]) {
      for (const row of rows) sums.digestRows.push(Object.values(row).join());
    }
  }

  /** Contracts of an inverse market are dollars; a linear market is told in its settlement asset. */
  private usd(qtyF64: number, valueF64: number): number {
    return this.market.kind === 'inverse' ? qtyF64 * this.market.faceValue.toNumber() : valueF64;
  }

  private hourOf(tsUs: number): number {
    return Math.floor((tsUs - 1 - this.startUs) / HOUR_US);
  }

  private takeFills(sums: WorldSums, { fills, adlRequests }: Outbox): void {
    for (const f of fills) {
      if (f.effect !== 'close') continue;
      const valueF64 = this.usd(f.qty.toNumber(), f.value.toNumber());
      const hour = this.hourOf(f.tsUs);
      if (f.why === 'liquidation' || f.why === 'takeover') {
        const byHour = f.side === 'long' ? sums.longByHourF64 : sums.shortByHourF64;
        byHour[hour]! += valueF64;
      }
      // the loser of a request closes on the request's side, its winners on the other
      if (f.why === 'adl' && adlRequests.some((r) => r.seq === f.cause && r.side !== f.side)) {
        if (sums.adlF64 === 0) sums.adlFromUs = f.tsUs;
        sums.adlF64 += valueF64;
      }
    }
  }

  private takeFunds(sums: WorldSums, { fund, transfers }: Outbox): void {
    for (const row of fund) {
      const hour = this.hourOf(row.tsUs);
      const cash = row.cash.toNumber();
      sums.cashF64[hour] = cash;
      sums.cashLowF64[hour] = Math.min(sums.cashLowF64[hour]!, cash);
      sums.inventoryPnlF64[hour] = Math.min(sums.inventoryPnlF64[hour]!, row.inventoryPnl.toNumber());
      const notional = row.inventoryNotional.abs().toNumber();
      sums.inventoryNotionalF64[hour] = Math.max(sums.inventoryNotionalF64[hour]!, notional);
    }
    for (const t of transfers) {
      const sign = Number(t.to.startsWith('fund:')) - Number(t.from.startsWith('fund:'));
      if (sign === 0) continue;
      const { fundByReasonF64: by } = sums;
      by[t.reason] = (by[t.reason] ?? 0) + sign * t.amount.toNumber();
    }
  }
}
