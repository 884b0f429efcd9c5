/**
 * What owners do unasked, worked by hand: stop-losses, top-ups, arrivals, departures. One tier of 0.5 %
 * without deduction (initial 1 %), no clearance fee, no impact, fills at the last price of the beat before.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { rate } from '../../src/basics/exact.ts';
import type { MarketRules } from '../../src/rules/ruleSet.ts';
import { inverseMarket, play, SECOND, tiers, type TinyAccount, tinyOwners } from '../support/tinyWorld.ts';
import { ends, filled, left, paid } from './told.ts';

const asking = (maintenance: string, initial: string): Partial<MarketRules> => ({
  tiers: tiers([['1000000000', maintenance, '0', initial]]),
  clearanceFee: [{ rate: rate('0') }],
});
const PLAIN_BTC = { BTCUSDT: asking('0.005', '0.01') };
/** Orders may take a quarter of what a beat traded. */
const QUARTER = {
  fills: { participation: rate('0.25'), impact: 0, stressMax: 10, kernel: 'power' },
} as const;

/** 1 BTC long from 10 000 with 2 000 of margin; stop at 9 500. */
const STOPPED: TinyAccount = {
  name: 'A',
  legs: [{ side: 'long', qty: '1', entry: '10000', margin: '2000', stop: 0.95 }],
};

test('a stop takes two beats to fill, because a beat has room for a half', async () => {
  // 9 500 is reached at 3 s; a quarter of 2 BTC is room for 0.5, then there is room for all
  const { world, rows } = await play({
    marketRules: PLAIN_BTC,
    assumptions: QUARTER,
    accounts: [STOPPED],
    beats: [
      { index: '10000' },
      { index: '9500' },
      { index: '9400', high: '9500', volume: '2' },
      { index: '9300', high: '9400' },
      { index: '9200' },
    ],
  });
  assert.deepEqual(rows.fills.map(filled), ['A close 0.5 @ 9500 book', 'A close 0.5 @ 9400 book']);
  assert.deepEqual(
    rows.fills.map((f) => [f.tsUs / SECOND, f.why]),
    [
      [4, 'stop-loss'],
      [5, 'stop-loss'],
    ],
  );
  assert.deepEqual(rows.transfers.map(paid), [
    'A -> market 250 realized-pnl', // 0.5 x 500
    'A -> market 300 realized-pnl', // 0.5 x 600
  ]);
  const a = world.desk.book.read(0);
  assert.equal(a.wallet.toString(), '1450'); // 875 freed with the first half, (875 - 300) with the second
  assert.equal(a.legs[0]!.margin.toString(), '0');
  assert.deepEqual(
    rows.beats.map((b) => b.forcedSellLots),
    [0, 0, 500, 500, 0],
  );
  const [order] = rows.decisions.filter((d) => d.step === 'stop-loss');
  assert.deepEqual(order!.values, { side: 'long', level: '9500', qty: '1' });
});

test('the room that a stop took is not there for the liquidation of the same beat', async () => {
  // C: at 9 340 equity 40 <= 46.70. A quarter of 3 BTC is 0.75: 0.5 for the stop, 0.25 for the liquidation
  const { rows } = await play({
    marketRules: PLAIN_BTC,
    assumptions: QUARTER,
    accounts: [
      { name: 'A', legs: [{ ...STOPPED.legs[0]!, qty: '0.5', margin: '1000' }] },
      { name: 'C', legs: [{ side: 'long', qty: '1', entry: '10000', margin: '700' }] },
    ],
    beats: [{ index: '10000' }, { index: '9500' }, { index: '9340', high: '9500', volume: '3' }],
  });
  assert.deepEqual(rows.fills.map(filled), ['A close 0.5 @ 9500 book', 'C close 0.25 @ 9500 book']);
});

test('older stops go first, then those of a beat by row', async () => {
  // short of room: 0.5 BTC a beat. B is reached first; A and C together one beat later
  const short = (name: string, stop: number): TinyAccount => ({
    name,
    legs: [{ side: 'short', qty: '0.4', entry: '10000', margin: '4000', stop }],
  });
  const { rows } = await play({
    marketRules: PLAIN_BTC,
    assumptions: QUARTER,
    accounts: [short('A', 1.02), short('B', 1.01), short('C', 1.015)],
    beats: [
      { index: '10000' },
      { index: '10100' },
      { index: '10200', volume: '1' },
      { index: '10200', volume: '2' },
      { index: '10200', volume: '2' },
      { index: '10200', volume: '2' },
    ],
  });
  assert.deepEqual(rows.fills.map(filled), [
    'B close 0.25 @ 10100 impact', // no trade of the beat was as low
    'B close 0.15 @ 10200 book',
    'A close 0.35 @ 10200 book',
    'A close 0.05 @ 10200 book',
    'C close 0.4 @ 10200 book',
  ]);
});

