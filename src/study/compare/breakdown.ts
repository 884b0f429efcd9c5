/**
 * Figures of one world by hour, margin tier and leverage, each with the side. Only cells in which
 * something happened; hours, tiers and leverages of a sum and side each add up to the whole (distinct accounts
 * and rates apart: one account may have verdicts in two hours).
 */
import { hourName, leverageBucket } from '../../measure/buckets.ts';
import type { LiquidationRow } from '../../engine/rows.ts';
import { profit, valueAt } from '../../margin/leg.ts';
import { legTier } from '../../margin/maintenance.ts';
import type { Side } from '../../rules/market.ts';
import type { AdlClose } from './adlLog.ts';
import type { Fill } from './fillLog.ts';
import { type Held, lostBy } from './heldOf.ts';
import { DECILES, lossesBySize } from './partyFigures.ts';
import type { WorldView } from './worldView.ts';

/** Metrics that are broken down, and what their parts mean. */
const BROKEN_DOWN = {
  liquidatedNotional: 'by hour of the fill; tier and leverage at the verdict',
  liquidatedAccounts: 'by hour, tier and leverage at the verdict',
  traderCost: 'by hour, tier and leverage at the verdict',
  badDebt: 'by hour of the payment; tier and leverage at the verdict',
  partialRate: 'by hour, tier and leverage at the verdict, of the accounts in the same cell',
  adlNotional: 'winners: by hour of the fill; tier of the position before it; leverage as drawn',
  adlAccounts: 'the same',
  adlNeeded: 'the same',
  adlHedgers: 'the same',
  adlNaked: 'the same',
  unnecessary: 'by hour, tier and leverage at the verdict that closed something first',
  unnecessaryNotional: 'the same',
  unnecessaryStrict: 'the same',
  unnecessaryLost: 'the same',
  missed: 'the same',
  stopSlippage: 'by hour of the fill; tier of the position before it; leverage as drawn',
} as const;
type Metric = keyof typeof BROKEN_DOWN;

/** One cell. '' where the cell covers all of that dimension. */
export interface BreakdownRow {
  readonly metric: string;
  readonly side: string;
  readonly hour: string;
  readonly tier: string;
  readonly leverage: string;
  /** Tenth of accounts by size, 1 the smallest; `later` those that came after the start. */
  readonly decile: string;
  readonly value: number;
}

interface Place {
  readonly side: Side;
  readonly tsUs: number;
  readonly tier: number | null;
  readonly leverage: number | null;
}

const UNKNOWN = '?';

class Cells {
  private readonly sums = new Map<string, number>();
  private readonly accounts = new Map<string, Set<string>>();

  add(metric: Metric, place: Place, amount: number): void {
    for (const key of keysOf(metric, place)) this.sums.set(key, (this.sums.get(key) ?? 0) + amount);
  }

  /** Counts an account once in each of its cells. */
  count(metric: Metric, place: Place, account: string): void {
    for (const key of keysOf(metric, place)) {
      const known = this.accounts.get(key);
      if (known === undefined) this.accounts.set(key, new Set([account]));
      else known.add(account);
    }
  }

  /** Turns the counts of a metric into shares of those of another, cell by cell. */
  divide(metric: Metric, whole: Metric): void {
    for (const [key, all] of this.accounts) {
      if (!key.startsWith(`${whole}|`)) continue;
      const own = metric + key.slice(whole.length);
      this.sums.set(own, (this.accounts.get(own)?.size ?? 0) / all.size);
      this.accounts.delete(own);
    }
  }

  rows(): BreakdownRow[] {
    const all = [...this.sums, ...[...this.accounts].map(([key, set]) => [key, set.size] as const)];
    return all
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => {
        const [metric, side, hour, tier, leverage] = key.split('|') as [
          string,
          string,
          string,
          string,
          string,
        ];
        return { metric, side, hour, tier, leverage, decile: '', value };
      });
  }
}

const keysOf = (metric: Metric, { side, tsUs, tier, leverage }: Place): string[] => [
  `${metric}|${side}|${hourName(tsUs)}||`,
  `${metric}|${side}||${tier ?? UNKNOWN}|`,
  `${metric}|${side}|||${leverageBucket(leverage)}`,
];

const atVerdict = ({ side, tsUs, tier, leverage }: LiquidationRow): Place => ({ side, tsUs, tier, leverage });

