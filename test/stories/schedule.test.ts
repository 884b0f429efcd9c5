/**
 * Rules that change inside a run: an emergency change of margin, trigger, mark, fee and funding at an
 * instant, while the prices stand still, so that whatever happens is the change's doing.
 *
 * The venue: tiers of 0.4 %, fee 0.5 %, fund 1 000. Beats end at 2 s, 3 s, 4 s, 5 s.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, price, rate } from '../../src/basics/exact.ts';
import type { RuleChange, RuleSlots } from '../../src/rules/ruleSet.ts';
import { play, SECOND, type Tiny, tiers, tinyMarketRules } from '../support/tinyWorld.ts';

const at = (seconds: number, slots: RuleSlots): RuleChange => ({
  atUs: seconds * SECOND,
  path: 'by hand',
  value: '',
  slots,
});
const mark = { kind: 'indexOnly', tick: price('0.01'), rounding: 'even' } as const;
const market = (over: Parameters<typeof tinyMarketRules>[0]): RuleSlots => ({
  markets: { BTCUSDT: tinyMarketRules({ mark, ...over }) },
});
const still = [{ index: '39500' }, { index: '39500' }, { index: '39500' }, { index: '39500' }];

const twoLongs: Tiny = {
  accounts: [
    { name: 'A', legs: [{ side: 'long', qty: '1.000', entry: '40000', margin: '1000' }] },
    { name: 'B', legs: [{ side: 'long', qty: '1.000', entry: '40000', margin: '2000' }] },
  ],
  beats: still,
};
const twoPercent = market({ tiers: tiers([['1000000000', '0.02', '0', '0.04']]) });

test('a higher maintenance rate liquidates at that very beat, at an unchanged mark', async () => {
  // at 39 500: A has 1 000 - 500 = 500, B 1 500. 0.4 % asks for 158 of each, 2 % for 790.
  const { rows } = await play({ ...twoLongs, rules: { schedule: [at(3.5, twoPercent)] } });
  assert.deepEqual(
    rows.liquidations.map((l) => [l.account, l.equity.toString(), l.maintenanceMargin.toString()]),
    [['A', '500', '790']],
  );
  assert.deepEqual(
    rows.orders.map((o) => [o.account, o.tsUs]), // 3.5 s lies in the beat that ends at 4 s
    [['A', 4 * SECOND]],
  );
});

test('an instant that ends a beat belongs to it', async () => {
  const { rows } = await play({ ...twoLongs, rules: { schedule: [at(3, twoPercent)] } });
  assert.deepEqual(
    rows.orders.map((o) => o.tsUs),
    [3 * SECOND],
  );
});

test('a change before the first beat holds from the first beat; one after the last never does', async () => {
  const early = await play({ ...twoLongs, rules: { schedule: [at(0, twoPercent)] } });
  assert.deepEqual(
    early.rows.orders.map((o) => o.tsUs),
    [2 * SECOND],
  );
  const late = await play({ ...twoLongs, rules: { schedule: [at(5.1, twoPercent)] } });
  assert.deepEqual(late.rows.orders, []);
});

test('equality at the mark: an inclusive trigger that becomes strict spares, and the reverse liquidates', async () => {
  // margin 658: equity 158 = 39 500 x 0.4 %
  const equal: Tiny = {
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '1.000', entry: '40000', margin: '658' }] }],
    beats: still,
  };
  const strict = { trigger: { inclusive: false } };
  const { rows } = await play({
    ...equal,
    rules: { ...strict, schedule: [at(4, { trigger: { inclusive: true } })] },
  });
  assert.deepEqual(
    rows.orders.map((o) => o.tsUs),
    [4 * SECOND],
  );
  const spared = await play({ ...equal, rules: { schedule: [at(0, strict)] } });
  assert.deepEqual(spared.rows.orders, []);
});

test('an account under liquidation is judged by the new rules too: a lower rate lets it go', async () => {
  // 0.4 % asks for 158; equity 100: liquidated, 10 s of grace. At 4 s 0.2 % asks for 79: it recovers.
  const half = market({ tiers: tiers([['1000000000', '0.002', '0', '0.01']]) });
  const { rows } = await play({
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '1.000', entry: '40000', margin: '600' }] }],
    beats: still,
    rules: { freeze: { at: 'atOrder', graceUs: 10 * SECOND }, schedule: [at(4, half)] },
  });
  assert.deepEqual(
    rows.liquidations.map((l) => [l.account, l.end, l.endUs]),
    [['A', 'recovered', 4 * SECOND]],
  );
  assert.deepEqual(rows.orders, []);
});

test('the clearance fee is that of the beat of the fill', async () => {
  const fall = [{ index: '39500' }, { index: '39500' }, { index: '39100' }, { index: '39100' }];
  const free = market({ clearanceFee: [{ rate: rate('0.001') }] });
  const { rows } = await play({
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '1.000', entry: '40000', margin: '1000' }] }],
    beats: fall,
    rules: { order: { kind: 'market' }, schedule: [at(4, free)] },
  });
  // equity 100 at 39 100 <= 156.4; filled at the last price of the beat before, 39 500: 0.1 % is 39.5
  assert.deepEqual(
    rows.transfers.filter((t) => t.reason === 'clearance-fee').map((t) => t.amount.toString()),
    ['39.5'],
  );
});

test('the mark follows a rule that changes, and an average is that of the whole run', async () => {
  const beats = ['10', '20', '30', '40'].map((basis) => ({ index: '39500', last: String(39500 + +basis) }));
  const averaged = {
    kind: 'indexPlusBasisMean',
    tick: price('0.01'),
    rounding: 'even',
    basis: { windowUs: 4 * SECOND, sampleUs: SECOND },
  } as const;
  const { rows } = await play({
    accounts: [{ name: 'B', legs: [{ side: 'long', qty: '1.000', entry: '40000', margin: '2000' }] }],
    beats,
    rules: {
      schedule: [at(4, market({ mark: averaged })), at(5, market({ mark: { ...mark, kind: 'lastPrice' } }))],
    },
  });
  // index; index; index + (10 + 20 + 30) / 3; last
  assert.deepEqual(
    rows.beats.map((b) => b.mark.toString()),
    ['39500', '39500', '39520', '39540'],
  );
});

test('funding stamps are rounded as the rule said at each stamp', async () => {
  // a stamp a second from 2 s on: 1 x 39 500 x 0.0000012345 = 0.04876275, exact at first, then cut to 2 places: 0.05
  const funding = { intervalUs: SECOND, offsetUs: 0, paymentScale: null };
  const { world } = await play({
    accounts: [{ name: 'B', legs: [{ side: 'long', qty: '1.000', entry: '40000', margin: '2000' }] }],
    beats: still,
    marketRules: { BTCUSDT: { funding } },
    side: { funding: [{ market: 'BTCUSDT', tsUs: 0, rate: '0.0000012345' }] },
    rules: { schedule: [at(4, market({ funding: { ...funding, paymentScale: 2 } }))] },
  });
  const b = world.desk.book.find('B');
  const leg = world.desk.book.read(b).legs[0]!;
  // two exact stamps of 0.04876275 and two of 0.05
  assert.equal(world.desk.clocks[0]!.due('long', leg.qty, 0).toString(), '0.1975255');
});

test('the screen and the judgement of everybody agree while rules change', async () => {
  const accounts = Array.from({ length: 60 }, (_, k) => ({
    name: `n${k}`,
    cross: k % 3 === 0,
    ...(k % 3 === 0 ? { wallet: String(150 + 40 * k) } : {}),
    legs: [
      {
        side: k % 2 === 0 ? ('long' as const) : ('short' as const),
        qty: '1.000',
        entry: '40000',
        ...(k % 3 === 0 ? {} : { margin: String(150 + 40 * k) }),
      },
    ],
  }));
  const tiny: Tiny = {
    accounts,
    beats: [{ index: '39900' }, { index: '39700' }, { index: '39700' }, { index: '40300' }],
    rules: {
      reduction: { kind: 'solve', buffer: { kind: 'multiplicative', value: rate('0') } },
      schedule: [
        at(3, market({ tiers: tiers([['1000000000', '0.01', '0', '0.02']]) })),
        at(3, { reduction: { kind: 'full' } }),
        at(4, market({ tiers: tiers([['1000000000', '0.02', '0', '0.04']]), notionalAt: 'entry' })),
        at(5, { trigger: { inclusive: false }, adl: { ...ADL, ranking: 'profitOnly' } }),
      ],
    },
    assumptions: { fundOpening: { main: money('10') } },
  };
  const screened = await play(tiny);
  const judged = await play({ ...tiny, screen: 'exhaustive' });
  const shown = (rows: typeof screened.rows): string =>
    JSON.stringify([rows.liquidations, rows.orders, rows.fills, rows.transfers, rows.adl]);
  assert.equal(shown(screened.rows), shown(judged.rows));
  const times = new Set(screened.rows.orders.map((o) => o.tsUs));
  assert.ok(times.size >= 3, `orders at ${[...times]}`);
});

const ADL = { ranking: 'binance', triggers: ['fundRefuses'], ties: 'proRata', shortage: 'market' } as const;