test('nobody sells beyond bankruptcy: the stop waits until the book pays more', async () => {
  // margin 500, bankrupt at 9 500; the book falls to 9 400 while the mark stays at 9 700, then pays 9 550
  const { world, rows } = await play({
    marketRules: PLAIN_BTC,
    accounts: [{ name: 'A', legs: [{ ...STOPPED.legs[0]!, margin: '500', stop: 0.96 }] }],
    beats: [
      { index: '10000' },
      { index: '9700', last: '9400' },
      { index: '9700', last: '9550' },
      { index: '9700', last: '9600', low: '9550' },
    ],
  });
  assert.deepEqual(rows.fills.map(filled), ['A close 1 @ 9550 book']);
  assert.equal(rows.fills[0]!.tsUs / SECOND, 5);
  assert.equal(left(world, 'A'), '50');
  assert.deepEqual(ends(rows), []);
});

test('stop and liquidation are reached in one beat: the liquidation comes first and the stop is void', async () => {
  // at 9 040 equity is 40 <= 45.20: 0.3 is closed at 10 000, equity 1 000 - 0.7 x 960 = 328 > 31.64
  const beats = [{ index: '10000' }, { index: '9040', high: '10000' }, { index: '9040' }, { index: '9040' }];
  const fraction = { kind: 'fraction', fraction: rate('0.3'), above: rate('0') as never } as const;
  const { world, rows } = await play({
    rules: { reduction: fraction },
    marketRules: PLAIN_BTC,
    accounts: [
      { name: 'A', legs: [{ ...STOPPED.legs[0]!, margin: '1000' }] },
      { name: 'B', legs: [{ ...STOPPED.legs[0]!, margin: '2000' }] }, // far from liquidation
    ],
    beats,
  });
  assert.deepEqual(ends(rows), ['A reduced']);
  assert.deepEqual(rows.fills.map(filled), ['A close 0.3 @ 10000 book', 'B close 1 @ 9040 book']);
  assert.equal(world.desk.book.read(0).legs[0]!.qty.toString(), '0.7');
});

test('a top-up saves an account from the liquidation that its twin suffers', async () => {
  // at 9 500 half of 1 000 is added, once; at 9 030 equity is 30 <= 45.15 without it and 530 with it
  const leg = { side: 'long', qty: '1', entry: '10000', margin: '1000' } as const;
  const { world, rows } = await play({
    marketRules: PLAIN_BTC,
    accounts: [
      { name: 'A', legs: [{ ...leg, topUp: 0.95 }] },
      { name: 'B', legs: [leg] },
    ],
    beats: [
      { index: '10000' },
      { index: '9500' },
      { index: '9600' },
      { index: '9030', high: '9600' },
      { index: '9600' },
    ],
  });
  assert.deepEqual(ends(rows), ['B closed']);
  assert.deepEqual(
    rows.transfers.map((t) => `${t.tsUs / SECOND}: ${paid(t)}`),
    ['4: outside -> A 500 top-up', '5: B -> market 400 realized-pnl'], // sold at 9 600
  );
  assert.equal(left(world, 'A'), '1500');
  assert.equal(world.desk.book.read(0).legs[0]!.margin.toString(), '1500');
});

test('a cross account adds half of the margin that its leverage asks for', async () => {
  // 1 BTC at 10 000 and leverage 10: margin 1 000
  const { world } = await play({
    marketRules: PLAIN_BTC,
    accounts: [
      {
        name: 'A',
        cross: true,
        wallet: '1300',
        legs: [{ side: 'long', qty: '1', entry: '10000', topUp: 0.95 }],
      },
    ],
    beats: [{ index: '10000' }, { index: '9500' }, { index: '9500' }],
  });
  assert.equal(world.desk.book.read(0).wallet.toString(), '1800');
});

/** Comes at 3 s with 1 BTC at 80 times: 125 of margin where 1 % asks for 100; half as much again is free. */
const LATE: TinyAccount = {
  name: 'N',
  legs: [{ side: 'long', qty: '0', entry: '1', arrives: { beat: 1, qty: '1', leverage: 80, free: 0.5 } }],
};

