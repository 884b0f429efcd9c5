/** Random pockets for the margin properties: every contract kind, schedule, tier key and mode. */
import fc from 'fast-check';
import {
  cut,
  type Money,
  money,
  type Price,
  price,
  qty,
  quotient,
  rate,
  steps,
  sum,
  unscaled,
} from '../../src/basics/exact.ts';
import { type Leg, type Pocket, valueAt } from '../../src/margin/leg.ts';
import { deductions } from '../../src/margin/maintenance.ts';
import type { ScreenPocket } from '../../src/margin/screen.ts';
import type { Market, Side } from '../../src/rules/market.ts';
import type { MarginTier, MarketRules } from '../../src/rules/ruleSet.ts';

export interface Shape {
  readonly kind: 'linear' | 'inverse';
  readonly schedule: 'continuous' | 'step';
  readonly key: 'notional' | 'qty';
  readonly at: 'mark' | 'entry';
  readonly legs: 'long' | 'short' | 'hedge';
  /** What comes on top of the tiers. */
  readonly more?: 'slope' | 'fee' | 'scale' | 'all';
}

export const TICK = price('0.01');
const RATES = ['0.004', '0.005', '0.01', '0.025', '0.05', '0.1', '0.15', '0.25', '0.5'];

export const marketOf = (kind: 'linear' | 'inverse', id = 'M', valueScale = 8): Market => ({
  id,
  kind,
  settle: kind === 'linear' ? 'USDT' : 'BTC',
  priceTick: TICK,
  qtyStep: qty(kind === 'linear' ? '0.001' : '1'),
  faceValue: money(kind === 'linear' ? '1' : '100'),
  valueScale,
});

/** Rules as far as margin reads them; the other slots stay unread. */
export function rulesOf(part: Partial<MarketRules> & { readonly tiers: readonly MarginTier[] }): MarketRules {
  const rest = {
    tierKey: 'notional',
    notionalAt: 'mark',
    clearanceFee: [],
    bankruptcy: { feeRate: rate('0'), rounding: 'none' },
  };
  return { ...rest, ...part } as unknown as MarketRules;
}

/** Ascending tiers from upper bounds; one rate more than bounds. */
export function tiersOf(
  bounds: readonly Money[],
  rates: readonly string[],
  schedule: 'continuous' | 'step',
): MarginTier[] {
  const cums = deductions([money('0'), ...bounds], rates.map(rate));
  return rates.map((r, k) => ({
    upTo: bounds[k] ?? money('1000000000000'),
    maintenanceRate: rate(r),
    maintenanceDeduction: schedule === 'continuous' ? cums[k]! : money('0'),
    initialRate: rate(r).times(rate('1.7')),
  }));
}

/** What comes on top of the tiers: a position of `size` gets up to 20 % from the slope. */
function moreRules(more: Shape['more'], n: Parameters, linear: boolean, size: Money): Partial<MarketRules> {
  const slope = quotient<'rate'>('rate', rate((n.slope / 1e4).toFixed(4)), size, 18, 'up');
  return {
    ...(more === 'slope' || more === 'all'
      ? { sizeSlope: { maintenance: slope, initial: slope.times(rate('1.5')) } }
      : {}),
    ...(more === 'fee' || more === 'all' ? { closingFee: rate((n.fee / 1e4).toFixed(4)) } : {}),
    ...(more === 'scale' || more === 'all' ? { requirementScale: n.scale + (linear ? 0 : 4) } : {}),
  };
}

interface Parameters {
  readonly slope: number;
  readonly fee: number;
  readonly scale: number;
}

/** Whole numbers from which a pocket is built. */
const numbers = fc.record({
  entryTicks: fc.integer({ min: 10_000, max: 6_000_000 }),
  lots: fc.integer({ min: 1, max: 999 }),
  lotScale: fc.constantFrom(1, 10, 100, 1000, 10_000),
  otherPart: fc.integer({ min: 10, max: 300 }), // per cent of the first leg
  otherEntry: fc.integer({ min: -800, max: 800 }), // basis points from the first entry
  leverage: fc.integer({ min: 1, max: 100 }),
  move: fc.integer({ min: -300, max: 300 }), // basis points from entry to today's mark
  // per cent of the entry notional
  bounds: fc.uniqueArray(fc.integer({ min: 30, max: 300 }), { maxLength: 4 }),
  rates: fc.uniqueArray(fc.integer({ min: 0, max: RATES.length - 1 }), { minLength: 5, maxLength: 5 }),
  ticks: fc.array(fc.integer({ min: -300, max: 300 }), { minLength: 4, maxLength: 4 }),
  slope: fc.integer({ min: 1, max: 2_000 }), // basis points of rate at the first leg's size
  fee: fc.integer({ min: 1, max: 60 }), // basis points
  scale: fc.integer({ min: 0, max: 6 }), // decimal places; four more in coins
  // basis points from the mark
  jumps: fc.array(fc.integer({ min: -9_000, max: 20_000 }), { minLength: 4, maxLength: 4 }),
});

