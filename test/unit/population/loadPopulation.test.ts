/** Known positions: a small Parquet file, its columns by hand, and every refusal with file and row. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openDuckDb, sqlText } from '../../../src/basics/duckdb.ts';
import { ReplayError } from '../../../src/basics/errors.ts';
import { rate } from '../../../src/basics/exact.ts';
import { drawPopulation } from '../../../src/population/drawPopulation.ts';
import { loadPopulation } from '../../../src/population/loadPopulation.ts';
import {
  addNamedAccounts,
  type NamedAccount,
  readNamedAccounts,
} from '../../../src/population/namedAccounts.ts';
import { USUAL } from '../../support/behaviour.ts';
import { MARKETS, requestOf } from './venue.ts';

const folder = mkdtempSync(join(tmpdir(), 'positions-'));
after(() => rmSync(folder, { recursive: true }));
const FACTS = { markets: MARKETS };
const place = (path: string) => ({ path, dataDir: folder, folder });

/** Writes the rows of a SELECT as a Parquet file. */
async function write(name: string, select: string): Promise<string> {
  const instance = await openDuckDb();
  const db = await instance.connect();
  await db.run(`COPY (${select}) TO ${sqlText(join(folder, name))} (FORMAT parquet)`);
  db.closeSync();
  instance.closeSync();
  return name;
}

const COLUMNS = 'account, mode, market, side, qty, entry_price, margin, wallet';
const values = (...rows: string[]): string => `SELECT * FROM (VALUES ${rows.join(', ')}) AS t(${COLUMNS})`;

test('legs come together by account, exactly', async () => {
  const file = await write(
    'book.parquet',
    `SELECT *, CASE WHEN account = 'b' THEN 12.5 END AS leverage, account = 'b' AS hedger, account = 'c' AS tracked FROM (${values(
      `('b', 'cross', 'BTCUSDT', 'long', 2.5, 8000.01, NULL, 3000.123456789)`,
      `('c', 'isolated', 'XBTUSD', 'short', 30000, 7900.5, 0.05, NULL)`,
      `('b', 'cross', 'ETHUSDT', 'short', 10, 200, 0, 3000.123456789)`,
    )})`,
  );
  const book = await loadPopulation(place(file), FACTS);
  assert.equal(book.accounts, 2);
  assert.deepEqual(book.markets, ['BTCUSDT', 'ETHUSDT', 'XBTUSD']);
  assert.deepEqual(
    [...book.names],
    [
      [0, 'b'],
      [1, 'c'],
    ],
  );
  assert.deepEqual([...book.legStart], [0, 2, 3]);
  assert.deepEqual([...book.legMarket], [0, 1, 2]);
  assert.deepEqual([...book.legSide], [1, -1, -1]);
  assert.deepEqual([...book.legLots], [2500, 10_000, 30_000]);
  // 2.5 * 8000.01 = 20000.025; 10 * 200 = 2000; 30000 / 7900.5 = 3.79722802... XBT
  assert.deepEqual([...book.legEntryValue], [2_000_002_500_000n, 200_000_000_000n, 379_722_802n]);
  assert.deepEqual([...book.legMargin], [0n, 0n, 5_000_000n]);
  assert.deepEqual([...book.wallet], [300_012_345_678n, 0n]); // the ninth decimal is cut down
  assert.deepEqual([...book.cross], [1, 0]);
  assert.deepEqual(
    [...book.asset].map((a) => book.assets[a]),
    ['USDT', 'XBT'],
  );
  assert.deepEqual(
    [[...book.hedger], [...book.tracked]],
    [
      [1, 0],
      [0, 1],
    ],
  );
  // stated 12.5 on both legs of b; c: 3.79722802 / .05 = 75.944...
  assert.deepEqual(
    [...book.legLeverage].map((l) => Math.round(l * 1000) / 1000),
    [12.5, 12.5, 75.945],
  );
});

test('numbers may be text or decimals, and optional columns may be missing', async () => {
  const file = await write(
    'text.parquet',
    values(`('x', 'isolated', 'BTCUSDT', 'long', '0.001', '7000.10', 1.50::DECIMAL(10, 2), '0')`),
  );
  const book = await loadPopulation(place(file), FACTS);
  assert.deepEqual(
    [book.legLots[0], book.legEntryValue[0], book.legMargin[0]],
    [1, 700_010_000n, 150_000_000n],
  );
  assert.deepEqual([book.hedger[0], book.tracked[0]], [0, 0]);
});