test('an arrival brings its money and opens at the last price of its beat, outside the flow', async () => {
  const { world, rows } = await play({
    marketRules: PLAIN_BTC,
    accounts: [LATE],
    beats: [{ index: '10000' }, { index: '9990', last: '10000' }, { index: '10000' }],
  });
  assert.deepEqual(
    rows.transfers.map((t) => `${t.tsUs / SECOND}: ${paid(t)}`),
    ['3: outside -> N 125 deposit', '3: outside -> N 62.5 deposit'],
  );
  assert.deepEqual(
    rows.fills.map((f) => `${filled(f)} ${f.why}`),
    ['N open 1 @ 10000 last arrival'],
  );
  const n = world.desk.book.read(0);
  assert.deepEqual([n.legs[0]!.margin.toString(), n.wallet.toString()], ['125', '62.5']);
  assert.deepEqual(
    rows.beats.map((b) => [b.openInterest.toString(), b.forcedBuyLots]),
    [
      ['0', 0],
      ['1', 0],
      ['1', 0],
    ],
  );
  assert.deepEqual(world.behaviours!.counts, {
    arrived: 1,
    rejected: 0,
    scaled: 0,
    departed: 0,
    stopped: 0,
    toppedUp: 0,
  });
});

test('where the rules ask for 2 % it is refused, or its 125 open five eighths', async () => {
  const world = (overLeverage: 'reject' | 'scale') =>
    play({
      marketRules: { BTCUSDT: asking('0.01', '0.02') },
      assumptions: { population: tinyOwners(overLeverage) },
      accounts: [LATE],
      beats: [{ index: '10000' }, { index: '10000' }, { index: '10000' }],
    });
  const refused = await world('reject');
  assert.equal(refused.rows.fills.length + refused.rows.transfers.length, 0);
  assert.equal(refused.world.behaviours!.counts.rejected, 1);
  const [no] = refused.rows.decisions;
  assert.deepEqual(
    [no!.step, no!.values],
    ['arrival', { side: 'long', outcome: 'rejected', wanted: '125', needed: '200', qty: '0' }],
  );
  const scaled = await world('scale');
  // 2 % of .625 BTC at 10 000 are the 125 that it has; half as much is free as before
  assert.deepEqual(scaled.rows.transfers.map(paid), [
    'outside -> N 125 deposit',
    'outside -> N 62.5 deposit',
  ]);
  assert.deepEqual(scaled.rows.fills.map(filled), ['N open 0.625 @ 10000 last']);
  assert.equal(scaled.rows.decisions[0]!.values.qty, '0.625');
  assert.deepEqual([scaled.world.behaviours!.counts.scaled, scaled.world.behaviours!.counts.arrived], [1, 1]);
});

test('half of the margin that a scaled newcomer brought is what it adds, cross or isolated', async () => {
  const [leg] = LATE.legs;
  for (const cross of [true, false]) {
    const { rows } = await play({
      marketRules: { BTCUSDT: asking('0.01', '0.02') },
      assumptions: { population: tinyOwners('scale') },
      accounts: [{ ...LATE, cross, legs: [{ ...leg!, topUp: 0.999 }] }],
      beats: ['10000', '10000', '10000', '9985', '9985'].map((index) => ({ index })),
    });
    const added = rows.transfers.filter((t) => t.reason === 'top-up').map(paid);
    assert.deepEqual(added, ['outside -> N 62.5 top-up'], `cross ${cross}`); // half of 125
  }
});

test('who opens under water brings what is lost at the mark as well, and is not liquidated at once', async () => {
  // short at 10 000 while the mark of the beat before is 10 500: 125 of margin and 500 of loss, half of 125 free
  const [leg] = LATE.legs;
  const { world, rows } = await play({
    marketRules: PLAIN_BTC,
    accounts: [{ name: 'N', legs: [{ ...leg!, side: 'short' }] }],
    beats: [{ index: '10500' }, { index: '10500', last: '10000' }, { index: '10500' }],
  });
  assert.deepEqual(rows.transfers.map(paid), ['outside -> N 625 deposit', 'outside -> N 62.5 deposit']);
  assert.equal(rows.liquidations.length, 0); // equity 125 at 10 500, asked for 52.50
  assert.equal(world.desk.book.read(0).legs[0]!.margin.toString(), '625');
});

test('an inverse short under water brings the loss in coin; whoever gains at the mark brings nothing for it', async () => {
  // 10 000 contracts are 1 XBT at 10 000 and .95238095 at 10 500: .125 of margin and .04761905 of loss
  for (const [side, brought] of [
    ['short', '0.17261905'],
    ['long', '0.125'],
  ] as const) {
    const { rows } = await play({
      markets: [inverseMarket()],
      marketRules: { XBTUSD: asking('0.005', '0.01') },
      accounts: [
        {
          name: 'N',
          cross: true,
          legs: [{ side, qty: '0', entry: '1', arrives: { beat: 1, qty: '10000', leverage: 8 } }],
        },
      ],
      beats: [{ index: '10500' }, { index: '10500', last: '10000' }, { index: '10500' }],
    });
    assert.deepEqual(rows.transfers.map(paid), [`outside -> N ${brought} deposit`]);
  }
});