export interface Drawn {
  readonly pocket: Pocket;
  readonly mark: Price;
  /** Offsets in ticks, and moves in basis points, for marks to try. */
  readonly ticks: readonly number[];
  readonly jumps: readonly number[];
}

const moved = (ticks: number, bp: number): Price =>
  steps(Math.max(1, Math.round((ticks * (10_000 + bp)) / 10_000)), TICK);
export const movedPrice = (from: Price, bp: number): Price => moved(Math.round(from.toNumber() * 100), bp);

/** @param few  at most 999 lots */
export const drawn = (shape: Shape, id = 'M', few = false): fc.Arbitrary<Drawn> =>
  numbers.map((n) => {
    const market = marketOf(shape.kind, id);
    const lots = n.lots * (few ? 1 : n.lotScale);
    const first = steps(lots, market.qtyStep);
    const size =
      shape.key === 'qty'
        ? unscaled<'money'>('money', first.n, first.scale)
        : valueAt(market, first, moved(n.entryTicks, 0));
    const bounds = n.bounds
      .toSorted((a, b) => a - b)
      .map((p) => cut(size.times(rate((p / 100).toFixed(2))), shape.key === 'qty' ? first.scale : 8, 'down'));
    const rates = n.rates.toSorted((a, b) => a - b).slice(0, bounds.length + 1);
    const rules = rulesOf({
      tiers: tiersOf(
        bounds,
        rates.map((r) => RATES[r]!),
        shape.schedule,
      ),
      tierKey: shape.key,
      notionalAt: shape.at,
      ...moreRules(
        shape.more,
        n,
        shape.kind === 'linear',
        shape.kind === 'linear'
          ? unscaled('money', first.n, first.scale)
          : valueAt(market, first, moved(n.entryTicks, 0)).plus(money('0.00000001')),
      ),
    });
    const leg = (side: Side, legLots: number, bp: number): Leg => {
      const q = steps(legLots, market.qtyStep);
      return {
        market,
        rules,
        side,
        qty: q,
        entryValue: cut(valueAt(market, q, moved(n.entryTicks, bp)), 8, 'even'),
      };
    };
    const other = Math.max(1, Math.round((lots * n.otherPart) / 100));
    const legs =
      shape.legs === 'hedge'
        ? [leg('long', lots, 0), leg('short', other, n.otherEntry)]
        : [leg(shape.legs, lots, 0)];
    const wallet = quotient<'money'>(
      'money',
      sum(legs.map((l) => l.entryValue)),
      money(String(n.leverage)),
      8,
      'down',
    );
    return {
      pocket: { legs, wallet, orderMargin: money('0') },
      mark: moved(n.entryTicks, n.move),
      ticks: n.ticks,
      jumps: n.jumps,
    };
  });

/** The same pocket as the screen sees it. */
export function screened(pocket: Pocket, mark: Price): ScreenPocket {
  const p = {
    longQty: 0,
    longEntry: 0,
    shortQty: 0,
    shortEntry: 0,
    wallet: pocket.wallet.toNumber(),
    mark: mark.toNumber(),
  };
  for (const leg of pocket.legs) {
    if (leg.side === 'long') [p.longQty, p.longEntry] = [leg.qty.toNumber(), leg.entryValue.toNumber()];
    else [p.shortQty, p.shortEntry] = [leg.qty.toNumber(), leg.entryValue.toNumber()];
  }
  return p;
}

export const SHAPES: readonly Shape[] = (['linear', 'inverse'] as const).flatMap((kind) =>
  (
    [
      ['continuous', 'notional', 'mark'],
      ['step', 'notional', 'mark'],
      ['step', 'qty', 'mark'],
      ['continuous', 'notional', 'entry'],
      ['continuous', 'notional', 'mark', 'slope'], // Deribit
      ['step', 'notional', 'mark', 'slope'],
      ['continuous', 'notional', 'entry', 'slope'],
      ['step', 'qty', 'mark', 'fee'], // OKX
      ['continuous', 'notional', 'mark', 'scale'], // dYdX
      ['step', 'notional', 'mark', 'all'],
    ] as const
  ).flatMap(([schedule, key, at, more]) =>
    (['long', 'short', 'hedge'] as const).map((legs) => ({
      kind,
      schedule,
      key,
      at,
      legs,
      ...(more === undefined ? {} : { more }),
    })),
  ),
);
export const nameOf = (s: Shape): string =>
  `${s.kind} ${s.schedule} by ${s.key} at ${s.at}, ${s.legs}${s.more === undefined ? '' : `, ${s.more}`}`;
