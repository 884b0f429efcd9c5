/**
 * The arithmetic behind the figures, one line a step: what was computed, from which numbers, in which
 * unit. The numbers are those of priceFigures; nothing here decides anything.
 */
import { type Exact, PRICE_SCALE, unscaled, ZERO_MONEY } from '../basics/exact.ts';
import { formatInstant } from '../basics/instant.ts';
import type { Leg } from '../margin/leg.ts';
import { isContinuous, legMaintenance, legTerms } from '../margin/maintenance.ts';
import { isPooled } from '../margin/portfolioVerdict.ts';
import { SEARCH_STEP } from '../margin/wholePrices.ts';
import { type Market, riskUnitOf } from '../rules/market.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import {
  type LegFigures,
  type MarketFigures,
  type PocketFigures,
  type Reach,
  unitOf,
} from './priceFigures.ts';
import type { AskedPocket } from './pricePocket.ts';
import { wholeAccountSteps } from './pricePoolSteps.ts';
import type { LegForm } from './priceSchema.ts';
import { legName, percent, priceUnit, qtyUnit, type Step, shown } from './priceWords.ts';

/** Venues that print equity / requirement, and liquidate when it falls to 100 %. */
const EQUITY_OVER = ['okx', 'gate'];

/** A pocket's ratio as its venue prints it: the two terms, and what they are called. */
export function venueRatio(
  rules: RuleSet,
  { pocket, verdict }: PocketFigures,
): { readonly over: Exact<'money'>; readonly under: Exact<'money'>; readonly formula: string } {
  const { equity, maintenance } = verdict;
  const keeps = isPooled(pocket) ? 'maintenance' : '(maintenance + closing fee)';
  return EQUITY_OVER.includes(rules.venue)
    ? {
        over: equity,
        under: maintenance,
        formula: `equity / ${keeps}, liquidated at 100 % or less`,
      }
    : { over: maintenance, under: equity, formula: 'maintenance / equity, liquidated at 100 %' };
}

/** The steps of one pocket, in the order in which they are taken. */
export function stepsOf(asked: AskedPocket, figures: PocketFigures, rules: RuleSet): Step[] {
  const { pocket, verdict } = figures;
  const settle = unitOf(pocket);
  const cross = asked.mode === 'cross';
  const profits = figures.legs.map(({ profit }) => signed(profit)).join('');
  const name = cross ? 'wallet' : 'margin';
  const markets = new Map(figures.legs.map(({ leg: { market } }) => [market.id, market]));
  const opening = [
    ...[...markets.values()].map((market) => contractStep(market, asked.contractSource(market.id))),
    ...figures.legs.map(({ leg }, i) => openingStep(leg, asked.forms[i]!)),
  ];
  const closing = [
    {
      step: 'verdict',
      formula: `${shown(verdict.equity)} ${rules.trigger.inclusive ? '<=' : '<'} ${shown(verdict.maintenance)}`,
      value: verdict.liquidatable ? 'liquidated' : 'not liquidated',
      unit: '',
    },
    ...figures.markets.flatMap((market) => reachSteps(market, figures)),
    ...figures.legs.map((leg) => bankruptcyStep(leg, cross)),
  ];
  if (isPooled(pocket)) {
    const worth = figures.legs.flatMap((leg) => legSteps(leg).slice(0, 2));
    const whole = wholeAccountSteps(pocket, { marks: asked.marks, legs: figures.legs, verdict });
    return [...opening, ...worth, ...whole, ...closing];
  }
  return [
    ...opening,
    { step: name, formula: marginFormula(asked), value: shown(pocket.wallet), unit: settle },
    ...figures.legs.flatMap(legSteps),
    {
      step: 'equity',
      formula: `${shown(pocket.wallet)}${profits}`,
      value: shown(verdict.equity),
      unit: settle,
    },
    {
      step: 'maintenance of the pocket',
      formula: figures.legs.map((leg) => shown(leg.maintenance)).join(' + '),
      value: shown(verdict.maintenance),
      unit: settle,
    },
    ...closing,
  ];
}

function marginFormula({ mode, pocket, forms }: AskedPocket): string {
  if (mode === 'cross' || forms[0]!.leverage === undefined) return 'stated';
  return `${shown(pocket.legs[0]!.entryValue)} / ${forms[0]!.leverage}`;
}

/** `1 x 80000` or `5000 x 1 / 8000`. */
const valueFormula = ({ market, qty }: Leg, at: Exact<'price'>): string =>
  market.kind === 'linear' ? `${qty} x ${at}` : `${qty} x ${market.faceValue} / ${at}`;

