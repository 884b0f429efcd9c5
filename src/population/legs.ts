/**
 * Opening the legs: entry, leverage and margin of every position of a drawn population. A liquidatable
 * position must have survived the lows or highs of the bars since its entry (the rest of the entry bar
 * itself is not known) and be sound at the first mark; if not, its entry is drawn again and at last its
 * margin is raised. The leverage is kept meanwhile, because the mixes describe positions that are open.
 */
import { draw } from '../basics/draw.ts';
import { steps } from '../basics/exact.ts';
import type { Micros } from '../basics/instant.ts';
import type { Market } from '../rules/market.ts';
import { type Opened, type Terms, leverageMax, marginNeeded, solventMargin } from './collateral.ts';
import { columnF64, columnUp, entryValueOf } from './columns.ts';
import { leverageByRole } from './hedgers.ts';
import { entryBar, entryPrice } from './inventory.ts';
import type { Mix } from './leverage.ts';
import type { Inventories } from './renewal.ts';
import type { Roster } from './roster.ts';

/** How often an entry is drawn before the margin is raised instead. */
export const ENTRY_TRIES = 4;

/** Everything of one market that its legs need. */
export interface Setting {
  readonly market: Market;
  readonly terms: Terms;
  readonly inventories: Inventories;
  readonly lotsOfOpenInterest: number;
  readonly firstMarkF64: number;
  readonly leverageField: readonly [number, number];
  readonly dayField: readonly (readonly number[])[];
  readonly priceField: readonly (readonly number[])[];
}

export interface OpenedLegs {
  readonly account: Uint32Array;
  readonly entryValue: BigInt64Array;
  /** What the leg brings, whether isolated or inside a cross wallet. */
  readonly margin: BigInt64Array;
  /** Margin by leverage alone: the base of free collateral. */
  readonly drawnF64: Float64Array;
  readonly leverage: Float32Array;
  readonly entryTicks: Float64Array;
  /** When it was opened: the middle of its bar. */
  readonly openedUs: Float64Array;
  redrawn: number;
  raised: number;
}

interface RosterInputs {
  readonly roster: Roster;
  readonly settings: readonly Setting[];
  readonly lots: Float64Array;
  readonly tilt: Float64Array;
  readonly seed: number;
  readonly mix: Mix;
}

/** Entry, leverage and margin of every leg. */
export function openLegs({ roster, settings, lots, tilt, seed, mix }: RosterInputs): OpenedLegs {
  const count = lots.length;
  const legs: OpenedLegs = {
    account: new Uint32Array(count),
    entryValue: new BigInt64Array(count),
    margin: new BigInt64Array(count),
    drawnF64: new Float64Array(count),
    leverage: new Float32Array(count),
    entryTicks: new Float64Array(count),
    openedUs: new Float64Array(count),
    redrawn: 0,
    raised: 0,
  };
  for (let a = 0; a < roster.accounts; a++) {
    for (let leg = roster.legStart[a]!; leg < roster.legStart[a + 1]!; leg++) {
      const setting = settings[roster.legMarket[leg]!]!;
      const second = leg > roster.legStart[a]! && roster.legMarket[leg - 1] === roster.legMarket[leg] ? 1 : 0;
      const u = draw(seed, a, setting.leverageField[second]!);
      const opened = openLeg({
        setting,
        seed,
        account: a,
        second,
        side: roster.legSide[leg]!,
        lots: lots[leg]!,
        leverage: leverageByRole({ mix, u, tilt: tilt[leg]!, hedger: roster.hedger[a] === 1 }),
        liquidatable: roster.liquidatable[a] === 1,
      });
      legs.account[leg] = a;
      legs.entryValue[leg] = opened.entryValue;
      legs.margin[leg] = columnUp(opened.marginF64);
      legs.drawnF64[leg] = opened.drawnF64;
      legs.leverage[leg] = opened.leverage;
      legs.entryTicks[leg] = opened.ticks;
      legs.openedUs[leg] = opened.openedUs;
      legs.redrawn += opened.redrawn;
      legs.raised += opened.raised;
    }
  }
  return legs;
}

interface LegInputs {
  readonly setting: Setting;
  readonly seed: number;
  readonly account: number;
  readonly second: 0 | 1;
  readonly side: 1 | -1;
  readonly lots: number;
  readonly leverage: number;
  readonly liquidatable: boolean;
}

interface OpenedLeg {
  readonly ticks: number;
  readonly openedUs: Micros;
  readonly entryValue: bigint;
  readonly marginF64: number;
  readonly drawnF64: number;
  readonly leverage: number;
  readonly redrawn: number;
  readonly raised: 0 | 1;
}

/** One leg: draws its entry until the position has survived to the start, else raises its margin. */
function openLeg(inputs: LegInputs): OpenedLeg {
  const { setting, seed, account, second, side, lots } = inputs;
  const { market, terms, firstMarkF64 } = setting;
  const inventory = setting.inventories[side === 1 ? 'long' : 'short'];
  const qty = steps(lots, market.qtyStep);
  for (let attempt = 0; ; attempt++) {
    const b = entryBar(inventory, draw(seed, account, setting.dayField[second]![attempt]!));
    const bar = inventory.bars[b]!;
    const at = entryPrice(bar, draw(seed, account, setting.priceField[second]![attempt]!));
    const ticks = Math.max(1, Math.round(at / terms.tickF64));
    const entryValue = entryValueOf(market, qty, steps(ticks, market.priceTick));
    const opened: Opened = { side, qtyF64: lots * terms.stepF64, entryValueF64: columnF64(entryValue) };
    const leverage = Math.min(inputs.leverage, leverageMax(terms, opened.qtyF64, opened.entryValueF64));
    const drawnF64 = opened.entryValueF64 / leverage;
    const openedUs = bar.tsUs + inventory.barUs / 2;
    const result = { ticks, openedUs, entryValue, drawnF64, leverage, redrawn: attempt };
    if (!inputs.liquidatable) {
      const marginF64 = Math.max(drawnF64, solventMargin(terms, opened, firstMarkF64));
      return { ...result, marginF64, raised: 0 };
    }
    const worst = side === 1 ? inventory.lowAfter[b]! : inventory.highAfter[b]!;
    const needed = Math.max(
      marginNeeded(terms, opened, firstMarkF64),
      Number.isFinite(worst) ? marginNeeded(terms, opened, worst) : 0,
    );
    if (needed <= drawnF64) return { ...result, marginF64: drawnF64, raised: 0 };
    if (attempt === ENTRY_TRIES - 1) {
      return { ...result, marginF64: needed, leverage: opened.entryValueF64 / needed, raised: 1 };
    }
  }
}
