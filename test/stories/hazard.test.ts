/**
 * The hazard profile worked by hand. Maintenance 0.4 %, first mark 10 000, so buckets of longs begin at
 * 10 000 / 1.01^k: 9 609.80 (k = 4), 9 514.66 (k = 5).
 *
 *   A long 1.000 from 10 000 with 500: (10 000 - 500) / 0.996 = 9 538.15, bucket -5
 *   B long 0.500 from 10 000 with 240: (5 000 - 240) / 0.498  = 9 558.23, bucket -5
 *   C short 2.000 from 10 000 with 1 000: 21 000 / 2.008      = 10 458.17, bucket 4 from 10 406.04
 *   D cross, long 1 and short 1, 5 000: 2 (0.005 m - 50) = 5 000 at 510 000, where 1.01^395 = 50.9; it nets to 0
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { openDuckDb } from '../../src/basics/duckdb.ts';
import { hazards } from '../../src/study/compare/branching.ts';
import { probe } from '../../src/study/compare/entrants.ts';
import { type Bucket, hazardRows } from '../../src/study/compare/hazardRows.ts';
import { cascade } from '../support/cli.ts';
import { tinyScenario } from '../support/tinyScenario.ts';
import { linearMarket, type TinyBeat, tinyWorld } from '../support/tinyWorld.ts';

const LAMBDA = 1e-5;

function profile(beats: readonly TinyBeat[], bookShare = 1): Bucket[] {
  const { world, frames } = tinyWorld({
    accounts: [
      { name: 'A', legs: [{ side: 'long', qty: '1.000', entry: '10000', margin: '500' }] },
      { name: 'B', legs: [{ side: 'long', qty: '0.500', entry: '10000', margin: '240' }] },
      { name: 'C', legs: [{ side: 'short', qty: '2.000', entry: '10000', margin: '1000' }] },
      {
        name: 'D',
        cross: true,
        wallet: '5000',
        legs: [
          { side: 'long', qty: '1.000', entry: '10000' },
          { side: 'short', qty: '1.000', entry: '10000' },
        ],
      },
    ],
    beats,
  });
  const still = probe({ world, rules: world.input.rules }, world.input.population);
  const [hazard] = hazards(still.world, still.marksF64);
  return hazardRows({
    market: linearMarket(),
    hazard: hazard!,
    firstMark: 10_000,
    path: {
      marksF64: Float64Array.from(beats, (b) => Number(b.index)),
      lambda: new Float64Array(beats.length).fill(LAMBDA),
      lots: frames.markets.get('BTCUSDT')!.lots,
      beatUs: frames.beatUs,
      kernel: 'power',
      participation: 0.5,
      bookShare,
    },
  });
}

const near = (x: number, y: number): void => assert.ok(Math.abs(x / y - 1) < 1e-9, `${x}, not ${y}`);

test('what would be liquidated in each per cent of price', () => {
  const rows = profile([{ index: '10000' }, { index: '9600' }]);
  assert.deepEqual(
    rows.map((r) => [r.side, r.place, r.pockets]),
    [
      ['long', -5, 2],
      ['short', 4, 1],
      ['short', 395, 1],
    ],
  );
  const [long, short] = rows as [Bucket, Bucket];
  near(long.low, 10_000 / 1.01 ** 5);
  near(long.high, 10_000 / 1.01 ** 4);
  near(long.notional, 9500 / 0.996 + 4760 / 0.996);
  near(short.low, 10_000 * 1.01 ** 4);
  near(short.notional, 21_000 / 1.004);
  assert.equal(rows[2]!.notional, 0);
});

test('how many lots a lot brings down, where the mark came', () => {
  // 1 500 lots in the bucket, a book without end: lambda x G(60 s) x 1 500 / 0.01 = 1.5 G; G of a minute is .38
  const [long, short] = profile([{ index: '10000' }, { index: '9600' }]) as [Bucket, Bucket];
  assert.ok(Math.abs(long.branchingF64 - 1.5 * 0.38) < 0.015, String(long.branchingF64));
  assert.ok(Number.isNaN(short.branchingF64), 'the mark never rose there');
  // half of what liquidations take comes to the book
  near(profile([{ index: '10000' }, { index: '9600' }], 0.5)[0]!.branchingF64, long.branchingF64 / 2);
  // 9 610 is a bucket above; at the third beat 3 x 200 lots were traded in the minute, of which half: 300 of 1 500
  const thin = ['10000', '9610', '9600'].map((index) => ({ index, volume: '0.2' }));
  near(profile(thin)[0]!.branchingF64, long.branchingF64 / 5);
  assert.ok(Number.isNaN(profile(thin.slice(0, 2))[0]!.branchingF64), 'not there yet');
});

test('a run stores the profile of each world: all positions that have a liquidation price', async (t) => {
  const tiny = await tinyScenario(t);
  const ran = await cascade('run', ...tiny.flags);
  assert.equal(ran.exit, 0, ran.err);
  const instance = await openDuckDb({ path: join(tiny.out, 'tiny', 'results.duckdb') });
  const connection = await instance.connect();
  const ask = async (sql: string) => (await connection.runAndReadAll(sql)).getRows()[0]!.map(Number);
  const [pockets, notional] = await ask('SELECT sum(pockets), sum(notional) FROM hazard');
  const [legs, value] = await ask(
    // a cross account is liquidated as one: for what its sides leave
    `SELECT count(*), sum(lots * liquidation_price_f64) FROM (
       SELECT liquidation_price_f64, CASE mode WHEN 'isolated' THEN qty::DOUBLE ELSE
         abs(sum(CASE side WHEN 'long' THEN qty ELSE -qty END) OVER (PARTITION BY account))::DOUBLE END AS lots
       FROM accounts WHERE "when" = 'before') WHERE liquidation_price_f64 IS NOT NULL`,
  );
  assert.equal(pockets, legs);
  assert.ok(legs! > 20);
  near(notional!, value!);
  connection.closeSync();
  instance.closeSync();
});
