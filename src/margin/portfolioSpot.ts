/**
 * Spot inventory under margin by scenarios: how much of it hedges derivatives, what it loses under a
 * shock, and in which order it is sold to defend them.
 */
import {
  MONEY_SCALE,
  type Money,
  max,
  min,
  ONE,
  product,
  quotient,
  type Rate,
  ZERO_MONEY,
} from '../basics/exact.ts';
import type { Asset, MarketId } from '../rules/market.ts';
import type { Leg } from './leg.ts';
import { type Exchange, type Pool, ratesOf } from './multiAsset.ts';
import {
  byMarket,
  indexSpan,
  type LossSetting,
  marketDelta,
  plusSpan,
  point,
  type Span,
} from './portfolioLoss.ts';
import { riskUnitOf } from '../rules/market.ts';

/** The asset whose inventory belongs to a risk unit: the first whose index is that market's; null where none is. */
export function spotAssetOf(pool: Pool, unit: MarketId): Asset | null {
  const found = Object.entries(pool.collateral?.assets ?? {}).find(
    ([asset, rule]) => rule.index === unit && asset !== pool.unit,
  );
  return found?.[0] ?? null;
}

/**
 * The part of an inventory that offsets derivatives of its underlying, base units, signed as the balance.
 *
 *   in use = balance, at most as much as the derivatives' delta on the other side
 *
 * Source: OKX, spot-derivatives risk offset. Inventory beyond that is collateral and bears no scenario.
 */
export function inUse(balance: Money, delta: Span): Span {
  const part = (of: Money): Money => {
    const wanted = of.neg();
    return max(min(wanted, max(balance, ZERO_MONEY)), min(balance, ZERO_MONEY));
  };
  return { least: part(delta.most), most: part(delta.least) };
}

/** What the inventory in use loses under a move: -in use * index * move, in the unit. */
export function spotLoss(used: Span, unit: MarketId, move: Rate, setting: LossSetting): Span {
  const { low, high } = indexSpan(setting, unit);
  const corners = [used.least, used.most].flatMap((amount) =>
    [low, high].map((index) => product<'money'>('money', amount, index).times(move).neg()),
  );
  return { least: corners.reduce(min), most: corners.reduce(max) };
}

/** The inventory of a risk unit that is in use; 0 where it has none. */
export function usedInventory(unit: MarketId, legs: readonly Leg[], setting: LossSetting): Span {
  const asset = spotAssetOf(setting.pool, unit);
  const balance = asset === null ? undefined : setting.pool.balances.get(asset);
  if (balance === undefined || balance.isZero()) return point(ZERO_MONEY);
  const delta = byMarket(legs).reduce(
    (total, group) => plusSpan(total, marketDelta(group, setting)),
    point(ZERO_MONEY),
  );
  return inUse(balance, delta);
}

/**
 * Spot inventory that is sold into the unit so that a derivatives position is kept: assets by what a sale
 * relieves per unit of value (their haircut, largest first, then as the rule book lists them), of each no
 * more than hedges nothing, until the shortage is covered. A sale at the bid turns amount * bid * (1 - haircut)
 * of counted equity into amount * bid.
 *
 *   amount = shortage / (bid * haircut), up; relief = amount * bid * haircut
 *
 * That the venue sells in this order is assumed: it documents that inventory is sold, not which first.
 *
 * @param shortage  maintenance less equity, in the unit, > 0
 * @returns         empty where no sale relieves anything
 */
export function spotSales(legs: readonly Leg[], shortage: Money, setting: LossSetting): Exchange[] {
  const { pool } = setting;
  const rules = Object.entries(pool.collateral?.assets ?? {}).filter(
    ([asset, rule]) => asset !== pool.unit && rule.haircut.isPositive(),
  );
  rules.sort(([, a], [, b]) => b.haircut.cmp(a.haircut)); // a stable sort keeps the rule book's order
  const plan: Exchange[] = [];
  let open = shortage;
  for (const [sold, { haircut, index }] of rules) {
    if (!open.isPositive()) break;
    const held = pool.balances.get(sold) ?? ZERO_MONEY;
    const own = index === null ? [] : legs.filter((leg) => riskUnitOf(leg.market) === index);
    const hedging = index === null ? ZERO_MONEY : usedInventory(index, own, setting).most;
    const free = held.minus(max(hedging, ZERO_MONEY));
    if (!free.isPositive()) continue;
    const { bid } = ratesOf(pool, sold);
    const each = bid.times(haircut);
    if (!each.isPositive()) continue;
    const amount = min(free, quotient<'money'>('money', open, each, MONEY_SCALE, 'up'));
    const exact = product<'money'>('money', amount, bid);
    const proceeds = quotient<'money'>('money', exact, ONE, MONEY_SCALE, 'down');
    if (!proceeds.isPositive()) continue;
    plan.push({ sold, amount, bought: pool.unit, proceeds });
    open = open.minus(product('money', amount, each));
  }
  return plan;
}
