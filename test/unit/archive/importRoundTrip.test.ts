/**
 * What an import writes a replay reads: no column is named, no row is lost, prices and quantities are
 * those of the vendors' texts to the last digit.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SECOND_US } from '../../../src/basics/instant.ts';
import { loadFrames } from '../../../src/load/loadFrames.ts';
import type { StreamSpec } from '../../../src/rules/facts.ts';
import { cascade } from '../../support/cli.ts';
import { factsOf, stream } from '../../support/facts.ts';
import { imported, writeFileAs } from '../../support/importing.ts';
import { START_MS, TINY, tinyScenario } from '../../support/tinyScenario.ts';
import { freshFolder } from '../../support/parquet.ts';

/** Vendors' files of ten minutes from 2021-05-19T12:00Z, imported into `archive`. */
async function archiveOf(t: TestContext): Promise<{ folder: string; trades: string[][] }> {
  const folder = freshFolder(t);
  const out = join(folder, 'archive');
  const price = (n: number): string => (42000 - n * 3.7).toFixed(1);
  // a trade a second; every tenth instant has two
  const trades = Array.from({ length: 660 }, (_, n) => {
    const second = Math.floor((n * 10) / 11);
    return [
      String(900 + n),
      price(n),
      `0.${String(1 + (n % 900)).padStart(3, '0')}`,
      String(START_MS + second * 1000 + 7),
    ];
  });
  const um = trades.map(([id, at, qty, ms], n) => `${id},${at},${qty},1,1,${ms},${n % 11 !== 5}`).join('\n');
  const seconds = trades.map(
    ([id, at, qty, ms], n) =>
      `${Number(ms) / 1000},BTCUSDT,${n % 11 === 5 ? 'Buy' : 'Sell'},${qty},${at},PlusTick,id-${id},1,1,1`,
  );
  const head =
    'timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,foreignNotional';
  const spot = Array.from({ length: 10 }, (_, m) => {
    const ms = START_MS + m * 60_000;
    return `${ms},${42001.25 - m},${42010.5 - m},${41990.75 - m},${42000.03 - m},12.345,${ms + 59999},1,9,6.1,1,0`;
  });
  const funding = `calc_time,funding_interval_hours,last_funding_rate\n${START_MS + 4},8,0.00008191\n`;
  await imported({
    vendor: 'binance-vision',
    out,
    files: [
      await writeFileAs(join(folder, 'um/BTCUSDT-aggTrades-2021-05-19.zip'), um),
      await writeFileAs(join(folder, 'um/BTCUSDT-fundingRate-2021-05.zip'), funding),
      await writeFileAs(join(folder, 'spot/BTCUSDT-1m-2021-05-19.zip'), spot.join('\n')),
    ],
  });
  const file = await writeFileAs(
    join(folder, 'BTCUSDT2021-05-19.csv.gz'),
    `${head}\n${seconds.join('\n')}\n`,
  );
  await imported({ vendor: 'bybit', files: [file], out });
  return { folder, trades };
}

const from = (series: string, over: Partial<StreamSpec>): StreamSpec =>
  stream({ path: `archive/${series}/data.parquet`, timeUnit: 'us', ...over });

test('every row arrives, with the prices and quantities of the text', async (t) => {
  const { folder, trades } = await archiveOf(t);
  for (const series of ['binance-um/BTCUSDT/aggTrades', 'bybit/BTCUSDT/trades']) {
    const streams = [
      from(series, { kind: 'trades', intervalUs: 0 }),
      from('binance-spot/BTCUSDT/candles-1m', {
        id: 'spot',
        role: 'constituent',
        name: 'binance',
        tick: '0.01',
      }),
      from('binance-um/BTCUSDT/funding', { id: 'funding', kind: 'funding', role: 'none', intervalUs: 0 }),
    ];
    const facts = factsOf('2021-05-19T12:00Z', '2021-05-19T12:10Z', streams, { beatUs: SECOND_US });
    const frames = await loadFrames(facts, {
      dataDir: folder,
      folder,
      timing: 'common',
      seed: '',
      cacheDir: '',
    });
    assert.deepEqual(
      frames.streams.map((own) => own.rowsRead),
      [660, 10, 1],
      series,
    );
    const own = frames.markets.get('BTCUSDT')!;
    // per second: whole ticks of 0.1 and lots of 0.001, from the digits of the text
    const [last, lots] = [new Map<number, number>(), new Map<number, number>()];
    for (const [, at, qty, ms] of trades) {
      const beat = Math.floor((Number(ms) - START_MS) / 1000);
      last.set(beat, Number(at!.replace('.', '')));
      lots.set(beat, (lots.get(beat) ?? 0) + Number(qty!.replace('0.', '')));
    }
    assert.equal(last.size, 600);
    for (const [beat, ticks] of last) assert.equal(own.lastTicks[beat], ticks);
    for (const [beat, sum] of lots) assert.equal(own.lots[beat], sum);
    const [stamp] = frames.side.funding;
    assert.deepEqual([String(stamp!.rate), stamp!.tsUs], ['0.00008191', START_MS * 1000]);
    const [spot] = frames.constituents.get('BTCUSDT')!;
    // the closes: 42000.03, and 1 less each minute
    for (let m = 0; m < 10; m++) assert.equal(spot!.lastTicks[m * 60 + 59], 4200003 - 100 * m);
  }
});

test('a scenario over an archive names no column', async (t) => {
  const { folder } = await archiveOf(t);
  const tiny = await tinyScenario(t);
  const text = TINY.replace(
    /streamDefaults[\s\S]*?timing: perp/,
    `streamDefaults: { timeUnit: us, quote: USDT, source: made up }
  streams:
    perp: { market: BTCUSDT, kind: trades, role: perp, path: archive/binance-um/BTCUSDT/aggTrades/data.parquet }
    spot:
      market: BTCUSDT
      kind: candles
      role: constituent
      name: binance
      path: archive/binance-spot/BTCUSDT/candles-1m/data.parquet
      interval: 1m
      tick: 0.01
    funding: { market: BTCUSDT, kind: funding, role: none, path: archive/binance-um/BTCUSDT/funding/data.parquet }`,
  );
  assert.notEqual(text, TINY);
  const scenario = join(folder, 'tiny.yaml');
  writeFileSync(scenario, text);
  const flags = ['--data', folder, '--out', tiny.out, '--cache', join(folder, 'cache'), '--no-reruns'];
  const checked = await cascade('data', 'check', scenario, '--data', folder);
  assert.equal(checked.exit, 0, checked.out + checked.err);
  const ran = await cascade('run', scenario, ...flags);
  assert.equal(ran.exit, 0, ran.out + ran.err);
});
