/**
 * The verdict about an account that is one pocket over several assets, or margined by scenarios: equity
 * and requirement in its unit of account. The same functions over a box of prices give the worst that can
 * be while every price lies in it, from which the screen takes its band.
 */
import {
  type Money,
  MONEY_SCALE,
  max,
  min,
  ONE,
  type Price,
  product,
  quotient,
  rate,
  type Rate,
  sum,
  ZERO_MONEY,
  ZERO_RATE,
} from '../basics/exact.ts';
import type { Asset, MarketId } from '../rules/market.ts';
import { indexMarketOf, isOption } from '../rules/market.ts';
import { type Leg, type Marks, type Pocket, unrealizedPnl } from './leg.ts';
import { initialMargin, legMaintenance } from './maintenance.ts';
import { countedValue, indexValue, inAsset, type Pool } from './multiAsset.ts';
import {
  byMarket,
  doubt,
  grossNotional,
  inUnit,
  type LossSetting,
  type MarketLegs,
  type PriceBox,
} from './portfolioLoss.ts';
import { unitRequirements } from './portfolioRules.ts';
import { spotAssetOf } from './portfolioSpot.ts';

/** A pocket of which `pool` says how its assets count. */
export type PooledPocket = Pocket & { readonly pool: Pool };

export const isPooled = (pocket: Pocket): pocket is PooledPocket => pocket.pool !== undefined;

export interface WholeAccount {
  /** Counted balances plus profit, in the unit: the least of it over the box. */
  readonly equity: Money;
  /** Requirement, in the unit: the most of it over the box. */
  readonly maintenance: Money;
}

/** The box of one moment. */
const now = (pocket: PooledPocket, marks: Marks): PriceBox => {
  const prices = { mark: marks, index: pocket.pool.index };
  return { low: prices, high: prices };
};

/**
 * Equity and requirement over a box of prices.
 *
 *   equity       sum over assets of balance * rate * (1 - haircut) + sum over assets of profit * rate
 *   requirement  by scenarios (`portfolio`) with a share of debts, else the sum of the legs' tier maintenance at the
 *                index
 *
 * Source: Binance multi-assets FAQ c983a9268cfa4e70a4916c276bb3b7bc, Bybit UTA trading rules (total MM against
 * margin balance), OKX and Deribit portfolio margin.
 */
export function wholeAccount(pocket: PooledPocket, box: PriceBox): WholeAccount {
  const { pool, legs } = pocket;
  const range = { low: box.low.index, high: box.high.index };
  let equity = ZERO_MONEY;
  for (const [asset, amount] of pool.balances)
    equity = equity.plus(countedValue(pool, { asset, amount, what: 'balance' }, range));
  for (const [asset, amount] of profitByAsset(byMarket(legs), box))
    equity = equity.plus(countedValue(pool, { asset, amount, what: 'profit' }, range));
  const { positions, debts } = required(pocket, box);
  return { equity, maintenance: positions.plus(debts.times(borrowingOf(pool).maintenance)) };
}

const NO_CHARGE = { maintenance: ZERO_RATE, initial: ZERO_RATE };

/** What debts must keep, as shares of them. */
const borrowingOf = ({ portfolio }: Pool): { readonly maintenance: Rate; readonly initial: Rate } =>
  (portfolio?.kind === 'okx' ? portfolio.borrowing : undefined) ?? NO_CHARGE;

/** What positions ask for, and what is owed (0 where debts are free): both at most over the box, in the unit. */
function required(pocket: PooledPocket, box: PriceBox): { readonly positions: Money; readonly debts: Money } {
  const { pool, legs } = pocket;
  const positions = requirement(legs, { pool, box });
  return { positions, debts: borrowingOf(pool) === NO_CHARGE ? ZERO_MONEY : debtsOf(pocket, box) };
}

/**
 * Value of all assets of which an account has less than nothing, profit included, in the unit, at the index.
 *
 * Source: OKX, position builder (docs-v5): an availEq of -78,589.37 USDT is the borrowing.
 */
