/** What a population is drawn from in a comparison, with members of an ensemble and without; the cap on verdicts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { money, rate } from '../../../../src/basics/exact.ts';
import type { Assumptions, LeverageMix } from '../../../../src/rules/assumptions.ts';
import { ALL_CELLS, CENTRAL, drawsOf, type Member } from '../../../../src/study/compare/draws.ts';
import { cappedBy } from '../../../../src/study/compare/verdict.ts';
import type { Finding } from '../../../../src/report/compare/model.ts';
import { tinyAssumptions } from '../../../support/tinyWorld.ts';

interface Behaviour {
  readonly stopShare: string;
  readonly topUpShare: string;
  readonly turnover: string;
}
const NOBODY: Behaviour = { stopShare: '0', topUpShare: '0', turnover: '0' };

const assumptions = (leverageMix: LeverageMix, { stopShare, topUpShare, turnover } = NOBODY): Assumptions =>
  tinyAssumptions({
    population: {
      kind: 'synthetic',
      accounts: 10,
      openInterest: { BTCUSDT: money('1') },
      openInterestRange: [rate('1'), rate('1')],
      leverageMix,
      highLeverageShare: null,
      churn: rate('0.1'),
      liquidatableShare: rate('0.5'),
      isolatedShare: rate('0.35'),
      hedgeShare: rate('0'),
      multiMarketShare: rate('0'),
      restingOrderShare: rate('0'),
      behaviour: {
        stopShare: rate(stopShare),
        topUpShare: rate(topUpShare),
        turnover: rate(turnover),
        overLeverage: 'reject',
      },
    },
  });

const P = 'assumptions.population';
const valuesOf = (draws: ReturnType<typeof drawsOf>, path: string): number[] =>
  draws.flatMap(({ overrides }) =>
    overrides.filter((o) => o.startsWith(`${path}=`)).map((o) => Number(o.slice(path.length + 1))),
  );

test('churn, weight and reactions lie in their ranges, once a population, where the scenario has any', () => {
  const own = assumptions('BMX2019', { stopShare: '0.35', topUpShare: '0.15', turnover: '0.1' });
  const draws = drawsOf({ n: 200, cell: CENTRAL, seed: 's', assumptions: own });
  const fills = (path: string, low: number, high: number): void => {
    const values = valuesOf(draws, path);
    assert.equal(values.length, 200);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const tenth = (high - low) / 10;
    assert.ok(least >= low - 1e-4 && least < low + tenth, `${path} from ${least}`);
    assert.ok(most <= high + 1e-4 && most > high - tenth, `${path} to ${most}`);
    for (let i = 0; i < 200; i += 4) assert.equal(new Set(values.slice(i, i + 4)).size, 1);
  };
  fills(`${P}.churn`, 0.03, 0.25);
  fills(`${P}.highLeverageShare`, 0.245, 0.455); // BMX2019 has 0.35
  fills(`${P}.behaviour.stopShare`, 0.1, 0.6);
  fills(`${P}.behaviour.topUpShare`, 0, 0.3);
  assert.deepEqual(valuesOf(draws, `${P}.behaviour.turnover`), valuesOf(draws, `${P}.churn`));
});

test('what a scenario does not have is not drawn', () => {
  const draws = drawsOf({ n: 8, cell: CENTRAL, seed: 's', assumptions: assumptions('HL2025') });
  for (const path of [
    'highLeverageShare',
    'behaviour.stopShare',
    'behaviour.topUpShare',
    'behaviour.turnover',
  ])
    assert.deepEqual(valuesOf(draws, `${P}.${path}`), [], path);
  assert.equal(valuesOf(draws, `${P}.churn`).length, 8);
});

test('in a cell of another mix the weight is around that mix', () => {
  const of = (mix: LeverageMix): number[] => {
    const cell = ALL_CELLS.find((c) => c.mix === mix)!;
    return valuesOf(
      drawsOf({ n: 40, cell, seed: 's', assumptions: assumptions('BMX2019') }),
      `${P}.highLeverageShare`,
    );
  };
  assert.deepEqual(of('HL2025'), []);
  assert.ok(of('MID').every((w) => w >= 0.14 && w <= 0.26)); // MID has 0.2
});

const MEMBERS: readonly Member[] = [
  { seed: 'k/3', overrides: [`${P}.liquidatableShare=0.3`, `${P}.highLeverageShare=0.4`, `${P}.churn=0.05`] },
  { seed: 'k/1', overrides: [`${P}.liquidatableShare=0.6`, `${P}.highLeverageShare=0.3`, `${P}.churn=0.2`] },
];

test('four draws take one member whole, in order, and again from the first', () => {
  const own = assumptions('BMX2019', { ...NOBODY, stopShare: '0.3' });
  const of = (members: readonly Member[] | null) =>
    drawsOf({ n: 12, cell: CENTRAL, seed: 's', assumptions: own, members });
  const draws = of(MEMBERS);
  assert.deepEqual(
    draws.map(({ seed }) => seed),
    ['k/3', 'k/3', 'k/3', 'k/3', 'k/1', 'k/1', 'k/1', 'k/1', 'k/3', 'k/3', 'k/3', 'k/3'],
  );
  for (const [i, { overrides }] of draws.entries()) {
    assert.deepEqual(overrides.slice(0, 3), MEMBERS[Math.floor(i / 4) % 2]!.overrides);
    assert.equal(overrides.filter((o) => o.startsWith(`${P}.liquidatableShare`)).length, 1);
  }
  // what an ensemble does not hold is drawn as without it
  const rest = (path: string): void => assert.deepEqual(valuesOf(draws, path), valuesOf(of(null), path));
  rest(`${P}.behaviour.stopShare`);
  rest('assumptions.fills.participation');
});

test("a member's weight does not go with another mix", () => {
  const cell = ALL_CELLS.find((c) => c.mix === 'MID')!;
  const draws = drawsOf({ n: 4, cell, seed: 's', assumptions: assumptions('BMX2019'), members: MEMBERS });
  assert.deepEqual(valuesOf(draws, `${P}.highLeverageShare`), []);
  assert.deepEqual(valuesOf(draws, `${P}.churn`), [0.05, 0.05, 0.05, 0.05]);
});

test('a cap takes ROBUST down, says why, and leaves the rest', () => {
  const of = (label: Finding['label']): Finding => ({ label, reasons: ['200 draws'] }) as unknown as Finding;
  const labels: Finding['label'][] = ['ROBUST', 'INDICATIVE', 'PREVIEW', 'UNRESOLVED', 'UNSTABLE'];
  const capped = cappedBy(labels.map(of), 'not identified');
  assert.deepEqual(
    capped.map(({ label }) => label),
    ['INDICATIVE', 'INDICATIVE', 'PREVIEW', 'UNRESOLVED', 'UNSTABLE'],
  );
  assert.deepEqual(capped[0]!.reasons, ['200 draws', 'not identified']);
  assert.deepEqual(capped[1]!.reasons, ['200 draws']);
  assert.deepEqual(cappedBy([of('ROBUST')], null), [of('ROBUST')]);
});
