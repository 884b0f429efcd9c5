/**
 * Our side of the published figures in a rerun, which has no tables: summed from the rows as they
 * pass, by the definitions of reconcile.ts. Open interest and lows inside a part of the window need
 * every beat, which a rerun does not write; they have no value here.
 */
import { as, type Exact, type Money, product, sum, ZERO_MONEY } from '../basics/exact.ts';
import type { Outbox } from '../engine/rows.ts';
import type { Sink } from '../results/sink.ts';
import type { Facts, PublishedFigure } from '../rules/facts.ts';

/** Exact text of our figure by its place in `facts.published`. */
export type PublishedValues = Readonly<Record<number, string>>;

/** Whether contracts at face value, not coin, are what the figure counts. */
export const countsContracts = (facts: Facts, p: PublishedFigure): boolean =>
  p.market !== null && facts.markets[p.market]?.kind === 'inverse' && p.unit.startsWith('USD');

class WorldSums {
  readonly sums: Money[];
  /** Fund cash at the start and at the end of each figure's part of the window. */
  readonly from: Map<string, Money>[];
  readonly until: Map<string, Money>[];

  constructor(figures: number) {
    this.sums = Array.from({ length: figures }, () => ZERO_MONEY);
    this.from = this.sums.map(() => new Map());
    this.until = this.sums.map(() => new Map());
  }
}

export class PublishedSums implements Sink {
  private readonly facts: Facts;
  private readonly worlds = new Map<number, WorldSums>();

  constructor(facts: Facts) {
    this.facts = facts;
  }

  record(world: number, outbox: Outbox): void {
    const known = this.worlds.get(world) ?? new WorldSums(this.facts.published.length);
    this.worlds.set(world, known);
    if (outbox.fills.length + outbox.adl.length + outbox.fund.length + outbox.balances.length === 0) return;
    for (const [i, p] of this.facts.published.entries()) {
      if (p.what === 'fundChange') this.takeFund(known, i, outbox);
      else if (p.what === 'adlNotional') this.takeAdl(known, i, outbox);
      else if (p.what.startsWith('liquidated')) this.takeFills(known, i, outbox);
    }
  }

  /** Values of one world; figures that a rerun cannot give are left out. */
  values(world: number): PublishedValues {
    const known = this.worlds.get(world);
    if (known === undefined) return {};
    return Object.fromEntries(
      this.facts.published.flatMap((p, i): [number, string][] => {
        if (p.what === 'fundChange') {
          return [[i, sum(known.until[i]!.values()).minus(sum(known.from[i]!.values())).toString()]];
        }
        return p.what === 'adlNotional' || p.what.startsWith('liquidated')
          ? [[i, known.sums[i]!.toString()]]
          : [];
      }),
    );
  }

  private windowOf(p: PublishedFigure): [number, number] {
    return [p.fromUs ?? this.facts.fromUs, p.untilUs ?? this.facts.untilUs];
  }

  private covers(p: PublishedFigure, row: { tsUs: number; market: string }): boolean {
    const [from, until] = this.windowOf(p);
    return row.tsUs > from && row.tsUs <= until && (p.market === null || row.market === p.market);
  }

  private takeFills(known: WorldSums, i: number, outbox: Outbox): void {
    const p = this.facts.published[i]!;
    const side = p.what === 'liquidatedLong' ? 'long' : p.what === 'liquidatedShort' ? 'short' : null;
    for (const fill of outbox.fills) {
      if (fill.effect !== 'close' || (fill.why !== 'liquidation' && fill.why !== 'takeover')) continue;
      if ((side !== null && fill.side !== side) || !this.covers(p, fill)) continue;
      const size: Exact<'money'> = countsContracts(this.facts, p) ? as('money', fill.qty) : fill.value;
      known.sums[i] = known.sums[i]!.plus(size);
    }
  }

  private takeAdl(known: WorldSums, i: number, outbox: Outbox): void {
    const p = this.facts.published[i]!;
    for (const row of outbox.adl) {
      if (!this.covers(p, row)) continue;
      const size = countsContracts(this.facts, p)
        ? as('money', row.qty)
        : product('money', row.qty, row.price);
      known.sums[i] = known.sums[i]!.plus(size);
    }
  }

  private takeFund(known: WorldSums, i: number, outbox: Outbox): void {
    const [from, until] = this.windowOf(this.facts.published[i]!);
    for (const { when, account, balance } of outbox.balances) {
      if (when !== 'before' || !account.startsWith('fund:')) continue;
      known.from[i]!.set(account.slice('fund:'.length), balance);
      known.until[i]!.set(account.slice('fund:'.length), balance);
    }
    for (const { fund, tsUs, cash } of outbox.fund) {
      if (tsUs <= from) known.from[i]!.set(fund, cash);
      if (tsUs <= until) known.until[i]!.set(fund, cash);
    }
  }
}
