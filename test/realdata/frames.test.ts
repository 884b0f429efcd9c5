/** The recorded event days as frames: what the bundles say of each hour, the frames say too, exactly. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openDuckDb, rowsOf, sqlText } from '../../src/basics/duckdb.ts';
import { price, qty } from '../../src/basics/exact.ts';
import { formatInstant, HOUR_US, parseInstant } from '../../src/basics/instant.ts';
import { framesDigest } from '../../src/clock/frameCache.ts';
import type { Frames } from '../../src/clock/frames.ts';
import { readAnchors } from '../../src/load/anchors.ts';
import { loadDailyBars } from '../../src/load/dailyBars.ts';
import { loadFrames } from '../../src/load/loadFrames.ts';
import type { Timing } from '../../src/rules/assumptions.ts';
import type { Facts, StreamSpec } from '../../src/rules/facts.ts';
import { btcusdt, factsOf, NO_SHARED_DATA, SHARED_DATA, stream } from '../support/facts.ts';

const options = { skip: NO_SHARED_DATA };
const places = { dataDir: SHARED_DATA, folder: SHARED_DATA };
const TIMINGS: readonly Timing[] = ['common', 'openHighLowClose', 'openLowHighClose', 'bySign'];

interface Event {
  readonly day: string;
  readonly from: string;
  readonly until: string;
  readonly perp: {
    readonly venue: string;
    readonly symbol: string;
    readonly minutes: number;
    readonly tick: string;
  };
  readonly spot: readonly {
    readonly venue: string;
    readonly symbol: string;
    readonly minutes: number;
    readonly file?: string;
  }[];
}

const EVENTS: readonly Event[] = [
  {
    day: '2020-03-12',
    from: '2020-03-12',
    until: '2020-03-14',
    perp: { venue: 'bitmex', symbol: 'XBTUSD', minutes: 1, tick: '0.5' },
    spot: [
      { venue: 'bitstamp', symbol: 'BTCUSD', minutes: 60 },
      { venue: 'gemini', symbol: 'BTCUSD', minutes: 60 },
    ],
  },
  {
    day: '2021-05-19',
    from: '2021-05-19',
    until: '2021-05-20',
    perp: { venue: 'binance', symbol: 'BTCUSDT', minutes: 60, tick: '0.01' },
    spot: [
      { venue: 'binance', symbol: 'BTCUSDT', minutes: 1 },
      { venue: 'coinbase', symbol: 'BTCUSD', minutes: 60 },
    ],
  },
  {
    day: '2022-06-13',
    from: '2022-06-13',
    until: '2022-06-14',
    perp: { venue: 'binance', symbol: 'BTCUSDT', minutes: 5, tick: '0.1' },
    spot: [
      { venue: 'binance', symbol: 'BTCUSDT', minutes: 5 },
      { venue: 'bitstamp', symbol: 'BTCUSD', minutes: 60 },
    ],
  },
  {
    day: '2025-10-10',
    from: '2025-10-10',
    until: '2025-10-11',
    perp: { venue: 'binance', symbol: 'BTCUSDT', minutes: 5, tick: '0.1' },
    spot: [
      { venue: 'binance', symbol: 'BTCUSDT', minutes: 5 },
      { venue: 'bybit', symbol: 'BTCUSDT', minutes: 5 },
    ],
  },
];

const filterOf = (
  venue: string,
  market: string,
  symbol: string,
  minutes: number,
): Record<string, string> => ({
  venue,
  market,
  symbol,
  price_type: 'trade',
  interval_ms: String(minutes * 60_000),
});

function factsOfEvent(event: Event): Facts {
  const common = {
    path: `events/${event.day}/candles.parquet`,
    columns: { time: 'ts_ms' },
    timeUnit: 'ms',
  } as const;
  const isBitmex = event.perp.venue === 'bitmex';
  const { venue, symbol, minutes, tick } = event.perp;
  const streams: StreamSpec[] = [
    stream({
      ...common,
      filter: filterOf(venue, 'perp', symbol, minutes),
      intervalUs: minutes * 60_000_000,
      qtyUnit: isBitmex ? 'contracts' : 'base',
      accept: isBitmex ? ['openOutsideRange', 'zeroVolume'] : [],
    }),
    ...event.spot.map((spot, i) =>
      stream({
        ...common,
        id: `spot${i}`,
        role: 'constituent',
        name: spot.venue,
        filter: filterOf(spot.venue, 'spot', spot.symbol, spot.minutes),
        intervalUs: spot.minutes * 60_000_000,
        accept: ['zeroVolume'],
      }),
    ),
  ];
  const market = btcusdt({
    priceTick: price(tick),
    ...(isBitmex ? { kind: 'inverse' as const, settle: 'XBT', qtyStep: qty('1') } : {}),
  });
  return factsOf(event.from, event.until, streams, { markets: { BTCUSDT: market } });
}

/** Low, high and volume of each hour, straight from the file. */
async function hoursOf(
  facts: Facts,
  spec: StreamSpec,
): Promise<{ low: number; high: number; volume: number }[]> {
  const instance = await openDuckDb();
  const where = Object.entries(spec.filter)
    .map(([name, value]) => `${name} = ${sqlText(value)}`)
    .join(' AND ');
  const rows = await rowsOf<{ low: number; high: number; volume: number }>(
    await instance.connect(),
    `SELECT min(low) AS low, max(high) AS high, sum(volume::DECIMAL(18, 3))::DOUBLE AS volume
       FROM read_parquet(${sqlText(join(SHARED_DATA, spec.path))})
      WHERE ${where} AND ts_ms >= ${facts.fromUs / 1000} AND ts_ms < ${facts.untilUs / 1000}
      GROUP BY ts_ms // 3600000 ORDER BY ts_ms // 3600000`,
  );
  instance.closeSync();
  return rows;
}

