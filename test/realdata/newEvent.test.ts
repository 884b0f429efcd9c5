/** A scenario from a bundle alone: every event of the data folder, by the command that users type. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { cascade } from '../support/cli.ts';
import { NO_SHARED_DATA, SHARED_DATA } from '../support/facts.ts';

const work = mkdtempSync(join(tmpdir(), 'cascade-events-'));
after(() => rmSync(work, { recursive: true, force: true }));

/** Day, venue, symbol, rule book, spot venues, and two hours to replay. */
const EVENTS = [
  ['2020-03-12', 'binance', 'BTCUSDT', 'binance-usdm@2020-03', 7, 'T10:00Z', 'T12:00Z'],
  ['2020-03-12', 'bitmex', 'XBTUSD', 'bitmex-xbtusd@2020-03', 4, 'T10:00Z', 'T12:00Z'],
  ['2021-05-19', 'binance', 'BTCUSDT', 'binance-usdm@2021-05', 6, 'T12:00Z', 'T14:00Z'],
  ['2021-05-19', 'bitmex', 'XBTUSD', 'bitmex-xbtusd@2021-05', 3, 'T12:00Z', 'T14:00Z'],
  ['2022-06-13', 'okx', 'BTC-USDT-SWAP', 'okx-usdt@2022-06', 4, 'T14:00Z', 'T16:00Z'],
  ['2025-10-10', 'binance', 'BTCUSDT', 'binance-usdm@2025-10', 2, 'T20:00Z', 'T22:00Z'],
] as const;

for (const [day, venue, symbol, rules, spots, from, until] of EVENTS) {
  test(`event new ${day} ${venue} ${symbol}, from its bundle alone, runs`, {
    skip: NO_SHARED_DATA,
  }, async () => {
    const data = join(SHARED_DATA, 'events', day);
    const file = join(work, `${day}-${venue}.yaml`);
    const made = await cascade(
      'event',
      'new',
      day,
      '--venue',
      venue,
      '--symbol',
      symbol,
      '--data',
      data,
      '--out',
      file,
    );
    assert.equal(made.exit, 0, made.err);
    assert.match(made.out, new RegExp(`under ${rules}, ${spots} spot venues`));
    assert.match(made.out, /what would make it better:/);
    const out = join(work, `${day}-${venue}`);
    const ran = await cascade(
      ...[
        'run',
        file,
        '--data',
        data,
        '--out',
        out,
        '--cache',
        join(work, 'frames'),
        '--no-reruns',
        '--json',
      ],
      ...['--from', `${day}${from}`, '--until', `${day}${until}`],
    );
    assert.equal(ran.exit, 0, ran.err);
    const { figures, folder } = JSON.parse(ran.out) as {
      figures: Record<string, string>;
      folder: string;
    };
    assert.ok(Number(figures['0|liquidations||long||liquidations']) > 0, 'these are hours of the crash');
    assert.ok(existsSync(join(folder, 'report.html')));
  });
}

test('nothing is written over, and nothing is left of a refusal', { skip: NO_SHARED_DATA }, async () => {
  const data = join(SHARED_DATA, 'events', '2021-05-19');
  const file = join(work, 'once.yaml');
  const ask = ['event', 'new', '2021-05-19', '--venue', 'binance', '--symbol', 'BTCUSDT', '--data', data];
  assert.equal((await cascade(...ask, '--out', file)).exit, 0);
  const text = readFileSync(file, 'utf8');
  const before = readdirSync(work);
  const again = await cascade(...ask, '--out', file);
  assert.equal(again.exit, 2);
  assert.match(again.err, /^SCENARIO_INVALID: the file is there already/);
  const absent = await cascade(
    'event',
    'new',
    '2021-05-19',
    '--venue',
    'hyperliquid',
    '--symbol',
    'BTC',
    '--data',
    data,
  );
  assert.equal(absent.exit, 2);
  assert.match(absent.err, /^RULES_NOT_IN_FORCE/);
  assert.deepEqual(readdirSync(work), before);
  assert.equal(readFileSync(file, 'utf8'), text);
});
