/**
 * Random venues for the monotone laws: some accounts, a few marks, and what a world of them comes to.
 * Every premise of the laws is a knob here, so that each can be dropped alone.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { money, qty, rate } from '../../src/basics/exact.ts';
import { netEntryValue, netLots } from '../../src/engine/totals.ts';
import { World } from '../../src/engine/world.ts';
import { Pricing } from '../../src/engine/pricing.ts';
import { replay } from '../../src/replay.ts';
import { Tally } from '../../src/results/tally.ts';
import type { RuleSet } from '../../src/rules/ruleSet.ts';
import { linearMarket, type TinyAccount, tiers, tinyWorld } from './tinyWorld.ts';

export interface Case {
  readonly accounts: readonly TinyAccount[];
  readonly marks: readonly number[];
  /** How far the book stands off the mark to come, per thousand, where a venue says so. */
  readonly offs: readonly number[];
}

/** What a world is made of beside its accounts and marks. */
export interface Venue {
  readonly maintenance: string;
  readonly fund: string;
  /** Smallest quantity. */
  readonly step?: string;
  /** Orders fill off the mark, by the case's `offs`. */
  readonly off?: true;
  readonly fee?: string;
  readonly reduction?: RuleSet['reduction'];
  /** Traded in a beat, all of which forced orders may take. */
  readonly volume?: string;
}

/** Figures of one world. */
export interface Totals {
  readonly accounts: number;
  readonly badDebt: number;
  readonly adlContracts: number;
}

/**
 * Entries and distances to bankruptcy are multiples of 50 and marks lie between them, so that a loss beyond
 * bankruptcy is at least 25 a BTC: the whole contracts that a fund pays for then lose it little.
 */
const STEP = 50;
const position = fc.record({
  long: fc.boolean(),
  milli: fc.integer({ min: 1, max: 5000 }),
  entry: fc.integer({ min: 9000 / STEP, max: 11_000 / STEP }).map((k) => k * STEP),
  distance: fc.integer({ min: 5, max: 100 }).map((k) => k * STEP),
});

/**
 * @param cross  profits of a close stay behind the rest of the position
 * @param sides  longs and shorts, or longs only: then none of them is deleveraged for another
 * @param sure   accounts beside them, on both sides, who cannot fail
 */
const casesOf = (cross: boolean, sides: 'both' | 'long', sure: boolean): fc.Arbitrary<Case> =>
  fc.record({
    accounts: fc.array(position, { minLength: 1, maxLength: 12 }).map((list) => [
      ...list.map(({ long, milli, entry, distance }, i): TinyAccount => {
        const margin = ((milli * distance) / 1000).toFixed(3);
        const leg = { qty: (milli / 1000).toFixed(3), entry: String(entry) };
        const side = long || sides === 'long' ? 'long' : 'short';
        return cross
          ? { name: `A${i}`, cross, wallet: margin, legs: [{ ...leg, side }] }
          : { name: `A${i}`, legs: [{ ...leg, side, margin }] };
      }),
      ...(sure ? SURE : []),
    ]),
    marks: fc.array(
      fc.integer({ min: 6000 / STEP, max: 14_000 / STEP }).map((k) => k * STEP + STEP / 2),
      { minLength: 2, maxLength: 12 },
    ),
    offs: fc.array(fc.integer({ min: -30, max: 30 }), { minLength: 12, maxLength: 12 }),
  });

/** In profit at every mark that comes up, and never bankrupt: 60 BTC a side, as much as all others can lose. */
const SURE: readonly TinyAccount[] = [
  { name: 'W1', legs: [{ side: 'long', qty: '60', entry: '5000', margin: '30000000' }] },
  { name: 'W2', legs: [{ side: 'short', qty: '60', entry: '15000', margin: '90000000' }] },
];

/** Isolated accounts alone. */
export const anyCase = casesOf(false, 'both', false);
/** Isolated longs, and shorts for all of them who cannot fail. */
export const sureCase = casesOf(false, 'long', true);
/** Isolated longs and shorts: whoever is deleveraged may fail later. */
export const laterCase = casesOf(false, 'both', true);
/** The same in cross: the profit of what is closed stays behind the rest of the position. */
export const crossCase = casesOf(true, 'both', true);

function worldOf({ accounts, marks, offs }: Case, venue: Venue, lambda = 0): World {
  const beats = marks.map((mark, i) => ({
    index: String(mark),
    // orders fill at the last price of the beat before, so it is put at the mark that is to come
    last: ((marks[i + 1] ?? mark) * (1 + (venue.off === true ? offs[i]! / 1000 : 0))).toFixed(2),
    ...(venue.volume === undefined ? {} : { volume: venue.volume }),
  }));
  const market = { ...linearMarket(), qtyStep: qty(venue.step ?? '0.001') };
  return tinyWorld({
    markets: [market],
    accounts,
    beats,
    marketRules: {
      BTCUSDT: {
        tiers: tiers([['1000000000', venue.maintenance, '0', '0.05']]),
        clearanceFee: [{ rate: rate(venue.fee ?? '0') }],
      },
    },
    rules: { order: { kind: 'market' }, reduction: venue.reduction ?? { kind: 'full' } },
    assumptions: { fundOpening: { main: money(venue.fund) } },
    record: 'money',
    lambda,
  }).world;
}

/** Replays worlds side by side; contracts, entry values and money are conserved in each. */
async function played(worlds: readonly World[]): Promise<Totals[]> {
  const { frames, markets } = worlds[0]!.input;
  const tally = new Tally(new Map(markets.map((m) => [m.id, m])));
  await replay(frames, worlds, tally);
  for (const { desk } of worlds) {
    assert.equal(netLots(desk, markets[0]!), 0);
    assert.ok(netEntryValue(desk, markets[0]!).isZero());
    assert.ok(desk.ledger.drift('USDT').isZero());
  }
  const rows = tally.rows();
  const figure = (world: number, name: string, market: string): number =>
    rows.find((r) => r.world === world && r.name === name && r.market === market && r.side === '')
      ?.valueF64 ?? 0;
  return worlds.map(({ input: { index } }) => ({
    accounts: figure(index, 'liquidatedAccounts', ''),
    badDebt: figure(index, 'badDebt', ''),
    adlContracts: figure(index, 'adlContracts', 'BTCUSDT'),
  }));
}

/** One world without feedback. */
export const totals = async (one: Case, venue: Venue): Promise<Totals> =>
  (await played([worldOf(one, venue)]))[0]!;

/**
 * A baseline and beside it a candidate whose prices move by what it sells more or less.
 *
 * @param lambda  log price per lot
 */
export function withFeedback(
  one: Case,
  [own, other]: readonly [Venue, Venue],
  lambda: number,
): Promise<Totals[]> {
  const baseline = worldOf(one, own, lambda);
  const { input } = worldOf(one, other, lambda);
  const pricing = new Pricing(input.markets, input.rules, input.frames);
  return played([
    baseline,
    new World({ ...input, index: 1, frames: baseline.input.frames, pricing, baseline }),
  ]);
}
