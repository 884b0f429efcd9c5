/**
 * Figures of a comparison about those who stood there at the start, worked by hand: what they had to put up, and
 * what of them was liquidated. Maintenance 0.4 % (0.5 % less 50 beyond 50 000), initial 0.8 % and 1 %.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { replay } from '../../src/replay.ts';
import { entryFigures, probe } from '../../src/study/compare/entrants.ts';
import { CompareSink, NO_ENTRY } from '../../src/study/compare/figures.ts';
import type { WorldFigures } from '../../src/study/compare/metrics.ts';
import { type Tiny, type TinyAccount, type TinyBeat, tinyWorld } from '../support/tinyWorld.ts';

async function told(tiny: Tiny): Promise<WorldFigures> {
  const { world, frames } = tinyWorld({ record: 'money', ...tiny });
  const sink = new CompareSink([world]);
  await replay(frames, [world], sink);
  return sink.figures(0, 0, NO_ENTRY);
}

const near = (x: number | null, y: number): void =>
  assert.ok(x !== null && Math.abs(x - y) <= 1e-9 * Math.max(1, Math.abs(y)), `${x}, not ${y}`);
const many = (n: number, index: string): TinyBeat[] => Array.from({ length: n }, () => ({ index }));
const isolated = (
  name: string,
  side: 'long' | 'short',
  of: readonly [string, string, string],
): TinyAccount => ({
  name,
  legs: [{ side, qty: of[0], entry: of[1], margin: of[2] }],
});

test('what would need more margin: money, share and accounts', () => {
  // at 9 600 A has 500 - 400 = 100 against 0.8 % of 9 600 = 76.80; B 460 - 400 = 60, too little; C 1 000 + 800;
  // X, cross, one pocket of two legs: 200 - 400 + 40 = -160
  const { world } = tinyWorld({
    accounts: [
      isolated('A', 'long', ['1.000', '10000', '500']),
      isolated('B', 'long', ['1.000', '10000', '460']),
      isolated('C', 'short', ['2.000', '10000', '1000']),
      {
        name: 'X',
        cross: true,
        wallet: '200',
        legs: [
          { side: 'long', qty: '1.000', entry: '10000' },
          { side: 'short', qty: '0.100', entry: '10000' },
        ],
      },
    ],
    beats: [{ index: '9600' }],
  });
  const found = entryFigures(probe({ world, rules: world.input.rules }, world.input.population));
  near(found.needMoreNotional, 9600 + 1.1 * 9600);
  assert.equal(found.needMoreAccounts, 2);
  near(found.needMoreMargin, 2.1 / 5.1);
  // 5.1 x 9 600 over 0.8 % of it: no position is above 50 000
  near(found.efficiency, 1 / 0.008);
});

test('positions that came later are no part of what was liquidated of the start', async () => {
  // open interest 4.000; A falls with N, who came at 10 000 with 500 after the first mark: A is
  // sold at 9 525, N (bankrupt at 9 875, above that) taken over
  const N: TinyAccount = {
    name: 'N',
    legs: [{ side: 'long', qty: '0', entry: '1', arrives: { beat: 1, qty: '4', leverage: 80, free: 0 } }],
  };
  const f = await told({
    accounts: [
      isolated('A', 'long', ['1.000', '10000', '500']),
      isolated('B', 'long', ['3.000', '10000', '9000']),
      N,
    ],
    beats: [...many(2, '10000'), { index: '10000', last: '9525' }, ...many(3, '9530')],
  });
  assert.equal(f.liquidatedAccounts, 2);
  near(f.longShare, (9525 + 4 * 9875) / 40_000);
  near(f.firstTouchLong, 1 / 4);
  assert.equal(f.firstTouchShort, 0);
});

test('the largest rise of margin within five minutes and within an hour', async () => {
  // 6.000: at 10 000 60 000 x 0.5 % - 50 = 250; at 8 000 48 000 x 0.4 % = 192; at 9 000 54 000 x 0.5 % - 50 = 220
  const B = isolated('B', 'long', ['6.000', '10000', '30000']);
  const beats = [...many(1, '10000'), ...many(400, '8000'), ...many(400, '9000'), ...many(2, '10000')];
  const f = await told({ accounts: [B], beats });
  near(f.marginCall5, 30);
  near(f.marginCall60, 58);
  // it only falls: no call
  const falling = await told({ accounts: [B], beats: [...many(1, '10000'), ...many(9, '9000')] });
  assert.deepEqual([falling.marginCall5, falling.marginCall60], [0, 0]);
  const nobody = await told({ accounts: [isolated('Z', 'long', ['0', '1', '0'])], beats: many(3, '9000') });
  assert.deepEqual([nobody.marginCall5, nobody.procyclicality], [null, null]);
});
