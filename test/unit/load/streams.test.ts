/** Each kind of stream beside trades and candles, and how units and quotes meet. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { money, price, qty } from '../../../src/basics/exact.ts';
import { ReplayError } from '../../../src/basics/errors.ts';
import { parseInstant, SECOND_US } from '../../../src/basics/instant.ts';
import { loadFrames } from '../../../src/load/loadFrames.ts';
import { lotsOf, unitsOf } from '../../../src/load/units.ts';
import type { Facts, QuotePolicy, StreamSpec } from '../../../src/rules/facts.ts';
import { btcusdt, factsOf, stream } from '../../support/facts.ts';
import { CANDLE_COLUMNS, type Cell, freshFolder, TRADE_COLUMNS, writeRows } from '../../support/parquet.ts';

const T = parseInstant('2020-03-12T10:00Z');
const FROM = '2020-03-12T10:00Z';
const UNTIL = '2020-03-12T10:01Z';

/** A folder with one minute of the perpetual, and facts with more streams beside it. */
async function beside(t: TestContext, others: readonly Partial<StreamSpec>[], over: Partial<Facts> = {}) {
  const dir = freshFolder(t);
  await writeRows(join(dir, 'perp.parquet'), CANDLE_COLUMNS, [[T, 100, 101, 99, 100.5, 10]]);
  const facts = factsOf(
    FROM,
    UNTIL,
    [stream({ path: 'perp.parquet' }), ...others.map((other) => stream(other))],
    over,
  );
  const load = () =>
    loadFrames(facts, { dataDir: dir, folder: dir, timing: 'common', seed: '', cacheDir: '' });
  return { dir, facts, load };
}
const rejectsAt = (code: string, row: number, words: RegExp) => (e: unknown) =>
  e instanceof ReplayError && e.code === code && e.place.row === row && words.test(e.message);

test('lots of every unit, linear and inverse', () => {
  const lots = (
    kind: 'linear' | 'inverse',
    qtyUnit: StreamSpec['qtyUnit'],
    quantity: number,
    at: number,
  ): number => {
    const market =
      kind === 'linear' ? btcusdt() : btcusdt({ kind, qtyStep: qty('100'), faceValue: money('1') });
    return lotsOf(unitsOf(stream({ qtyUnit }), market), quantity, at);
  };
  // linear, lot 0.001: 2.5 base = 2500 lots; 5000 quote at 2000 = 2.5 base
  assert.equal(lots('linear', 'base', 2.5, 2000), 2500);
  assert.equal(lots('linear', 'quote', 5000, 2000), 2500);
  assert.equal(lots('linear', 'contracts', 2.5, 2000), 2500); // face value 1
  // inverse, 1 USD a contract, lot 100: 5000 contracts = 50 lots; 5000 USD the same; 2.5 coins at 2000 too
  assert.equal(lots('inverse', 'contracts', 5000, 2000), 50);
  assert.equal(lots('inverse', 'quote', 5000, 2000), 50);
  assert.equal(lots('inverse', 'base', 2.5, 2000), 50);
});

test('a tick that is no positive number is refused', () => {
  const wrong = (tick: string) => () => unitsOf(stream({ role: 'constituent', tick }), btcusdt());
  for (const tick of ['', '0', '-1', 'x']) {
    assert.throws(wrong(tick), (e: unknown) => e instanceof ReplayError && e.code === 'SCENARIO_INVALID');
  }
});

const BOOK = { time: 'BIGINT', bid: 'DOUBLE', ask: 'DOUBLE' };

