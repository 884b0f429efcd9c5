/**
 * The calculator: one account under one rule set, as text and as JSON. It asks src/margin, as the
 * engine does, so what it prints is what a replay would do with the account at these marks.
 */
import { ReplayError } from '../basics/errors.ts';
import { type Exact, type Rate, rate, type Unit } from '../basics/exact.ts';
import { readRules } from '../rules/readRules.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import { type Bands, alertOf, type Lights, lightsOf, timeLeft } from './priceAlerts.ts';
import { type LegFigures, type MarketFigures, pocketFigures, type Reach, unitOf } from './priceFigures.ts';
import { type AskedPocket, pocketsOf } from './pricePocket.ts';
import { isJudgedWhole } from './pricePool.ts';
import type { AccountForm } from './priceSchema.ts';
import { stepsOf, venueRatio } from './priceSteps.ts';
import { pocketText } from './priceText.ts';

export interface PriceRequest {
  readonly account: AccountForm;
  /** Id or file; the account's own, or the default, where it is not given. */
  readonly rules?: string;
  readonly overrides: readonly string[];
  readonly bands: Bands;
}

export interface Priced {
  readonly lines: readonly string[];
  /** The same as JSON: decimals as texts, prices and money in the units that are named beside them. */
  readonly json: unknown;
}

const DEFAULT_RULES = 'binance-usdm@2021-05';

/**
 * Bands as typed: `warning,critical` of the ratio, ascending, and `critical,warning` of the distance, ascending.
 *
 * @throws ReplayError SCENARIO_INVALID
 */
export function bandsOf(ratio: string, distance: string): Bands {
  const [ratioWarning, ratioCritical] = pairOf(ratio, '--alert-ratio', '0.5,0.8');
  const [distanceCritical, distanceWarning] = pairOf(distance, '--alert-distance', '0.01,0.03');
  return {
    ratio: { warning: ratioWarning, critical: ratioCritical },
    distance: { warning: distanceWarning, critical: distanceCritical },
  };
}

function pairOf(text: string, flag: string, example: string): readonly [Rate, Rate] {
  const parts = text.split(',').map((part) => part.trim());
  const isPair = parts.length === 2 && parts.every((part) => /^\d+(\.\d+)?$/.test(part));
  const [low, high] = isPair ? parts.map(rate) : [];
  if (low !== undefined && high !== undefined && low.lte(high)) return [low, high];
  const message = `not two ascending fractions: ${JSON.stringify(text)}`;
  throw new ReplayError('SCENARIO_INVALID', message, { path: flag }, `Write for example ${flag} ${example}.`);
}

/**
 * Prices an account.
 *
 * @throws ReplayError RULES_INVALID for the rules, SCENARIO_INVALID with the path inside the account
 */
export function priceAccount({ account, rules: asked, overrides, bands }: PriceRequest): Priced {
  const rules = readRules(asked ?? account.rules ?? DEFAULT_RULES, { overrides });
  const priced = pocketsOf(account, rules).map((pocket) => pricePocket(pocket, { rules, bands }));
  const notes = notesOf(account, rules);
  const title = `${rules.id}: ${rules.title}`;
  return {
    lines: [title, ...notes, ...priced.flatMap(({ lines }) => ['', ...lines])],
    json: { rules: rules.id, notes, pockets: priced.map(({ json }) => json) },
  };
}

/** What the figures leave out. */
function notesOf(account: AccountForm, rules: RuleSet): string[] {
  const { mode, indexes, balances } = account;
  const isWhole = isJudgedWhole(account, rules);
  return [
    ...(rules.unverified === true
      ? ['These rules are unverified: no published example was reproduced.']
      : []),
    ...(mode === 'cross' && rules.collateral !== undefined && balances === undefined
      ? [`The wallet is taken to be valued in ${rules.collateral.unit} already, haircuts included.`]
      : []),
    ...(isWhole && Object.keys(indexes).length === 0
      ? ['No index is stated: that of each market is taken to be its mark.']
      : []),
    ...(isWhole && rules.portfolio !== undefined && rules.portfolio.kind === 'okx'
      ? ['Volatility shocks are assumed.']
      : []),
    ...(rules.schedule !== undefined && rules.schedule.length > 0
      ? ['These rules change at an instant; the figures are by what holds before it.']
      : []),
  ];
}

