/** Accounts that ended: what is kept of them reads on as they stood, and nobody who may still matter is let go. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, ZERO_MONEY } from '../../../src/basics/exact.ts';
import {
  freeze,
  type LiveAccount,
  PositionBook,
  setFurther,
  thaw,
} from '../../../src/ledger/positionBook.ts';
import { linearMarket, tinyMarketRules, tinyPopulation } from '../../support/tinyWorld.ts';

const MARKETS = [linearMarket('BTCUSDT'), linearMarket('ETHUSDT')];

function book(): PositionBook {
  const population = tinyPopulation(MARKETS, [
    { name: 'alone', wallet: '3', legs: [{ side: 'long', qty: '1', entry: '100', margin: '10' }] },
    {
      name: 'pair',
      cross: true,
      wallet: '50',
      legs: [
        { side: 'long', qty: '1', entry: '100' },
        { market: 'ETHUSDT', side: 'short', qty: '2', entry: '10' },
      ],
    },
  ]);
  return new PositionBook({ population, markets: MARKETS, rules: () => tinyMarketRules() });
}

/** Closes all legs of an account, whose margins go to its wallet. */
function closed(of: PositionBook, name: string): LiveAccount {
  const account = of.open(of.find(name));
  for (const leg of account.legs) {
    of.resize(leg, 0, ZERO_MONEY);
    account.wallet = account.wallet.plus(leg.margin);
    leg.margin = ZERO_MONEY;
  }
  account.orderMargin = ZERO_MONEY;
  return account;
}

const told = ({ wallet, orderMargin, legs, cross, name }: LiveAccount) => ({
  name,
  cross,
  wallet: wallet.toString(),
  orderMargin: orderMargin.toString(),
  legs: legs.map((l) => [l.row, l.lots, l.qty.toString(), l.entryValue.toString(), l.margin.toString()]),
});

for (const name of ['alone', 'pair']) {
  test(`${name}: an account that ended reads as it stood, is touched, and can be opened again`, () => {
    const of = book();
    const account = closed(of, name);
    account.wallet = money('13.000000000000000001');
    const stood = told(account);
    of.retire(account);
    assert.notEqual(of.read(account.index), account);
    assert.deepEqual(told(of.read(account.index)), stood);
    assert.deepEqual(told(of.touched(account.index)!), stood);
    assert.ok(of.isTouched(account.index));
    assert.deepEqual(
      [...of.heldLots()].filter((_, row) => account.legs.some((l) => l.row === row)).join(),
      account.legs.map(() => 0).join(),
    );
    const again = of.open(account.index);
    again.wallet = money('7');
    assert.equal(of.read(account.index), again);
    of.retire(again);
    assert.equal(of.read(account.index).wallet.toString(), '7');
  });
}

test('whoever lost nothing, has something locked or is in a case stays as he is', () => {
  const stays: readonly ((of: PositionBook, account: LiveAccount) => void)[] = [
    (of, { legs }) => of.resize(legs[0]!, 1, money('1')),
    (_, account) => {
      account.orderMargin = money('1');
    },
    (_, account) => {
      account.cases = 1;
    },
    (_, account) => setFurther(account, 'BTC', money('1')),
    (_, { legs }) => {
      legs[0]!.margin = money('1');
    },
  ];
  for (const change of stays) {
    const of = book();
    const account = closed(of, 'alone');
    change(of, account);
    of.retire(account);
    assert.equal(of.read(account.index), account);
  }
});

test('what an account still holds rests beside what it lost, and is not held twice once it is lost too', () => {
  const of = book();
  const account = of.open(1);
  const [first, second] = account.legs as [LiveAccount['legs'][0], LiveAccount['legs'][0]];
  of.resize(first, 0, ZERO_MONEY);
  of.resize(second, 3, money('30.000000000000000001'));
  second.seen = 2;
  account.wallet = money('-4');
  const stood = told(account);
  of.retire(account);
  assert.deepEqual(told(of.read(1)), stood);
  assert.equal(of.read(1).legs[1]!.seen, 2);
  assert.deepEqual([...of.heldLots()], [1000, 0, 3]); // alone's 1 in lots of 0.001
  const again = of.open(1);
  of.resize(again.legs[1]!, 0, ZERO_MONEY);
  of.retire(again);
  assert.deepEqual(
    of.read(1).legs.map(({ lots }) => lots),
    [0, 0],
  );
});

test('of two objects of an account only the one that is its own is retired', () => {
  const of = book();
  const old = closed(of, 'alone');
  of.retire(old);
  const now = of.open(old.index);
  now.wallet = money('1');
  of.retire(old);
  assert.equal(of.read(old.index), now);
});

test('pockets are frozen and thawed one by one, of this account alone', () => {
  const of = book();
  const [one, other] = [of.open(0), of.open(1)];
  freeze(one, 0);
  freeze(one, 5);
  thaw(one, 0);
  assert.deepEqual([...one.frozen], [5]);
  assert.equal(other.frozen.size, 0);
  thaw(one, 5);
  assert.equal(one.frozen.size, 0);
});
