/**
 * Deribit's portfolio margin by its own book, worked by hand in coin: buckets of 4, 8, 12 and 16 %, an extended table
 * of which a long feels -66 % at 24 % of the loss, 1 % of offsetting futures, a strict trigger, 20 orders of 200
 * contracts a second.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, price, qty, rate } from '../../../src/basics/exact.ts';
import type { Derived, Market } from '../../../src/rules/market.ts';
import type { RuleSet } from '../../../src/rules/ruleSet.ts';
import { play, SECOND, type TinyAccount, type TinyBeat } from '../../support/tinyWorld.ts';
import { conserved, venueBook } from '../../support/venueBook.ts';
import { filled, left, paid } from '../told.ts';

const { market: PERP, rules, own } = venueBook('deribit-portfolio@2022-01', 'BTC-PERPETUAL');

/** Plays accounts beside the perpetual's own book; `further` are markets priced from its index. */
async function deribit(told: {
  readonly accounts: readonly TinyAccount[];
  readonly beats: readonly TinyBeat[];
  readonly fund?: string;
  readonly further?: readonly Market[];
  readonly rules?: Partial<RuleSet>;
}) {
  const markets = [PERP, ...(told.further ?? [])];
  const all = Object.fromEntries(markets.map((m) => [m.id, own]));
  const used = told.rules ?? rules;
  const end = await play({
    markets,
    rules: { ...used, markets: all, funds: [{ ...used.funds![0]!, markets: Object.keys(all) }] },
    marketRules: all,
    assumptions: { fundOpening: { BTC: money(told.fund ?? '0') } },
    accounts: told.accounts,
    beats: { [PERP.id]: told.beats },
  });
  conserved(end.world);
  return end;
}
/** A derived market on the perpetual's index that settles in coin, with a quarter of a year to go. */
const onIndex = (id: string, derived: Derived, over: Partial<Market> = {}): Market => ({
  ...PERP,
  ...over,
  id,
  derived,
});
const TERM = { underlying: PERP.id, expiryUs: 91.25 * 86_400 * SECOND } as const;
const verdicts = (rows: Awaited<ReturnType<typeof play>>['rows']): string[] =>
  rows.liquidations.map((l) => `${l.tsUs / SECOND} ${l.account} ${l.end} ${l.equity} ${l.maintenanceMargin}`);

test('a short is judged by the bucket of +16 %, and reduced by small orders until it stands', async () => {
  // 40 000 contracts of 10 USD are 10 BTC at 40 000 and 8 at 50 000: equity 2.98 - 2. At 58 000 they would be
  // 6.89655172: 1.10344828 asked. An order closes 0.04 BTC for a fee of 0.0003. After 23 of them 7.08 - 6.10344828 =
  // 0.97655172 is asked of 0.9731; after 24 it is 7.04 - 6.06896552 = 0.97103448 of 0.9728. Twenty fit into the first
  // second.
  const { world, rows } = await deribit({
    accounts: [
      {
        name: 'A',
        cross: true,
        wallet: '2.98',
        legs: [{ side: 'short', qty: '40000', entry: '40000' }],
      },
    ],
    beats: [{ index: '40000', last: '50000' }, ...['50000', '50000', '50000'].map((index) => ({ index }))],
  });
  assert.deepEqual(verdicts(rows), ['3 A reduced 0.98 1.10344828']);
  assert.deepEqual(
    [3, 4, 5].map((second) => rows.fills.filter((f) => f.tsUs === second * SECOND).length),
    [20, 4, 0],
  );
  assert.deepEqual([...new Set(rows.fills.map(filled))], ['A close 200 @ 50000 book']);
  assert.equal(left(world, 'A', 'BTC'), '2.7328'); // 2.98 - 24 x (0.05 - 0.04 + 0.0003)
  assert.equal(left(world, 'fund:BTC', 'BTC'), '0.0072');
});

test('a long is judged by the extended move of -66 %, which asks for more than twice the buckets', async () => {
  // 4 000 contracts, 1 BTC at 40 000, with 0.55. At 37 900: 0.49459103 against 24 % of 3.10414403 - 1.05540897:
  // 0.49169641. At 37 800: 0.49179894 against 24 % of 3.11235605 - 1.05820106. The buckets ask for 19 % of 1.058:
  // 0.202. One order: 3 800 contracts ask for 24 % of 2.95673825 - 1.00529101, 0.468; the fee is 0.75 % of
  // 0.05291005.
  const { world, rows } = await deribit({
    accounts: [
      {
        name: 'A',
        cross: true,
        wallet: '0.55',
        legs: [{ side: 'long', qty: '4000', entry: '40000' }],
      },
    ],
    beats: ['40000', '37900', '37800', '37800', '37800'].map((index) => ({ index, last: '37800' })),
  });
  assert.deepEqual(verdicts(rows), ['4 A reduced 0.49179894 0.4929971976']);
  assert.deepEqual(rows.fills.map(filled), ['A close 200 @ 37800 book']);
  assert.deepEqual(rows.transfers.map(paid), [
    'A -> market 0.00291005 realized-pnl',
    'A -> fund:BTC 0.000396825375 clearance-fee',
  ]);
  assert.equal(left(world, 'A', 'BTC'), '0.546693124625');
});