export function debtsOf({ pool, legs }: PooledPocket, box: PriceBox): Money {
  const least = new Map(pool.balances);
  for (const [asset, profit] of profitByAsset(byMarket(legs), box))
    least.set(asset, (least.get(asset) ?? ZERO_MONEY).plus(profit));
  let debts = ZERO_MONEY;
  for (const [settle, amount] of least) {
    if (!amount.isNegative()) continue;
    const owed = amount.neg();
    debts = debts.plus(inUnit({ least: owed, most: owed }, { settle }, { pool, box }).most);
  }
  return debts;
}

/** Least profit of each settlement asset over the box. */
function profitByAsset(groups: readonly MarketLegs[], box: PriceBox): Map<Asset, Money> {
  const profits = new Map<Asset, Money>();
  for (const group of groups) {
    const { market, legs } = group;
    const at = (marks: Marks): Money => sum(legs.map((leg) => unrealizedPnl(leg, marks(market.id))));
    const first = at(box.low.mark);
    const least = box.low === box.high ? first : min(first, at(box.high.mark)).minus(doubt(group, box));
    profits.set(market.settle, (profits.get(market.settle) ?? ZERO_MONEY).plus(least));
  }
  return profits;
}

function requirement(legs: readonly Leg[], setting: LossSetting): Money {
  const { pool, box } = setting;
  if (pool.portfolio !== undefined)
    return sum(unitRequirements(legs, pool.portfolio, setting).map((unit) => unit.total));
  let total = ZERO_MONEY;
  for (const leg of legs) {
    const { id } = leg.market;
    const kept = legMaintenance(leg, box.low.mark(id));
    const most = box.low === box.high ? kept : max(kept, legMaintenance(leg, box.high.mark(id)));
    total = total.plus(inUnit({ least: most, most }, leg.market, setting).most);
  }
  return total;
}

/** Equity, requirement and gross notional of a whole account now; all in its unit. */
export function judgeWhole(pocket: PooledPocket, marks: Marks): WholeAccount & { readonly notional: Money } {
  const box = now(pocket, marks);
  const setting = { pool: pocket.pool, box };
  const notional = byMarket(pocket.legs).reduce(
    (total, group) => total.plus(grossNotional(group, setting).most),
    ZERO_MONEY,
  );
  return { ...wholeAccount(pocket, box), notional };
}

/**
 * Equity less initial requirement (scenarios: requirement of the positions * initialFactor, and the initial share of
 * debts) less order margin; the unit, signed.
 */
export function availableWhole(pocket: PooledPocket, marks: Marks): Money {
  const { pool, legs } = pocket;
  const box = now(pocket, marks);
  const { equity } = wholeAccount(pocket, box);
  let initial = ZERO_MONEY;
  if (pool.portfolio !== undefined) {
    const { positions, debts } = required(pocket, box);
    initial = positions.times(pool.portfolio.initialFactor).plus(debts.times(borrowingOf(pool).initial));
  } else
    initial = sum(
      legs.map((leg) => indexValue(pool, leg.market.settle, initialMargin(leg, marks(leg.market.id)))),
    );
  return equity.minus(initial).minus(pocket.orderMargin);
}

/**
 * What each leg brings into its bankruptcy price, in its own settlement asset: its share of the account's
 * equity less its own profit. Shares go by tier maintenance at the index, by notional where that is 0; the last
 * leg takes the rest.
 */
export function wholeShares(pocket: PooledPocket, marks: Marks): Money[] {
  const { pool, legs } = pocket;
  const setting = { pool, box: now(pocket, marks) };
  const { equity } = wholeAccount(pocket, setting.box);
  let weights = legs.map((leg) =>
    indexValue(pool, leg.market.settle, legMaintenance(leg, marks(leg.market.id))),
  );
  if (!sum(weights).isPositive())
    weights = legs.map((leg) => grossNotional({ market: leg.market, legs: [leg] }, setting).most);
  const total = sum(weights);
  let given = ZERO_MONEY;
  return legs.map((leg, i) => {
    const isLast = i === legs.length - 1 || total.isZero();
    const share = isLast
      ? equity.minus(given)
      : quotient<'money'>('money', product('money', equity, weights[i]!), total, MONEY_SCALE, 'down');
    given = given.plus(share);
    return inAsset(pool, leg.market.settle, share).minus(unrealizedPnl(leg, marks(leg.market.id)));
  });
}

