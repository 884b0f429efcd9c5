/** Distinct accounts: names that are a number, names that only look like one, and names that are chosen. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { numberOf } from '../../../src/ledger/accountName.ts';
import { AccountNames } from '../../../src/results/accountNames.ts';

test('only the letter a and digits are a number', () => {
  assert.deepEqual(
    ['a0', 'a17', 'a', 'b1', 'a1b', 'a-1', 'market', 'fund:main', ''].map(numberOf),
    [0, 17, -1, -1, -1, -1, -1, -1, -1],
  );
});

test('each name counts once in the union, whatever it looks like', () => {
  const names = [
    ['a0', 'a31', 'a32', 'a31', 'whale', 'a007'],
    ['a32', 'a7', 'whale', 'a99999999999', 'a99999999999', 'desk'],
  ];
  const sets = names.map((list) => {
    const set = new AccountNames();
    for (const name of list) set.add(name);
    return set;
  });
  // a0 a31 a32 whale a007 | a32 a7 whale a99999999999 desk
  assert.equal(AccountNames.united([sets[0]!]), 5);
  assert.equal(AccountNames.united([sets[1]!]), 5);
  assert.equal(AccountNames.united(sets), 8);
  assert.equal(AccountNames.united([]), 0);
});
