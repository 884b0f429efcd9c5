/**
 * The branching ratio along a path, worked by hand: lambda G(60 s) lots ahead / 0.01, and G of a minute is
 * .277 e^-12 + .459 e^-1.2 + .186 e^-.12 + .045 e^-.012 + .033 e^-.0012 = 0 + .13825 + .16497 + .04446 + .03296 = .38064.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { price, rate } from '../../src/basics/exact.ts';
import { replay } from '../../src/replay.ts';
import { Branching } from '../../src/study/compare/branching.ts';
import { SECOND, tiers, type Tiny, tinyMarketRules, tinyWorld } from '../support/tinyWorld.ts';

const LAMBDA = 1e-5;
const G = 0.38064;

/**
 * Replays a world beside its measure; maintenance is 0.4 %.
 *
 * @param halted  number of beats, from the first on, without an index
 */
async function measured(tiny: Tiny, participation = 1, halted = 0): Promise<Branching> {
  const { world, frames } = tinyWorld({ rules: { order: { kind: 'market' } }, ...tiny });
  frames.constituents.get('BTCUSDT')![0]!.ageUs.fill(7200 * SECOND, 0, halted);
  const { lots } = frames.markets.get('BTCUSDT')!;
  const lambda = new Float64Array(frames.beats).fill(LAMBDA);
  const { beatUs } = frames;
  const measure = new Branching(world, [{ lambda, lots, beatUs, kernel: 'power', participation }]);
  await replay(frames, [world], { record: () => undefined }, () => measure.observe());
  return measure;
}

async function largest(tiny: Tiny, o: { participation?: number; bookShare?: number } = {}): Promise<number> {
  return (await measured(tiny, o.participation)).max(() => o.bookShare ?? 1);
}
const near = (x: number, y: number): void =>
  assert.ok(Math.abs(x - y) < 2e-5 * Math.max(y, 1), `${x}, not ${y}`);

/** Fail at (10 000 - 500) / .996 = 9 538.15 and (5 000 - 240) / .498 = 9 558.23. */
const TWO: Tiny['accounts'] = [
  { name: 'A', legs: [{ side: 'long', qty: '1.000', entry: '10000', margin: '500' }] },
  { name: 'B', legs: [{ side: 'long', qty: '0.500', entry: '10000', margin: '240' }] },
];
const at = (...prices: string[]): Tiny['beats'] => prices.map((index) => ({ index }));

test('lots within a per cent ahead of the mark, where the mark came', async () => {
  assert.equal(await largest({ accounts: TWO, beats: at('10000', '9700') }), 0);
  // from 9 640 on B is ahead (9 543.6), at 9 600 both: 500 and 1 500 lots over 1 % at 1e-5 a lot
  near(await largest({ accounts: TWO, beats: at('10000', '9640') }), 0.5 * G);
  near(await largest({ accounts: TWO, beats: at('10000', '9600') }), 1.5 * G);
  // half of what liquidations take comes to the book
  near(await largest({ accounts: TWO, beats: at('10000', '9600') }, { bookShare: 0.5 }), 0.75 * G);
});

test('the largest of each five minutes is kept', async () => {
  // beats of a second: 300 of them are five minutes. B ahead in the first, both in the third, nobody near in the second
  const path = [
    ...Array(300).fill('9640'),
    ...Array(300).fill('9900'),
    ...Array(10).fill('9600'),
  ] as string[];
  const measure = await measured({ accounts: TWO, beats: at('10000', ...path.slice(1)) });
  const rows = measure.rows(() => 0.5);
  assert.deepEqual(
    rows.map(({ market, startUs }) => [market, startUs - rows[0]!.startUs]),
    [
      ['BTCUSDT', 0],
      ['BTCUSDT', 300e6],
      ['BTCUSDT', 600e6],
    ],
  );
  for (const [k, lots] of [0.5, 0, 1.5].entries()) near(rows[k]!.ratio, 0.5 * lots * G);
});

