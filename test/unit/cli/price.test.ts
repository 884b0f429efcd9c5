/** `cascade price` as typed: what it prints, from a file and from stdin, and what it refuses. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cascade, type Ran } from '../../support/cli.ts';
import { freshFolder } from '../../support/parquet.ts';

const ONE = ['--market', 'BTCUSDT', '--side', 'long', '--qty', '1', '--entry', '80000', '--mark', '78500'];
const price = (...more: readonly string[]): Promise<Ran> => cascade('price', ...ONE, ...more);

test('one account: every figure with its unit, and the steps', async () => {
  const { exit, out, err } = await price('--margin', '4000', '--velocity', '-120/min');
  assert.deepEqual([exit, err], [0, '']);
  for (const line of [
    /^binance-usdm@2021-05: Binance USD-M, May 2021$/m,
    /^ {2}liquidation price +76331\.658291457286 USDT below the mark \(BTCUSDT\)$/m,
    /^ {2}bankruptcy price +76030\.412164865947 USDT/m,
    /^ {2}margin ratio +13\.7 % = 342\.5 \/ 2500 USDT: maintenance \/ equity/m,
    /^ {2}distance to liquidation +2\.7622 % = 2168\.3417085427 USDT of price below the mark, .* headroom 2157\.5 USDT$/m,
    /^ {2}alert +WARNING: .*distance warning \(warning below 3 %, critical below 1 %\)$/m,
    /^ {2}time to liquidation +1084\.170854 s = 18 min 4 s at -120\/min/m,
    /^ {2}ADL lights +not computable from one account/m,
    /^ {4}tier, long 1 BTCUSDT +78500 USDT at mark: tier 2 of 10, above 50000 up to 250000 = 0\.5 %$/m,
    /^ {4}maintenance, long 1 BTCUSDT +78500 x 0\.005 - 50 = 342\.5 USDT$/m,
    /\(80000 - 4000 - 50\) \/ \(1 x \(1 - 0\.005\)\), tier 2 = 76331\.658291457286 USDT$/m,
  ])
    assert.match(out, line);
});

test('leverage, bands of your own, lights from a rank', async () => {
  const { exit, out } = await cascade(
    ...[
      'price',
      '--market',
      'BTCUSDT',
      '--side',
      'short',
      '--qty',
      '2',
      '--entry',
      '43000',
      '--mark',
      '42000',
    ],
    ...['--leverage', '20', '--alert-distance', '0.05,0.1', '--alert-ratio', '0.01,0.02'],
    ...['--adl-rank', '2', '--adl-winners', '10'],
  );
  assert.equal(exit, 0);
  // margin 86,000 / 20; profit 2,000; maintenance 84,000 * 0.5 % - 50 = 370: 5.87 % of 6,300
  assert.match(out, /370 \/ 6300 USDT/);
  assert.match(
    out,
    /alert +CRITICAL: maintenance \/ equity critical \(warning from 1 %, critical from 2 %\)/,
  );
  assert.match(out, /ADL lights +5 of 5: rank 2 of 10 winners/);
});

test('a hedge: two legs of one cross wallet; OKX prints its ratio the other way round', async () => {
  const hedge = await price('--cross', '--wallet', '5000', '--leg', 'side=short,qty=0.4,entry=79000');
  assert.equal(hedge.exit, 0, hedge.err);
  assert.match(hedge.out, /^cross: long 1 .*; short 0\.4 .*; wallet 5000 USDT$/m);
  assert.equal(hedge.out.match(/^ {2}bankruptcy price/gm)?.length, 2);
  const okx = await cascade(
    ...['price', '--rules', 'okx-usdt@2022-06', '--side', 'short', '--qty', '6', '--entry', '20000'],
    ...['--mark', '19900', '--margin', '5000'],
  );
  // 5,600 / (119,400 * (0.5 % + 0.05 %)) = 852.7486 %
  assert.match(okx.out, /852\.7486 % = 5600 \/ 656\.7 USDT: equity \/ \(maintenance \+ closing fee\)/);
});

test('an account from a file and from stdin is the account as typed', async (t) => {
  const account = {
    rules: 'binance-usdm@2021-05',
    legs: [{ market: 'BTCUSDT', side: 'long', qty: 1, entry: 80000, mark: 78500, margin: 4000 }],
  };
  const file = join(freshFolder(t), 'account.json');
  writeFileSync(file, JSON.stringify(account));
  const typed = await price('--margin', '4000', '--json');
  const read = await cascade('price', '--account', file, '--json');
  assert.equal(read.exit, 0, read.err);
  assert.equal(read.out, typed.out);
  const main = new URL('../../../src/cli/main.ts', import.meta.url).href;
  const start = `const { mainProcess } = await import('${main}'); await mainProcess();`;
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', start, '--', 'cascade', 'price', '--account', '-', '--json'],
    { encoding: 'utf8', input: JSON.stringify(account) },
  );
  assert.deepEqual([status, stdout.trimEnd()], [0, typed.out]);
});

test('an account of several assets: balances and an index as typed', async () => {
  // 2,000 + 0.1 x 95 % x 40,000 + 100; the index of BTC is stated beside its mark
  const { exit, out } = await cascade(
    ...['price', '--rules', 'bybit-uta@2023-09', '--cross', '--balance', 'USDT=2000', '--balance', 'BTC=0.1'],
    ...['--index', 'BTCUSDT=40000', '--side', 'long', '--qty', '1', '--entry', '40000', '--mark', '40100'],
  );
  assert.equal(exit, 0);
  assert.match(out, /equity +2000 \+ 3800 \+ 100 = 5900 USD/);
  assert.doesNotMatch(out, /No index is stated/);
  const broken = await cascade('price', '--cross', '--balance', 'USDT', '--side', 'long');
  assert.equal(broken.exit, 2);
  assert.match(broken.err, /not name=amount: USDT \(.*--balance/);
});

test('a contract as typed comes before that of the rule book', async () => {
  const { exit, out } = await cascade(
    ...[
      'price',
      '--rules',
      'source-000',
      '--market',
      'BTCUSDT',
      '--side',
      'long',
      '--qty',
      '100',
      '--entry',
      '10000',
    ],
    ...[
      '--mark',
      '10000',
      '--leverage',
      '5',
      '--face-value',
      '100',
      '--tick',
      '0.1',
      '--lot',
      '1',
      '--settle',
      'BTC',
    ],
  );
  assert.equal(exit, 0);
  assert.match(
    out,
    /contract BTCUSDT +inverse, tick 0\.1, lot 1 \(.*stated: settle, tick, lot, faceValue\) = 100 quote units, paid in BTC/,
  );
  assert.match(out, /entry value, long 100 BTCUSDT +100 x 100 \/ 10000 = 1 BTC/);
});

const refused: readonly [name: string, args: readonly string[], says: RegExp][] = [
  [
    'a side that is none',
    ['--side', 'lng'],
    /unknown name "lng" \(and \d+ more\) \(file command line, path --side\)/,
  ],
  ['no margin', ONE, /no margin \(file command line, path --margin\)/],
  ['half a lot', [...ONE, '--qty', '1.00001'], /no whole number of lots \(file command line, path --qty\)/],
  ['a cross account without wallet', [...ONE, '--cross'], /no wallet \(file command line, path --wallet\)/],
  [
    'a leg that cannot be read',
    [...ONE, '--margin', '1', '--leg', 'short'],
    /not name=value.*path --leg 1\)/,
  ],
  [
    'a misspelt field of a leg',
    [...ONE, '--margin', '1', '--leg', 'sid=x'],
    /unknown name "sid".*path --leg 1 sid\)/,
  ],
  ['a rank without its count', [...ONE, '--margin', '1', '--adl-rank', '2'], /path --adl-winners\)/],
  ['a velocity without a unit', [...ONE, '--margin', '1', '--velocity', '-120'], /path --velocity\)/],
  ['bands that fall', [...ONE, '--margin', '1', '--alert-ratio', '0.8,0.5'], /path --alert-ratio\)/],
  [
    'an account file that is not there',
    ['--account', 'no-such.json'],
    /no such account file \(file no-such\.json\)/,
  ],
  [
    'a file and a flag',
    ['--account', 'x.json', '--qty', '1'],
    /typed, not both \(file command line, path --qty\)/,
  ],
  [
    'rules that do not exist',
    [...ONE, '--margin', '1', '--rules', 'binance'],
    /RULES_INVALID: no such rule set/,
  ],
  ['an override of nothing', [...ONE, '--margin', '1', '--override', 'rules.x.y=1'], /rules\.x\.y/],
];
for (const [name, args, says] of refused) {
  test(`refused with its place: ${name}`, async () => {
    const { exit, out, err } = await cascade('price', ...args);
    assert.deepEqual([exit, out], [2, '']);
    assert.match(err, says);
    assert.match(err, /\n {2}\S/, 'a remedy');
  });
}

test('a fault in a file has its row', async (t) => {
  const file = join(freshFolder(t), 'account.json');
  writeFileSync(
    file,
    '{ "legs": [\n  { "market": "BTCUSDT", "side": "long", "qty": "1", "entry": "1", "mark": "1" } ] }\n',
  );
  const { exit, err } = await cascade('price', '--account', file, '--json');
  assert.equal(exit, 2);
  const { error } = JSON.parse(err) as { error: { code: string; place: unknown } };
  assert.deepEqual(error.place, { file, path: 'legs.0.margin', row: 2 });
  assert.equal(error.code, 'SCENARIO_INVALID');
});
