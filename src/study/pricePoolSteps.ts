/**
 * The arithmetic of an account that is judged as one, one line a step: what each asset counts for, what the
 * positions have made, what the scenarios ask. The numbers are those of src/margin.
 */
import { type Money, ZERO_MONEY } from '../basics/exact.ts';
import { type Marks, unrealizedPnl } from '../margin/leg.ts';
import { assetIndex, countedValue, indexValue, type Pool } from '../margin/multiAsset.ts';
import { type UnitRequirement, unitRequirements } from '../margin/portfolioRules.ts';
import { debtsOf, type PooledPocket } from '../margin/portfolioVerdict.ts';
import type { Verdict } from '../margin/trigger.ts';
import type { Asset } from '../rules/market.ts';
import type { PortfolioRule } from '../rules/ruleSet.ts';
import type { LegFigures } from './priceFigures.ts';
import { legName, type Step, shown } from './priceWords.ts';

/** From the balances to the requirement. */
export function wholeAccountSteps(
  pocket: PooledPocket,
  of: { readonly marks: Marks; readonly legs: readonly LegFigures[]; readonly verdict: Verdict },
): Step[] {
  const { pool } = pocket;
  const { unit } = pool;
  const range = { low: pool.index, high: pool.index };
  const count = (asset: Asset, amount: Money, what: 'balance' | 'profit'): Money =>
    countedValue(pool, { asset, amount, what }, range);
  const profits = new Map<Asset, Money>();
  for (const leg of pocket.legs) {
    const { settle, id } = leg.market;
    profits.set(settle, (profits.get(settle) ?? ZERO_MONEY).plus(unrealizedPnl(leg, of.marks(id))));
  }
  const balances = [...pool.balances].map(
    ([asset, amount]): Step => ({
      step: `balance, ${asset}`,
      formula: asset === unit ? 'stated' : countFormula(pool, asset, amount, 'balance'),
      value: shown(count(asset, amount, 'balance')),
      unit,
    }),
  );
  const gains = [...profits].map(
    ([asset, amount]): Step => ({
      step: `profit of all positions in ${asset}`,
      formula: asset === unit ? 'their sum' : countFormula(pool, asset, amount, 'profit'),
      value: shown(count(asset, amount, 'profit')),
      unit,
    }),
  );
  const parts = [...balances, ...gains].map((step) => step.value);
  return [
    ...balances,
    ...gains,
    { step: 'equity', formula: parts.join(' + '), value: shown(of.verdict.equity), unit },
    ...(pool.portfolio === undefined ? tierSteps(pool, of.legs) : scenarioSteps(pocket, of.marks)),
    ...debtSteps(pocket, of.marks),
    {
      step: 'requirement of the account',
      formula:
        pool.portfolio === undefined
          ? 'the sum over its positions'
          : 'the sum over its underlyings and debts',
      value: shown(of.verdict.maintenance),
      unit,
    },
  ];
}

/** `0.5 x 40000 x (1 - 0.05) x (1 - 0.02)`: bid or ask, and the haircut of a balance above 0. */
function countFormula(pool: Pool, asset: Asset, amount: Money, what: 'balance' | 'profit'): string {
  const rule = pool.collateral!.assets[asset]!;
  const at = `${shown(amount)} x ${assetIndex(pool, asset)}`;
  if (amount.isNegative()) return `${at} x (1 + ${rule.askBuffer})`;
  const haircut = what === 'profit' ? '' : ` x (1 - ${rule.haircut})`;
  return `${at} x (1 - ${rule.bidBuffer})${haircut}`;
}

const tierSteps = (pool: Pool, legs: readonly LegFigures[]): Step[] =>
  legs.map(({ leg, maintenance, terms }): Step => {
    const { settle } = leg.market;
    const own = `${shown(terms.notional)} x ${shown(terms.maintenanceRate)} - ${shown(terms.deduction)}`;
    return {
      step: `maintenance, ${legName(leg)}`,
      formula: settle === pool.unit ? own : `(${own}) x ${assetIndex(pool, settle)}`,
      value: shown(indexValue(pool, settle, maintenance)),
      unit: pool.unit,
    };
  });

/** What each part of the requirement is called, and from what it comes. */
const PARTS: Readonly<Record<PortfolioRule['kind'], readonly (readonly [string, string, string])[]>> = {
  okx: [
    ['worst', 'worst of the price and volatility shocks', 'largest loss, positions netted'],
    ['decay', 'time decay', 'loss while nothing but time passes'],
    ['extreme', 'extreme move', 'largest loss x its share'],
    [
      'offsetting',
      'basis charge',
      'smaller side of what offsets between tenors x its share + net of perpetuals x theirs',
    ],
    ['minimum', 'least charge', 'notional x its share, by tiers where it has them'],
    ['depegging', 'charge between dollars', 'smaller side of what settles in different assets x its share'],
  ],
  deribit: [
    ['worst', 'worst bucket', 'largest loss over the table, positions netted'],
    ['extreme', 'extended table', 'largest loss x its share'],
    ['offsetting', 'contingency', 'smaller side of offsetting futures x its share'],
  ],
};
const TOTAL = {
  okx: 'max(max(worst, time decay, extreme) + basis charge, least charge) + charge between dollars',
  deribit: 'max(worst, extended) + contingency',
} as const;

function scenarioSteps(pocket: PooledPocket, marks: Marks): Step[] {
  const { pool } = pocket;
  const rule = pool.portfolio!;
  const now = { mark: marks, index: pool.index };
  const units = unitRequirements(pocket.legs, rule, { pool, box: { low: now, high: now } });
  return units.flatMap((own) => [
    ...PARTS[rule.kind].map(
      ([name, label, formula]): Step => ({
        step: `${label}, ${own.riskUnit}`,
        formula,
        value: shown(own[name as Exclude<keyof UnitRequirement, 'riskUnit' | 'total'>]),
        unit: pool.unit,
      }),
    ),
    {
      step: `requirement, ${own.riskUnit}`,
      formula: TOTAL[rule.kind],
      value: shown(own.total),
      unit: pool.unit,
    },
  ]);
}

/** What debts ask for on top of the positions; nothing where nothing is owed or debts are free. */
function debtSteps(pocket: PooledPocket, marks: Marks): Step[] {
  const { pool } = pocket;
  const rule = pool.portfolio;
  if (rule?.kind !== 'okx' || rule.borrowing === undefined) return [];
  const now = { mark: marks, index: pool.index };
  const debts = debtsOf(pocket, { low: now, high: now });
  if (!debts.isPositive()) return [];
  const { maintenance } = rule.borrowing;
  return [
    {
      step: 'share of debts',
      formula: `${shown(debts)} x ${maintenance}`,
      value: shown(debts.times(maintenance)),
      unit: pool.unit,
    },
  ];
}
