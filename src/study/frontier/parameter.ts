/**
 * What a frontier varies: an override path of rules or assumptions, `shock.depth`, `shock.liquidity`,
 * `shock.gap@TIME`, or the short names `fundOpening.NAME` and `openInterest.MARKET`; with a trailing `*` a path or
 * a short name multiplies what is there.
 */
import { nearest, ReplayError } from '../../basics/errors.ts';
import type { Scenario } from '../../rules/scenario.ts';
import { stagesOf } from '../../rules/schedule.ts';
import type { Point } from '../sweep/stage.ts';

const SHOCKS = ['shock.depth', 'shock.liquidity', 'shock.gap'];
const ROOTS = [...SHOCKS, 'rules', 'assumptions', 'fundOpening', 'openInterest'];

/**
 * How a value of the parameter makes a point.
 *
 * @param path      as typed
 * @param scenario  whose funds and markets the short names are of
 * @returns         value -> what to change
 * @throws ReplayError SCENARIO_INVALID for an unknown path, with the nearest; a path below `rules` or
 *         `assumptions` is judged where it is applied
 */
export function pointsAlong(path: string, scenario: Scenario): (value: string) => Point {
  const [root, ...rest] = path.split('.') as [string, ...string[]];
  const name = rest.join('.');
  if (root === 'rules' || root === 'assumptions') {
    if (name !== '') return (value) => ({ overrides: [`${path}=${value}`], shocks: [] });
    throw unknown(path, `Continue the path, for example ${EXAMPLE}.`);
  }
  if (root === 'facts') throw unknown(path, 'Facts are never edited: copy the scenario.');
  if (root === 'shock') return shockPoint(path);
  const { population } = scenario.assumptions;
  const funds = fundsOf(scenario);
  const plain = name.replace(/\*$/, '');
  if (root === 'fundOpening') {
    refuseUnless(path, plain, { root, names: funds });
    return (value) => ({ overrides: [`assumptions.fundOpening.${name}=${value}`], shocks: [] });
  }
  if (root === 'openInterest') {
    const names = population.kind === 'synthetic' ? Object.keys(population.openInterest) : [];
    refuseUnless(path, plain, { root, names });
    return (value) => ({ overrides: [`assumptions.population.openInterest.${name}=${value}`], shocks: [] });
  }
  const best = nearest(path, [...ROOTS, ...funds.map((fund) => `fundOpening.${fund}`)]);
  throw unknown(
    path,
    best === null ? `A path begins with one of ${ROOTS.join(', ')}.` : `Did you mean ${best}?`,
  );
}

/** Funds that the rules have at any time of the run: a scenario may state others, for other rule sets. */
const fundsOf = ({ rules }: Scenario): string[] => [
  ...new Set(stagesOf(rules).flatMap((stage) => stage.rules.funds.map((fund) => fund.name))),
];

const EXAMPLE = 'rules.markets.*.tiers.*.maintenanceRate*';

function shockPoint(path: string): (value: string) => Point {
  const [, kind, at] = /^shock\.(depth|liquidity|gap)(@.+)?$/.exec(path) ?? [];
  if (kind === undefined || (kind === 'gap') !== (at !== undefined)) {
    const best = kind === 'gap' ? 'shock.gap@TIME' : nearest(path, SHOCKS);
    throw unknown(path, `Did you mean ${best ?? SHOCKS.join(', ')}?`);
  }
  return (value) => ({ overrides: [], shocks: [`${kind}=${value}${at ?? ''}`] });
}

function refuseUnless(path: string, name: string, of: { root: string; names: readonly string[] }): void {
  if (of.names.includes(name)) return;
  const best = nearest(name, of.names);
  const listed = of.names.map((known) => `${of.root}.${known}`).join(', ');
  const known =
    listed === '' ? 'This scenario has none: its positions come from a file.' : `Valid: ${listed}.`;
  throw unknown(path, best === null ? known : `Did you mean ${of.root}.${best}? ${known}`);
}

const unknown = (path: string, remedy: string): ReplayError =>
  new ReplayError('SCENARIO_INVALID', `unknown parameter ${path}`, { file: '--param', path }, remedy);
