/** Fills and closes of winners in columns against plain lists of the rows that were put in. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { money, price, qty, unscaled } from '../../../src/basics/exact.ts';
import type { AdlRow, FillRow } from '../../../src/engine/rows.ts';
import { AdlLog } from '../../../src/study/compare/adlLog.ts';
import { type Fill, FillLog } from '../../../src/study/compare/fillLog.ts';

const REASONS: readonly FillRow['why'][] = ['liquidation', 'takeover', 'adl', 'stop-loss', 'arrival'];

const fills = fc
  .array(
    fc.record({
      market: fc.constantFrom('BTCUSDT', 'ETHUSDT'),
      account: fc.constantFrom('a1', 'a2', 'whale', 'fund:main'),
      side: fc.constantFrom('long', 'short'),
      effect: fc.constantFrom('close', 'open'),
      why: fc.constantFrom(...REASONS),
      qty: fc.nat({ max: 1e9 }).map((n) => unscaled('qty', BigInt(n), 3)),
      value: fc.bigInt({ min: 0n, max: 10n ** 30n }).map((n) => unscaled('money', n, 15)),
      entryValue: fc.bigInt({ min: 0n, max: 10n ** 45n }).map((n) => unscaled('money', n, 18)),
    }),
    { maxLength: 200 },
  )
  .map((list) =>
    list.map(
      (one, i): FillRow => ({
        ...one,
        seq: 10 + 3 * i,
        tsUs: 1_584_000_000_000_000 + Math.floor(i / 3),
        price: price('1'),
        priceRule: 'mark',
        cause: 1,
      }),
    ),
  );

const logOf = (rows: readonly FillRow[]): FillLog => {
  const log = new FillLog();
  for (const row of rows) log.push(row);
  return log;
};

const kept = ({ price: _, priceRule: __, cause: ___, ...row }: FillRow): Fill => row;

test('rows come back as they were put in, by place, by account and by reason', () => {
  fc.assert(
    fc.property(fills, fc.subarray([...REASONS]), (rows, reasons) => {
      const log = logOf(rows);
      assert.equal(log.size, rows.length);
      for (const [place, row] of rows.entries()) {
        assert.deepEqual(log.at(place), kept(row));
        assert.equal(log.seqAt(place), row.seq);
        assert.equal(log.accountAt(place), row.account);
      }
      const byAccount = [...Map.groupBy(rows, (row) => row.account)];
      for (const [account, own] of byAccount) assert.deepEqual(log.of(account), own.map(kept));
      assert.deepEqual(log.of('nobody'), []);
      const wanted = byAccount.flatMap(([, own]) => own).filter((row) => reasons.includes(row.why));
      assert.deepEqual([...log.because(...reasons)], wanted.map(kept));
    }),
  );
});

test('a close of a winner finds its fill: the latest of the position before it', () => {
  fc.assert(
    fc.property(fills, fc.array(fc.nat({ max: 199 })), (rows, places) => {
      const log = new FillLog();
      const adl = new AdlLog(log);
      const put: AdlRow[] = [];
      for (const [place, row] of rows.entries()) {
        log.push(row);
        if (!places.includes(place)) continue;
        const { tsUs, market, account, side } = row;
        put.push({
          seq: row.seq + 1,
          tsUs,
          market,
          account,
          side,
          qty: row.qty,
          price: price('1'),
          mark: price('2'),
          scoreF64: 1,
          rank: 1,
          lights: 5,
          loser: `a${place % 3}`,
          hedger: place % 2 === 0,
          givenUp: money('-0.5'),
          cause: 1,
        });
        adl.push(put.at(-1)!);
      }
      const found = [...adl];
      assert.equal(found.length, put.length);
      for (const [
        i,
        { price: _, scoreF64: __, rank: ___, lights: ____, cause: _____, ...row },
      ] of put.entries()) {
        const { fill, ...own } = found[i]!;
        assert.deepEqual(own, row);
        assert.deepEqual(fill, kept(rows.find((r) => r.seq === row.seq - 1)!));
      }
      assert.deepEqual(adl.accounts(), new Set(put.map((row) => row.account)));
      for (const { account, market, side, seq } of rows) {
        const before = rows.findLastIndex(
          (r) => r.seq < seq && r.account === account && r.market === market && r.side === side,
        );
        assert.equal(log.latestBefore(seq, { account, market, side }), before);
      }
    }),
  );
});

test('an amount of more than two words is kept whole', () => {
  const log = new FillLog();
  const huge = unscaled('money', 10n ** 60n + 1n, 18);
  const row = { seq: 1, tsUs: 1, market: 'BTCUSDT', account: 'a1', side: 'long', effect: 'close' } as const;
  const rest = {
    qty: qty('1'),
    price: price('1'),
    entryValue: money('0'),
    priceRule: 'mark',
    cause: 1,
  } as const;
  log.push({ ...row, ...rest, value: huge, why: 'adl' });
  assert.equal(log.at(0).value.n, huge.n);
});
