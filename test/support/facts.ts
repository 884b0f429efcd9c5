/** Facts for tests of the load and clock rooms: one stream or market with everything usual filled in. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { money, price, qty } from '../../src/basics/exact.ts';
import { parseInstant, SECOND_US } from '../../src/basics/instant.ts';
import type { Facts, StreamSpec } from '../../src/rules/facts.ts';
import type { Market } from '../../src/rules/market.ts';

/** A BTC/USDT linear market: tick 0.1, lot 0.001. */
export const btcusdt = (over: Partial<Market> = {}): Market => ({
  id: 'BTCUSDT',
  kind: 'linear',
  settle: 'USDT',
  priceTick: price('0.1'),
  qtyStep: qty('0.001'),
  faceValue: money('1'),
  valueScale: 8,
  ...over,
});

/** A candle stream of the perpetual; override what the test is about. */
export const stream = (over: Partial<StreamSpec>): StreamSpec => ({
  id: 'perp',
  market: 'BTCUSDT',
  kind: 'candles',
  role: 'perp',
  name: '',
  path: 'none.parquet',
  columns: {},
  filter: {},
  timeUnit: 'us',
  intervalUs: 60 * SECOND_US,
  quote: 'USDT',
  qtyUnit: 'base',
  tick: '0.01',
  accept: [],
  source: 'made for the test',
  ...over,
});

/** Facts of one market over [from, until) in beats of one second. */
export const factsOf = (
  from: string,
  until: string,
  streams: readonly StreamSpec[],
  over: Partial<Facts> = {},
): Facts => ({
  fromUs: parseInstant(from),
  untilUs: parseInstant(until),
  beatUs: SECOND_US,
  markets: { BTCUSDT: btcusdt() },
  streams,
  timingStream: '',
  quote: { BTCUSDT: { kind: 'asIs' } },
  outages: [],
  before: {},
  published: [],
  ...over,
});

/** The folder of real data beside the project; tests that need it skip where it is missing. */
export const SHARED_DATA = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'shared', 'data');
export const NO_SHARED_DATA = existsSync(SHARED_DATA) ? false : 'no ../shared/data beside the project';
