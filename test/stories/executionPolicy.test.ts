/**
 * Who executes a liquidation: the three policies of docs/rules.md (Execution policies) on one account, by
 * hand. 1 BTC long from 10 000 with 1 000 of margin, 5 % maintenance, no fees, the fund holds what it takes.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { rate } from '../../src/basics/exact.ts';
import { readRules } from '../../src/rules/readRules.ts';
import type { TakeoverRule } from '../../src/rules/ruleSet.ts';
import { play, tiers } from '../support/tinyWorld.ts';
import { ends, filled, left } from './told.ts';

/** The slot that a line of the docs sets, in books of three venues alike. */
function asDocumented(override: string): TakeoverRule {
  assert.ok(readFileSync('docs/rules.md', 'utf8').includes(`| \`${override}\` |`), override);
  const [first, ...others] = ['binance-usdm@2020-03', 'bitmex-xbtusd@2020-03', 'hyperliquid@2025-10'].map(
    (id) => readRules(id, { overrides: [override] }).takeover,
  );
  for (const other of others) assert.deepEqual(other, first);
  return first!;
}

/**
 * 9 450: equity 450 <= 472.50; a quarter of 0.8 BTC is room for 0.2, at 9 050. The rest of 0.8 has 810 of
 * margin: equity 370 <= 378, above two thirds of it (252). 9 290: equity 242 <= 371.60, below 247.73.
 */
async function book(override: string) {
  const takeover = asDocumented(override);
  const { world, rows } = await play({
    rules: { takeover },
    marketRules: {
      BTCUSDT: { tiers: tiers([['1000000000', '0.05', '0', '0.1']]), clearanceFee: [{ rate: rate('0') }] },
    },
    assumptions: { fills: { participation: rate('0.25'), impact: 0, stressMax: 10, kernel: 'power' } },
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '1', entry: '10000', margin: '1000' }] }],
    beats: [
      { index: '10000', last: '9050' },
      { index: '9450', last: '9050', volume: '0.8' },
      { index: '9290', last: '9200', low: '9050' },
    ],
  });
  const fund = rows.fund.at(-1)!;
  return {
    fills: rows.fills.map(filled),
    sold: rows.beats.map((b) => b.forcedSellLots),
    ends: ends(rows),
    account: left(world, 'A'),
    fund: [fund.cash, fund.inventoryPnl].map(String),
  };
}

test('ioc: the book is asked until it has taken everything, the fund stands by', async () => {
  assert.deepEqual(await book('rules.takeover={when: markAtBankruptcy}'), {
    fills: ['A close 0.2 @ 9050 book', 'A close 0.8 @ 9050 book'],
    sold: [0, 200, 800],
    ends: ['A closed'],
    account: '50', // 1 000 - 190 - 760
    fund: ['1000', '0'],
  });
});

test('takeover: the fund has the position at its bankruptcy price at once, the book sees nothing', async () => {
  assert.deepEqual(await book('rules.takeover={when: equityBelow, share: 1}'), {
    fills: ['A close 1 @ 9000 bankruptcy', 'fund:main open 1 @ 9000 bankruptcy'],
    sold: [0, 0, 0],
    ends: ['A takenOver'],
    account: '0',
    fund: ['1000', '290'], // 9 290 - 9 000
  });
});

test('backstop: the book first, and the fund once equity is below two thirds of maintenance', async () => {
  // what is left is bankrupt at 10 000 - 810 / 0.8
  assert.deepEqual(await book('rules.takeover={when: equityBelow, share: 0.666666666667}'), {
    fills: [
      'A close 0.2 @ 9050 book',
      'A close 0.8 @ 8987.5 bankruptcy',
      'fund:main open 0.8 @ 8987.5 bankruptcy',
    ],
    sold: [0, 200, 0],
    ends: ['A takenOver'],
    account: '0',
    fund: ['1000', '242'], // 0.8 x (9 290 - 8 987.50)
  });
});