test('five minutes in which no index had formed yet have no ratio', async () => {
  const { index } = tinyMarketRules();
  const halting = {
    ...index,
    stale: { ...index.stale, mode: 'drop' },
    quorum: { ...index.quorum, zero: 'halt' },
  } as const;
  const beats = at('10000', ...(Array(649).fill('9600') as string[]));
  const marketRules = { BTCUSDT: { index: halting } };
  const whole = (await measured({ accounts: TWO, beats, marketRules })).rows(() => 1);
  const rows = (await measured({ accounts: TWO, beats, marketRules }, 1, 310)).rows(() => 1);
  // the first beat with an index is the 311th: in the second five minutes
  assert.deepEqual(
    rows.map(({ startUs }) => startUs),
    whole.slice(1).map(({ startUs }) => startUs),
  );
  assert.equal(whole.length, 3);
  for (const { ratio } of rows) near(ratio, 1.5 * G);
});

test('whoever a change of the rules or a funding stamp brings near the mark is ahead of it', async () => {
  const beats = at('10000', '9700', '9700');
  assert.equal(await largest({ accounts: TWO, beats }), 0);
  // 1.5 % from the third beat on: A fails at 9 500 / .985 = 9 644.67, B at 4 760 / .4925 = 9 664.97
  const strict = tinyMarketRules({
    mark: { kind: 'indexOnly', tick: price('0.01'), rounding: 'even' },
    tiers: tiers([['1000000000', '0.015', '0', '0.03']]),
  });
  const change = { atUs: 3.5 * SECOND, path: 'by hand', value: '', slots: { markets: { BTCUSDT: strict } } };
  const rules = { order: { kind: 'market' }, schedule: [change] } as const;
  near(await largest({ accounts: TWO, beats, rules }), 1.5 * G);
  // 1 % of 9 700 at 3 s: A fails at (9 500 + 97) / .996 = 9 635.54, B at (4 760 + 48.5) / .498 = 9 655.62
  const funding = { intervalUs: 3 * SECOND, offsetUs: 0, paymentScale: null };
  const side = { funding: [{ market: 'BTCUSDT', tsUs: 3 * SECOND, rate: '0.01' }] };
  near(await largest({ accounts: TWO, beats, side, marketRules: { BTCUSDT: { funding } } }), 1.5 * G);
});

test('who is liquidated is not ahead any more, wherever the mark goes next', async () => {
  // both gone at 9 500 in one beat; back at 9 600 nobody is ahead, and before it nobody was within 1 %
  assert.equal(await largest({ accounts: TWO, beats: at('10000', '9500', '9600') }), 0);
});

test('a short is ahead of a mark that rises', async () => {
  const accounts: Tiny['accounts'] = [
    { name: 'C', legs: [{ side: 'short', qty: '2.000', entry: '10000', margin: '500' }] },
  ];
  // margin of 500 for two: (20 000 + 500) / 2.008 = 10 209.16, within 1 % of 10 110
  near(await largest({ accounts, beats: at('10000', '10110') }), 2 * G);
});

test('the book takes no more in a minute than its share of what was traded', async () => {
  const beats = ['10000', '9700', '9600'].map((index) => ({ index, volume: '0.2' }));
  // 3 x 200 lots traded, of which half: 300 of the 1 500
  near(await largest({ accounts: TWO, beats }, { participation: 0.5 }), 0.3 * G);
});

test('a newcomer is ahead of the mark while it is there', async () => {
  // 100 times at 10 000: margin 100, fails at 9 900 / .996 = 9 939.76, within 1 % from its first beat on
  const arrives = { beat: 1, qty: '1', leverage: 100 };
  const accounts = (departs?: number): Tiny['accounts'] => [
    {
      name: 'N',
      legs: [
        {
          side: 'long',
          qty: '0',
          entry: '1',
          margin: '0',
          arrives,
          ...(departs === undefined ? {} : { departs }),
        },
      ],
    },
  ];
  const marketRules: Tiny['marketRules'] = { BTCUSDT: { clearanceFee: [{ rate: rate('0') }] } };
  const of = (beats: Tiny['beats'], departs?: number): Promise<number> =>
    largest({ accounts: accounts(departs), beats, marketRules });
  near(await of(at('10000', '10000', '10000')), G);
  assert.equal(await of(at('10000')), 0);
  // who leaves in the very beat in which it came is never ahead
  assert.equal(await of(at('10500', '10500', '10500'), 1), 0);
});