test('a gap: what the account lacks is paid by the fund, then by the operator; winners keep everything', async () => {
  // At 25 000 1.6 BTC: 0.6 lost of 0.55. Twenty orders of 200 in one second, none with a fee.
  const { world, rows } = await deribit({
    accounts: [
      {
        name: 'L',
        cross: true,
        wallet: '0.55',
        legs: [{ side: 'long', qty: '4000', entry: '40000' }],
      },
      {
        name: 'S',
        cross: true,
        wallet: '1',
        legs: [{ side: 'short', qty: '4000', entry: '40000' }],
      },
    ],
    fund: '0.03',
    beats: [{ index: '40000', last: '25000' }, { index: '25000' }, { index: '25000' }],
  });
  // 40 000 USD at 25 000 x 0.34 are 4.70588235 BTC: 24 % of 3.10588235
  assert.deepEqual(verdicts(rows), ['3 L closed -0.05 0.745411764']);
  assert.equal(rows.fills.length, 20);
  assert.deepEqual(rows.adl, []);
  assert.deepEqual(rows.transfers.slice(20).map(paid), [
    'fund:BTC -> L 0.05 deficit',
    'house -> fund:BTC 0.02 insolvency',
  ]);
  assert.deepEqual(
    ['L', 'S', 'fund:BTC'].map((party) => left(world, party, 'BTC')),
    ['0', '1', '0'],
  );
});

test('the perpetual is closed before the option, although it is its hedge', async () => {
  // Short a put at 40 000, v sqrt T = 0.8 x 0.5 = 0.4; d1 = 0.2, d2 = -0.2: 2 N(0.2) - 1 = 0.158519 of a coin, on the
  // tick 0.1585. At 13 600 with 125 %: d1 = (ln 0.34 + 0.1953125) / 0.625 = -1.413595, d2 = -2.038595: 40 000
  // N(2.038595) - 13 600 N(1.413595) = 39 170.19 - 12 529.13 = 26 641.06, 1.958902 coins, on the tick 1.959. The
  // short perpetual gains 20 000 / 13 600 - 0.5. 24 % of (1.959 - 0.1585 - 0.97058824) is asked; of the put alone it
  // would be 24 % of 1.8005, 0.43.
  const PUT = onIndex(
    'PUT',
    {
      kind: 'option',
      ...TERM,
      right: 'put',
      strike: price('40000'),
      volatility: rate('0.8'),
      premium: 'coin',
    },
    {
      kind: 'linear',
      priceTick: price('0.0005'),
      qtyStep: qty('0.1'),
      faceValue: money('1'),
      valueScale: 18,
    },
  );
  const { world, rows } = await deribit({
    further: [PUT],
    accounts: [
      {
        name: 'A',
        cross: true,
        wallet: '0.195',
        legs: [
          { market: 'PUT', side: 'short', qty: '1', entry: '0.1585' },
          { side: 'short', qty: '2000', entry: '40000' },
        ],
      },
    ],
    beats: [{ index: '41000', last: '40000' }, { index: '40000' }, { index: '40000' }],
  });
  assert.deepEqual(verdicts(rows), ['3 A closed 0.195 0.1991788224']);
  assert.deepEqual(
    rows.fills.map((f) => `${f.market} ${filled(f)}`),
    [
      ...Array.from({ length: 10 }, () => 'BTC-PERPETUAL A close 200 @ 40000 book'),
      'PUT A close 1 @ 0.1585 mark',
    ],
  );
  // 0.75 % of 0.5 and of 0.1585
  assert.equal(left(world, 'fund:BTC', 'BTC'), '0.00493875');
  assert.equal(left(world, 'A', 'BTC'), '0.19006125');
});

test('a long against a dated future nets: sound on what the standard margins liquidate', async () => {
  // The future stands 1 % above the index: 40 000 USD are 0.99009901 BTC at 40 400, 1.10011001 at 36 360. At 40 000:
  // 24 % of (1.94117647 - 1.9219569) + 1 % of 0.99009901; at 36 000 24 % of (2.15686275 - 2.13550767) + 1 % of
  // 1.10011001, of an equity of 0.018 - 0.11111111 + 0.110011.
  const FUTURE = onIndex('FUTURE', { kind: 'future', ...TERM, basis: rate('0.01') });
  const account: TinyAccount = {
    name: 'A',
    cross: true,
    tracked: true,
    wallet: '0.018',
    legs: [
      { side: 'long', qty: '4000', entry: '40000' },
      { market: 'FUTURE', side: 'short', qty: '4000', entry: '40400' },
    ],
  };
  const told = {
    further: [FUTURE],
    accounts: [account],
    beats: ['40000', '36000', '36000'].map((index) => ({ index })),
  };
  const { rows } = await deribit(told);
  assert.deepEqual(rows.liquidations, []);
  assert.deepEqual(
    rows.tracked.filter((t) => t.side === 'long').map((t) => `${t.equity} ${t.maintenanceMargin}`),
    ['0.018 0.0145136869', '0.01689989 0.0161263193', '0.01689989 0.0161263193'],
  );
  const { portfolio: _, ...standard } = rules;
  const judged = await deribit({ ...told, rules: standard });
  // 1 x (1 % + 0.005 %) + 0.99009901 x (1 % + 0.005 % x 0.99009901) = 0.01005 + 0.0099500049...
  assert.equal(judged.rows.liquidations[0]!.tsUs, 2 * SECOND);
  assert.ok(judged.rows.liquidations[0]!.maintenanceMargin.toString().startsWith('0.0200000049'));
});
