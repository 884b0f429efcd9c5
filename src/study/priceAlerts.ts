/**
 * What somebody watching an account wants to be told: which band its ratio and its distance to
 * liquidation are in, how long a stated velocity leaves, and its lights in the queue of winners.
 */
import { isRanked, type Ranking, exactScore, lights } from '../adl/ranking.ts';
import { as, type Money, product, quotient, type Rate } from '../basics/exact.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import {
  type LegFigures,
  type MarketFigures,
  nearestReach,
  type PocketFigures,
  type Reach,
} from './priceFigures.ts';
import type { LegForm, Velocity } from './priceSchema.ts';

export type Level = 'ok' | 'warning' | 'critical' | 'liquidatable';

/** Bands as fractions: at or above a ratio, below a distance. */
export interface Bands {
  readonly ratio: { readonly warning: Rate; readonly critical: Rate };
  readonly distance: { readonly warning: Rate; readonly critical: Rate };
}

export interface Alert {
  readonly level: Level;
  /** By the ratio alone, and by the distance alone. */
  readonly ratio: Level;
  readonly distance: Level;
}

/**
 * The band of a pocket, judged without division.
 *
 *   ratio     maintenance >= band * equity; an equity not above 0 is beyond every band
 *   distance  |mark - liquidation price| < band * mark
 */
export function alertOf(figures: PocketFigures, bands: Bands): Alert {
  const { equity, maintenance, liquidatable } = figures.verdict;
  const nearest = nearestReach(figures);
  const reaches = (band: Rate): boolean => !equity.isPositive() || equity.times(band).lte(maintenance);
  const within = (band: Rate): boolean =>
    nearest?.reach.distance.lt(nearest.market.mark.times(band)) === true;
  const ratio = levelOf(liquidatable, bands.ratio, reaches);
  const distance = levelOf(liquidatable, bands.distance, within);
  const order: readonly Level[] = ['ok', 'warning', 'critical', 'liquidatable'];
  return { level: order[Math.max(order.indexOf(ratio), order.indexOf(distance))]!, ratio, distance };
}

function levelOf(
  liquidatable: boolean,
  bands: { readonly warning: Rate; readonly critical: Rate },
  holds: (band: Rate) => boolean,
): Level {
  if (liquidatable) return 'liquidatable';
  if (holds(bands.critical)) return 'critical';
  return holds(bands.warning) ? 'warning' : 'ok';
}

/** Decimal places of a number of seconds: microseconds, the clock of this program. */
const SECOND_SCALE = 6;

export interface TimeLeft {
  readonly reach: Reach;
  /** Cut downward to microseconds. */
  readonly seconds: Rate;
}

/**
 * Time until a mark that moves steadily reaches the liquidation price on its way, others standing still.
 *
 *   seconds = distance * seconds of the velocity / |move|
 *
 * @returns  null when there is no liquidation price that way; 0 when it is reached already
 */
export function timeLeft(market: MarketFigures, { move, seconds }: Velocity): TimeLeft | null {
  const reach = move.isNegative() ? market.low : market.high;
  if (reach === null) return null;
  const span = product('rate', reach.distance, seconds);
  return { reach, seconds: quotient('rate', span, move.abs(), SECOND_SCALE, 'down') };
}

/** Lights of a leg, or why there are none. */
export type Lights =
  | { readonly lights: number; readonly rank: number; readonly winners: number; readonly score: Rate | null }
  | { readonly lights: 0; readonly why: string }
  | { readonly lights: null; readonly why: string };

/** Decimal places of a printed score. */
const SCORE_SCALE = 12;

/**
 * ADL lights of a leg: 5 for the first fifth of the winners of its side, 1 for the last.
 *
 * The rank is stated, or found among the scores of the other winners by the leg's own score under the
 * rules; equal scores share the better rank.
 *
 * Source: BitMEX ADL indicator (steps of 20 %); Binance `adlQuantile` 0 .. 4 is lights - 1.
 */
export function lightsOf(
  leg: LegFigures,
  form: LegForm,
  by: { readonly rules: RuleSet; readonly figures: PocketFigures },
): Lights {
  const { ranking } = by.rules.adl;
  if (!isRanked(ranking)) return { lights: null, why: `the rules rank nobody (${ranking})` };
  if (form.adl === undefined)
    return {
      lights: null,
      why: 'not computable from one account: state its rank or the scores of the others',
    };
  if (!leg.profit.isPositive()) return { lights: 0, why: 'not in profit, so not in the queue' };
  const { rank, winners, scores } = form.adl;
  if (rank !== undefined && winners !== undefined)
    return { lights: lights(rank, winners), rank, winners, score: null };
  const { over, under } = exactScore(ranking as Ranking, scoreInput(leg, by.figures));
  const others = scores ?? [];
  const ahead = others.filter((other) => over.lt(product('money', as('money', other), under))).length;
  const count = others.length + 1;
  const score = quotient<'rate'>('rate', over, under, SCORE_SCALE, 'even');
  return { lights: lights(ahead + 1, count), rank: ahead + 1, winners: count, score };
}

function scoreInput(leg: LegFigures, figures: PocketFigures): Parameters<typeof exactScore>[1] {
  const { market, side, entryValue, rules } = leg.leg;
  const { equity, maintenance, notional } = figures.verdict;
  const value: Money = leg.value;
  return {
    profit: leg.profit,
    wallet: figures.pocket.wallet,
    maintenance,
    equity,
    notional,
    value,
    entryValue,
    margin: leg.share,
    fee: value.times(rules.bankruptcy.feeRate),
    gains: (side === 'long') === (market.kind === 'linear'),
  };
}