const GOOD = `('a1', 'cross', 'BTCUSDT', 'long', 1.0, 8000.0, NULL, 100.0)`;
const REFUSED: readonly (readonly [string, string, RegExp, RegExp])[] = [
  ['mode', `('x', 'crossed', 'BTCUSDT', 'long', 1, 8000, 0, 100)`, /mode is "crossed"/, /cross/],
  ['market', `('x', 'cross', 'BTCUSD', 'long', 1, 8000, 0, 100)`, /market is "BTCUSD"/, /BTCUSDT/],
  ['side', `('x', 'cross', 'BTCUSDT', 'buy', 1, 8000, 0, 100)`, /side is "buy"/, /long, short/],
  ['null', `('x', 'cross', 'BTCUSDT', NULL, 1, 8000, 0, 100)`, /no side/, /Fill or drop/],
  ['lot', `('x', 'cross', 'BTCUSDT', 'long', 1.0005, 8000, 0, 100)`, /qty is 1.0005/, /multiple of 0.001/],
  ['sign', `('x', 'cross', 'BTCUSDT', 'long', -1, 8000, 0, 100)`, /qty is -1/, /positive/],
  ['nan', `('x', 'cross', 'BTCUSDT', 'long', 1, 'nan'::DOUBLE, 0, 100)`, /entry_price is "nan"/, /decimal/],
  ['price', `('x', 'cross', 'BTCUSDT', 'long', 1, 0, 0, 100)`, /entry_price is 0/, /above 0/],
  ['margin', `('x', 'isolated', 'BTCUSDT', 'long', 1, 8000, -5, 0)`, /margin is -5/, /below 0/],
  ['cross', `('x', 'cross', 'BTCUSDT', 'long', 1, 8000, 7, 100)`, /margin of its own/, /wallet/],
  ['wallet', `('x', 'cross', 'BTCUSDT', 'long', 1, 8000, 0, NULL)`, /no wallet/, /wallet/],
  ['wallets', `('a1', 'cross', 'ETHUSDT', 'long', 1, 200, 0, 101)`, /two wallets/, /same wallet/],
  [
    'modes',
    `('a1', 'isolated', 'ETHUSDT', 'long', 1, 200, 0, 100)`,
    /both isolated and cross/,
    /two accounts/,
  ],
  ['assets', `('a1', 'cross', 'XBTUSD', 'long', 1, 8000, 0, 100)`, /settles in USDT and XBT/, /two accounts/],
  ['twice', `('a1', 'cross', 'BTCUSDT', 'long', 1, 8000, 0, 100)`, /two long legs/, /one row/],
  ['name', `('socialised', 'cross', 'BTCUSDT', 'long', 1, 8000, 0, 100)`, /not free/, /another name/],
  ['name', `('outside', 'cross', 'BTCUSDT', 'long', 1, 8000, 0, 100)`, /not free/, /another name/],
  ['name', `('market', 'cross', 'BTCUSDT', 'long', 1, 8000, 0, 100)`, /"market" is not free/, /another name/],
];

for (const [what, row, message, remedy] of REFUSED) {
  test(`a row is refused by file and number: ${what}`, async () => {
    const file = await write(`bad-${what}.parquet`, values(GOOD, row));
    await assert.rejects(loadPopulation(place(file), FACTS), (error: unknown) => {
      assert.ok(error instanceof ReplayError);
      assert.equal(error.code, 'DATA_SCHEMA');
      assert.match(error.message, message);
      assert.match(error.remedy, remedy);
      assert.deepEqual(error.place, { file: join(folder, file), row: 2 });
      return true;
    });
  });
}

test('a file that is missing, no Parquet, or without a column is refused', async () => {
  const code = (wanted: string) => (error: unknown) => error instanceof ReplayError && error.code === wanted;
  await assert.rejects(loadPopulation(place('none.parquet'), FACTS), code('DATA_MISSING'));
  writeFileSync(join(folder, 'text.csv'), 'account,mode\n');
  await assert.rejects(loadPopulation(place('text.csv'), FACTS), code('DATA_SCHEMA'));
  const file = await write(
    'short.parquet',
    `SELECT * RENAME (entry_price AS entryprice) FROM (${values(GOOD)})`,
  );
  await assert.rejects(loadPopulation(place(file), FACTS), (error: unknown) => {
    assert.ok(error instanceof ReplayError && error.code === 'DATA_SCHEMA');
    assert.match(error.message, /no column entry_price/);
    assert.match(error.remedy, /nearest column is entryprice/);
    return true;
  });
});