/** The cells of one world, once its replay is over, in the order of their keys. */
export function breakdownOf(view: WorldView): BreakdownRow[] {
  const cells = new Cells();
  for (const fill of view.notes.fills.because('liquidation', 'takeover', 'stop-loss'))
    takeFill(view, cells, fill);
  for (const own of view.notes.ended.values()) {
    for (const { row, cost } of own) {
      cells.count('liquidatedAccounts', atVerdict(row), row.account);
      cells.add('traderCost', atVerdict(row), cost);
      if (isPartly(view, row)) cells.count('partialRate', atVerdict(row), row.account);
    }
  }
  cells.divide('partialRate', 'liquidatedAccounts');
  for (const { to, seq, tsUs, amount } of view.notes.madeGood) {
    const verdict = view.notes.verdictOf(to, seq);
    if (verdict === null) continue;
    cells.add('badDebt', { ...atVerdict(verdict), tsUs }, amount.toNumber());
  }
  for (const held of view.held?.values() ?? []) takeHeld(view, cells, held);
  for (const row of view.notes.adl) if (view.isOwn(row.market)) takeAdl(view, cells, row);
  const sized = lossesBySize(view).map((value, i): BreakdownRow => {
    const decile = i < DECILES ? String(i + 1) : 'later';
    return { metric: 'traderLoss', side: '', hour: '', tier: '', leverage: '', decile, value };
  });
  return [...cells.rows(), ...sized.filter(({ value }) => value > 0)];
}

function takeHeld(view: WorldView, cells: Cells, { row, sound, solvent, bankrupt }: Held): void {
  const place = atVerdict(row);
  if (bankrupt) cells.count('missed', place, row.account);
  if (!sound) return;
  cells.count('unnecessary', place, row.account);
  if (solvent) cells.count('unnecessaryStrict', place, row.account);
  cells.add('unnecessaryNotional', place, row.notional.toNumber());
  cells.add('unnecessaryLost', place, lostBy(view, row.account));
}

function takeAdl(view: WorldView, cells: Cells, row: AdlClose): void {
  const { fill } = row;
  const place = beforeFill(view, fill);
  const value = fill.value.toNumber();
  cells.add('adlNotional', place, value);
  cells.count('adlAccounts', place, row.account);
  cells.add('adlNeeded', place, Math.abs(row.givenUp.toNumber()));
  if (!row.hedger) return;
  cells.add('adlHedgers', place, value);
  cells.add('adlNaked', place, valueAt(view.market(row.market), row.qty, row.mark).toNumber());
}

/** Whether a liquidation took something from an account that still holds something of its pocket at the end. */
export function isPartly({ world }: WorldView, row: LiquidationRow): boolean {
  if (!row.closedNotional.isPositive()) return false;
  const { book } = world.desk;
  return book
    .read(book.find(row.account))
    .legs.some(
      (leg) =>
        leg.lots > 0 && (row.mode === 'cross' || (leg.market.id === row.market && leg.side === row.side)),
    );
}

function takeFill(view: WorldView, cells: Cells, fill: Fill): void {
  const { account, seq, tsUs, market, value, why, effect } = fill;
  if (effect !== 'close' || !view.isOwn(market)) return;
  if (why === 'stop-loss') cells.add('stopSlippage', beforeFill(view, fill), slippageOf(view, fill));
  if (why !== 'liquidation' && why !== 'takeover') return;
  const verdict = view.notes.verdictOf(account, seq, fill);
  const place = verdict === null ? { side: fill.side, tier: null, leverage: null } : atVerdict(verdict);
  cells.add('liquidatedNotional', { ...place, side: fill.side, tsUs }, value.toNumber());
}

/** Loss at fills of stop-losses against the mark of their beats; null without any. */
export function stopSlippage(view: WorldView): number | null {
  let lost: number | null = null;
  for (const fill of view.notes.fills.because('stop-loss'))
    if (view.isOwn(fill.market)) lost = (lost ?? 0) + slippageOf(view, fill);
  return lost;
}

/** What a stop-loss lost at its fill against the mark of its beat, settlement units; below 0: a gain. */
function slippageOf(view: WorldView, { market: id, side, qty, value, tsUs }: Fill): number {
  const market = view.market(id);
  const atMark = valueAt(market, qty, view.mark(id, view.beatOf(tsUs)));
  return profit({ market, side }, atMark, value).toNumber();
}

function beforeFill(view: WorldView, row: Pick<Fill, 'account' | 'market' | 'side' | 'seq' | 'tsUs'>): Place {
  const { market, side, tsUs } = row;
  const leg = view.legsBefore(row).find((l) => l.market.id === market && l.side === side);
  const tier = leg === undefined ? null : legTier(leg, view.mark(market, view.beatOf(tsUs))) + 1;
  return { side, tsUs, tier, leverage: view.leverageOf(row) };
}