const hourOf = (frames: Frames, column: Float64Array, hour: number): Float64Array => {
  const beats = HOUR_US / frames.beatUs;
  return column.subarray(hour * beats, (hour + 1) * beats);
};

for (const event of EVENTS) {
  test(
    `${event.day}: lows, highs and volumes of every hour are the file's, under every timing`,
    options,
    async () => {
      const facts = factsOfEvent(event);
      const hours = await hoursOf(facts, facts.streams[0]!);
      assert.equal(hours.length, (facts.untilUs - facts.fromUs) / HOUR_US);
      const { priceTick, qtyStep } = facts.markets.BTCUSDT!;
      for (const timing of TIMINGS) {
        const frames = await loadFrames(facts, { ...places, timing, seed: '1', cacheDir: '' });
        const own = frames.markets.get('BTCUSDT')!;
        const spots = frames.constituents.get('BTCUSDT')!;
        for (const [hour, { low, high, volume }] of hours.entries()) {
          const at = `${timing} ${formatInstant(facts.fromUs + hour * HOUR_US)}`;
          assert.equal(
            Math.min(...hourOf(frames, own.lowTicks, hour)),
            Math.round(low / priceTick.toNumber()),
            at,
          );
          assert.equal(
            Math.max(...hourOf(frames, own.highTicks, hour)),
            Math.round(high / priceTick.toNumber()),
            at,
          );
          const lots = hourOf(frames, own.lots, hour).reduce((sum, x) => sum + x, 0);
          assert.equal(lots, Math.round(volume / qtyStep.toNumber()), at);
        }
        for (const [i, spot] of spots.entries()) {
          const lows = (await hoursOf(facts, facts.streams[i + 1]!)).map(({ low }) => Math.round(low * 100));
          const seen = lows.map((_, hour) => Math.min(...hourOf(frames, spot.lastTicks, hour)));
          assert.deepEqual(seen, lows, `${timing} ${spot.name}: last prices touch the lows`);
        }
      }
    },
  );
}

test('the BitMEX outage of 13 March 2020 shows as a last price that grows old', options, async () => {
  const facts = factsOfEvent(EVENTS[0]!);
  const asSpot = {
    ...facts.streams[0]!,
    id: 'bitmex',
    role: 'constituent' as const,
    name: 'bitmex',
    tick: '0.5',
  };
  const frames = await loadFrames(
    { ...facts, streams: [...facts.streams, asSpot] },
    { ...places, timing: 'common', seed: '', cacheDir: '' },
  );
  const bitmex = frames.constituents.get('BTCUSDT')!.find((own) => own.name === 'bitmex')!;
  const beat = (text: string): number => (parseInstant(text) - facts.fromUs) / frames.beatUs;
  // no volume in the minutes 02:21, 02:22 and 02:23; 02:24 traded again
  assert.equal(bitmex.ageUs[beat('2020-03-13T02:20:59Z')], 0);
  assert.equal(bitmex.ageUs[beat('2020-03-13T02:23:59Z')], 3 * 60_000_000);
  assert.equal(bitmex.ageUs[beat('2020-03-13T02:24:00Z')], 0);
  assert.equal(frames.streams[0]!.accepted.zeroVolume, 17); // 17 such bars in the bundle, all on these days
});

