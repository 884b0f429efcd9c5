/**
 * A law that accounting must obey: without feedback, isolated, closed in full at the mark without a cap,
 * nobody reacting, and a fund that carries everything, a higher maintenance rate never liquidates
 * fewer accounts and never leaves more bad debt. Outside these premises it need not hold.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { money, rate } from '../../src/basics/exact.ts';
import { replay } from '../../src/replay.ts';
import { CompareSink } from '../../src/study/compare/figures.ts';
import { type TinyAccount, tinyWorld, tiers } from '../support/tinyWorld.ts';

const RATES = ['0.004', '0.006', '0.01', '0.02', '0.04'];

interface Case {
  readonly accounts: readonly TinyAccount[];
  readonly marks: readonly number[];
}

const oneCase: fc.Arbitrary<Case> = fc.record({
  accounts: fc
    .array(
      fc.record({
        long: fc.boolean(),
        lots: fc.integer({ min: 1, max: 5000 }),
        entry: fc.integer({ min: 9000, max: 11_000 }),
        leverage: fc.integer({ min: 2, max: 40 }),
      }),
      { minLength: 1, maxLength: 12 },
    )
    .map((list) =>
      list.map(
        ({ long, lots, entry, leverage }, i): TinyAccount => ({
          name: `A${i}`,
          legs: [
            {
              side: long ? 'long' : 'short',
              qty: (lots / 1000).toFixed(3),
              entry: String(entry),
              margin: ((lots * entry) / 1000 / leverage).toFixed(8),
            },
          ],
        }),
      ),
    ),
  marks: fc.array(fc.integer({ min: 6000, max: 14_000 }), { minLength: 2, maxLength: 12 }),
});

async function totals({ accounts, marks }: Case, maintenance: string): Promise<{ la: number; bd: number }> {
  const { world, frames } = tinyWorld({
    accounts,
    // orders fill at the last price of the beat before, so it is put at the mark that is to come
    beats: marks.map((mark, i) => ({ index: String(mark), last: String(marks[i + 1] ?? mark) })),
    marketRules: {
      BTCUSDT: {
        tiers: tiers([['1000000000', maintenance, '0', '0.05']]),
        clearanceFee: [{ rate: rate('0') }],
      },
    },
    rules: { order: { kind: 'market' }, reduction: { kind: 'full' } },
    assumptions: { fundOpening: { main: money('1000000000') } },
    record: 'money',
  });
  const sink = new CompareSink([world]);
  await replay(frames, [world], sink);
  const f = sink.figures(0, 0, { efficiency: null, needMoreMargin: null });
  return { la: f.liquidatedAccounts!, bd: f.badDebt! };
}

test('a higher maintenance rate never liquidates fewer accounts nor leaves more bad debt', async () => {
  let [moved, owed] = [0, 0];
  await fc.assert(
    fc.asyncProperty(oneCase, async (one) => {
      const all = [];
      for (const maintenance of RATES) all.push(await totals(one, maintenance));
      for (let k = 1; k < all.length; k++) {
        assert.ok(all[k]!.la >= all[k - 1]!.la, `${all[k - 1]!.la} accounts, then ${all[k]!.la}`);
        assert.ok(all[k]!.bd <= all[k - 1]!.bd + 1e-9, `${all[k - 1]!.bd} owed, then ${all[k]!.bd}`);
      }
      if (all.at(-1)!.la > all[0]!.la) moved++;
      if (all.at(-1)!.bd < all[0]!.bd) owed++;
    }),
    { numRuns: 150, seed: 5 },
  );
  assert.ok(moved > 10 && owed > 5, `the law was tried where it matters: ${moved}, ${owed}`);
});
