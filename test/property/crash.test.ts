/**
 * A halving of the price with thousands of accounts: nothing is created or lost on the way, the fund
 * rises as well as falls, and the work grows with the victims, not with the book.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { draw } from '../../src/basics/draw.ts';
import { type Money, money, rate, steps, sum, ZERO_MONEY } from '../../src/basics/exact.ts';
import { collateralOf } from '../../src/ledger/positionBook.ts';
import { unrealizedPnl } from '../../src/margin/leg.ts';
import {
  play,
  tiers,
  type Tiny,
  type TinyAccount,
  type TinyBeat,
  tinyRules,
  tinyWorld,
} from '../support/tinyWorld.ts';

/** Pairs of a long and a short of one size from 50 000: net 0. Leverage 2 to 60. */
const pairs = (accounts: number): TinyAccount[] =>
  Array.from({ length: accounts }, (_, a) => {
    const lots = 1 + Math.floor(draw(5, a >> 1, 1) * 3000);
    const margin = ((lots / 1000) * 50000) / (2 + draw(5, a, 2) * 58);
    const side = a % 2 === 0 ? 'long' : 'short';
    return {
      name: `p${a}`,
      legs: [{ side, qty: String(lots / 1000), entry: '50000', margin: margin.toFixed(8) }],
    } as const;
  });

/** From `from` to half of it in equal steps. */
const halving = (from: number, count: number): TinyBeat[] =>
  Array.from({ length: count }, (_, b) => {
    const index = (from * (1 - (0.5 * b) / (count - 1))).toFixed(2);
    return { index, last: index, volume: '400' };
  });

const OPENING = money('20000');
const [FUND] = tinyRules({ BTCUSDT: {} as never }, 'USDT').funds;
const venue = (over: Partial<Tiny> = {}): Tiny => ({
  rules: {
    order: { kind: 'ioc' },
    funds: [{ ...FUND!, unwind: { kind: 'work', participation: rate('0.1'), afterUs: 0, limit: 'none' } }],
  },
  assumptions: {
    fundOpening: { main: OPENING },
    winnersTake: rate('0.2'),
    fills: { participation: rate('0.25'), impact: 0, stressMax: 10, kernel: 'power' },
  },
  accounts: pairs(3000),
  beats: halving(50000, 60),
  lambda: 1e-8,
  ...over,
});

test('a halving: contracts sum to 0 and wealth at mark is what it was, at every beat, exactly', () => {
  const { world, frames } = tinyWorld(venue());
  const { desk } = world;
  const { book } = desk;
  const collateral = (a: number): Money =>
    book
      .read(a)
      .legs.reduce((total, leg) => total.plus(collateralOf(book.read(a), leg.row)), book.read(a).wallet);
  const everybody = Array.from({ length: book.population.accounts }, (_, a) => a);
  const opening = sum(everybody.map(collateral)).plus(OPENING);
  let [victims, taken, adl, highest] = [0, 0, 0, ZERO_MONEY];
  for (let beat = 0; beat < frames.beats; beat++) {
    const prices = world.price(beat)!;
    const outbox = world.act(beat, prices);
    victims += outbox.liquidations.length;
    taken += outbox.liquidations.filter((l) => l.end === 'takenOver').length;
    adl += outbox.adl.length;
    const { mark } = prices[0]!;
    let [net, wealth] = [0, ZERO_MONEY];
    for (const a of everybody) {
      wealth = wealth.plus(collateral(a));
      for (const leg of book.read(a).legs) {
        net += leg.side === 'long' ? leg.lots : -leg.lots;
        if (leg.lots > 0) wealth = wealth.plus(unrealizedPnl(leg, mark));
      }
    }
    const row = outbox.beats[0]!;
    const fund = outbox.fund[0]!;
    for (const fundRow of desk.funds) net += fundRow.lotsIn('BTCUSDT');
    const market = row.marketSide === 'long' ? row.marketNet : row.marketNet.neg();
    assert.equal(
      steps(net, book.markets[0]!.qtyStep).plus(market).toString(),
      '0',
      `contracts at beat ${beat}`,
    );
    wealth = wealth.plus(fund.cash).plus(fund.inventoryPnl).plus(row.marketProfit);
    wealth = wealth.plus(desk.ledger.balance('house', 'USDT'));
    assert.equal(wealth.toString(), opening.toString(), `wealth at beat ${beat}`);
    if (highest.lt(fund.cash)) highest = fund.cash;
  }
  world.finish();
  // the crash must have used every mechanism
  assert.ok(
    victims > 1000 && taken > 50 && adl > 50,
    `${victims} victims, ${taken} taken over, ${adl} deleveraged`,
  );
  assert.ok(OPENING.lt(highest), 'fees and profitable inventory lift the fund');
});

test('the fund by its rows is the fund by its transfers', async () => {
  const { world, rows } = await play(venue({ accounts: pairs(400) }));
  let cash = OPENING;
  for (const t of rows.transfers) {
    if (t.to === 'fund:main') cash = cash.plus(t.amount);
    if (t.from === 'fund:main') cash = cash.minus(t.amount);
  }
  assert.equal(cash.toString(), world.desk.ledger.balance('fund:main', 'USDT').toString());
  assert.equal(rows.fund.at(-1)!.cash.toString(), cash.toString());
  assert.ok(rows.transfers.some((t) => t.to === 'fund:main' && t.reason === 'clearance-fee'));
});

/** How many exact verdicts one mark asks for: each reads the trigger rule once. */
function verdictsOf(victims: number, bystanders: number): number {
  let verdicts = 0;
  const account = (name: string, leverage: number): TinyAccount => ({
    name,
    legs: [{ side: 'long', qty: '0.1', entry: '50000', margin: (5000 / leverage).toFixed(8) }],
  });
  const accounts = [
    ...Array.from({ length: victims }, (_, i) => account(`v${i}`, 50)),
    ...Array.from({ length: bystanders }, (_, i) => account(`b${i}`, 3)),
  ];
  const trigger = {
    get inclusive(): boolean {
      verdicts++;
      return true;
    },
  };
  const { world } = tinyWorld({
    rules: { trigger },
    marketRules: { BTCUSDT: { tiers: tiers([['1000000000', '0.005', '0', '0.01']]) } },
    accounts,
    beats: [{ index: '50000', last: '49200' }, { index: '49200' }],
    record: 'money',
  });
  world.act(0, world.price(0)!);
  verdicts = 0;
  const outbox = world.act(1, world.price(1)!);
  assert.equal(outbox.liquidations.length, victims);
  return verdicts;
}

test('a mass liquidation costs a fixed number of verdicts a victim, and nothing for those who stand by', () => {
  const one = verdictsOf(1, 10);
  assert.ok(one <= 5, `${one} verdicts for one victim`);
  assert.equal(verdictsOf(100, 10), 100 * one);
  assert.equal(verdictsOf(400, 10), 400 * one);
  assert.equal(verdictsOf(100, 2000), 100 * one);
});