test('a book gives twice its mid at beat ends; crossed or off its tick it is refused', async (t) => {
  const { dir, load } = await beside(t, [
    { id: 'book', kind: 'bookTop', intervalUs: 0, path: 'book.parquet' },
  ]);
  const path = join(dir, 'book.parquet');
  await writeRows(path, BOOK, [
    [T, 100, 100.1],
    [T + 1.5 * SECOND_US, 99.9, 100],
    [T + 1.7 * SECOND_US, 99.8, 100],
  ]);
  const { bidPlusAskTicks, bidTicks } = (await load()).markets.get('BTCUSDT')!;
  // beat 0: 1000 + 1001; beat 1: the later of two, 998 + 1000; then it holds
  assert.deepEqual([...bidPlusAskTicks!.slice(0, 4)], [2001, 1998, 1998, 1998]);
  assert.deepEqual([...bidTicks!.slice(0, 4)], [1000, 998, 998, 998]);
  await writeRows(path, BOOK, [
    [T, 100, 100.1],
    [T + 1, 100.2, 100.1],
  ]);
  await assert.rejects(load(), rejectsAt('DATA_SCHEMA', 2, /bid 100.2 is above ask/));
  await writeRows(path, BOOK, [[T, 100, 100.15]]);
  await assert.rejects(load(), rejectsAt('DATA_SCHEMA', 1, /no multiple of the tick/));
  await writeRows(path, BOOK, [
    [T + 5, 100, 100.1],
    [T, 100, 100.1],
  ]);
  await assert.rejects(load(), rejectsAt('DATA_DISORDER', 2, /follows/));
  await writeRows(path, { time: 'BIGINT', mid: 'DOUBLE' }, [[T, 100.05]]);
  const ofMid = (await load()).markets.get('BTCUSDT')!;
  assert.equal(ofMid.bidPlusAskTicks![0], 2001);
  assert.equal(ofMid.bidTicks, null); // a mid alone does not say how far apart bid and ask are
});

test('recorded marks are published numbers; open interest holds from before the window', async (t) => {
  const { dir, load } = await beside(t, [
    { id: 'mark', kind: 'mark', role: 'mark', intervalUs: 0, path: 'mark.parquet' },
    { id: 'oi', kind: 'openInterest', role: 'none', intervalUs: 0, qtyUnit: 'quote', path: 'oi.parquet' },
  ]);
  await writeRows(join(dir, 'mark.parquet'), { time: 'BIGINT', price: 'DOUBLE' }, [
    [T + SECOND_US, 100.12345678],
  ]);
  const amounts: Cell[][] = [
    [T - 3600 * SECOND_US, 5025],
    [T + 30 * SECOND_US, 1005],
  ];
  await writeRows(join(dir, 'oi.parquet'), { time: 'BIGINT', openInterest: 'DOUBLE' }, amounts);
  const own = (await load()).markets.get('BTCUSDT')!;
  assert.ok(Number.isNaN(own.recordedMarkF64![0]));
  assert.equal(own.recordedMarkF64![59], 100.12345678);
  assert.equal(own.openInterestLots![59], 10_000); // 1005 USDT at the close 100.5: 10 BTC, lot 0.001
  assert.equal(own.openInterestLots![0], Math.round(5025 / 100 / 0.001)); // at the open 100
});

test('funding rates stay decimal text; the stamp after the window is there, a double is not', async (t) => {
  const { dir, load } = await beside(t, [
    { id: 'f', kind: 'funding', role: 'none', intervalUs: 0, path: 'f.parquet' },
  ]);
  const later = T + 7 * 3600 * SECOND_US;
  await writeRows(join(dir, 'f.parquet'), { time: 'BIGINT', rate: 'DOUBLE' }, [
    [T - 1, 1],
    [T + 5, -0.00375],
    [later, 1e-7],
  ]);
  assert.deepEqual((await load()).side.funding, [
    { tsUs: T + 5, market: 'BTCUSDT', rate: '-0.00375' },
    { tsUs: later, market: 'BTCUSDT', rate: '0.0000001' },
  ]);
  await writeRows(join(dir, 'f.parquet'), { time: 'BIGINT', rate: 'DOUBLE' }, [
    [T, 1],
    [T + 5, 0.1],
    [T + 5, 0.2],
  ]);
  await assert.rejects(load(), rejectsAt('DATA_DISORDER', 3, /twice/));
  await writeRows(join(dir, 'f.parquet'), { time: 'BIGINT', rate: 'DOUBLE' }, [
    [T, 1],
    [T + 5, null],
  ]);
  await assert.rejects(load(), rejectsAt('DATA_SCHEMA', 2, /rate is no decimal/));
});

