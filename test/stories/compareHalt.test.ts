/**
 * Figures of a comparison while an index is halted: nobody acts, and the path stands as it stood; and in beats of
 * another length. By hand, with the account of compareFigures.test.ts and the wave of compareMeasures.test.ts.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, rate } from '../../src/basics/exact.ts';
import { replay } from '../../src/replay.ts';
import { CompareSink, NO_ENTRY } from '../../src/study/compare/figures.ts';
import type { WorldFigures } from '../../src/study/compare/metrics.ts';
import { SECOND, tiers, type Tiny, type TinyBeat, tinyMarketRules, tinyWorld } from '../support/tinyWorld.ts';

const many = (n: number, index: string): TinyBeat[] => Array.from({ length: n }, () => ({ index }));
const { index } = tinyMarketRules();
const HALTS: typeof index = {
  ...index,
  stale: { ...index.stale, mode: 'drop' },
  quorum: { ...index.quorum, zero: 'halt' },
};

/** @param halted  beats [from, until) in which the one source of the index is two hours old */
async function figures(tiny: Tiny, ...halted: (readonly [number, number])[]): Promise<WorldFigures> {
  const rules = { ...tiny.marketRules?.BTCUSDT, index: HALTS };
  const { world, frames } = tinyWorld({ record: 'money', ...tiny, marketRules: { BTCUSDT: rules } });
  const [spot] = frames.constituents.get('BTCUSDT')!;
  for (const [from, until] of halted) spot!.ageUs.fill(7200 * SECOND, from, until);
  const sink = new CompareSink([world]);
  await replay(frames, [world], sink);
  return sink.figures(0, 0, NO_ENTRY);
}

test('a position is held through a halt at the mark before it, funding paid once', async () => {
  // the stamp of 2 s takes 0.01 % of 10 000 = 1: at 9 530 (beat 1) A has 500 - 470 - 1 = 29, below 38.12.
  // 9 520: 19; the index falls to 9 400 while halted, which nobody sees; 9 800: 299 against 39.20
  const held: Tiny = {
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '1.000', entry: '10000', margin: '500' }] }],
    beats: [
      { index: '10000', last: '9525' },
      { index: '9530' },
      ...many(20, '9520'),
      ...many(20, '9400'),
      ...many(60, '9800'),
    ],
    marketRules: { BTCUSDT: { funding: { intervalUs: 2 * SECOND, offsetUs: 0, paymentScale: null } } },
    side: { funding: [{ market: 'BTCUSDT', tsUs: 2 * SECOND, rate: '0.0001' }] },
  };
  const told = (f: WorldFigures) => [f.unnecessary, f.unnecessaryStrict, f.missed];
  assert.deepEqual(told(await figures(held, [22, 42])), [1, 1, 0]);
  assert.deepEqual(told(await figures(held)), [1, 0, 1], 'without the halt');
  // halted to the end; halted at the start: it opens at 9 530, where the stamp takes 0.953
  assert.deepEqual(told(await figures(held, [22, 42], [92, 102])), [1, 1, 0]);
  assert.equal((await figures(held, [0, 1], [22, 42])).unnecessary, 1);
});

test('margin calls reach over a halt', async () => {
  // 0.4 % of 10 000, 9 500 and 9 900: 40, 38, 39.6
  const beats = [...many(2, '10000'), ...many(2, '9500'), ...many(4, '9000'), ...many(3, '9900')];
  const legs = [{ side: 'long', qty: '1.000', entry: '10000', margin: '9000' }] as const;
  const f = await figures({ accounts: [{ name: 'A', legs }], beats }, [4, 8]);
  for (const call of [f.marginCall5, f.marginCall60]) assert.ok(Math.abs(call! - 1.6) < 1e-9, `${call}`);
});

test('a horizon after a wave that ends in a halt is told at the mark before it', async () => {
  const isolated = (name: string, side: 'long' | 'short', of: readonly [string, string, string]) => ({
    name,
    legs: [{ side, qty: of[0], entry: of[1], margin: of[2] }],
  });
  // at 42 400, when the wave ends: 165.41 taken, 129.39 needed; 42 500 two seconds later: 65.41 taken
  const f = await figures(
    {
      rules: { order: { kind: 'market' } },
      marketRules: {
        BTCUSDT: {
          tiers: tiers([['1000000000', '0.005', '0', '0.01']]),
          clearanceFee: [{ rate: rate('0') }],
        },
      },
      assumptions: { fundOpening: { main: money('10') } },
      accounts: [
        isolated('L', 'long', ['1', '43000', '430']),
        isolated('K', 'long', ['1', '43000', '700']),
        isolated('S1', 'short', ['0.5', '45000', '2250']),
        isolated('S2', 'short', ['0.3', '44000', '4400']),
        isolated('S3', 'short', ['0.5', '43500', '435']),
        isolated('S4', 'short', ['2', '43100', '50000']),
      ],
      beats: [
        { index: '43000', last: '42000' },
        { index: '42600' },
        { index: '42600', last: '42000' },
        { index: '42400' },
        { index: '42200' },
        { index: '42500' },
      ],
    },
    [4, 5],
  );
  const told = [f.adlOvershoot, f.adlOvershoot1s, f.adlOvershoot2s];
  assert.deepEqual(told, [36.02, 36.02, -63.98]);
});

test('in beats of 45 s the first look after the grace is 90 s after the verdict', async () => {
  const after = (...prices: string[]): Tiny => ({
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '1.000', entry: '10000', margin: '500' }] }],
    beats: [{ index: '10000', last: '9525' }, { index: '9530' }, ...prices.map((index) => ({ index }))],
    side: { startUs: 45 * SECOND, beatUs: 45 * SECOND },
  });
  // 30 of equity against 38.12 at 9 530, 300 against 39.20 at 9 800
  assert.equal((await figures(after('9530', '9800', '9800'))).unnecessary, 1, '45 s are grace');
  assert.equal((await figures(after('9800', '9530', '9800'))).unnecessary, 0, '90 s are not');
  assert.equal((await figures(after('9800', '9800'))).unnecessary, 1, 'the run may end there');
});
