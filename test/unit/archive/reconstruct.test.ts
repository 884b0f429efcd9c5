/** Trades drawn into figures: every hour keeps its bar, the rows say what they are, and a run on them too. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openDuckDb, rowsOf, sqlText } from '../../../src/basics/duckdb.ts';
import { readAnchors } from '../../../src/load/anchors.ts';
import { cascade } from '../../support/cli.ts';

const work = mkdtempSync(join(tmpdir(), 'cascade-reconstruct-'));
after(() => rmSync(work, { recursive: true, force: true }));
const SCENARIO = '2020-03-12-btcusdt-reconstructed';
const ANCHORS = join(import.meta.dirname, '../../../scenarios/anchors/2020-03-12-btcusdt.yaml');

interface Hour {
  readonly hour: bigint;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly made: boolean;
}

async function hoursOf(stream: string): Promise<Hour[]> {
  const db = await openDuckDb();
  const connection = await db.connect();
  try {
    const file = sqlText(join(work, 'a', stream, 'data.parquet'));
    return await rowsOf<Hour>(
      connection,
      `SELECT time // 3600000000 AS hour, arg_min(price, time) AS open, max(price) AS high, min(price) AS low,
         arg_max(price, time) AS close, round(sum(qty), 3) AS volume, bool_and(reconstructed) AS made
       FROM read_parquet(${file}) GROUP BY hour ORDER BY hour`,
    );
  } finally {
    connection.closeSync();
    db.closeSync();
  }
}

test('every hour of the perpetual keeps its open, high, low, close and volume', async () => {
  const ran = await cascade('data', 'reconstruct', SCENARIO, '--out', join(work, 'a'));
  assert.equal(ran.exit, 0, ran.err);
  const hours = await hoursOf('perp');
  const published = readAnchors(ANCHORS).series.get('perp')!.bars;
  assert.equal(hours.length, 48);
  for (const hour of hours) {
    const bar = published.find((one) => BigInt(one.tsUs) === hour.hour * 3_600_000_000n)!;
    assert.deepEqual(
      [hour.open, hour.high, hour.low, hour.close].map(Number),
      [bar.open, bar.high, bar.low, bar.close].map(Number),
      String(hour.hour),
    );
    // volumes are whole lots of 0.001 that sum to the bar's, rounded to a lot
    assert.ok(Math.abs(hour.volume - Number(bar.volume)) <= 0.000_501, `${hour.volume} ${bar.volume}`);
    assert.equal(hour.made, true);
  }
});

test('a constituent keeps its own bars, at the instants of the common path', async () => {
  const [stream] = readdirSync(join(work, 'a')).filter((name) => name.includes('coinbase'));
  const hours = await hoursOf(stream!);
  const published = readAnchors(ANCHORS).series.get('coinbase')!.bars;
  for (const hour of hours) {
    const bar = published.find((one) => BigInt(one.tsUs) === hour.hour * 3_600_000_000n)!;
    assert.deepEqual([hour.high, hour.low, hour.close], [bar.high, bar.low, bar.close].map(Number));
  }
});

test('same seed, same bytes; another seed, another path; nothing is written over', async () => {
  const bytes = (folder: string) => readFileSync(join(work, folder, 'perp', 'data.parquet'));
  await cascade('data', 'reconstruct', SCENARIO, '--out', join(work, 'b'));
  assert.ok(bytes('a').equals(bytes('b')));
  await cascade('data', 'reconstruct', SCENARIO, '--seed', 'another', '--out', join(work, 'c'));
  assert.ok(!bytes('a').equals(bytes('c')));
  const again = await cascade('data', 'reconstruct', SCENARIO, '--out', join(work, 'c'));
  assert.equal(again.exit, 2);
  assert.match(again.err, /^SCENARIO_INVALID: the folder cannot be made/);
  assert.deepEqual(readdirSync(work).sort(), ['a', 'b', 'c']);
  const metadata = JSON.parse(readFileSync(join(work, 'a', 'perp', 'metadata.json'), 'utf8')) as {
    reconstructed: boolean;
    seed: string;
  };
  assert.equal(metadata.reconstructed, true);
  assert.ok(existsSync(join(work, 'a', 'perp', 'data.parquet')));
});
