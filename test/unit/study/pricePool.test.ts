/** The calculator on accounts that are judged as one, by hand. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { ReplayError } from '../../../src/basics/errors.ts';
import { bandsOf, priceAccount } from '../../../src/study/price.ts';
import { readAccountForm } from '../../../src/study/priceSchema.ts';

type Fields = Record<string, unknown>;
interface Answer {
  unit: string;
  equity: string;
  maintenance: string;
  liquidatable: boolean;
  markets: {
    market: string;
    mark: string;
    liquidationBelow: { price: string; equityLost: string } | null;
    liquidationAbove: { price: string } | null;
  }[];
  legs: { bankruptcyPrice: string | null; value: string }[];
  steps: { step: string; value: string }[];
}

function priced(account: Fields, rules: string): Answer {
  const form = readAccountForm(account as never, { file: 'account', code: 'SCENARIO_INVALID' });
  const bands = bandsOf('0.5,0.8', '0.01,0.03');
  const { json } = priceAccount({ account: { ...form, mode: 'cross' }, rules, overrides: [], bands });
  return (json as { pockets: Answer[] }).pockets[0]!;
}
const near = (text: string | undefined, expected: number, width = 1e-6): void =>
  assert.ok(text !== undefined && Math.abs(Number(text) - expected) <= width, `${text}, not ${expected}`);
const stepOf = (answer: Answer, name: string): string | undefined =>
  answer.steps.find(({ step }) => step === name)?.value;

const OKX = 'okx-portfolio@2025-01';
const long = { market: 'BTC-USDT-SWAP', side: 'long', qty: '0.5', entry: '40000', mark: '40100' };

test('OKX portfolio margin: a perpetual loses 12 % of its value at the widest shock, and bears 0.2 % for its basis', () => {
  // equity 5,000 + 0.5 x 100; 0.5 x 40,100 x 12.2 %; 5,000 + 0.5 (P - 40,000) = 0.061 P gives 15,000 / 0.439
  const answer = priced({ wallet: '5000', legs: [long] }, OKX);
  assert.deepEqual([answer.unit, answer.equity, answer.liquidatable], ['USDT', '5050', false]);
  near(answer.maintenance, 2446.1);
  near(answer.markets[0]!.liquidationBelow?.price, 15000 / 0.439);
  assert.equal(answer.markets[0]!.liquidationAbove, null);
  near(stepOf(answer, 'worst of the price and volatility shocks, BTC-USDT-SWAP'), 2406);
  near(stepOf(answer, 'basis charge, BTC-USDT-SWAP'), 40.1);
});

test('legs of one underlying net: a dated future against the perpetual moves with the same index', () => {
  // the future at index x 1.01 = 40,501 of the same size: what the index moves by both move by, so no shock costs
  // anything. The smaller side bears 0.5 %, the perpetual 0.2 % of 20,050; 0.45 % of 40,300.5 is more than both
  const contracts = {
    DATED: { derived: { kind: 'future', underlying: 'BTC-USDT-SWAP', expiry: '2025-06-27', basis: '0.01' } },
  };
  const dated = { market: 'DATED', side: 'short', qty: '0.5', entry: '40500' };
  const answer = priced({ wallet: '5000', legs: [long, dated], contracts }, OKX);
  // 5,000 + 50 - 0.5
  near(answer.equity, 5049.5);
  assert.equal(answer.legs[1]!.value, '20250.5');
  near(stepOf(answer, 'worst of the price and volatility shocks, BTC-USDT-SWAP'), 0);
  near(stepOf(answer, 'basis charge, BTC-USDT-SWAP'), 140.35);
  near(answer.maintenance, 181.35225);
  // one mover for the whole underlying: the future's mark is no mover of its own
  assert.deepEqual(
    answer.markets.map(({ market }) => market),
    ['BTC-USDT-SWAP'],
  );
});

test('Bybit UTA: collateral loses value with the position', () => {
  // 2,000 + 0.1 x 95 % P + P - 40,000 = 0.5 % P: 38,000 / 1.09
  const legs = [{ side: 'long', qty: '1', entry: '40000', mark: '40100' }];
  const answer = priced({ balances: { USDT: '2000', BTC: '0.1' }, legs }, 'bybit-uta@2023-09');
  near(answer.equity, 2000 + 0.095 * 40100 + 100);
  near(answer.maintenance, 200.5);
  near(answer.markets[0]!.liquidationBelow?.price, 38000 / 1.09);
  // from 40,100 the move costs its share of the position and of the collateral
  near(answer.markets[0]!.liquidationBelow?.equityLost, 1.095 * (40100 - 38000 / 1.09));
  // a debt counts in full: 0.1 BTC owed
  const debt = priced({ balances: { USDT: '9000', BTC: '-0.1' }, legs }, 'bybit-uta@2023-09');
  near(debt.equity, 9000 - 4010 + 100);
});

test('Deribit portfolio margin: a put saves the long, and its mark follows from the index', () => {
  const perp = { market: 'BTC-PERPETUAL', side: 'long', qty: '2000', entry: '25000', mark: '24000' };
  const put = { market: 'PUT', side: 'long', qty: '1', entry: '0.05' };
  const derived = {
    ...{ kind: 'option', underlying: 'BTC-PERPETUAL', right: 'put', strike: '22000', volatility: '0.9' },
    ...{ expiry: '2022-06-24T08:00Z', premium: 'coin' },
  };
  const contracts = { PUT: { derived } };
  const book = 'deribit-portfolio@2022-01';
  const at = '2022-06-13T00:00Z';
  // alone: 20,000 USD against 0.3 BTC: 0.3 - 20,000 (1 / P - 1 / 25,000) meets the worst bucket
  const bare = priced({ balances: { BTC: '0.3' }, legs: [perp] }, book);
  assert.ok(bare.markets[0]!.liquidationBelow !== null);
  const saved = priced({ balances: { BTC: '0.3' }, legs: [perp, put], contracts, at }, book);
  const [without, withPut] = [bare, saved].map((a) => Number(a.markets[0]!.liquidationBelow?.price ?? 0));
  assert.ok(withPut! < without!, `${withPut} is below ${without}`);
  // worth more than nothing and less than its strike; at expiry only what it is worth exercised
  assert.ok(Number(saved.legs[1]!.value) > 0 && Number(saved.legs[1]!.value) < 22000 / 24000);
  const last = priced(
    { balances: { BTC: '0.3' }, legs: [perp, put], contracts, at: '2022-06-24T08:00Z' },
    book,
  );
  assert.equal(last.legs[1]!.value, '0.0001'); // out of the money: one tick stands
  // options alone: the underlying itself moves
  const alone = priced(
    { balances: { BTC: '1' }, legs: [put], contracts, at, indexes: { 'BTC-PERPETUAL': '24000' } },
    book,
  );
  assert.deepEqual(
    alone.markets.map(({ market, mark }) => [market, mark]),
    [['BTC-PERPETUAL', '24000']],
  );
});

const put = { kind: 'option', underlying: 'BTC-USDT-SWAP', right: 'put', strike: '1', volatility: '1' };
const option = { ...put, expiry: '2026-01-01', premium: 'quote' };
const refusals: readonly [name: string, account: Fields, rules: string, path: string, says: RegExp][] = [
  ['a wallet and balances', { wallet: '1', balances: { USDT: '1' }, legs: [long] }, OKX, 'balances', /both/],
  ['neither', { legs: [long] }, OKX, 'wallet', /no wallet/],
  [
    'an asset that does not count',
    { balances: { DOGE: '1' }, legs: [long] },
    OKX,
    'balances.DOGE',
    /counts no DOGE/,
  ],
  [
    'an option without an instant',
    {
      wallet: '1',
      legs: [long, { market: 'X', side: 'long', qty: '1', entry: '1' }],
      contracts: { X: { derived: option } },
    },
    ...([OKX, 'at', /no instant/] as const),
  ],
  [
    'an option with a mark',
    {
      wallet: '1',
      at: '2025-02-01',
      legs: [long, { ...long, market: 'X' }],
      contracts: { X: { derived: option } },
    },
    ...([OKX, 'legs.1.mark', /priced from the index/] as const),
  ],
  [
    'an option under tiers',
    { wallet: '1', legs: [{ ...long, market: 'X' }], contracts: { X: { derived: option } } },
    ...(['okx-usdt@2022-06', 'contracts.X', /does not margin X/] as const),
  ],
  [
    'an underlying that nobody knows',
    { wallet: '1', legs: [long], contracts: { X: { derived: { ...option, underlying: 'Y' } } } },
    ...([OKX, 'contracts.X.derived.underlying', /no market Y/] as const),
  ],
  ['no mark', { wallet: '1', legs: [{ ...long, mark: undefined }] }, OKX, 'legs.0.mark', /no mark/],
];
for (const [name, account, rules, path, says] of refusals) {
  test(`refused: ${name}`, () => {
    assert.throws(
      () => priced(JSON.parse(JSON.stringify(account)) as Fields, rules),
      (error: unknown) => {
        assert.ok(error instanceof ReplayError, String(error));
        assert.deepEqual([error.code, error.place.path], ['SCENARIO_INVALID', path]);
        assert.match(error.message, says);
        assert.notEqual(error.remedy, '');
        return true;
      },
    );
  });
}
