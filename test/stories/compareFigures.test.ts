/**
 * What a comparison says about one account, worked by hand: long 1.000 from 10 000 with 500 of isolated
 * margin, maintenance 0.4 %, fee 0.5 %. At a mark of 9 530 its equity is 500 - 470 = 30, below
 * 38.12: liquidated, filled at 9 525, the last price of the beat before. Whether that was needed
 * depends on what the mark does after the 60 seconds of grace.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { replay } from '../../src/replay.ts';
import { CompareSink } from '../../src/study/compare/figures.ts';
import type { WorldFigures } from '../../src/study/compare/metrics.ts';
import { SECOND, type Tiny, type TinyBeat, tinyWorld } from '../support/tinyWorld.ts';

const many = (n: number, index: string): TinyBeat[] => Array.from({ length: n }, () => ({ index }));
const OPENING: TinyBeat[] = [{ index: '10000', last: '9525' }, { index: '9530' }];

async function figures(after: readonly TinyBeat[], more: Partial<Tiny> = {}): Promise<WorldFigures> {
  const { world, frames } = tinyWorld({
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '1.000', entry: '10000', margin: '500' }] }],
    beats: [...OPENING, ...after],
    record: 'money',
    ...more,
  });
  const sink = new CompareSink([world]);
  await replay(frames, [world], sink);
  return sink.figures(0, 0, { efficiency: null, needMoreMargin: null });
}

test('a liquidation that a minute of patience would have spared is unnecessary', async () => {
  // 9 520 for 30 s (equity 20), then 9 800: 300 of equity against 39.20
  const f = await figures([...many(30, '9520'), ...many(60, '9800')]);
  assert.equal(f.liquidatedAccounts, 1);
  assert.equal(f.unnecessary, 1);
  assert.equal(f.unnecessaryNotional, 9530);
  assert.equal(f.missed, 0);
});

test('below the bankruptcy price within the grace: unnecessary, and bankrupt for a moment', async () => {
  const f = await figures([...many(30, '9400'), ...many(60, '9800')]); // equity -100, then 300
  assert.deepEqual([f.unnecessary, f.missed], [1, 1]);
});

test('a second look after the grace decides: 9 530 once more is too low', async () => {
  const late = await figures([...many(70, '9800'), ...many(1, '9530'), ...many(20, '9800')]);
  assert.deepEqual([late.unnecessary, late.missed], [0, 0]);
  const early = await figures([...many(50, '9800'), ...many(1, '9530'), ...many(40, '9800')]);
  assert.equal(early.unnecessary, 1, 'the 51st second is still grace');
});

test('funding that the held position would have paid counts', async () => {
  // at 9 600 equity is 100; a stamp of 1 % takes 96, and 4 is below 38.40
  const startUs = 8 * 3600 * SECOND - 80 * SECOND;
  const after = many(120, '9600');
  const side = (text: string) => ({
    startUs,
    funding: [{ market: 'BTCUSDT', tsUs: 8 * 3600 * SECOND, rate: text }],
  });
  assert.equal((await figures(after, { side: side('0') })).unnecessary, 1);
  assert.equal((await figures(after, { side: side('0.01') })).unnecessary, 0);
});

test('trader cost is everything lost beyond the mark of the verdict', async () => {
  const f = await figures(many(5, '9530'));
  // slippage 9 530 - 9 525 = 5; of a fee of 47.625 the remaining 25 are taken: 30, all of the equity
  assert.equal(f.traderCost, 30);
  assert.equal(f.fundInflow, 25);
  assert.equal(f.badDebt, 0);
  assert.equal(f.liquidatedLong, 9525);
  assert.equal(f.partialRate, 0);
});

test('the fund falls from its peak by what it pays', async () => {
  // at 9 400 with an order at market the fill is 9 300: 700 lost, 500 had, 200 from the fund of 1 000
  const f = await figures([], {
    beats: [{ index: '10000', last: '9300' }, { index: '9400' }, { index: '9400' }],
    rules: { order: { kind: 'market' } },
  });
  assert.equal(f.badDebt, 200);
  assert.equal(f.shortfall, 0);
  assert.equal(f.fundOutflow, 200);
  assert.equal(f.fundDrawdown, 0.2);
});
