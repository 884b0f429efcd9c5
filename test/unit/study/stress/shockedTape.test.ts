/** A thinner market: what the tape holds of history's forced orders stays what it was. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readScenario } from '../../../../src/study/scenario.ts';
import { parseShocks } from '../../../../src/study/stress/shock.ts';
import { shockedTape } from '../../../../src/study/stress/shockedTape.ts';
import { Tape } from '../../../../src/study/tape.ts';
import { tinyScenario } from '../../../support/tinyScenario.ts';

test('less liquidity raises the impact of orders, but not of those that the prices hold', async (t) => {
  const tiny = await tinyScenario(t);
  const scenario = await readScenario(tiny.scenario, {
    overrides: ['assumptions.fills.stressMax=1000'],
    dataDir: tiny.folder,
  });
  const { timing } = scenario.assumptions;
  const tape = await Tape.load(scenario, { dataDir: tiny.folder, cacheDir: '', timing, tapeSeed: '1' });
  const worldOf = (on: Tape) => {
    const { rules, assumptions, seed } = scenario;
    const common = { index: 0, name: '', rules, assumptions, seed, openedUnder: rules } as const;
    return on.world({ ...common, baseline: null, record: 'money' });
  };
  const lambdas = async (...shocks: string[]) => {
    const { lambda, tapeLambda } = (await worldOf(shockedTape(tape, parseShocks(shocks)))).input;
    return { own: lambda[0]!, tape: tapeLambda?.[0] };
  };
  const recorded = (await worldOf(tape)).input.lambda[0]!;
  const thin = await lambdas('liquidity=0.1');
  assert.deepEqual(thin.tape, recorded);
  assert.ok(thin.own.every((own, beat) => own >= recorded[beat]!));
  assert.ok(thin.own.at(-1)! > 1.1 * recorded.at(-1)!, `${thin.own.at(-1)} over ${recorded.at(-1)}`);
  // prices that fall deeper hold deeper impacts too: there the coefficient of the shocked prices stands
  const deep = await lambdas('depth=1.5');
  assert.equal(deep.tape, undefined);
  assert.deepEqual((await lambdas('depth=1.5', 'liquidity=0.1')).tape, deep.own);
});
