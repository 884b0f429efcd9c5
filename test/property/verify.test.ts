/**
 * Whatever a world does, its rows verify, and a Tally of them gives the figures of the database: two
 * accounts of the same run that share no arithmetic with the engine or with each other.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { money, rate } from '../../src/basics/exact.ts';
import { measure } from '../../src/measure/measure.ts';
import type { RunFacts } from '../../src/results/manifest.ts';
import { Store } from '../../src/results/store.ts';
import { Tally } from '../../src/results/tally.ts';
import { checkRows } from '../../src/results/verifyRun.ts';
import type { Market } from '../../src/rules/market.ts';
import { sampleFacts } from '../support/runFacts.ts';
import {
  inverseMarket,
  linearMarket,
  play,
  SECOND,
  type Tiny,
  type TinyAccount,
  tiers,
} from '../support/tinyWorld.ts';

const base = mkdtempSync(join(tmpdir(), 'cascade-played-'));
after(() => rmSync(base, { recursive: true, force: true }));
let runs = 0;

function factsOf(markets: readonly Market[]): RunFacts {
  const facts = sampleFacts();
  const byId = Object.fromEntries(markets.map((m) => [m.id, m]));
  return { ...facts, scenario: { ...facts.scenario, facts: { ...facts.scenario.facts, markets: byId } } };
}

/** Accounts around 10 000: leverage 5 to 50, entries within 3 %; contracts are 1 USD in an inverse market. */
const account = (inverse: boolean) =>
  fc
    .record({
      side: fc.constantFrom('long' as const, 'short' as const),
      size: fc.integer({ min: 1, max: 3000 }),
      entry: fc.integer({ min: 9700, max: 10300 }),
      leverage: fc.integer({ min: 5, max: 50 }),
      cross: fc.boolean(),
    })
    .map(({ side, size, entry, leverage, cross }) => {
      const worth = inverse ? size / entry : (size / 1000) * entry;
      const margin = (worth / leverage).toFixed(8);
      const leg = { side, qty: inverse ? String(size) : (size / 1000).toFixed(3), entry: String(entry) };
      return cross ? { cross, wallet: margin, legs: [leg] } : { legs: [{ ...leg, margin }] };
    });

const venue = (inverse: boolean) =>
  fc.record({
    accounts: fc.array(account(inverse), { minLength: 3, maxLength: 12 }),
    moves: fc.array(fc.integer({ min: -400, max: 330 }), { minLength: 4, maxLength: 12 }),
    volume: fc.constantFrom('0.5', '3', '1000'),
    fund: fc.constantFrom('0', '30', '5000'),
    order: fc.constantFrom('ioc', 'market', 'atBankruptcy' as const),
    takeover: fc.constantFrom('atOnce', 'markAtBankruptcy' as const),
    shortage: fc.constantFrom('market', 'socialise', 'house' as const),
    ranking: fc.constantFrom('binance', 'none', 'bitmex', 'random', 'proRataProfit', 'socialise' as const),
    price: fc.constantFrom('bankruptcy', 'mark', 'previousMark' as const),
    spread: fc.constantFrom('profit', 'perBase' as const),
    winnerFee: fc.constantFrom('0', '0.0005'),
    residue: fc.constantFrom('toFund', 'toTrader' as const),
    unwind: fc.boolean(),
    winners: fc.constantFrom('0', '0.5'),
    funding: fc.constantFrom('0.0031', '-0.0007'),
    share: fc.constantFrom('0', '0.25'),
  });
type Venue = ReturnType<typeof venue> extends fc.Arbitrary<infer V> ? V : never;

function tinyOf(v: Venue, markets: readonly Market[]): Tiny {
  const [market, other] = markets as [Market, Market?];
  const coin = market.kind === 'inverse';
  let index = 10000;
  const beats = v.moves.map((move) => {
    const before = index;
    index = Math.max(3000, index + move);
    const [low, high] = [Math.min(before, index) - 5, Math.max(before, index) + 5];
    return {
      index: String(index),
      low: String(low),
      high: String(high),
      volume: coin ? String(Number(v.volume) * 1000) : v.volume,
    };
  });
  const eight = 8 * 3600 * SECOND;
  return {
    markets,
    accounts: v.accounts.map((a, i): TinyAccount => {
      // a second market mirrors the first: every account has the other side of half its leg there
      const [leg] = a.legs as [(typeof a.legs)[0]];
      const half = { ...leg, qty: (Number(leg.qty) / 2).toFixed(3) };
      const mirrored = other && {
        ...half,
        market: other.id,
        side: leg.side === 'long' ? ('short' as const) : ('long' as const),
      };
      const legs = mirrored && Number(half.qty) > 0 ? [leg, mirrored] : a.legs;
      return { name: `n${i}`, hedger: i % 3 === 0, ...a, legs };
    }),
    beats: Object.fromEntries(markets.map((m, i) => [m.id, i === 0 ? beats : [...beats].reverse()])),
    assumptions: {
      fundOpening: { main: money(coin ? String(Number(v.fund) / 10000) : v.fund) },
      winnersTake: rate(v.winners),
    },
    marketRules: Object.fromEntries(
      markets.map((m) => [m.id, { tiers: tiers([['1000000000', '0.01', '0', '0.02']]) }]),
    ),
    rules: {
      order: { kind: v.order },
      takeover: { when: v.takeover },
      residue: v.residue,
      adl: {
        ranking: v.ranking,
        price: { kind: v.price },
        eligible: v.ranking === 'random' ? 'anySolvent' : 'inProfit',
        winnerFee: rate(v.winnerFee),
        triggers: ['fundRefuses'],
        ties: 'proRata',
        shortage: v.shortage,
        spread: v.spread,
      },
      funds: [
        {
          name: 'main',
          asset: market.settle,
          markets: markets.map((m) => m.id),
          fundingShare: rate(v.share),
          injections: [],
          floor: null,
          clearEveryUs: 0,
          unwind: v.unwind
            ? { kind: 'work', participation: rate('0.5'), afterUs: 0, limit: 'none' }
            : { kind: 'hold' },
          refusal: { empty: true, netNotionalCap: rate('2'), drawdown: null },
        },
      ],
    },
    side: { startUs: eight - 2 * SECOND, funding: [{ tsUs: eight, market: market.id, rate: v.funding }] },
  };
}

