/**
 * A pocket as it stood at a verdict, rebuilt from the population and the fills before it: when a
 * liquidation's row is written, the position itself is gone.
 */
import type { LiquidationRow } from '../../engine/rows.ts';
import type { PositionBook } from '../../ledger/positionBook.ts';
import type { Leg } from '../../margin/leg.ts';
import type { Fill, FillLog } from './fillLog.ts';

type Asked = Pick<LiquidationRow | Fill, 'account' | 'market' | 'side' | 'seq'>;

/** An account's legs after so many of its fills. */
interface Standing {
  readonly cross: boolean;
  readonly legs: Leg[];
  /** Places of its fills in the log. */
  readonly fills: readonly number[];
  /** Fills that are in. */
  taken: number;
}

/** Accounts as they stood: who is asked about in the order of events is rebuilt once, not once a question. */
export class HeldAt {
  private readonly opening: PositionBook;
  private readonly log: FillLog;
  private readonly standing = new Map<string, Standing>();

  /**
   * @param opening  everybody as they stood before the first beat
   * @param log      every fill since
   */
  constructor(opening: PositionBook, log: FillLog) {
    this.opening = opening;
    this.log = log;
  }

  /**
   * Legs of the pocket of a verdict, or of the position of a fill, just before it.
   *
   * @returns  legs that held something then, with their entry values
   */
  before(row: Asked): Leg[] {
    const known = this.standing.get(row.account);
    const isPast =
      known !== undefined && known.taken > 0 && this.log.seqAt(known.fills[known.taken - 1]!) >= row.seq;
    const standing = known === undefined || isPast ? this.atStart(row.account) : known;
    const { fills } = standing;
    for (; standing.taken < fills.length; standing.taken++) {
      const place = fills[standing.taken]!;
      if (this.log.seqAt(place) >= row.seq) break;
      take(standing.legs, this.log.at(place));
    }
    return standing.legs
      .filter((leg) => standing.cross || (leg.market.id === row.market && leg.side === row.side))
      .filter((leg) => leg.qty.isPositive());
  }

  private atStart(name: string): Standing {
    const { cross, legs } = this.opening.read(this.opening.find(name));
    const made = {
      cross,
      legs: legs.map(({ market, rules, side, qty, entryValue }) => ({
        market,
        rules,
        side,
        qty,
        entryValue,
      })),
      fills: this.log.placesOf(name),
      taken: 0,
    };
    this.standing.set(name, made);
    return made;
  }
}

/** Puts a fill into the leg that it is of. */
function take(legs: Leg[], f: Fill): void {
  const i = legs.findIndex((leg) => leg.market.id === f.market && leg.side === f.side);
  const leg = legs[i];
  if (leg === undefined) return;
  legs[i] =
    f.effect === 'close'
      ? { ...leg, qty: leg.qty.minus(f.qty), entryValue: leg.entryValue.minus(f.entryValue) }
      : { ...leg, qty: leg.qty.plus(f.qty), entryValue: leg.entryValue.plus(f.entryValue) };
}
