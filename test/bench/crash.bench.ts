/**
 * How fast the engine is where it matters: one mark that liquidates 1 % of a million positions, and a
 * calm and a crashing hour with 100,000 drawn accounts. Prints one JSON line a case; run by hand
 * (`node test/bench/crash.bench.ts`), not a test: times are the machine's.
 */
import { draw } from '../../src/basics/draw.ts';
import { money } from '../../src/basics/exact.ts';
import type { Outbox } from '../../src/engine/rows.ts';
import type { World } from '../../src/engine/world.ts';
import { COLUMN_SCALE, type Population } from '../../src/ledger/population.ts';
import { tinyAssumptions, tinyFrames, tinyRules } from '../support/tinyWorld.ts';
import { BTC, drawn, hour, marketRules, millis, peakMb, worldOf } from './drawnHour.ts';

const say = (line: Readonly<Record<string, unknown>>): void => console.log(JSON.stringify(line));

/** Half a million longs of which 2 % fail at 39,600, half a million shorts in profit. */
function million(accounts: number): Population {
  const scale = 10 ** COLUMN_SCALE;
  const each = (make: (a: number) => number): number[] => Array.from({ length: accounts }, (_, a) => make(a));
  const qty = each((a) => 1 + Math.floor(draw(1, a, 1) * 2000)); // lots of 0.001
  const entry = 40000;
  const long = (a: number): boolean => a % 2 === 0;
  // one long in fifty at 72 to 92 times: fails at 39,600, bankrupt below 39,590; of these one in a
  // hundred at 110 to 120: bankrupt above. Everybody else at 2 to 12.
  const leverage = each((a) => {
    if (!long(a) || (a / 2) % 50 !== 0) return 2 + draw(1, a, 2) * 10;
    return (a / 100) % 100 === 0 ? 110 + draw(1, a, 2) * 10 : 72 + draw(1, a, 2) * 20;
  });
  const value = qty.map((lots) => lots * 0.001 * entry);
  return {
    accounts,
    markets: ['BTCUSDT'],
    names: new Map(),
    tracked: new Uint8Array(accounts),
    cross: new Uint8Array(accounts),
    asset: new Uint8Array(accounts),
    assets: ['USDT'],
    wallet: new BigInt64Array(accounts),
    orderMargin: new BigInt64Array(accounts),
    hedger: new Uint8Array(accounts),
    legStart: Uint32Array.from({ length: accounts + 1 }, (_, a) => a),
    legMarket: new Uint8Array(accounts),
    legSide: Int8Array.from(each((a) => (long(a) ? 1 : -1))),
    legLots: Float64Array.from(qty),
    legEntryValue: BigInt64Array.from(value, (v) => BigInt(Math.round(v * scale))),
    legMargin: BigInt64Array.from(value, (v, a) => BigInt(Math.round((v / leverage[a]!) * scale))),
    legLeverage: Float32Array.from(leverage),
    draws: 0,
  };
}

/** One mark: 1 % of a million positions fail, 1 % of these beyond a fund without money. */
function oneMark(): void {
  const population = million(1_000_000);
  const beat = { volume: '100000000', last: '39590' };
  const frames = tinyFrames([BTC], {
    BTCUSDT: [
      { index: '40000', ...beat },
      { index: '39600', ...beat },
    ],
  });
  const rules = tinyRules(marketRules(), 'USDT', { order: { kind: 'market' } });
  const assumptions = tinyAssumptions({ fundOpening: { main: money('0') } });
  for (const record of ['money', 'money', 'all'] as const) {
    const lambda = [new Float64Array(2)];
    const world = worldOf({ frames, population, record, rules, assumptions, lambda });
    const firstBeatMs = millis(() => world.act(0, world.price(0)!));
    const prices = world.price(1)!;
    let outbox!: Outbox;
    const ms = millis(() => {
      outbox = world.act(1, prices);
    });
    const { liquidations, adl, adlRequests } = outbox;
    const counts = { victims: liquidations.length, toAdl: adlRequests.length, adlCloses: adl.length };
    say({ case: 'one mark', record, firstBeatMs, ms, ...counts, peakMb: peakMb() });
  }
}

function hours(): void {
  let population!: Population;
  const ms = millis(() => {
    population = drawn(100_000);
  });
  say({ case: 'draw population', accounts: population.accounts, ms });
  for (const kind of ['calm', 'crash'] as const) {
    for (const record of ['money', 'all'] as const) {
      const frames = hour(kind);
      let world!: World;
      const madeMs = millis(() => {
        world = worldOf({ frames, population, record });
      });
      const startMs = millis(() => world.act(0, world.price(0)!));
      let [victims, adl, slowestMs] = [0, 0, 0];
      const ms = millis(() => {
        for (let b = 1; b < frames.beats; b++) {
          const prices = world.price(b)!;
          const from = performance.now();
          const outbox = world.act(b, prices);
          slowestMs = Math.max(slowestMs, performance.now() - from);
          victims += outbox.liquidations.length;
          adl += outbox.adl.length;
        }
      });
      const finishMs = millis(() => world.finish());
      const usPerBeat = (ms / (frames.beats - 1)) * 1000;
      const times = { madeMs, startMs, ms, usPerBeat, slowestMs, finishMs };
      say({ case: `${kind} hour`, record, ...times, victims, adl, peakMb: peakMb() });
    }
  }
}

oneMark();
hours();