test('an arrival is judged in the very beat in which it comes', async () => {
  // 125 at 10 000; the mark of the same beat is 9 900: equity 25 <= 49.50
  const { rows } = await play({
    marketRules: PLAIN_BTC,
    accounts: [LATE],
    beats: [{ index: '10000' }, { index: '9900', last: '10000' }, { index: '10000' }],
  });
  assert.deepEqual(
    rows.liquidations.map((l) => [l.tsUs / SECOND, l.equity.toString()]),
    [[3, '25']],
  );
});

test('an inverse arrival pays in coin, and has its stop from its own entry', async () => {
  // 10 000 contracts at 10 000 USD are 1 XBT; at 8 times 0.125. Stop at 0.99 x 10 000 = 9 900
  const { world, rows } = await play({
    markets: [inverseMarket()],
    marketRules: { XBTUSD: asking('0.005', '0.01') },
    accounts: [
      {
        name: 'N',
        cross: true,
        legs: [
          {
            side: 'long',
            qty: '0',
            entry: '1',
            stop: 0.99,
            arrives: { beat: 1, qty: '10000', leverage: 8 },
          },
        ],
      },
    ],
    beats: [{ index: '12000' }, { index: '10000' }, { index: '9900' }, { index: '9900' }],
  });
  assert.deepEqual(
    rows.fills.map((f) => `${f.tsUs / SECOND}: ${filled(f)} ${f.why}`),
    ['3: N open 10000 @ 10000 last arrival', '5: N close 10000 @ 9900 book stop-loss'],
  );
  assert.deepEqual(rows.transfers.map(paid), [
    'outside -> N 0.125 deposit',
    'N -> market 0.01010101 realized-pnl', // 10 000 / 9 900 = 1.01010101 and a rest, cut at a satoshi
  ]);
  assert.equal(left(world, 'N', 'XBT'), '0.11489899');
});

test('a long and a short leave at the last price of the beat, and open interest falls by it', async () => {
  // 0.5 BTC each from 10 000 and 9 000 at 9 600: -200 and -300. matching is down at 4 s, so they wait
  const { world, rows } = await play({
    marketRules: PLAIN_BTC,
    accounts: [
      { name: 'L', legs: [{ side: 'long', qty: '0.5', entry: '10000', margin: '1000', departs: 2 }] },
      {
        name: 'S',
        cross: true,
        wallet: '900',
        legs: [{ side: 'short', qty: '0.5', entry: '9000', departs: 2 }],
      },
      { name: 'K', legs: [{ side: 'long', qty: '2', entry: '9600', margin: '9000' }] },
    ],
    beats: [{ index: '9700' }, { index: '9700' }, { index: '9500' }, { index: '9590', last: '9600' }],
    side: { outages: [{ fromUs: 4 * SECOND, untilUs: 5 * SECOND, part: 'matching' }] },
  });
  assert.deepEqual(
    rows.fills.map((f) => `${f.tsUs / SECOND}: ${filled(f)} ${f.why}`),
    ['5: L close 0.5 @ 9600 last departure', '5: S close 0.5 @ 9600 last departure'],
  );
  assert.deepEqual(rows.transfers.map(paid), [
    'L -> market 200 realized-pnl',
    'S -> market 300 realized-pnl',
  ]);
  assert.deepEqual([left(world, 'L'), left(world, 'S')], ['800', '600']);
  assert.equal(world.desk.book.read(0).wallet.toString(), '800'); // the margin is free
  assert.deepEqual(
    rows.beats.map((b) => [b.openInterest.toString(), b.forcedSellLots + b.forcedBuyLots]),
    [
      ['2.5', 0],
      ['2.5', 0],
      ['2.5', 0],
      ['2', 0],
    ],
  );
});

test('whoever is under liquidation cannot leave', async () => {
  // at 9 040 equity is 40 <= 45.20; nothing is traded, so the case is open when the owner wants to go
  const { rows } = await play({
    marketRules: PLAIN_BTC,
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '1', entry: '10000', margin: '1000', departs: 2 }] }],
    beats: [{ index: '10000' }, { index: '9040', volume: '0' }, { index: '9040', volume: '0' }],
  });
  assert.deepEqual(rows.fills, []);
  assert.deepEqual(ends(rows), ['A open']);
});
