/** How messages leave: one account's own, whole files, the command with its words and refusals. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SECOND_US } from '../../../src/basics/instant.ts';
import { exportEvents } from '../../../src/study/exportEvents/exportEvents.ts';
import { cascade } from '../../support/cli.ts';
import { storedTiny } from '../../support/storedTiny.ts';
import { deleveraged, oneLong, told } from '../../support/toldMessages.ts';

test('one account alone: its own messages and those that everybody gets', async (t) => {
  const { folder } = await storedTiny(t, deleveraged);
  const all = await told(folder, { account: 'S1' });
  const own = new Set(all.map((m) => m.account ?? m.stream ?? m.rest));
  assert.deepEqual([...own].sort(), [
    'GET /fapi/v1/insuranceBalance',
    'S1',
    'btcusdt@forceOrder',
    'btcusdt@markPrice@1s',
  ]);
  await assert.rejects(told(folder, { account: 'S9' }), {
    code: 'SCENARIO_INVALID',
    remedy: /Did you mean S/,
  });
});

test('the file appears whole, once, and is the same again', async (t) => {
  const { folder } = await storedTiny(t, oneLong);
  const request = {
    run: folder,
    format: 'bybit',
    world: 0,
    throttle: false,
    seed: '1',
    snapshotEveryUs: SECOND_US,
    markEveryUs: 0,
    write: () => assert.fail('nothing goes to stdout'),
  } as const;
  const { file, lines } = await exportEvents(request);
  assert.equal(file, join(folder, 'events-bybit.ndjson'));
  const text = readFileSync(file, 'utf8');
  assert.equal(text.split('\n').length, lines + 1);
  await assert.rejects(exportEvents(request), { code: 'RESULT_STORE', message: /exists already/ });
  const again = await exportEvents({ ...request, out: join(folder, 'again.ndjson') });
  assert.equal(readFileSync(again.file, 'utf8'), text);
  await assert.rejects(exportEvents({ ...request, world: 1 }), {
    code: 'SCENARIO_INVALID',
    remedy: /0 \(baseline\)/,
  });
  await assert.rejects(exportEvents({ ...request, run: join(folder, 'none') }), { code: 'RESULT_STORE' });
});

test('the command: a file by default, lines on stdout with -, coded refusals', async (t) => {
  const { folder } = await storedTiny(t, oneLong);
  const faults = ['--faults', 'drop=0.5', '--seed', '3'];
  const made = await cascade('export', 'events', folder, '--format', 'binance', '--throttle', ...faults);
  assert.equal(made.exit, 0, made.err);
  const said =
    /^(.*): (\d+) lines, (\d+) of them snapshots\nthrottle: 1 .*\nfaults in (\d+) messages: drop (\d+), /;
  const [, file, lines, , messages, drops] = said.exec(made.out)!;
  assert.equal(file, join(folder, 'events-binance.ndjson'));
  assert.equal(Number(lines), Number(messages) - Number(drops));
  const list = JSON.parse(readFileSync(join(folder, 'events-binance.faults.json'), 'utf8'));
  assert.equal(list.faults.length, Number(drops));
  const piped = await cascade('export', 'events', folder, '--format', 'bitmex', '--out', '-', '--json');
  assert.equal(piped.out.split('\n').length, JSON.parse(piped.err).lines);
  for (const [args, exit, says] of [
    [['--format', 'okx'], 2, /binance, bitmex, bybit/],
    [[], 2, /--format/],
    [['--format', 'binance'], 74, /RESULT_STORE: the file exists already/],
    [['--format', 'bybit', '--faults', 'drop'], 2, /SCENARIO_INVALID: --faults drop/],
    [['--format', 'bybit', '--world', '7'], 2, /SCENARIO_INVALID: no world 7/],
    [['--format', 'bybit', '--snapshot-every', 'often'], 2, /such as 1s/],
    [['--format', 'bybit', '--out', join(folder, 'none', 'x')], 74, /RESULT_STORE/],
  ] as const) {
    const refused = await cascade('export', 'events', folder, ...args);
    assert.equal(refused.exit, exit, `${args}: ${refused.err}`);
    assert.match(refused.err, says);
  }
  const nowhere = await cascade('export', 'events', join(folder, 'none'), '--format', 'binance');
  assert.equal(nowhere.exit, 2);
  assert.match(nowhere.err, /no finished run/);
});
