/**
 * From published decimals to whole ticks and lots. A price off its tick means a wrong tick or a wrong
 * column, so it is an error; a perpetual's quantity off its lot means a wrong `qtyUnit`.
 */
import { parse } from '../basics/exact.ts';
import { ReplayError } from '../basics/errors.ts';
import type { StreamSpec } from '../rules/facts.ts';
import type { Market } from '../rules/market.ts';

/** How far from a whole tick or lot a value may lie, in ticks or lots ... */
export const STEP_TOLERANCE = 1e-6;
/** ... plus what float64 itself may lose on the way, relative. */
export const FLOAT_TOLERANCE = 1e-12;

export interface Units {
  /** Tick of the stream's prices, decimal text. */
  readonly tick: string;
  /** Ticks in 1: price * perTick is a whole number. */
  readonly perTick: number;
  /** Lots in one unit of the quantity column; by price where the unit is not the market's own. */
  readonly perLot: number;
  /** How the price enters: lots = qty * perLot * price^pricePower. */
  readonly pricePower: -1 | 0 | 1;
  /** true: quantities are whole lots, and anything else is an error. */
  readonly wholeLots: boolean;
}

/**
 * Units of a stream of a market. The market's own unit is base for a linear contract and contracts
 * for an inverse one; other units pass through the price:
 *
 *   linear    lots = base / step = contracts * faceValue / step = quote / (price * step)
 *   inverse   lots = contracts / step = base * price / (faceValue * step) = quote / (faceValue * step)
 *
 * @throws ReplayError SCENARIO_INVALID when the tick is no positive number
 */
export function unitsOf(spec: StreamSpec, market: Market): Units {
  const tick = spec.role === 'perp' ? market.priceTick.toString() : spec.tick;
  const perTick = 1 / positive(tick, spec.id);
  const step = market.qtyStep.toNumber();
  const face = market.faceValue.toNumber();
  const own = market.kind === 'linear' ? 'base' : 'contracts';
  const wholeLots = spec.role === 'perp' && spec.qtyUnit === own;
  const units = { tick, perTick: nearWhole(perTick), wholeLots };
  if (spec.qtyUnit === own) return { ...units, perLot: nearWhole(1 / step), pricePower: 0 };
  if (market.kind === 'linear') {
    return spec.qtyUnit === 'quote'
      ? { ...units, perLot: 1 / step, pricePower: -1 }
      : { ...units, perLot: face / step, pricePower: 0 };
  }
  return { ...units, perLot: 1 / (face * step), pricePower: spec.qtyUnit === 'base' ? 1 : 0 };
}

/** 1 / 0.001 is not quite 1000 in float64; a whole number of steps in 1 is exactly that. */
const nearWhole = (x: number): number =>
  Math.abs(x - Math.round(x)) < 1e-9 * x && x >= 1 ? Math.round(x) : x;

function positive(tick: string, stream: string): number {
  try {
    const exact = parse('price', tick);
    if (exact.isPositive()) return exact.toNumber();
  } catch {
    // falls through to the error below: no decimal at all is no tick either
  }
  throw new ReplayError(
    'SCENARIO_INVALID',
    `Stream ${stream} has no price tick: ${JSON.stringify(tick)}.`,
    { path: `facts.streams.${stream}.tick` },
    'Write the tick of its prices, for example tick: "0.01".',
  );
}

/** Whole lots of a quantity at a price; NaN is passed on. */
export function lotsOf(units: Units, quantity: number, price: number): number {
  const scaledQty = quantity * units.perLot;
  return units.pricePower === 0 ? scaledQty : units.pricePower === 1 ? scaledQty * price : scaledQty / price;
}