test('liquidations by order side, fund balances and account events go to side tables, sorted', async (t) => {
  const { dir, load } = await beside(t, [
    { id: 'l', kind: 'liquidations', role: 'none', intervalUs: 0, path: 'l.parquet' },
    { id: 'b', kind: 'fundBalance', role: 'none', name: 'fund', intervalUs: 0, path: 'b.parquet' },
    { id: 'e', kind: 'accountEvents', role: 'none', intervalUs: 0, path: 'e.parquet', accept: ['disorder'] },
  ]);
  await writeRows(join(dir, 'l.parquet'), TRADE_COLUMNS, [
    [T, 100, 0.002, 'SELL'],
    [T + 1, 101, 0.001, 'short'],
  ]);
  await writeRows(join(dir, 'b.parquet'), { time: 'BIGINT', balance: 'DECIMAL(30,8)' }, [[T, 12.5]]);
  const columns = {
    time: 'BIGINT',
    account: 'VARCHAR',
    kind: 'VARCHAR',
    amount: 'VARCHAR',
    side: 'VARCHAR',
    price: 'VARCHAR',
  };
  await writeRows(join(dir, 'e.parquet'), columns, [
    [T + 2, 'ann', 'open', '0.5', 'long', '100.5'],
    [T + 1, 'bob', 'deposit', '7', null, null],
  ]);
  const { side } = await load();
  assert.deepEqual(side.observedLiquidations, [
    { tsUs: T, market: 'BTCUSDT', side: 'long', lots: 2, priceTicks: 1000 },
    { tsUs: T + 1, market: 'BTCUSDT', side: 'short', lots: 1, priceTicks: 1010 },
  ]);
  assert.deepEqual(side.fundBalances, [{ tsUs: T, fund: 'fund', balance: '12.5' }]);
  assert.deepEqual(side.accountEvents, [
    { tsUs: T + 1, account: 'bob', kind: 'deposit', market: 'BTCUSDT', side: null, amount: '7', price: null },
    {
      tsUs: T + 2,
      account: 'ann',
      kind: 'open',
      market: 'BTCUSDT',
      side: 'long',
      amount: '0.5',
      price: '100.5',
    },
  ]);
  await writeRows(join(dir, 'e.parquet'), columns, [[T, 'ann', 'vanish', '1', null, null]]);
  await assert.rejects(load(), rejectsAt('DATA_SCHEMA', 1, /kind "vanish"/));
});

const spot = (name: string, quote: string): Partial<StreamSpec> => ({
  id: `spot-${name}`,
  role: 'constituent',
  name,
  quote,
  path: 'perp.parquet',
  tick: '0.1',
});

test('constituents in two currencies meet only as the scenario says', async (t) => {
  const mixed = [spot('a', 'USD'), spot('b', 'USDT')];
  const rate = { id: 'rate', role: 'none' as const, path: 'rate.parquet', tick: '0.0001' };
  const under = async (policy: QuotePolicy) => {
    const { dir, load } = await beside(t, [...mixed, rate], { quote: { BTCUSDT: policy } });
    await writeRows(join(dir, 'rate.parquet'), CANDLE_COLUMNS, [[T, 1.005, 1.005, 1.005, 1.005, 1]]);
    return (await load()).constituents.get('BTCUSDT')!.map((own) => own.lastTicks[59]);
  };
  await assert.rejects(under({ kind: 'same' }), (e: unknown) => {
    assert.equal((e as ReplayError).code, 'SCENARIO_INVALID');
    assert.match((e as Error).message, /spot-a in USD and spot-b in USDT/);
    return true;
  });
  assert.deepEqual(await under({ kind: 'asIs' }), [1005, 1005]);
  // 100.5 / 1.005 = 100.0: 1000 ticks of 0.1
  assert.deepEqual(await under({ kind: 'convert', from: 'USD', to: 'USDT', stream: 'rate' }), [1000, 1005]);
  await assert.rejects(under({ kind: 'convert', from: 'USD', to: 'USDT', stream: 'none' }), /no rate stream/);
});

