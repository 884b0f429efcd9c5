/** Published hourly figures become a tape of seconds: the bars are kept, the path between is the seed's. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { price } from '../../../src/basics/exact.ts';
import { ReplayError } from '../../../src/basics/errors.ts';
import { parseInstant } from '../../../src/basics/instant.ts';
import type { Frames } from '../../../src/clock/frames.ts';
import { readAnchors } from '../../../src/load/anchors.ts';
import { loadFrames } from '../../../src/load/loadFrames.ts';
import type { Timing } from '../../../src/rules/assumptions.ts';
import type { StreamSpec } from '../../../src/rules/facts.ts';
import { btcusdt, factsOf, stream } from '../../support/facts.ts';
import { freshFolder } from '../../support/parquet.ts';

const FOLDER = join(import.meta.dirname, '../../../scenarios/anchors');
const PATH = '2020-03-12-btcusdt.yaml';
const VENUES = ['binance', 'bitfinex', 'bitstamp', 'coinbase', 'gemini', 'kraken', 'ftx'];

const anchored = (over: Partial<StreamSpec>): StreamSpec =>
  stream({ kind: 'anchors', path: PATH, intervalUs: 0, ...over });
const streams = [
  anchored({}),
  anchored({ id: 'mark', role: 'mark' }),
  ...VENUES.map((name) =>
    anchored({ id: name, role: 'constituent', name, accept: name === 'gemini' ? ['zeroVolume'] : [] }),
  ),
  anchored({ id: 'funding', role: 'none' }),
];
const facts = factsOf('2020-03-12', '2020-03-14', streams, {
  markets: { BTCUSDT: btcusdt({ priceTick: price('0.01') }) },
});
const load = (seed: string, timing: Timing = 'common'): Promise<Frames> =>
  loadFrames(facts, { dataDir: FOLDER, folder: FOLDER, timing, seed, cacheDir: '' });

test('two seeds give two tapes of the same 48 hours, consistent across nine series', async () => {
  const anchors = readAnchors(join(FOLDER, PATH));
  const [one, two] = [await load('1'), await load('2')];
  const hours = anchors.series.get('perp')!.bars;
  assert.equal(hours.length, 48);
  for (const frames of [one, two]) {
    const own = frames.markets.get('BTCUSDT')!;
    for (const [hour, bar] of hours.entries()) {
      const of = (column: Float64Array): Float64Array => column.subarray(hour * 3600, (hour + 1) * 3600);
      assert.equal(Math.min(...of(own.lowTicks)) / 100, Number(bar.low));
      assert.equal(Math.max(...of(own.highTicks)) / 100, Number(bar.high));
      assert.equal(of(own.lastTicks).at(-1)! / 100, Number(bar.close));
      assert.equal(
        of(own.lots).reduce((sum, lots) => sum + lots, 0),
        Math.round(Number(bar.volume) * 1000),
      );
      assert.equal(
        Math.min(...of(own.recordedMarkF64!)),
        Number(anchors.series.get('mark')!.bars[hour]!.low),
      );
      for (const venue of frames.constituents.get('BTCUSDT')!) {
        const { low, high } = anchors.series.get(venue.name)!.bars[hour]!;
        assert.equal(Math.min(...of(venue.lastTicks)) / 100, Number(low), venue.name);
        assert.equal(Math.max(...of(venue.lastTicks)) / 100, Number(high), venue.name);
      }
    }
  }
  assert.notDeepEqual(one.markets.get('BTCUSDT')!.lastTicks, two.markets.get('BTCUSDT')!.lastTicks);
  assert.notEqual(one.key, two.key);
  assert.ok(one.streams.every((own) => own.nature === 'reconstructed'));
  // two days at 00, 08 and 16, and the stamp that ends the last interval
  assert.equal(one.side.funding.length, 7);
});

test('in a fall of the hour all venues are low when the perpetual is', async () => {
  const frames = await load('3');
  const own = frames.markets.get('BTCUSDT')!;
  // 13 March 02:00: the perpetual's hour from 4,5xx to 3,621.81 and back
  const from = (parseInstant('2020-03-13T02:00Z') - frames.startUs) / frames.beatUs;
  const hour = own.lowTicks.subarray(from, from + 3600);
  const lowest = hour.indexOf(Math.min(...hour));
  assert.equal(hour[lowest], 362181);
  for (const venue of frames.constituents.get('BTCUSDT')!) {
    const path = venue.lastTicks.subarray(from, from + 3600);
    assert.equal(path[lowest], Math.min(...path), venue.name);
  }
});

test('the volumes of FTX are dollars and become coins', async () => {
  const frames = await load('1', 'bySign');
  const ftx = frames.constituents.get('BTCUSDT')!.find((own) => own.name === 'ftx')!;
  // 13 March 00:00: 3,640,594.08355 USD at the close 4,660 = 781.243... BTC, lot 0.001
  const lots = ftx.lots.subarray(86_400, 90_000).reduce((sum, own) => sum + own, 0);
  assert.equal(lots, Math.round(3640594.08355 / 4660 / 0.001));
});

const GOOD = `title: t
interval: 1h
series:
  perp:
    source: made
    quote: USDT
    qtyUnit: base
    bars:
      - [2020-03-12T00:00Z, "10", "12", "9", "11", "1.5"]
funding: { source: made, stamps: [] }
daily: { source: made, bars: [] }
`;

test('a wrong file of anchors is named with what is wrong', async (t) => {
  const dir = freshFolder(t);
  const path = join(dir, 'a.yaml');
  const one = factsOf('2020-03-12', '2020-03-12T01:00Z', [anchored({ path: 'a.yaml' })]);
  const tryWith = async (text: string): Promise<unknown> => {
    writeFileSync(path, text);
    return loadFrames(one, { dataDir: dir, folder: dir, timing: 'common', seed: '', cacheDir: '' });
  };
  await tryWith(GOOD);
  const wrong: [string, string][] = [
    [GOOD.replace('"11"', '"x"'), 'DATA_SCHEMA'],
    [GOOD.replace('"11"', '"13"'), 'DATA_SCHEMA'], // close above high
    [GOOD.replace('"11"', '"11.05"'), 'DATA_SCHEMA'], // off the tick of 0.1
    [GOOD.replace('title: t', 'titel: t'), 'DATA_SCHEMA'],
    [GOOD.replace('03-12T00', '03-12T05'), 'DATA_GAP'],
    [GOOD.replace('"1.5"', '"0"'), 'DATA_GAP'],
    [GOOD.replace('perp:', 'mark:'), 'DATA_MISSING'],
  ];
  for (const [text, code] of wrong) {
    await assert.rejects(tryWith(text), (e: unknown) => {
      assert.ok(e instanceof ReplayError, String(e));
      assert.equal(e.code, code, `${e.message}\n${text}`);
      return true;
    });
  }
});
