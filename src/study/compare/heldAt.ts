/**
 * A pocket as it stood at a verdict, rebuilt from the population and the fills before it: when a
 * liquidation's row is written, the position itself is gone.
 */
import type { FillRow, LiquidationRow } from '../../engine/rows.ts';
import type { PositionBook } from '../../ledger/positionBook.ts';
import type { Leg } from '../../margin/leg.ts';

/**
 * Legs of the pocket of a verdict, or of the position of a fill, just before it.
 *
 * @param opening  everybody as they stood before the first beat
 * @param fills    of the account, in order
 * @returns        legs that held something then, with their entry values
 */
export function heldAt(
  opening: PositionBook,
  row: Pick<LiquidationRow | FillRow, 'account' | 'market' | 'side' | 'seq'>,
  fills: readonly FillRow[],
): Leg[] {
  const account = opening.read(opening.find(row.account));
  const before = fills.filter((f) => f.seq < row.seq);
  return account.legs
    .filter((leg) => account.cross || (leg.market.id === row.market && leg.side === row.side))
    .map(({ market, rules, side, qty, entryValue }): Leg => {
      let leg: Leg = { market, rules, side, qty, entryValue };
      for (const f of before) {
        if (f.market !== market.id || f.side !== side) continue;
        leg =
          f.effect === 'close'
            ? { ...leg, qty: leg.qty.minus(f.qty), entryValue: leg.entryValue.minus(f.entryValue) }
            : { ...leg, qty: leg.qty.plus(f.qty), entryValue: leg.entryValue.plus(f.entryValue) };
      }
      return leg;
    })
    .filter((leg) => leg.qty.isPositive());
}
