/** Balances of accounts by number and of everybody else by name: what was moved, from what they had. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money } from '../../../src/basics/exact.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { numberOf } from '../../../src/ledger/accountName.ts';

/** Account n opens with 10 n USDT, the fund with 1,000. */
const ledger = (): Ledger =>
  new Ledger({
    find: numberOf,
    ofAccount: (a, asset) => money(asset === 'USDT' ? String(10 * a) : '0'),
    ofParty: (party) => money(party === 'fund:main' ? '1000' : '0'),
  });

test('a transfer takes from one what it gives to the other, and the sum stays', () => {
  const of = ledger();
  assert.equal(of.balance('a3', 'USDT').toString(), '30');
  of.post({ asset: 'USDT', from: 'a3', to: 'fund:main', amount: money('40.5') });
  of.post({ asset: 'USDT', from: 'market', to: 'a3', amount: money('0.000000000000000001') });
  of.post({ asset: 'BTC', from: 'a3', to: 'a4', amount: money('2') });
  assert.equal(of.balance('a3', 'USDT').toString(), '-10.499999999999999999'); // 30 - 40.5 + 1e-18
  assert.equal(of.balance('fund:main', 'USDT').toString(), '1040.5');
  assert.equal(of.balance('a3', 'BTC').toString(), '-2');
  assert.equal(of.balance('a4', 'USDT').toString(), '40');
  assert.deepEqual(of.assets(), ['USDT', 'BTC']);
  assert.deepEqual(
    [...of.moved()].map(({ party, asset }) => [party, asset]),
    [
      ['fund:main', 'USDT'],
      ['market', 'USDT'],
    ],
  );
  for (const asset of ['USDT', 'BTC']) assert.ok(of.drift(asset).isZero());
});

test('nothing, less than nothing, finer than the finest or to oneself is no transfer', () => {
  const of = ledger();
  for (const amount of ['0', '-1', '0.0000000000000000001'])
    assert.throws(
      () => of.post({ asset: 'USDT', from: 'a1', to: 'a2', amount: money(amount) }),
      /Broken invariant/,
    );
  assert.throws(
    () => of.post({ asset: 'USDT', from: 'a1', to: 'a1', amount: money('1') }),
    /Broken invariant/,
  );
});
