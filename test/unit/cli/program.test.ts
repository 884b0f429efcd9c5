/** The command line: help on every level, what is refused, and what comes out where. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Command } from '@commander-js/extra-typings';
import { instantArgument, scenarioPath, workersArgument } from '../../../src/cli/arguments.ts';
import { columns } from '../../../src/cli/output.ts';
import { program } from '../../../src/cli/program.ts';
import { cascade } from '../../support/cli.ts';
import { freshFolder } from '../../support/parquet.ts';

const QUIET = { result: () => {}, note: () => {}, watched: false, env: {} };

/** Every command as the words that call it. */
function commandWords(command: Command, words: readonly string[] = []): (readonly string[])[] {
  return [words, ...command.commands.flatMap((sub) => commandWords(sub as Command, [...words, sub.name()]))];
}

test('every command has help with examples, on stdout', async () => {
  const all = commandWords(program({ output: QUIET, exit: 0 }));
  assert.ok(all.length >= 12, `${all.length} commands`);
  for (const words of all) {
    const { exit, out, err } = await cascade(...words, '--help');
    assert.equal(exit, 0, words.join(' '));
    assert.equal(err, '');
    assert.match(out, /^Usage: cascade/);
    assert.match(out, /Examples:\n {2}\$ cascade /, words.join(' '));
    assert.doesNotMatch(out, /default: [[{]/, words.join(' '));
  }
});

test('the version is that of the package', async () => {
  const { exit, out } = await cascade('--version');
  assert.equal(exit, 0);
  assert.match(out, /^\d+\.\d+\.\d+$/);
});

const refused: readonly [name: string, args: readonly string[], says: RegExp][] = [
  ['an unknown command, with the nearest', ['rnu'], /unknown command 'rnu'\n {2}Did you mean run\?$/],
  ['an unknown sub-command', ['rules', 'lst'], /unknown command 'lst'\n {2}Did you mean list\?$/],
  [
    'an unknown option, with the nearest',
    ['run', '--workes', '2'],
    /unknown option '--workes' \(path --workes\)\n {2}Did you mean --workers\?$/,
  ],
  ['an option without its value', ['run', '--out'], /argument missing/],
  [
    'a time that is none',
    ['run', '--from', 'noon'],
    /'noon' is invalid \(path --from\)\n {2}.*UTC time such as 2020-03-12T10:00Z/,
  ],
  ['a day that does not exist', ['run', '--until', '2020-02-30'], /'2020-02-30' is invalid/],
  ['no workers', ['run', '--workers', '0'], /whole number from 1 up/],
  ['half a worker', ['run', '--workers', '1.5'], /whole number from 1 up/],
  ['a missing argument', ['verify'], /missing required argument 'run'/],
  ['one argument too many', ['verify', 'a', 'b'], /no finished run|too many arguments/],
  ['a run that is none', ['report', 'no-such-run'], /There is no finished run/],
  [
    'an envelope with a number of draws',
    ['compare', '--full', '--draws', '3'],
    /'--full' cannot be used with option '--draws <n>'/,
  ],
  ['an envelope with draws of a cell', ['compare', '--full', '--cell-draws', '3'], /cannot be used with/],
  [
    'no number of draws',
    ['compare', '--draws', 'abc'],
    /'abc' is invalid \(path --draws\)\n {2}Write a whole/,
  ],
  ['no number to keep', ['calibrate', '--keep', '1.5'], /'1\.5' is invalid \(path --keep\)/],
  ['a coarse grid of one', ['frontier', '--grid', '1'], /'1' is invalid \(path --grid\)/],
  ['a policy that is none', ['compare', '--t0', 'kep'], /\n {2}Write one of: remove, topUp, keep\./],
  [
    'threads of this machine for a sweep on a queue',
    ['sweep', 'a.yaml', '--redis', 'redis://localhost', '--workers', '2'],
    /'--redis <url>' cannot be used with option '--workers <n>' \(path --redis\)/,
  ],
  ['a worker without a queue', ['worker'], /required option '--redis <url>' not specified \(path --redis\)/],
  [
    'all checks and some',
    ['validate', '2020-03-12-xbtusd', '--all'],
    /either all checks or those of some days/,
  ],
];
for (const [name, args, says] of refused) {
  test(`refused with code and remedy: ${name}`, async () => {
    const { exit, out, err } = await cascade(...args);
    assert.equal(exit, 2);
    assert.equal(out, '');
    assert.match(err, /^SCENARIO_INVALID: [^\n]+\n {2}\S[^\n]+$/);
    assert.match(err, says);
  });
}

test('a scenario is found by id or path; a misspelt id gets the nearest', async () => {
  assert.ok(existsSync(scenarioPath('2020-03-12-xbtusd')));
  assert.equal(scenarioPath('some/where.yaml'), 'some/where.yaml');
  const { exit, out, err } = await cascade('run', '2020-03-12-xbtsud');
  assert.deepEqual([exit, out], [2, '']);
  assert.match(
    err,
    /^SCENARIO_INVALID: no such scenario: 2020-03-12-xbtsud\n {2}Did you mean 2020-03-12-xbtusd\?/,
  );
});

test('arguments read as what they mean', () => {
  assert.equal(instantArgument('1970-01-02'), 86_400_000_000);
  assert.equal(workersArgument('12'), 12);
  assert.deepEqual(
    columns([
      ['a', 'bb'],
      ['ccc', 'd'],
    ]),
    ['a    bb', 'ccc  d'],
  );
});

test('with --json an error is one JSON document on stderr', async () => {
  const { exit, out, err } = await cascade('rules', 'show', 'binance-usdm@2021-06', '--json');
  assert.deepEqual([exit, out], [2, '']);
  const { error } = JSON.parse(err) as { error: { code: string; remedy: string } };
  assert.equal(error.code, 'RULES_INVALID');
  assert.match(error.remedy, /Did you mean binance-usdm@20\d\d-0\d\?/);
  const line = await cascade('compare', '--draws', 'abc', '--json');
  assert.deepEqual(JSON.parse(line.err), {
    error: {
      code: 'SCENARIO_INVALID',
      message: "option '--draws <n>' argument 'abc' is invalid",
      place: { path: '--draws' },
      remedy: 'Write a whole number.',
    },
    exit: 2,
  });
});

test('rules list names every rule set and counts what its numbers rest on', async () => {
  const { exit, out } = await cascade('rules', 'list', '--json');
  assert.equal(exit, 0);
  const sets = JSON.parse(out) as { id: string; numbers: Record<string, number> }[];
  const binance = sets.find((s) => s.id === 'binance-usdm@2021-05');
  assert.ok(binance !== undefined);
  const { numbers, cited, recalled, assumed, uncited } = binance.numbers as Record<string, number>;
  assert.equal(numbers, cited! + recalled! + assumed! + uncited!);
  assert.equal(uncited, 0);
  const words = (await cascade('rules', 'list')).out;
  assert.match(words, /^id +venue +markets +contract +in force/);
  assert.match(
    words,
    /^binance-usdm@2021-05 +binance +BTCUSDT ETHUSDT +linear USDT +2021-03-18T09:00:00Z \.\. /m,
  );
  assert.match(words, /^bitmex-xbtusd@2020-03 +bitmex +XBTUSD +inverse XBT +\S+ \.\. \S+( +\d+){5}$/m);
});

test('a book that is not proven says so in list and show', async (t) => {
  const { out } = await cascade('rules', 'list', '--json');
  const sets = JSON.parse(out) as { id: string; unverified: boolean }[];
  assert.equal(sets.find((s) => s.id === 'binance-usdm@2021-05')!.unverified, false);
  const file = join(freshFolder(t), 'mine.yaml');
  writeFileSync(file, 'extends: bitmex-xbtusd@2020-03\nid: mine\nunverified: true\nsources: {}\n');
  assert.match((await cascade('rules', 'show', file)).out, /^unverified: not proven against/m);
});

test('rules show --at tells what held at an instant, and nothing outside the dates of the book', async () => {
  const { exit, out } = await cascade('rules', 'show', 'bitmex-xbtusd@2020-03', '--at', '2020-03-12');
  assert.equal(exit, 0);
  assert.match(out, /^inverse XBT, in force .*, as it stood at 2020-03-12T00:00:00Z$/m);
  const late = await cascade('rules', 'show', 'bitmex-xbtusd@2020-03', '--at', '2030-01-01');
  assert.equal(late.exit, 2);
  assert.match(late.err, /^RULES_NOT_IN_FORCE: bitmex-xbtusd@2020-03 was in force .*path inForce/);
  const wrong = await cascade('rules', 'show', 'bitmex-xbtusd@2020-03', '--at', 'yesterday');
  assert.equal(wrong.exit, 2);
  assert.match(wrong.err, /2020-03-12T10:00Z/);
});

test('rules diff says each value that differs, with both sources', async () => {
  const ids = ['bitmex-xbtusd@2020-03', 'bitmex-xbtusd@2020-03-market'] as const;
  const { exit, out } = await cascade('rules', 'diff', ...ids);
  assert.equal(exit, 0);
  assert.match(
    out,
    /^order\.kind\n {2}bitmex-xbtusd@2020-03 {9}fok {2}\(verified: .+\)\n {2}bitmex-xbtusd@2020-03-market {2}market {2}\(assumed: .+\)$/m,
  );
  assert.match(out, /\d+ values differ, \d+ are the same$/);
  const json = JSON.parse((await cascade('rules', 'diff', ...ids, '--json')).out) as {
    differences: { path: string; first: { value: string } | null; second: { value: string } | null }[];
  };
  const order = json.differences.find(({ path }) => path === 'order.kind');
  assert.deepEqual([order!.first!.value, order!.second!.value], ['fok', 'market']);
});

test('rules show gives every value its source', async () => {
  const { exit, out } = await cascade('rules', 'show', 'bitmex-xbtusd@2020-03');
  assert.equal(exit, 0);
  assert.doesNotMatch(out, /NO SOURCE/);
  assert.match(
    out,
    /^markets\.XBTUSD\.tiers\.steps\.maintenanceRate +0\.\d+ +(verified|derived|recalled|assumed) /m,
  );
});

test('rules check tells a sound file from one with findings', async (t) => {
  assert.deepEqual(await cascade('rules', 'check', 'bitmex-xbtusd@2020-03'), {
    exit: 0,
    out: 'sound',
    err: '',
  });
  const file = join(freshFolder(t), 'mine.yaml');
  writeFileSync(file, 'extends: bitmex-xbtusd@2020-03\nid: mine\ntrigger: {inclusive: perhaps}\n');
  const { exit, out } = await cascade('rules', 'check', file);
  assert.equal(exit, 2);
  assert.match(out, /^RULES_INVALID: .*\(file .*mine\.yaml, path trigger\.inclusive\)$/m);
});

test('conformance counts passes, failures and what is unsupported; a failure is exit code 3', async (t) => {
  const file = join(freshFolder(t), 'cases.json');
  // 29 + 2 * (m - 100) = 0.1 * 2 * m, so 1.8 m = 171 and m = 95
  const one = (id: string, kind: string, expected: string) => ({
    id,
    venue: 'generic',
    kind,
    source: 'by hand',
    inputs: {
      margin_mode: 'isolated',
      side: 'LONG',
      wallet_balance: '29',
      position_qty: '2',
      entry_price: '100',
      maintenance_margin_rate: '0.1',
      maintenance_amount: '0',
    },
    expected: { liquidation_price: expected },
    tolerance: { type: 'abs', value: '0.000001' },
  });
  const right = one('right', 'liquidation_price', '95');
  const unheard = one('unheard', 'unheard_of', '95');
  writeFileSync(file, JSON.stringify([right, unheard]));
  const passed = await cascade('conformance', file);
  assert.match(passed.out, /1 passed, 0 failed, 1 unsupported$/);
  assert.equal(passed.exit, 0);
  writeFileSync(file, JSON.stringify([right, one('wrong', 'liquidation_price', '96')]));
  const failed = await cascade('conformance', file, '--json');
  assert.equal(failed.exit, 3);
  assert.equal((JSON.parse(failed.out) as { failed: number }).failed, 1);
  const missing = await cascade('conformance', `${file}.nowhere`);
  assert.equal(missing.exit, 2);
  assert.match(missing.err, /^SCENARIO_INVALID: no such file of cases \(file .*nowhere\)/);
});