test('8 August 2024: real ticks and a real book', options, async (t: TestContext) => {
  const common = {
    columns: { time: 'ts_ms', buyerMaker: 'is_buyer_maker', id: 'trade_id' },
    timeUnit: 'ms',
    intervalUs: 0,
  } as const;
  const streams = [
    stream({ ...common, kind: 'trades', path: 'orderbook/binance_um_BTCUSDT_20240808_trades.parquet' }),
    stream({
      ...common,
      id: 'book',
      kind: 'bookTop',
      columns: { time: 'ts_ms', bid: 'bid_price', ask: 'ask_price' },
      path: 'orderbook/binance_um_BTCUSDT_20240808_book_ticker.parquet',
    }),
    stream({
      ...common,
      id: 'spot',
      kind: 'trades',
      role: 'constituent',
      name: 'binance',
      path: 'orderbook/binance_spot_BTCUSDT_20240808_trades.parquet',
    }),
  ];
  const facts = factsOf('2024-08-08T23:54:17Z', '2024-08-08T23:59:59Z', streams);
  const frames = await loadFrames(facts, { ...places, timing: 'common', seed: '', cacheDir: '' });
  const own = frames.markets.get('BTCUSDT')!;
  const instance = await openDuckDb();
  const [said] = await rowsOf<Record<string, number>>(
    await instance.connect(),
    `SELECT sum(round(qty * 1000))::DOUBLE AS lots, count(*)::DOUBLE AS n,
            sum(CASE WHEN is_buyer_maker THEN 0 ELSE round(qty * 1000) END)::DOUBLE AS buys
       FROM read_parquet(${sqlText(join(SHARED_DATA, streams[0]!.path))})
      WHERE ts_ms >= ${facts.fromUs / 1000} AND ts_ms < ${facts.untilUs / 1000}`,
  );
  instance.closeSync();
  const total = (column: Float64Array): number => column.reduce((sum, x) => sum + x, 0);
  assert.deepEqual(
    [total(own.lots), total(own.buyLots), total(own.trades)],
    [said!.lots, said!.buys, said!.n],
  );
  assert.equal(frames.streams[0]!.rowsRead, said!.n);
  // a quiet market: last within 5 ticks of 10 of the mid in almost every second
  const far = own.lastTicks.filter(
    (last, beat) => Math.abs(last - own.bidPlusAskTicks![beat]! / 2) > 100,
  ).length;
  t.diagnostic(`${far} of ${frames.beats} beats end more than 10 USDT from the mid`);
  assert.ok(far < frames.beats / 20);
});

test(
  'the anchors are the bundle: every figure of perp, mark and seven venues, 48 hours each',
  options,
  async () => {
    const anchors = readAnchors(join(import.meta.dirname, '../../scenarios/anchors/2020-03-12-btcusdt.yaml'));
    const instance = await openDuckDb();
    const db = await instance.connect();
    const path = sqlText(join(SHARED_DATA, 'events/2020-03-12/candles.parquet'));
    assert.deepEqual(
      [...anchors.series.keys()],
      ['perp', 'mark', 'binance', 'bitfinex', 'bitstamp', 'coinbase', 'gemini', 'kraken', 'ftx'],
    );
    for (const [name, series] of anchors.series) {
      const own =
        name === 'perp' || name === 'mark'
          ? `venue = 'binance' AND market = 'perp' AND price_type = '${name === 'perp' ? 'trade' : 'mark'}'`
          : `venue = '${name}' AND market = 'spot' AND price_type = 'trade'`;
      const rows = await rowsOf<Record<string, number | null>>(
        db,
        `SELECT ts_ms::DOUBLE * 1000 AS t, open, high, low, close, volume FROM read_parquet(${path})
        WHERE ${own} AND symbol IN ('BTCUSDT', 'BTCUSD', 'XBTUSD') AND interval_ms = 3600000
          AND ts_ms >= 1583971200000 AND ts_ms < 1584144000000 ORDER BY ts_ms`,
      );
      const wanted = rows.map((r) => [r.t, r.open, r.high, r.low, r.close, r.volume ?? 0]);
      const stated = series.bars.map((b) => [
        b.tsUs,
        ...[b.open, b.high, b.low, b.close, b.volume].map(Number),
      ]);
      assert.equal(stated.length, 48, name);
      assert.deepEqual(stated, wanted, name);
    }
    instance.closeSync();
    const daily = await loadDailyBars({
      ...places,
      path: 'binance-um/BTCUSDT_perp_trade_1h.parquet',
      columns: { time: 'ts_ms' },
      filter: {},
      timeUnit: 'ms',
      fromUs: parseInstant('2020-02-11'),
      untilUs: parseInstant('2020-03-12'),
    });
    assert.equal(daily.length, 30);
    for (const [i, bar] of daily.entries()) {
      const { volume, ...prices } = anchors.daily.bars[i]!;
      assert.deepEqual(
        { ...bar, volume: Math.round(bar.volume * 1000) },
        { ...prices, volume: Math.round(volume * 1000) },
      );
    }
  },
);

test('a run of the whole bundle twice gives one digest', options, async () => {
  const facts = factsOfEvent(EVENTS[1]!);
  const load = () => loadFrames(facts, { ...places, timing: 'common', seed: '1', cacheDir: '' });
  assert.equal(framesDigest(await load()), framesDigest(await load()));
});