const ANNA: NamedAccount = {
  name: 'anna',
  mode: 'cross',
  market: 'BTCUSDT',
  side: 'long',
  qty: '2',
  entryPrice: '8000',
  wallet: '500',
};

test('named accounts stand behind the others, tracked, and leave them as they are', () => {
  const base = drawPopulation(requestOf({ accounts: 20 }));
  const legs = base.legLots.length;
  const ben: NamedAccount = {
    name: 'ben',
    mode: 'isolated',
    market: 'BTCUSDT',
    side: 'short',
    qty: '0.5',
    entryPrice: '7900',
    margin: '40',
  };
  const facts = requestOf().facts;
  const more = addNamedAccounts(base, [ANNA, ben, { ...ANNA, side: 'short', qty: '1' }], {
    facts,
    file: 'n.yaml',
  });
  assert.equal(more.accounts, 22);
  assert.deepEqual(
    [...more.names],
    [
      [20, 'anna'],
      [21, 'ben'],
    ],
  );
  assert.deepEqual([...more.tracked.subarray(18)], [0, 0, 1, 1]);
  assert.deepEqual([...more.legStart.subarray(20)], [legs, legs + 2, legs + 3]);
  assert.deepEqual([...more.legLots.subarray(legs)], [2000, 1000, 500]);
  assert.deepEqual(
    [...more.legEntryValue.subarray(legs)],
    [1_600_000_000_000n, 800_000_000_000n, 395_000_000_000n],
  );
  assert.deepEqual([...more.legMargin.subarray(legs)], [0n, 0n, 4_000_000_000n]);
  assert.deepEqual([...more.wallet.subarray(20)], [50_000_000_000n, 0n]);
  for (const column of ['cross', 'asset', 'wallet', 'orderMargin', 'hedger'] as const) {
    assert.deepEqual(more[column].slice(0, 20), base[column]);
  }
  assert.deepEqual(more.legLots.slice(0, legs), base.legLots);
});

test('named accounts may come from a positions file', async () => {
  const file = await write(
    'named.parquet',
    values(`('anna', 'cross', 'BTCUSDT', 'long', '2', '8000', NULL, '500')`),
  );
  const base = drawPopulation(requestOf({ accounts: 20 }));
  const into = { facts: requestOf().facts, file };
  assert.deepEqual(
    addNamedAccounts(base, await readNamedAccounts(place(file)), into),
    addNamedAccounts(base, [ANNA], into),
  );
});

test('a named account needs a free name and a valid position', () => {
  const base = drawPopulation(requestOf({ accounts: 20 }));
  const facts = requestOf().facts;
  const refused = (named: readonly NamedAccount[], row: number): void =>
    assert.throws(
      () => addNamedAccounts(base, named, { facts, file: 'n.yaml' }),
      (error: unknown) =>
        error instanceof ReplayError && error.code === 'DATA_SCHEMA' && error.place.row === row,
    );
  refused([ANNA, { ...ANNA, name: 'a7', side: 'short' }], 2);
  refused([{ ...ANNA, qty: '0' }], 1);
  refused([{ ...ANNA, market: 'ETHUSDT' }], 1); // not in this scenario
});

test('a named account does nothing by itself, and the others what they did', () => {
  const behaviour = { ...USUAL.behaviour, stopShare: rate('1') };
  const base = drawPopulation(requestOf({ accounts: 20, behaviour }));
  const facts = requestOf().facts;
  const { stop, topUp, ...rest } = addNamedAccounts(base, [ANNA], { facts, file: 'n.yaml' }).behaviour!;
  assert.ok(base.behaviour!.stop.some((multiple) => multiple > 0));
  assert.deepEqual([...stop], [...base.behaviour!.stop, 0]);
  assert.deepEqual([...topUp], [...base.behaviour!.topUp, 0]);
  const { stop: _s, topUp: _t, ...before } = base.behaviour!;
  assert.deepEqual(rest, before);
});