/** The pool after an amount of an asset was added. */
export function withBalance(pool: Pool, asset: Asset, amount: Money): Pool {
  const balances = new Map(pool.balances);
  balances.set(asset, (balances.get(asset) ?? ZERO_MONEY).plus(amount));
  return { ...pool, balances };
}

/**
 * Which leg is closed next: futures before options (Deribit, OKX: documented); among them the one without which
 * the account stands best at today's marks, the first among equals.
 */
export function legToClose(pocket: PooledPocket, marks: Marks): number {
  const futures = pocket.legs.filter((leg) => !isOption(leg.market));
  const candidates = futures.length > 0 ? futures : pocket.legs;
  let best = -1;
  let bestRoom = ZERO_MONEY;
  for (const [i, leg] of pocket.legs.entries()) {
    if (!candidates.includes(leg)) continue;
    const room = roomWithout(pocket, leg, marks);
    if (best >= 0 && room.lte(bestRoom)) continue;
    best = i;
    bestRoom = room;
  }
  return best;
}

/** Equity less requirement after a leg was closed at its mark. */
function roomWithout(pocket: PooledPocket, closed: Leg, marks: Marks): Money {
  const pnl = unrealizedPnl(closed, marks(closed.market.id));
  const rest = {
    ...pocket,
    legs: pocket.legs.filter((leg) => leg !== closed),
    pool: withBalance(pocket.pool, closed.market.settle, pnl),
  };
  const { equity, maintenance } = wholeAccount(rest, now(rest, marks));
  return equity.minus(maintenance);
}

/** A price that decides about an account, and how far it may move. */
export interface BandLevel {
  readonly market: MarketId;
  readonly what: 'mark' | 'index';
}

/** Bands that are tried, widest first. */
const LADDER: readonly Rate[] = [
  ...['0.5', '0.35', '0.25', '0.18', '0.13', '0.1', '0.07', '0.05', '0.035', '0.025'],
  ...['0.018', '0.013', '0.01', '0.007', '0.005', '0.0035', '0.0025', '0.0015', '0.001', '0.0005', '0.0002'],
].map((text) => rate(text));

/**
 * How far, relative to today, every mark and index of an account may move, in any combination, before it can
 * possibly fail: the widest of a ladder of bands at whose worst corner equity is still above the requirement.
 * Every band is judged exactly, so it is sound whatever the ladder; options lose value by time alone, so an
 * account that holds one has no band.
 *
 * @returns  null: judge it at every mark
 */
export function safeBandOf(pocket: PooledPocket, marks: Marks): Rate | null {
  if (pocket.legs.some((leg) => isOption(leg.market))) return null;
  let [low, high] = [0, LADDER.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(pocket, marks, LADDER[middle]!)) high = middle;
    else low = middle + 1;
  }
  return LADDER[low] ?? null;
}

function holds(pocket: PooledPocket, marks: Marks, move: Rate): boolean {
  const scaled = (of: (id: MarketId) => Price, by: Rate) => (id: MarketId) => of(id).times(by);
  const side = (by: Rate) => ({ mark: scaled(marks, by), index: scaled(pocket.pool.index, by) });
  const { equity, maintenance } = wholeAccount(pocket, {
    low: side(ONE.minus(move)),
    high: side(ONE.plus(move)),
  });
  return maintenance.lt(equity);
}

/** Every price that the verdict about an account reads. */
export function levelsOf({ pool, legs }: PooledPocket): BandLevel[] {
  const marks = new Set(legs.map((leg) => leg.market.id));
  const indexes = new Set<MarketId>();
  const assets = new Set([...pool.balances.keys(), ...legs.map((leg) => leg.market.settle)]);
  for (const asset of assets) {
    const index = asset === pool.unit ? null : (pool.collateral?.assets[asset]?.index ?? null);
    if (index !== null) indexes.add(index);
  }
  for (const leg of legs) {
    if (pool.portfolio === undefined) continue;
    const unit = indexMarketOf(leg.market);
    const byIndex = pool.portfolio.kind === 'okx' && pool.portfolio.shockOf === 'index';
    if (byIndex || isOption(leg.market) || spotAssetOf(pool, unit) !== null) indexes.add(unit);
  }
  return [
    ...[...marks].map((market) => ({ market, what: 'mark' }) as const),
    ...[...indexes].map((market) => ({ market, what: 'index' }) as const),
  ];
}
