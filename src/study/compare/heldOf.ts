/** Holding on instead of being liquidated: what would have become of every account with a verdict. */
import type { LiquidationRow } from '../../engine/rows.ts';
import { profit, valueAt } from '../../margin/leg.ts';
import { HoldingOn, type MarkPath, type Outcome } from './held.ts';
import type { WorldFigures } from './metrics.ts';
import { isLoss } from './worldNotes.ts';
import type { WorldView } from './worldView.ts';

/** An account's first verdict that closed something and what would have become of its pocket. */
export interface Held extends Outcome {
  readonly row: LiquidationRow;
}

/** Outcomes by account; null where accounts are judged over several assets as one. */
export function heldOf(view: WorldView): ReadonlyMap<string, Held> | null {
  const { desk, input } = view.world;
  if (desk.book.isPooling) return null;
  const { path } = view.notes;
  const paths = view.markets.map(
    (market, m): MarkPath => ({
      market: market.id,
      marksF64: path.marks[m]!,
      stamps: path.stamps[m]!,
      clock: desk.clocks[desk.book.marketIndex(market.id)]!,
    }),
  );
  const { frames, rules } = input;
  const holding = new HoldingOn({ paths, trigger: rules.trigger, beatUs: frames.beatUs });
  const found = new Map<string, Held>();
  for (const row of view.notes.first()) {
    const legs = view.legsBefore(row);
    if (legs.length === 0) continue;
    const held = { beat: view.beatOf(row.tsUs), equity: row.equity, legs };
    found.set(row.account, { row, ...holding.outcome(held) });
  }
  return found;
}

type Names = 'unnecessary' | 'unnecessaryNotional' | 'unnecessaryStrict' | 'unnecessaryLost' | 'missed';

/** Unnecessary and missed liquidations of a world. */
export function heldFigures(view: WorldView): Pick<WorldFigures, Names> {
  const { held } = view;
  if (held === null)
    return {
      unnecessary: null,
      unnecessaryNotional: null,
      unnecessaryStrict: null,
      unnecessaryLost: null,
      missed: null,
    };
  const all = [...held.values()];
  const sound = all.filter((h) => h.sound);
  return {
    unnecessary: sound.length,
    unnecessaryNotional: sound.reduce((sum, { row }) => sum + row.notional.toNumber(), 0),
    unnecessaryStrict: sound.filter((h) => h.solvent).length,
    unnecessaryLost: sound.reduce((sum, { row }) => sum + lostBy(view, row.account), 0),
    missed: all.filter((h) => h.bankrupt).length,
  };
}

/**
 * What liquidation took from an account against holding on to the last mark:
 *
 *   sum over its forced closes of (profit at the last mark - profit at the fill) - funding that they were spared,
 *   + fees + residue - what others made good
 *
 * @returns settlement units; below 0 where being closed was a gain
 */
export function lostBy(view: WorldView, account: string): number {
  const { notes, world, span } = view;
  const last = span![1];
  let lost = 0;
  for (const f of notes.fills.of(account)) {
    if (!isLoss(f) || !view.isOwn(f.market) || notes.verdictOf(account, f.seq, f) === null) continue;
    const m = view.place(f.market);
    const market = view.market(f.market);
    lost += profit(
      { market, side: f.side },
      valueAt(market, f.qty, view.mark(f.market, last)),
      f.value,
    ).toNumber();
    const clock = world.desk.clocks[world.desk.book.marketIndex(f.market)]!;
    const stamps = notes.path.stamps[m]!;
    const due = (beat: number): number => clock.due(f.side, f.qty, stamps[beat]!).toNumber();
    lost -= due(view.beatOf(f.tsUs)) - due(last);
  }
  for (const { row } of notes.ended.get(account) ?? [])
    lost += row.fees.toNumber() + row.residue.toNumber() - row.deficit.toNumber();
  return lost;
}
