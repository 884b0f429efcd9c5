/**
 * What must hold inside a rule set whatever it says: ascending tables, weights of one, funds for
 * known markets. A fault here would make the engine wrong, so reading stops at the first one.
 */
import { ReplayError } from '../basics/errors.ts';
import { rate, sum } from '../basics/exact.ts';
import { conflictsOf } from './compatibility.ts';
import type { MarketRules, RuleSet, Stage } from './ruleSet.ts';
import type { TreeOrigin } from './treeSchema.ts';

export interface Fault {
  readonly path: string;
  readonly message: string;
  readonly remedy: string;
}

/** A fault as the error of a file, with its line. */
export function faultOf({ path, message, remedy }: Fault, { file, code, rowOf }: TreeOrigin): ReplayError {
  const row = rowOf?.(path.split('.'));
  return new ReplayError(code, message, { file, path, ...(row === undefined ? {} : { row }) }, remedy);
}

/** Slack of a weight sum: published weights carry two decimals of a percent. */
const WEIGHT_SLACK = rate('0.000000001');
const STAGES: readonly Stage[] = ['mark', 'funding', 'liquidation', 'adl'];

/** Every fault, in the order of the file; empty when there is none. */
export function faultsOf(rules: RuleSet): Fault[] {
  return [
    ...dateFaults(rules),
    ...Object.entries(rules.markets).flatMap(([id, market]) => marketFaults(`markets.${id}`, market)),
    ...(Object.keys(rules.markets).length === 0
      ? [fault('markets', 'no market', 'Name at least one market.')]
      : []),
    ...fundFaults(rules),
    ...stageFaults(rules),
    ...collateralFaults(rules),
    ...chargeFaults(rules),
    ...conflictsOf(rules),
  ];
}

const fault = (path: string, message: string, remedy: string): Fault => ({ path, message, remedy });

function dateFaults({ inForce: { from, until } }: RuleSet): Fault[] {
  if (until === null || from < until) return [];
  return [fault('inForce', 'ends before it begins', 'Write until after from, or until: none.')];
}

function marketFaults(path: string, market: MarketRules): Fault[] {
  return [
    ...tierFaults(`${path}.tiers`, market),
    ...indexFaults(`${path}.index`, market),
    ...basisFaults(path, market),
    ...feeFaults(`${path}.clearanceFee`, market),
  ];
}

function tierFaults(path: string, { tiers, tierKey }: MarketRules): Fault[] {
  if (tiers.length === 0) return [fault(path, 'no tier', 'Write at least one row.')];
  const faults: Fault[] = [];
  const continuous = tierKey === 'notional' && tiers.some((t) => t.maintenanceDeduction.isPositive());
  for (const [k, tier] of tiers.entries()) {
    const below = tiers[k - 1];
    if (below === undefined) continue;
    if (!below.upTo.lt(tier.upTo)) {
      faults.push(
        fault(`${path}.${k}.upTo`, 'not above the row before', 'Write the rows in ascending order.'),
      );
    }
    if (tier.maintenanceRate.lt(below.maintenanceRate)) {
      const message = `the rate falls from ${below.maintenanceRate} to ${tier.maintenanceRate}`;
      const remedy = 'A larger position never asks for a lower rate: write rates that rise or stay.';
      faults.push(fault(`${path}.${k}.maintenanceRate`, message, remedy));
    }
    const jump = below.upTo.times(tier.maintenanceRate.minus(below.maintenanceRate));
    const expected = below.maintenanceDeduction.plus(jump);
    if (continuous && !expected.eq(tier.maintenanceDeduction)) {
      const said = `deduction ${tier.maintenanceDeduction}, continuous is ${expected}`;
      const message = `the requirement jumps at ${below.upTo}: ${said}`;
      faults.push(
        fault(
          `${path}.${k}.maintenanceDeduction`,
          message,
          'Leave maintenanceDeduction out to have it computed.',
        ),
      );
    }
  }
  if (tiers[0]!.maintenanceDeduction.isPositive()) {
    faults.push(
      fault(`${path}.0.maintenanceDeduction`, 'the first row has a deduction', 'Write 0 in the first row.'),
    );
  }
  return faults;
}

function indexFaults(path: string, { index }: MarketRules): Fault[] {
  const { aggregator, weights, weightSets = [] } = index;
  const faults = weightFaults(`${path}.weights`, aggregator, weights);
  for (const [k, set] of weightSets.entries()) {
    const before = weightSets[k - 1];
    if (before !== undefined && set.fromUs <= before.fromUs) {
      const message = 'not after the set before';
      faults.push(fault(`${path}.weightSets.${k}.from`, message, 'Write the sets in order of time.'));
    }
    faults.push(...weightFaults(`${path}.weightSets.${k}.weights`, aggregator, set.weights));
  }
  return faults;
}