/** ` + 5` or ` - 5`. */
const signed = (amount: Exact<'money'>): string =>
  amount.isNegative() ? ` - ${shown(amount.abs())}` : ` + ${shown(amount)}`;

const derivedText = ({ derived }: Market): string => {
  if (derived === undefined) return '';
  const until = `, expires ${formatInstant(derived.expiryUs)}`;
  if (derived.kind === 'future') return `future at index x (1 + ${derived.basis})${until}, `;
  const { right, strike, volatility, premium } = derived;
  return `${right} at ${strike}, volatility ${percent(volatility)}, priced in ${premium}${until}, `;
};

const contractStep = (market: Market, source: string): Step => ({
  step: `contract ${market.id}`,
  formula: `${derivedText(market)}${market.kind}, tick ${market.priceTick}, lot ${market.qtyStep} (${source})`,
  value:
    market.kind === 'linear' ? market.settle : `${market.faceValue} quote units, paid in ${market.settle}`,
  unit: '',
});

const openingStep = (leg: Leg, form: LegForm): Step => ({
  step: `entry value, ${legName(leg)}`,
  formula: valueFormula(leg, form.entry),
  value: shown(leg.entryValue),
  unit: leg.market.settle,
});

function legSteps(figures: LegFigures): Step[] {
  const { leg, mark, value, profit, terms, maintenance } = figures;
  const { market, rules, entryValue } = leg;
  const name = legName(leg);
  const gains = (leg.side === 'long') === (market.kind === 'linear');
  const [first, second] = gains ? [value, entryValue] : [entryValue, value];
  const row = rules.tiers[terms.tier]!;
  const below = rules.tiers[terms.tier - 1]?.upTo ?? ZERO_MONEY;
  const keyed =
    rules.tierKey === 'qty' ? `${leg.qty} ${qtyUnit(market)}` : `${shown(terms.notional)} ${market.settle}`;
  const last = terms.tier === rules.tiers.length - 1;
  const bounds = `above ${shown(below)}${last ? '' : ` up to ${shown(row.upTo)}`}`;
  const size = market.kind === 'linear' ? leg.qty : terms.notional;
  const slope = rules.sizeSlope;
  return [
    {
      step: `value at mark, ${name}`,
      formula: valueFormula(leg, mark),
      value: shown(value),
      unit: market.settle,
    },
    {
      step: `unrealized profit, ${name}`,
      formula: `${shown(first)} - ${shown(second)}`,
      value: shown(profit),
      unit: market.settle,
    },
    {
      step: `tier, ${name}`,
      formula: `${keyed} at ${rules.notionalAt}: tier ${terms.tier + 1} of ${rules.tiers.length}, ${bounds}`,
      value: percent(row.maintenanceRate),
      unit: '',
    },
    ...(slope === undefined
      ? []
      : [
          {
            step: `rate, ${name}`,
            formula: `${percent(row.maintenanceRate)} + ${percent(slope.maintenance)} x ${shown(size)}`,
            value: percent(terms.maintenanceRate),
            unit: '',
          },
        ]),
    {
      step: `maintenance, ${name}`,
      formula: maintenanceFormula(figures),
      value: shown(maintenance),
      unit: market.settle,
    },
    {
      step: `initial margin, ${name}`,
      formula: `${shown(terms.notional)} x ${shown(terms.initialRate)}${roundedUp(leg)}`,
      value: shown(figures.initial),
      unit: market.settle,
    },
  ];
}

const roundedUp = ({ rules }: Leg): string =>
  rules.requirementScale === undefined ? '' : `, up to ${rules.requirementScale} decimal places`;

/** `r`, or `(r + fee)` where the requirement includes the closing fee. */
const rateText = (own: Exact<'rate'>, { rules }: Leg): string =>
  rules.closingFee === undefined ? shown(own) : `(${shown(own)} + ${rules.closingFee} closing fee)`;

const maintenanceFormula = ({ leg, terms }: LegFigures): string =>
  `${shown(terms.notional)} x ${rateText(terms.maintenanceRate, leg)} - ${shown(terms.deduction)}${roundedUp(leg)}`;

