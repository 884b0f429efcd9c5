/**
 * Accounts that are judged as one: the screened engine against its slow twin, and money of every asset after
 * every beat.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { canonicalJson, sha256 } from '../../src/basics/digest.ts';
import type { Outbox } from '../../src/engine/rows.ts';
import { play, tinyWorld } from '../support/tinyWorld.ts';
import { wholeVenue } from './wholeVenues.ts';

const VENUES = 150;

const digest = (rows: Outbox): string =>
  sha256(
    canonicalJson(JSON.parse(JSON.stringify(rows, (_, x: unknown) => (x === Infinity ? 'Infinity' : x)))),
  );

test(`the screened and the exhaustive engine write the same rows in ${VENUES} venues`, async () => {
  const seen = { victims: 0, saved: 0, exchanges: 0, adl: 0, options: 0, coins: 0, deficits: 0, taken: 0 };
  for (let n = 0; n < VENUES; n++) {
    const venue = wholeVenue(n);
    const { rows } = await play(venue);
    const slow = await play({ ...venue, screen: 'exhaustive' });
    assert.equal(digest(rows), digest(slow.rows), `venue ${n}`);
    seen.victims += rows.liquidations.filter((l) => l.mode === 'cross').length;
    seen.saved += rows.liquidations.filter((l) => l.end === 'recovered' || l.end === 'reduced').length;
    seen.exchanges += rows.transfers.filter((t) => t.reason === 'exchange').length;
    seen.deficits += rows.transfers.filter((t) => t.reason === 'deficit').length;
    seen.adl += rows.adl.length;
    seen.taken += rows.fills.filter((f) => f.why === 'takeover').length;
    seen.options += rows.fills.filter((f) => f.market === 'CALL' || f.market === 'PUT').length;
    seen.coins += rows.transfers.filter((t) => t.asset === 'BTC').length;
  }
  for (const [what, number] of Object.entries(seen)) assert.ok(number > 40, `${what}: ${number}`);
});

test('money of every asset is what it was, after every beat', () => {
  for (let n = 200; n < 240; n++) {
    const { world, frames } = tinyWorld(wholeVenue(n));
    const { ledger } = world.desk;
    for (let beat = 0; beat < frames.beats; beat++) {
      const prices = world.price(beat);
      if (prices === null) continue;
      world.act(beat, prices);
      for (const asset of ledger.assets())
        assert.ok(ledger.drift(asset).isZero(), `venue ${n} beat ${beat} ${asset}`);
    }
    world.finish();
  }
});

test('who was closed owes nobody: every asset ends at or above 0', async () => {
  for (let n = 300; n < 340; n++) {
    const { world, rows } = await play(wholeVenue(n));
    for (const { account, mode, end } of rows.liquidations) {
      if (mode !== 'cross' || (end !== 'closed' && end !== 'takenOver')) continue;
      const live = world.desk.book.read(world.desk.book.find(account));
      if (live.legs.some((leg) => leg.lots > 0)) continue;
      const pool = world.desk.book.poolOf(live)!;
      for (const [asset, amount] of pool.balances)
        assert.ok(!amount.isNegative(), `venue ${n} ${account} ${asset} ${amount}`);
    }
  }
});
