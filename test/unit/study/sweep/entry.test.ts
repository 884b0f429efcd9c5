/**
 * Accounts that some rules would liquidate at the first mark, in sweep and frontier: a row has the figures
 * that `compare` has for the same candidate, draw and policy, and does not depend on the points beside it.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDuckDb, rowsOf } from '../../../../src/basics/duckdb.ts';
import type { Entry } from '../../../../src/report/compare/model.ts';
import { cascade } from '../../../support/cli.ts';
import { type Tiny, TINY, tinyScenario } from '../../../support/tinyScenario.ts';
import { tinySweep } from '../../../support/tinySweep.ts';

/** Enough accounts and contracts that forced orders move the price within the ten minutes. */
const CROWDED = TINY.replace('accounts: 60', 'accounts: 400').replace('BTCUSDT: 100 }', 'BTCUSDT: 2000 }');
/** Just below the initial rates: positions that had moved against their owners fail at once. */
const PATH = 'rules.markets.*.tiers.*.maintenanceRate*';

interface DrawRow {
  readonly seed: string;
  readonly overrides: readonly string[];
  readonly candidate: string;
  readonly feedback: boolean;
  readonly accountsConcerned: number;
  readonly figures: Readonly<Record<string, number>>;
}

/** The candidate with feedback, by compare. */
async function compared(tiny: Tiny, policy: Entry): Promise<DrawRow> {
  const flags = ['--data', tiny.folder, '--cache', join(tiny.folder, 'cache'), '--workers', '1'];
  const out = join(tiny.folder, `compare-${policy}`);
  const asked = ['--with', `${PATH}=1.9`, '--draws', '1', '--t0', policy, '--out', out];
  const { exit, err } = await cascade('compare', tiny.scenario, ...flags, ...asked);
  assert.equal(exit, 0, err);
  const rows = JSON.parse(readFileSync(join(out, 'tiny+compare', 'draws.json'), 'utf8')) as DrawRow[];
  return rows.find((row) => row.feedback)!;
}

type Row = Readonly<Record<string, number>>;

/** Rows of a sweep of the same draw over some multiples. */
async function swept(tiny: Tiny, draw: DrawRow, o: { policy: Entry; multiples: string }): Promise<Row[]> {
  const fixed = JSON.stringify(draw.overrides);
  const text = `id: small
title: Entry
scenario: tiny.yaml
seeds: [${draw.seed}]
feedback: true
t0: ${o.policy}
fixed: { overrides: ${fixed} }
grid: { ${PATH}: ${o.multiples} }
`;
  const out = `sweep-${o.policy}-${o.multiples.length}`;
  const { exit, err } = await cascade(...tinySweep(tiny, out, text), '--workers', '1');
  assert.equal(exit, 0, err);
  const path = join(tiny.folder, out, 'small', 'sweep.duckdb');
  const instance = await openDuckDb({ path, readOnly: true });
  const rows = await rowsOf<Row>(await instance.connect(), 'SELECT * FROM worlds ORDER BY world');
  instance.closeSync();
  return rows;
}

const FIGURES = {
  liquidatedAccounts: 'liquidated_accounts',
  liquidatedNotional: 'liquidated_notional',
  traderCost: 'trader_cost',
  fundInflow: 'fund_inflow',
  extraDrawdown: 'extra_drawdown',
  efficiency: 'efficiency',
  needMoreMargin: 'need_more_margin',
};

test('a row is what compare finds, under every policy, whatever points are beside it', async (t) => {
  const tiny = await tinyScenario(t, CROWDED);
  const liquidated: number[] = [];
  for (const policy of ['keep', 'remove', 'topUp'] as const) {
    const draw = await compared(tiny, policy);
    assert.ok(draw.accountsConcerned > 0, 'somebody is concerned');
    const [alone] = await swept(tiny, draw, { policy, multiples: '[1.9]' });
    for (const [name, column] of Object.entries(FIGURES))
      assert.equal(alone![column], draw.figures[name], `${policy}: ${name}`);
    assert.ok(alone!.extra_drawdown !== 0, 'prices react');
    liquidated.push(alone!.liquidated_accounts!);
    if (policy !== 'remove') continue;
    const [same, , again] = await swept(tiny, draw, { policy, multiples: '[1, 1.5, 1.9]' });
    for (const column of Object.values(FIGURES)) assert.equal(again![column], alone![column], column);
    assert.equal(same!.extra_drawdown, 0, 'the scenario itself, less those it would not admit');
    const common = [tiny.scenario, '--data', tiny.folder, '--cache', join(tiny.folder, 'cache')];
    const fixed = [...draw.overrides.flatMap((o) => ['--override', o]), '--seed', draw.seed];
    const asked = ['--param', PATH, '--from', '1', '--to', '1.9', '--grid', '2', '--tolerance', '0.9'];
    const until = ['--until', `liquidated>${same!.liquidated_notional}`];
    const how = ['--feedback', '--t0', policy, '--json'];
    const ran = await cascade('frontier', ...common, ...fixed, ...asked, ...until, ...how);
    assert.equal(ran.exit, 0, ran.err);
    const { points, t0 } = JSON.parse(ran.out);
    assert.equal(t0, policy);
    assert.equal(Number(points.at(-1).measures.liquidated), alone!.liquidated_notional);
  }
  const [keep, remove] = liquidated as [number, number];
  assert.ok(keep > remove, `${keep} kept, ${remove} once the doomed are gone`);
});

test('a point with other accounts cannot have the same ones taken out', async (t) => {
  const tiny = await tinyScenario(t);
  const text = `id: small
title: Other accounts
scenario: tiny.yaml
seeds: [1]
t0: remove
grid: { assumptions.population.accounts: [40] }
`;
  const { exit, err } = await cascade(...tinySweep(tiny, 'other', text), '--workers', '1');
  assert.equal(exit, 2);
  assert.match(err, /^SCENARIO_INVALID: a point that has other accounts/);
});