/** What happened over all runs, so that a property over quiet worlds cannot pass for one over crashes. */
const seen = {
  fills: 0,
  adl: 0,
  uncovered: 0,
  deficits: 0,
  takeovers: 0,
  unwinds: 0,
  atMark: 0,
  fees: 0,
  spread: 0,
  'stop-loss': 0,
  arrival: 0,
  departure: 0,
  topUps: 0,
};

/** The same accounts with stops and top-ups; each third leaves, and each fourth comes once more as somebody else. */
function acting(tiny: Tiny): Tiny {
  const last = (tiny.beats as Record<string, unknown[]>)[tiny.markets![0]!.id]!.length - 1;
  const own = tiny.accounts.map((account, i): TinyAccount => {
    const away = account.legs[0]!.side === 'long' ? -1 : 1;
    const [leg, ...more] = account.legs;
    const levels = { stop: 1 + away * (0.01 + 0.01 * (i % 4)), topUp: 1 + away * 0.01 };
    const acts = { ...levels, ...(i % 3 === 0 ? { departs: Math.min(last, 2 + i) } : {}) };
    return { ...account, legs: [{ ...leg!, ...acts }, ...more] };
  });
  const late = own.flatMap((account, i): TinyAccount[] => {
    const { margin: _, qty, ...leg } = account.legs[0]!;
    const arrives = { beat: Math.min(last, 1 + i), qty, leverage: 7 + 11 * i, free: 0.3 };
    const { name: __, ...rest } = account;
    return i % 4 === 1
      ? [{ ...rest, name: `late${i}`, wallet: '0', legs: [{ ...leg, qty: '0', arrives }] }]
      : [];
  });
  return { ...tiny, accounts: [...own, ...late] };
}

async function holds(v: Venue, markets: readonly Market[], told = (tiny: Tiny): Tiny => tiny): Promise<void> {
  const { rows } = await play(told(tinyOf(v, markets)));
  const facts = factsOf(markets);
  const tally = new Tally(new Map(markets.map((m) => [m.id, m])));
  tally.record(0, rows);
  const store = await Store.open(join(base, String(runs++)));
  try {
    store.record(0, rows);
    const connection = await store.settle();
    const lines = await checkRows(connection, facts);
    assert.deepEqual(
      lines.filter((line) => !line.ok),
      [],
    );
    const figures = await measure(connection, facts);
    const headline = tally.rows();
    assert.deepEqual(figures.slice(0, headline.length), headline);
    const gains = figures.filter((f) => f.name === 'waterfall');
    const total = gains.reduce((sum, f) => sum.plus(money(f.value)), money('0'));
    assert.ok(total.isZero());
    if (markets[0]!.kind === 'linear') assert.ok(gains.every((f) => f.bucket !== 'rounding'));
  } finally {
    store.abandon();
  }
  seen.fills += rows.fills.length;
  seen.adl += rows.adl.length;
  seen.uncovered += rows.adlRequests.filter((r) => r.uncovered.isPositive()).length;
  seen.deficits += rows.transfers.filter((t) => t.reason === 'deficit').length;
  seen.takeovers += rows.fills.filter((f) => f.why === 'takeover').length;
  seen.atMark += rows.fills.filter((f) => f.why === 'adl' && /mark/i.test(f.priceRule)).length;
  seen.fees += rows.transfers.filter((t) => t.reason === 'adl-fee').length;
  seen.spread += rows.transfers.filter((t) => t.reason === 'socialised-loss').length;
  for (const { why } of rows.fills)
    if (why === 'stop-loss' || why === 'arrival' || why === 'departure') seen[why]++;
  seen.topUps += rows.transfers.filter((t) => t.reason === 'top-up').length;
  seen.unwinds += rows.fills.filter((f) => f.why === 'unwind').length;
}

test('linear worlds verify', async () => {
  await fc.assert(
    fc.asyncProperty(venue(false), (v) => holds(v, [linearMarket()])),
    { numRuns: 20, seed: 20200312 },
  );
});

test('worlds of two markets with one fund verify', async () => {
  const markets = [linearMarket(), linearMarket('ETHUSDT')];
  await fc.assert(
    fc.asyncProperty(venue(false), (v) => holds(v, markets)),
    { numRuns: 14, seed: 20210519 },
  );
});

test('inverse worlds verify', async () => {
  await fc.assert(
    fc.asyncProperty(venue(true), (v) => holds(v, [inverseMarket()])),
    { numRuns: 20, seed: 20200313 },
  );
});

test('worlds whose owners act verify', async () => {
  for (const inverse of [false, true]) {
    const market = inverse ? inverseMarket() : linearMarket();
    await fc.assert(
      fc.asyncProperty(venue(inverse), (v) => holds(v, [market], acting)),
      { numRuns: 5, seed: 20251010 },
    );
  }
});

test('the worlds were no quiet ones', () => {
  for (const [what, times] of Object.entries(seen)) assert.ok(times > 0, `no ${what} in any run`);
});