test('a constituent grows old from the end of its last bar that traded; a mark never does', async (t) => {
  const dir = freshFolder(t);
  const bar = (i: number, volume: number): Cell[] => [T + i * 60 * SECOND_US, 100, 100, 100, 100, volume];
  await writeRows(join(dir, 'a.parquet'), CANDLE_COLUMNS, [bar(0, 1), bar(1, 0), bar(3, 1)]);
  await writeRows(
    join(dir, 'p.parquet'),
    CANDLE_COLUMNS,
    [0, 1, 2, 3].map((i) => bar(i, 1)),
  );
  const streams = [
    stream({ path: 'p.parquet' }),
    stream({ id: 's', role: 'constituent', name: 'a', path: 'a.parquet', accept: ['gaps', 'zeroVolume'] }),
    stream({ id: 'i', role: 'index', path: 'a.parquet', accept: ['gaps'] }),
  ];
  const facts = factsOf(FROM, '2020-03-12T10:04Z', streams, {
    markets: { BTCUSDT: btcusdt({ priceTick: price('0.1') }) },
  });
  const frames = await loadFrames(facts, {
    dataDir: dir,
    folder: dir,
    timing: 'common',
    seed: '',
    cacheDir: '',
  });
  const [constituent, index] = frames.constituents.get('BTCUSDT')!;
  const ages = (own: typeof constituent) =>
    [59, 60, 119, 120, 179, 180].map((beat) => own!.ageUs[beat]! / SECOND_US);
  assert.deepEqual(ages(constituent), [0, 1, 60, 61, 120, 0]); // minute 1 without volume, minute 2 missing
  assert.deepEqual(ages(index), [0, 0, 0, 1, 60, 0]); // no volume is told: only the missing minute counts
});

test('the fold reads files of a glob in the order of their names, and other time units', async (t) => {
  const dir = freshFolder(t);
  await writeRows(join(dir, 'd1.parquet'), TRADE_COLUMNS, [[T / 1000, 100, 0.001, 'buy']]);
  await writeRows(join(dir, 'd2.parquet'), TRADE_COLUMNS, [[T / 1000 + 1000, 101, 0.002, 'sell']]);
  const spec = stream({ kind: 'trades', intervalUs: 0, path: 'd*.parquet', timeUnit: 'ms' });
  const load = (over: Partial<StreamSpec>) =>
    loadFrames(factsOf(FROM, UNTIL, [{ ...spec, ...over }]), {
      dataDir: dir,
      folder: dir,
      timing: 'common',
      seed: '',
      cacheDir: '',
    });
  const frames = await load({});
  const own = frames.markets.get('BTCUSDT')!;
  assert.deepEqual([...own.lastTicks.slice(0, 3)], [1000, 1010, 1010]);
  assert.deepEqual([...own.buyLots.slice(0, 3)], [1, 0, 0]);
  assert.deepEqual(
    frames.streams[0]!.files.map((file) => file.path),
    ['d1.parquet', 'd2.parquet'],
  );
  await writeRows(join(dir, 'n.parquet'), TRADE_COLUMNS, [[`${T}999`, 100, 0.003, 'buy']]);
  const nanos = await load({ path: 'n.parquet', timeUnit: 'ns' });
  assert.equal(nanos.markets.get('BTCUSDT')!.lots[0], 3);
});

test('a scenario whose window, bars and beats do not fit is refused', async (t) => {
  const { facts, dir } = await beside(t, []);
  const options = { dataDir: dir, folder: dir, timing: 'common', seed: '', cacheDir: '' } as const;
  const wrong: Facts[] = [
    { ...facts, untilUs: facts.fromUs },
    { ...facts, fromUs: facts.fromUs + 1 },
    { ...facts, beatUs: 7 * SECOND_US, fromUs: 7 * SECOND_US * 1e6, untilUs: 7 * SECOND_US * (1e6 + 1) },
    { ...facts, timingStream: 'nobody' },
    { ...facts, streams: [stream({ path: 'perp.parquet', role: 'constituent' })] },
    { ...facts, streams: [stream({ path: 'perp.parquet', market: 'OTHER' })] },
  ];
  for (const bad of wrong) {
    await assert.rejects(
      loadFrames(bad, options),
      (e: unknown) => e instanceof ReplayError && e.code === 'SCENARIO_INVALID',
    );
  }
});