/** Weights of one: needed by a weighted aggregator, possible for `inverseSquare`, wrong for the others. */
function weightFaults(
  path: string,
  aggregator: MarketRules['index']['aggregator'],
  byName: MarketRules['index']['weights'],
): Fault[] {
  const weights = Object.values(byName);
  const needed = aggregator === 'weightedMean' || aggregator === 'weightedMedian';
  if (!needed && weights.length === 0) return [];
  if (!needed && aggregator !== 'inverseSquare') {
    return [fault(path, `${aggregator} has no weights`, 'Leave weights out, or use weightedMean.')];
  }
  const off = sum(weights).minus(rate('1'));
  if (off.abs().lte(WEIGHT_SLACK)) return [];
  return [fault(path, `weights sum to ${sum(weights)}, not 1`, 'Write fractions that sum to 1.')];
}

function feeFaults(path: string, { clearanceFee }: MarketRules): Fault[] {
  return clearanceFee.flatMap(({ from, until }, k) =>
    from === undefined || until === undefined || from < until
      ? []
      : [fault(`${path}.${k}`, 'ends before it begins', 'Write until after from.')],
  );
}

function basisFaults(path: string, { mark, funding }: MarketRules): Fault[] {
  const basis = 'basis' in mark ? mark.basis : null;
  const whole = basis === null || basis.windowUs % basis.sampleUs === 0;
  return [
    ...(whole
      ? []
      : [fault(`${path}.mark.basis`, 'the window is no multiple of the sample', 'Make it one.')]),
    ...(funding.offsetUs < funding.intervalUs
      ? []
      : [fault(`${path}.funding.offset`, 'not below the interval', 'Write the first stamp of the UTC day.')]),
  ];
}

function fundFaults({ funds, markets }: RuleSet): Fault[] {
  const faults: Fault[] = [];
  const owner = new Map<string, string>();
  for (const [k, fund] of funds.entries()) {
    for (const id of fund.markets) {
      const path = `funds.${k}.markets`;
      if (!(id in markets))
        faults.push(fault(path, `unknown market ${id}`, `Valid: ${Object.keys(markets).join(', ')}.`));
      if (owner.has(id))
        faults.push(fault(path, `${id} has two funds`, `Take it out of ${owner.get(id)} or ${fund.name}.`));
      owner.set(id, fund.name);
    }
    const { drawdown } = fund.refusal;
    if (drawdown?.resumeAt !== undefined && drawdown.fraction.lt(drawdown.resumeAt)) {
      const message = `resumes at ${drawdown.resumeAt}, above the fall of ${drawdown.fraction} that refuses`;
      const remedy = 'Write resumeAt at or below fraction.';
      faults.push(fault(`funds.${k}.refusal.drawdown.resumeAt`, message, remedy));
    }
  }
  for (const id of Object.keys(markets)) {
    if (!owner.has(id))
      faults.push(fault('funds', `${id} has no fund`, 'List it under a fund; a fund may be empty.'));
  }
  const names = funds.map((fund) => fund.name);
  const twice = names.findIndex((name, k) => names.indexOf(name) !== k);
  if (twice >= 0)
    faults.push(
      fault(`funds.${twice}.name`, `two funds are called ${names[twice]}`, 'Give each its own name.'),
    );
  return faults;
}

/** Tiers of a least charge: one at least, each above the one before. */
function chargeFaults({ portfolio }: RuleSet): Fault[] {
  const tiers = portfolio?.kind === 'okx' ? portfolio.chargeTiers : undefined;
  if (tiers === undefined) return [];
  const path = 'portfolio.chargeTiers';
  if (tiers.length === 0) return [fault(path, 'no tier', 'Write a tier, or leave chargeTiers out.')];
  return tiers.flatMap(({ upTo }, k) => {
    const below = tiers[k - 1]?.upTo;
    if (below === undefined || below.lt(upTo)) return [];
    return [
      fault(`${path}.${k}.upTo`, `${upTo} is not above ${below}`, 'Write the tiers in ascending order.'),
    ];
  });
}

/** Prices of collateral come from markets of the set. */
function collateralFaults({ collateral, markets }: RuleSet): Fault[] {
  return Object.entries(collateral?.assets ?? {}).flatMap(([asset, { index }]) => {
    if (index === null || index in markets) return [];
    const remedy = `Valid: ${Object.keys(markets).join(', ')}, none.`;
    return [fault(`collateral.assets.${asset}.index`, `unknown market ${index}`, remedy)];
  });
}

function stageFaults({ stageOrder }: RuleSet): Fault[] {
  const complete = STAGES.every((stage) => stageOrder.filter((s) => s === stage).length === 1);
  if (complete && stageOrder.length === STAGES.length) return [];
  return [fault('stageOrder', 'not each stage once', `Write ${STAGES.join(', ')} in the venue's order.`)];
}
