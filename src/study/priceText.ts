/** The figures of a pocket as lines for a person: first what was asked, then the steps. */
import { cut, quotient, type Rate } from '../basics/exact.ts';
import { isPooled } from '../margin/portfolioVerdict.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import type { Alert, Bands, Lights, TimeLeft } from './priceAlerts.ts';
import {
  type MarketFigures,
  nearestReach,
  type PocketFigures,
  RATE_SCALE,
  type Reach,
  unitOf,
} from './priceFigures.ts';
import type { AskedPocket } from './pricePocket.ts';
import type { Velocity } from './priceSchema.ts';
import { venueRatio } from './priceSteps.ts';
import { legName, percent, priceUnit, qtyUnit, type Step, shown } from './priceWords.ts';

export interface PocketToTell {
  readonly asked: AskedPocket;
  readonly figures: PocketFigures;
  readonly rules: RuleSet;
  readonly bands: Bands;
  readonly alert: Alert;
  readonly lights: readonly Lights[];
  readonly times: readonly {
    readonly market: MarketFigures;
    readonly velocity: Velocity;
    readonly left: TimeLeft | null;
  }[];
  readonly steps: readonly Step[];
}

/** Label and what follows it, in two columns. */
type Line = readonly [label: string, text: string];

/** A pocket as lines. */
export function pocketText(told: PocketToTell): string[] {
  const { asked, figures, steps, times, lights } = told;
  const lines: Line[] = [
    ...figures.markets.flatMap((market) => priceLines(market, figures)),
    ...figures.legs.map(({ leg, bankruptcyPrice }): Line => {
      const at = bankruptcyPrice === null ? 'none' : `${bankruptcyPrice} ${priceUnit(leg.market)}`;
      return ['bankruptcy price', `${at} (${legName(leg)})`];
    }),
    ['margin ratio', ratioText(told)],
    ['distance to liquidation', distanceText(figures)],
    ['alert', alertText(told)],
    ...times.map((time): Line => ['time to liquidation', timeText(time)]),
    ...figures.legs.map(({ leg }, i): Line => ['ADL lights', `${lightsText(lights[i]!)} (${legName(leg)})`]),
  ];
  return [headline(asked, figures), ...inColumns(lines), '', ...stepLines(steps)];
}

const inColumns = (lines: readonly Line[]): string[] => {
  const width = Math.max(...lines.map(([label]) => label.length));
  return lines.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`);
};

function headline({ mode, pocket, forms }: AskedPocket, figures: PocketFigures): string {
  const legs = figures.legs.map(({ leg, mark }, i) => {
    const unit = priceUnit(leg.market);
    const prices = `entry ${forms[i]!.entry} ${unit}, mark ${mark} ${unit}`;
    return `${leg.side} ${leg.qty} ${qtyUnit(leg.market)} ${leg.market.id}, ${prices}`;
  });
  const backing = isPooled(pocket)
    ? [...pocket.pool.balances].map(([asset, amount]) => `${shown(amount)} ${asset}`).join(', ')
    : `${mode === 'cross' ? 'wallet' : 'margin'} ${shown(pocket.wallet)} ${unitOf(pocket)}`;
  return `${mode}: ${legs.join('; ')}; ${backing}`;
}

function priceLines(market: MarketFigures, { verdict }: PocketFigures): Line[] {
  const { id } = market.market;
  if (verdict.liquidatable)
    return [
      [
        'liquidation price',
        `liquidated at today's mark of ${market.mark} ${priceUnit(market.market)} (${id})`,
      ],
    ];
  const sides = [market.low, market.high].flatMap((reach) => (reach === null ? [] : [reach]));
  if (sides.length === 0) return [['liquidation price', `none (${id})`]];
  return sides.map((reach): Line => {
    const unit = priceUnit(market.market);
    const tick = reach.onTick === null ? '' : `, on the tick ${reach.onTick}`;
    return ['liquidation price', `${reach.price} ${unit} ${reach.direction} the mark${tick} (${id})`];
  });
}

function ratioText({ figures, rules }: PocketToTell): string {
  const { over, under, formula } = venueRatio(rules, figures);
  const terms = `${shown(over)} / ${shown(under)} ${unitOf(figures.pocket)}: ${formula}`;
  if (!under.isPositive()) return `none, ${terms}`;
  return `${percent(quotient('rate', over, under, RATE_SCALE, 'even'))} = ${terms}`;
}

const spanText = (reach: Reach, { market }: MarketFigures, { pocket }: PocketFigures): string =>
  `${percent(reach.share)} = ${shown(reach.distance)} ${priceUnit(market)} of price ${reach.direction} the mark, ` +
  `${shown(reach.cost)} ${unitOf(pocket)} of equity`;

function distanceText(figures: PocketFigures): string {
  const nearest = nearestReach(figures);
  if (nearest === null) return 'none: no mark liquidates this';
  const { equity, maintenance } = figures.verdict;
  const headroom = `headroom ${shown(equity.minus(maintenance))} ${unitOf(figures.pocket)}`;
  return `${spanText(nearest.reach, nearest.market, figures)}; ${headroom}`;
}

function alertText({ alert, bands: { ratio, distance } }: PocketToTell): string {
  const ratioBands = `warning from ${percent(ratio.warning)}, critical from ${percent(ratio.critical)}`;
  const below = `warning below ${percent(distance.warning)}, critical below ${percent(distance.critical)}`;
  const said = `maintenance / equity ${alert.ratio} (${ratioBands}), distance ${alert.distance} (${below})`;
  return `${alert.level.toUpperCase()}: ${said}`;
}

function timeText({ market, velocity, left }: PocketToTell['times'][number]): string {
  const at = `at ${velocity.text} (${market.market.id}, other markets standing still)`;
  if (left === null) return `never ${at}: no liquidation price that way`;
  return `${left.seconds} s = ${clock(left.seconds)} ${at}`;
}

/** Whole seconds as hours, minutes and seconds, cut downward. */
function clock(seconds: Rate): string {
  const whole = cut(seconds, 0, 'down').n;
  const [h, min, s] = [whole / 3600n, (whole / 60n) % 60n, whole % 60n];
  return `${h > 0n ? `${h} h ` : ''}${whole >= 60n ? `${min} min ` : ''}${s} s`;
}

function lightsText(lights: Lights): string {
  if ('why' in lights) return lights.lights === null ? lights.why : `0 of 5: ${lights.why}`;
  const score = lights.score === null ? '' : `, score ${shown(lights.score)}`;
  return `${lights.lights} of 5: rank ${lights.rank} of ${lights.winners} winners${score}`;
}

function stepLines(steps: readonly Step[]): string[] {
  const width = Math.max(...steps.map(({ step }) => step.length));
  return [
    '  steps',
    ...steps.map(({ step, formula, value, unit }) =>
      `    ${step.padEnd(width)}  ${formula} = ${value} ${unit}`.trimEnd(),
    ),
  ];
}
