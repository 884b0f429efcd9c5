/** Figures of more beats and more closed winners than a call takes arguments. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { money, price, qty } from '../../../src/basics/exact.ts';
import { adlFigures } from '../../../src/study/compare/adlFigures.ts';
import { priceFigures } from '../../../src/study/compare/priceFigures.ts';
import type { WorldView } from '../../../src/study/compare/worldView.ts';
import { linearMarket, SECOND } from '../../support/tinyWorld.ts';

const MANY = 150_000;
const frames = { startUs: 0, beatUs: SECOND, beats: MANY };

test('the deepest of many beats in which forced orders sold', () => {
  // 0.1 % below the index in each, 5 % in one: 5 + (n - 1) 0.1 per cents over beats of a second
  const premium = new Float64Array(MANY).fill(-0.001);
  premium[77] = -0.05;
  const path = { premium, last: new Float64Array(MANY).fill(100) };
  const notes = { sells: [...premium.keys()], path, ended: new Map() };
  const view = { notes, world: { input: { frames } } } as unknown as WorldView;
  const { overshoot, overshootIntegral } = priceFigures(view);
  assert.equal(overshoot, 0.05);
  assert.ok(Math.abs(overshootIntegral! - (500 + (MANY - 1) * 10) / 60) < 1e-3);
});

test('the largest haircut and profit among many winners of one wave', () => {
  // each is short one from 110 and closed at 101 at a mark of 100: 1 of 10; the last was short from 130: 30 - 1
  const market = linearMarket();
  const adl = Array.from({ length: MANY }, (_, seq) => {
    const fill = { account: `W${seq}`, market: market.id, side: 'short', qty: qty('1'), value: money('101') };
    const loser = `L${seq}`; // each bankrupt: an account of its own
    return { fill, seq, loser, market: market.id, tsUs: SECOND, givenUp: money('1'), hedger: false };
  });
  const entry = (account: string): string => (account === `W${MANY - 1}` ? '130' : '110');
  const population = {
    legLots: [],
    legEntryValue: new BigInt64Array(),
    wallet: [],
    legMargin: [],
    markets: [],
  };
  const view = {
    notes: { adl, fills: { size: 0 } },
    world: { input: { frames, population } },
    span: [0, 0],
    opening: { find: () => -1 },
    isOwn: () => true,
    market: () => market,
    mark: () => price('100'),
    beatOf: () => 0,
    legsBefore: ({ account }: { account: string }) => [
      { market, side: 'short', qty: qty('1'), entryValue: money(entry(account)) },
    ],
  } as unknown as WorldView;
  const { adlWorstHaircut, adlPtsr, adlPmr } = adlFigures(view);
  assert.deepEqual([adlWorstHaircut, adlPtsr, adlPmr], [0.1, 29 / MANY, 29]);
});