function pricePocket(
  asked: AskedPocket,
  by: { readonly rules: RuleSet; readonly bands: Bands },
): { readonly lines: readonly string[]; readonly json: unknown } {
  const { rules, bands } = by;
  const figures = pocketFigures(asked, rules);
  const alert = alertOf(figures, bands);
  const lights = figures.legs.map((leg, i) => lightsOf(leg, asked.forms[i]!, { rules, figures }));
  const times = figures.markets.flatMap((market) => {
    const velocity = asked.velocities[market.market.id];
    return velocity === undefined ? [] : [{ market, velocity, left: timeLeft(market, velocity) }];
  });
  const steps = stepsOf(asked, figures, rules);
  const { over, under, formula } = venueRatio(rules, figures);
  return {
    lines: pocketText({ asked, figures, rules, bands, alert, lights, times, steps }),
    json: {
      mode: asked.mode,
      unit: unitOf(figures.pocket),
      wallet: String(figures.pocket.wallet),
      equity: String(figures.verdict.equity),
      maintenance: String(figures.verdict.maintenance),
      headroom: String(figures.verdict.equity.minus(figures.verdict.maintenance)),
      notional: String(figures.verdict.notional),
      available: String(figures.available),
      liquidatable: figures.verdict.liquidatable,
      ratio: textOf(figures.ratio),
      venueRatio: { formula, over: String(over), under: String(under) },
      markets: figures.markets.map(marketJson),
      legs: figures.legs.map((leg, i) => legJson(leg, lights[i]!)),
      alert: { ...alert, bands: bandsJson(bands) },
      timeToLiquidation: times.map(({ market, velocity, left }) => ({
        market: market.market.id,
        velocity: velocity.text,
        seconds: left === null ? null : String(left.seconds),
        price: left === null ? null : String(left.reach.price),
      })),
      steps,
    },
  };
}

const textOf = (amount: Exact<Unit> | null): string | null => (amount === null ? null : String(amount));

const reachJson = (reach: Reach | null): unknown =>
  reach === null
    ? null
    : {
        price: String(reach.price),
        onTick: textOf(reach.onTick),
        distance: String(reach.distance),
        distanceShare: String(reach.share),
        equityLost: String(reach.cost),
      };

const marketJson = ({ market, mark, low, high }: MarketFigures): unknown => ({
  market: market.id,
  contract: market.kind,
  mark: String(mark),
  liquidationBelow: reachJson(low),
  liquidationAbove: reachJson(high),
});

const legJson = (figures: LegFigures, lights: Lights): unknown => ({
  market: figures.leg.market.id,
  side: figures.leg.side,
  qty: String(figures.leg.qty),
  entryValue: String(figures.leg.entryValue),
  value: String(figures.value),
  unrealizedPnl: String(figures.profit),
  tier: figures.terms.tier + 1,
  tiers: figures.leg.rules.tiers.length,
  maintenanceRate: String(figures.terms.maintenanceRate),
  maintenanceDeduction: String(figures.terms.deduction),
  closingFee: textOf(figures.leg.rules.closingFee ?? null),
  maintenance: String(figures.maintenance),
  initialMargin: String(figures.initial),
  bankruptcyPrice: textOf(figures.bankruptcyPrice),
  adl: 'score' in lights ? { ...lights, score: textOf(lights.score) } : lights,
});

const bandsJson = ({ ratio, distance }: Bands): unknown => ({
  ratio: { warning: String(ratio.warning), critical: String(ratio.critical) },
  distance: { warning: String(distance.warning), critical: String(distance.critical) },
});
