/**
 * Accounts that lost a position are put away as columns and made anew when somebody asks (ledger/restingAccounts):
 * a world that never puts anybody away writes the same rows.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { draw } from '../../src/basics/draw.ts';
import { canonicalJson } from '../../src/basics/digest.ts';
import { money, rate } from '../../src/basics/exact.ts';
import { linearMarket, SECOND, type Tiny, type TinyAccount, tinyWorld } from '../support/tinyWorld.ts';

const MARKETS = [linearMarket('BTCUSDT'), linearMarket('ETHUSDT')];
const PRICE = { BTCUSDT: 50000, ETHUSDT: 200 } as const;
const BEATS = 120;

/** Accounts of one to four positions, isolated or cross, who also stop losses, leave and come. */
function accounts(seed: number): TinyAccount[] {
  const of = (a: number, field: number): number => draw(seed, a, field);
  return Array.from({ length: 60 }, (_, a) => {
    const cross = of(a, 1) < 0.4;
    const kinds = [
      ['BTCUSDT', 'long'],
      ['BTCUSDT', 'short'],
      ['ETHUSDT', 'long'],
      ['ETHUSDT', 'short'],
    ] as const;
    const own = kinds.filter((_, k) => of(a, 10 + k) < 0.5);
    const legs = (own.length > 0 ? own : kinds.slice(0, 1)).map(([market, side], k) => {
      const qty = (1 + Math.floor(of(a, 20 + k) * 2000)) / 1000;
      const margin = (qty * PRICE[market]) / (3 + of(a, 30 + k) * 40);
      return {
        market,
        side,
        qty: String(qty),
        entry: String(PRICE[market]),
        ...(cross ? {} : { margin: margin.toFixed(8) }),
        ...(of(a, 40 + k) < 0.2 ? { stop: side === 'long' ? 0.9 : 1.05 } : {}),
        ...(of(a, 50 + k) < 0.2 ? { departs: Math.floor(of(a, 60 + k) * BEATS) } : {}),
        ...(of(a, 70 + k) < 0.1
          ? { qty: '0', arrives: { beat: Math.floor(of(a, 80 + k) * BEATS), qty: String(qty), leverage: 8 } }
          : {}),
      };
    });
    return {
      name: `p${a}`,
      cross,
      wallet: cross ? String(500 + Math.floor(of(a, 2) * 8000)) : String(Math.floor(of(a, 2) * 100)),
      ...(of(a, 3) < 0.2 ? { orderMargin: '10' } : {}),
      legs,
    };
  });
}

const scene = (seed: number): Tiny => {
  const path = (market: keyof typeof PRICE, field: number) => {
    let at = 1;
    return Array.from({ length: BEATS }, (_, b) => {
      at *= 1 + (draw(seed, b, field) - 0.53) * 0.04;
      return { index: (PRICE[market] * at).toFixed(2), volume: '4' };
    });
  };
  const [markets, stamps] = [MARKETS, [20, 60, 90]];
  return {
    markets,
    accounts: accounts(seed),
    beats: { BTCUSDT: path('BTCUSDT', 1), ETHUSDT: path('ETHUSDT', 2) },
    marketRules: Object.fromEntries(
      markets.map(({ id }) => [
        id,
        { funding: { intervalUs: 30 * SECOND, offsetUs: 0, paymentScale: null } },
      ]),
    ),
    side: {
      funding: stamps.flatMap((second) =>
        markets.map(({ id }) => ({ market: id, tsUs: second * SECOND, rate: '0.0003' })),
      ),
    },
    assumptions: { fundOpening: { main: money('100') }, winnersTake: rate('0.3') },
    lambda: 1e-7,
  };
};

/** Every row of a world, as text, and how many accounts were at rest in the end. */
function played(tiny: Tiny, puts: boolean): { rows: string; resting: number } {
  const { world, frames } = tinyWorld(tiny);
  const { book } = world.desk;
  if (!puts) book.retire = () => {};
  const rows: string[] = [];
  for (let beat = 0; beat < frames.beats; beat++)
    rows.push(canonicalJson(world.act(beat, world.price(beat)!)));
  rows.push(canonicalJson(world.finish()));
  let resting = 0;
  // an account that rests is made anew each time
  for (let a = 0; a < book.population.accounts; a++)
    if (book.isTouched(a) && !Object.is(book.read(a), book.read(a))) resting++;
  return { rows: rows.join('\n'), resting };
}

test('putting accounts away changes no row, under funding, ADL, stops and newcomers', () => {
  let all = 0;
  const happened = new Map<string, number>();
  for (let seed = 1; seed <= 12; seed++) {
    const [with_, without] = [played(scene(seed), true), played(scene(seed), false)];
    assert.equal(without.resting, 0);
    assert.equal(with_.rows, without.rows, `seed ${seed}`);
    all += with_.resting;
    for (const what of ['"reason":"funding"', '"why":"adl"', '"why":"stop-loss"', '"why":"arrival"'])
      happened.set(what, (happened.get(what) ?? 0) + with_.rows.split(what).length - 1);
  }
  for (const [what, times] of happened) assert.ok(times > 20, `${what}: ${times}`);
  assert.ok(all > 100, `${all} accounts at rest`);
});
