/**
 * The engine against its slow twin and against itself: the screen must find what judging every
 * account at every mark finds, worlds side by side must not notice each other, and luck has no part.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { canonicalJson, sha256 } from '../../src/basics/digest.ts';
import type { Frames } from '../../src/clock/frames.ts';
import { exhaustivePockets } from '../../src/engine/exhaustive.ts';
import { emptyOutbox, type Outbox } from '../../src/engine/rows.ts';
import { World } from '../../src/engine/world.ts';
import { Pricing } from '../../src/engine/pricing.ts';
import { replay } from '../../src/replay.ts';
import type { RuleSet } from '../../src/rules/ruleSet.ts';
import { play, type Tiny, tinyWorld } from '../support/tinyWorld.ts';
import { reactingVenue } from './reactingVenues.ts';
import { randomVenue } from './venues.ts';

const VENUES = 200;

const digest = (rows: Outbox): string =>
  sha256(
    canonicalJson(JSON.parse(JSON.stringify(rows, (_, x: unknown) => (x === Infinity ? 'Infinity' : x)))),
  );

/** Plays worlds side by side and gathers the rows of each. */
async function playAll(frames: Frames, worlds: readonly World[]): Promise<Outbox[]> {
  const all = worlds.map(() => emptyOutbox());
  await replay(frames, worlds, {
    record: (index, outbox) => {
      const at = worlds.findIndex((w) => w.input.index === index);
      for (const [table, list] of Object.entries(outbox)) {
        (all[at]![table as keyof Outbox] as unknown[]).push(...list);
      }
    },
  });
  return all;
}

/** The world of a venue with another rule set, on the same frames and population. */
const sibling = (of: World, index: number, over: Partial<World['input']>): World =>
  new World({ ...of.input, ...over, index });

test(`the screened and the exhaustive engine write the same rows in ${VENUES} venues`, async () => {
  const seen = { victims: 0, adl: 0, taken: 0, cross: 0, funding: 0, recovered: 0 };
  const closed: Record<string, number> = {};
  const processes: Record<string, number> = {};
  const how = (what: string, number: number): void => {
    processes[what] = (processes[what] ?? 0) + number;
  };
  for (let n = 0; n < VENUES; n++) {
    const venue = randomVenue(n);
    const { rows } = await play(venue);
    const slow = await play({ ...venue, screen: 'exhaustive' });
    assert.equal(digest(rows), digest(slow.rows), `venue ${n}`);
    // charged late and account by account, funding still clears to the last unit where the venue rounds nothing
    const rounds = Object.values(venue.marketRules!).some((m) => m.funding!.paymentScale !== null);
    if (!rounds)
      assert.ok(
        rows.transfers.every((t) => t.reason !== 'funding-rounding'),
        `venue ${n}: funding`,
      );
    const count = (what: string, number: number): void => {
      closed[what] = (closed[what] ?? 0) + number;
    };
    const { ranking, spread } = venue.rules!.adl!;
    if (ranking !== 'none' && ranking !== 'socialise') count(`ranking ${ranking}`, rows.adl.length);
    for (const f of rows.fills) if (f.why === 'adl') count(`price ${f.priceRule}`, 1);
    for (const t of rows.transfers) {
      if (t.reason === 'socialised-loss') count(`spread ${spread}`, 1);
      if (t.reason === 'adl-fee') count(t.reason, 1);
    }
    const { order, takeover, speed, funds } = venue.rules!;
    const reduction = venue.rules!.reduction!;
    const paced = reduction.kind === 'fraction' ? reduction.cooldownUs : undefined;
    how(`reduction ${reduction.kind}${paced === undefined ? '' : ' with cool-down'}`, rows.orders.length);
    how(`order ${order!.kind}`, rows.orders.filter((o) => o.filled.isPositive()).length);
    how(`takeover ${takeover!.when}`, rows.fills.filter((f) => f.why === 'takeover').length);
    if (speed !== undefined) how('speed', rows.liquidations.filter((l) => l.queueSec > 0).length);
    if (reduction.netFirst === true)
      how('netted', rows.decisions.filter((d) => d.values.kind === 'net').length);
    const { unwind } = funds![0]!;
    how(
      `unwind ${unwind.kind === 'work' ? unwind.limit : unwind.kind}`,
      rows.fills.filter((f) => f.why === (unwind.kind === 'work' ? 'unwind' : 'takeover')).length,
    );
    seen.victims += rows.liquidations.length;
    seen.adl += rows.adl.length;
    seen.taken += rows.liquidations.filter((l) => l.end === 'takenOver').length;
    seen.recovered += rows.liquidations.filter((l) => l.end === 'recovered').length;
    seen.cross += rows.liquidations.filter((l) => l.legs > 1).length;
    seen.funding += rows.transfers.filter((t) => t.reason === 'funding').length;
  }
  // the venues must be wild enough to mean something
  for (const [what, number] of Object.entries(seen)) assert.ok(number > 20, `${what}: ${number}`);
  assert.equal(Object.keys(closed).length, 11 + 3 + 2 + 1); // rankings, prices, spreads, the winners' fee
  for (const [what, number] of Object.entries(closed)) assert.ok(number > 5, `${what}: ${number}`);
  // reductions, orders, takeovers, limits of speed, netting, and what funds do with their inventory
  assert.equal(Object.keys(processes).length, 8 + 6 + 4 + 1 + 1 + 4);
  for (const [what, number] of Object.entries(processes)) assert.ok(number > 20, `${what}: ${number}`);
});

