/** Any amount that fits comes back as it was, and sums in the database are the sums of bigints. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { Exact, type Money, scaled, sum } from '../../src/basics/exact.ts';
import { emptyOutbox, type TransferRow } from '../../src/engine/rows.ts';
import { allRows } from '../../src/results/readRows.ts';
import { Store } from '../../src/results/store.ts';
import { beatUs } from '../support/rows.ts';

const base = mkdtempSync(join(tmpdir(), 'cascade-property-'));
after(() => rmSync(base, { recursive: true, force: true }));

const LIMIT = 10n ** 36n; // room for sums of a hundred below 38 digits
const amount = fc
  .record({ n: fc.bigInt({ min: -LIMIT, max: LIMIT }), scale: fc.integer({ min: 0, max: 18 }) })
  .map(({ n, scale }): Money => new Exact(n / 10n ** BigInt(18 - scale), scale));
const row = fc.record({
  amount,
  from: fc.string(),
  seq: fc.maxSafeInteger(),
  market: fc.option(fc.string(), { nil: null }),
});

test('rows go in and come out alike', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 100 }), async (rows) => {
      const plain = rows.map((r) => ({
        ...r,
        from: r.from.replaceAll('\0', ' '),
        market: r.market?.replaceAll('\0', ' ') ?? null,
      }));
      const store = await Store.open(join(base, String(run++)));
      try {
        const outbox = emptyOutbox();
        for (const r of plain) {
          outbox.transfers.push({
            ...r,
            tsUs: beatUs(1),
            asset: 'USDT',
            to: 'market',
            reason: 'funding',
            cause: 0,
          } as TransferRow);
        }
        store.record(3, outbox);
        const connection = await store.settle();
        const back = await allRows<{
          seq: number;
          from: string;
          amount: Money;
          market: string | null;
          world: number;
        }>(connection, 'SELECT seq, "from", amount, market, world FROM transfers ORDER BY rowid');
        assert.deepEqual(
          back.map((b) => [b.seq, b.from, scaled(b.amount, 18), b.market, b.world]),
          plain.map((r) => [r.seq, r.from, scaled(r.amount, 18), r.market, 3]),
        );
        const [total] = await allRows<{ amount: Money }>(
          connection,
          'SELECT sum(amount) AS amount FROM transfers',
        );
        assert.ok(total!.amount.eq(sum(plain.map((r) => r.amount))));
      } finally {
        store.abandon();
      }
    }),
    { numRuns: 25 },
  );
});