function reachSteps(market: MarketFigures, figures: PocketFigures): Step[] {
  const unit = priceUnit(market.market);
  const sides = [market.low, market.high].flatMap((reach) => (reach === null ? [] : [reach]));
  if (figures.verdict.liquidatable)
    return [
      { step: `liquidation price, ${market.market.id}`, formula: 'today', value: shown(market.mark), unit },
    ];
  if (sides.length === 0)
    return [
      {
        step: `liquidation price, ${market.market.id}`,
        formula: 'no mark is low or high enough',
        value: 'none',
        unit: '',
      },
    ];
  return sides.flatMap((reach): Step[] => [
    {
      step: `liquidation price ${reach.direction} the mark, ${market.market.id}`,
      formula: reachFormula(reach, market, figures),
      value: reach.price.toString(),
      unit,
    },
    ...(reach.onTick === null
      ? []
      : [
          {
            step: 'on the tick, against the owner',
            formula: `${reach.price} to a multiple of ${market.market.priceTick}`,
            value: reach.onTick.toString(),
            unit,
          },
        ]),
    {
      step: 'check at that price',
      formula: `equity ${shown(reach.verdict.equity)}, maintenance ${shown(reach.verdict.maintenance)}`,
      value: reach.verdict.liquidatable ? 'liquidated' : 'not liquidated',
      unit: '',
    },
  ]);
}

/** The closed form where there is one: one leg whose requirement is linear in its value. */
function reachFormula(reach: Reach, { market }: MarketFigures, { pocket }: PocketFigures): string {
  if (isPooled(pocket))
    return `in steps of ${percent(SEARCH_STEP)}, everything on ${riskUnitOf(market)} moving by the same share`;
  const [leg, ...others] = pocket.legs;
  const grid = unscaled<'price'>('price', 1n, PRICE_SCALE);
  const inside = reach.direction === 'below' ? reach.price.plus(grid) : reach.price.minus(grid);
  const legsHere = pocket.legs.filter((each) => each.market.id === market.id);
  const jumped = legsHere.find(
    (each) =>
      !isContinuous(each.rules.tiers) && legTerms(each, reach.price).tier !== legTerms(each, inside).tier,
  );
  if (jumped !== undefined)
    return `the requirement jumps: tier ${legTerms(jumped, reach.price).tier + 1} begins here`;
  if (others.length > 0) return 'where equity meets maintenance while the other marks stand still';
  return closedForm(leg!, pocket.wallet, reach.price);
}

function closedForm(leg: Leg, wallet: Exact<'money'>, at: Exact<'price'>): string {
  const { market, rules, side, qty, entryValue } = leg;
  const terms = legTerms(leg, at);
  const linear = market.kind === 'linear';
  if (!linear && rules.sizeSlope !== undefined && rules.notionalAt === 'mark')
    return 'where equity meets a maintenance that grows with the square of the value';
  const [e, w, d] = [entryValue, wallet, terms.deduction].map(shown);
  const r = rateText(terms.maintenanceRate, leg);
  const long = side === 'long';
  const tier = `, tier ${terms.tier + 1}${roundedUp(leg)}`;
  if (rules.notionalAt === 'entry') {
    const m = shown(legMaintenance(leg, at));
    const worth = linear === long ? `${e} - ${w} + ${m}` : `${e} + ${w} - ${m}`;
    return (linear ? `(${worth}) / ${qty}` : `${qty} x ${market.faceValue} / (${worth})`) + tier;
  }
  const less = linear === long;
  const worth = less ? `(${e} - ${w} - ${d})` : `(${e} + ${w} + ${d})`;
  const factor = `(1 ${less ? '-' : '+'} ${r})`;
  return (
    (linear ? `${worth} / (${qty} x ${factor})` : `${qty} x ${market.faceValue} x ${factor} / ${worth}`) +
    tier
  );
}

function bankruptcyStep({ leg, share, bankruptcyPrice }: LegFigures, cross: boolean): Step {
  const { market, rules, side, qty, entryValue } = leg;
  const { feeRate, rounding } = rules.bankruptcy;
  const [e, m] = [shown(entryValue), shown(share)];
  const long = side === 'long';
  const linear = market.kind === 'linear';
  const worth = linear === long ? `(${e} - ${m})` : `(${e} + ${m})`;
  const factor = `(1 ${linear === long ? '-' : '+'} ${feeRate})`;
  const formula = linear
    ? `${worth} / (${qty} x ${factor})`
    : `${qty} x ${market.faceValue} x ${factor} / ${worth}`;
  const cuts = rounding === 'none' ? '' : `, to the tick ${market.priceTick} ${long ? 'up' : 'down'}`;
  return {
    step: `bankruptcy price, ${legName(leg)}`,
    formula: `${formula}${cuts}${cross ? ', with its share of the equity at these marks' : ''}`,
    value: bankruptcyPrice === null ? 'none' : bankruptcyPrice.toString(),
    unit: bankruptcyPrice === null ? '' : priceUnit(market),
  };
}