const REACTING = 60;

test(`so they do in ${REACTING} venues whose owners act`, async () => {
  const seen: Record<string, number> = {};
  const count = (what: string, number: number): void => {
    seen[what] = (seen[what] ?? 0) + number;
  };
  for (let n = 0; n < REACTING; n++) {
    const venue = reactingVenue(n);
    const { rows, world } = await play(venue);
    const slow = await play({ ...venue, screen: 'exhaustive' });
    assert.equal(digest(rows), digest(slow.rows), `venue ${n}`);
    for (const [what, number] of Object.entries(world.behaviours!.counts)) count(what, number);
    count('victims', rows.liquidations.length);
    // a stop that the book fills in parts, and money that came with arrivals into both margin modes
    const stops = rows.fills.filter((f) => f.why === 'stop-loss');
    count('stops in parts', stops.length - new Set(stops.map((f) => f.cause)).size);
    count('deposits of arrivals', rows.transfers.filter((t) => t.reason === 'deposit').length);
  }
  assert.deepEqual(Object.keys(seen).sort(), [
    'arrived',
    'departed',
    'deposits of arrivals',
    'rejected',
    'scaled',
    'stopped',
    'stops in parts',
    'toppedUp',
    'victims',
  ]);
  for (const [what, number] of Object.entries(seen)) assert.ok(number > 15, `${what}: ${number}`);
});

test('at the end of a beat nobody fails whom the engine has not in hand', () => {
  for (let n = 0; n < 60; n++) {
    const { world, frames } = tinyWorld(randomVenue(n));
    for (let beat = 0; beat < frames.beats; beat++) {
      const prices = world.price(beat);
      if (prices === null) continue; // its venue has not published a mark yet
      const outbox = world.act(beat, prices);
      if (world.liquidator.stepLimitHit) continue;
      // a loss that was just charged to every open unit is judged at the next mark, as funding is
      if (outbox.transfers.some((t) => t.reason === 'socialised-loss' && t.from.startsWith('funding:')))
        continue;
      const { desk } = world;
      const moved = new Set<string>(outbox.adl.map((a) => a.account));
      for (const f of outbox.fills) if (f.why === 'winner-closes') moved.add(f.account);
      for (const t of outbox.transfers) if (t.reason === 'socialised-loss') moved.add(t.from);
      const failing = exhaustivePockets(desk, world.liquidator.cases, world.input.rules.trigger, prices)
        .map((pocket) => desk.book.nameOf(desk.book.accountOf[pocket]!))
        .filter((name) => !moved.has(name));
      assert.deepEqual(failing, [], `venue ${n} beat ${beat}`);
    }
  }
});

test('worlds in one pass equal the same worlds alone', async () => {
  for (let n = 0; n < 25; n++) {
    const alone = [0, 1, 2].map((k) => ({ ...randomVenue(n), rules: randomVenue(n + 1000 * k).rules! }));
    const { world, frames } = tinyWorld(alone[0]!);
    const worlds = alone.map((venue, k) => {
      const { rules } = tinyWorld({ ...venue, rules: fundsOf(venue, alone[0]!) }).world.input;
      return sibling(world, k, { rules });
    });
    const together = await playAll(frames, worlds);
    for (const [k, rows] of together.entries()) {
      const [single] = await playAll(frames, [
        sibling(worlds[k]!, 0, { pricing: new Pricing(world.input.markets, worlds[k]!.input.rules, frames) }),
      ]);
      assert.equal(digest(rows), digest(single!), `venue ${n}, world ${k}`);
    }
  }
});

/** Rules of one venue with the fund of another: funds name their markets. */
const fundsOf = (venue: Tiny, owner: Tiny): Partial<RuleSet> => ({
  ...venue.rules,
  funds: owner.rules!.funds!,
});

test('the same world twice gives the same rows', async () => {
  for (let n = 0; n < 20; n++) {
    const [a, b] = [await play(randomVenue(n)), await play(randomVenue(n))];
    assert.equal(digest(a.rows), digest(b.rows));
  }
});

test('a candidate whose rules equal the baseline reproduces history exactly', async () => {
  for (let n = 0; n < 20; n++) {
    const venue = n % 2 === 0 ? randomVenue(n) : reactingVenue(n);
    const { world, frames } = tinyWorld({ ...venue, lambda: 1e-6 });
    const { rules, markets } = world.input;
    const candidate = sibling(world, 1, { baseline: world, pricing: new Pricing(markets, rules, frames) });
    const [history, again] = await playAll(frames, [world, candidate]);
    assert.equal(digest(again!), digest(history!), `venue ${n}`);
  }
});

test('a rerun for money figures moves the same money', async () => {
  for (let n = 0; n < 20; n++) {
    const all = await play(randomVenue(n));
    const few = await play({ ...randomVenue(n), record: 'money' });
    const { transfers, fills, liquidations, adl, orders } = all.rows;
    const rest = few.rows;
    assert.deepEqual(
      canonicalJson(JSON.parse(JSON.stringify([transfers, fills, liquidations, adl, orders]))),
      canonicalJson(
        JSON.parse(JSON.stringify([rest.transfers, rest.fills, rest.liquidations, rest.adl, rest.orders])),
      ),
    );
    assert.equal(rest.decisions.length, 0);
  }
});
