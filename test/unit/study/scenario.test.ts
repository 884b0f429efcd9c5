/**
 * Scenarios: what ships reads and fits its rules and its data, overrides and options
 * change what they name and nothing else.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openDuckDb, rowsOf, sqlName, sqlText } from '../../../src/basics/duckdb.ts';
import { ReplayError } from '../../../src/basics/errors.ts';
import { DAY_US, formatInstant, parseInstant } from '../../../src/basics/instant.ts';
import { SCHEMA_FOLDER, schemaFiles } from '../../../src/study/jsonSchema.ts';
import { readScenario } from '../../../src/study/scenario.ts';
import { folder, SOUND, written } from './soundScenario.ts';

const SCENARIOS = fileURLToPath(new URL('../../../scenarios', import.meta.url));
const DATA = fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const noData = !existsSync(DATA) && 'the recorded data are not here (../shared/data)';
const SHIPPED = [
  '2020-03-12-btcusdt-reconstructed',
  '2020-03-12-btcusdt',
  '2020-03-12-xbtusd',
  '2021-05-19-btc-eth-cross',
  '2021-05-19-btcusdt',
  '2021-05-19-xbtusd',
  '2022-06-13-btcusdt',
  '2022-06-13-okx-btcusdt',
  '2024-08-08-ticks',
  '2025-10-10-btcusdt',
];
const fileOf = (id: string): string => join(SCENARIOS, `${id}.yaml`);
test('what ships is complete: listed here, readable without data, every assumption explained', async () => {
  const there = readdirSync(SCENARIOS).filter((name) => /^\d{4}-.*\.yaml$/.test(name));
  assert.deepEqual(there.map((name) => name.slice(0, -'.yaml'.length)).sort(), [...SHIPPED].sort());
  for (const id of SHIPPED) {
    const scenario = await readScenario(fileOf(id), { withoutData: true });
    assert.equal(scenario.id, id);
    assert.ok(scenario.caveats.length >= 2, id);
    const covered = Object.keys(scenario.notes!);
    for (const path of leaves(scenario.assumptions, 'assumptions')) {
      assert.ok(
        covered.some((key) => path === key || path.startsWith(`${key}.`)),
        `${id}: no note for ${path}`,
      );
    }
    assert.ok(scenario.facts.streams.every((stream) => stream.source !== ''));
  }
});

/** Paths of the assumptions that the scenario's author chose; `kind` is no figure. */
function leaves(node: unknown, path: string): string[] {
  const isLeaf = typeof node !== 'object' || node === null || 'scale' in node || Array.isArray(node);
  if (isLeaf) return path.endsWith('.kind') ? [] : [path];
  return Object.entries(node).flatMap(([name, item]) => leaves(item, `${path}.${name}`));
}

test('every override that ships is readable', async () => {
  let tried = 0;
  for (const id of SHIPPED) {
    const { sensitivity } = await readScenario(fileOf(id), { withoutData: true });
    for (const override of sensitivity.overrides) {
      await readScenario(fileOf(id), { withoutData: true, overrides: [override] });
      tried++;
    }
  }
  assert.ok(tried > 40, String(tried));
});

test('the embedded scenario redraws its path at least 20 times', async () => {
  const scenario = await readScenario(fileOf('2020-03-12-btcusdt-reconstructed'), { withoutData: true });
  assert.ok(scenario.sensitivity.reconstructionSeeds >= 20);
  assert.ok(scenario.facts.streams.every((stream) => !stream.path.endsWith('.parquet')));
  assert.match(scenario.caveats[0]!, /RECONSTRUCTED/);
  assert.equal(formatInstant(scenario.facts.fromUs), '2020-03-12T00:00:00Z');
  assert.equal(scenario.facts.untilUs - scenario.facts.fromUs, 2 * DAY_US);
});

test('a scenario of our own comes out as it was written', async () => {
  const { facts, assumptions, rules, seed, notes } = await readScenario(written(SOUND));
  assert.equal(seed, '7');
  assert.equal(facts.beatUs, 1_000_000);
  assert.deepEqual(Object.keys(rules.markets), ['BTCUSDT']);
  assert.deepEqual(rules.funds[0]!.markets, ['BTCUSDT']); // ETHUSDT is not in this scenario
  assert.equal(facts.timingStream, 'perp');
  assert.deepEqual(facts.quote, { BTCUSDT: { kind: 'same' } });
  assert.equal(facts.streams[1]!.tick, '0.01');
  assert.equal(facts.streams[1]!.intervalUs, 60_000_000);
  assert.deepEqual(facts.streams[1]!.filter, { venue: 'coinbase' });
  assert.deepEqual(facts.streams[0]!.columns, { time: 'ts_ms' });
  assert.equal(facts.before.BTCUSDT![0]!.close, 42882.53);
  assert.equal(facts.published[0]!.value, '29563.37');
  assert.equal(assumptions.feedback.arbitrageUs, 60_000_000);
  assert.equal(assumptions.fundOpening['btc-eth']!.toString(), '1000000');
  assert.deepEqual(notes, { assumptions: 'ours' });
});

const refused = (code: string, pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ReplayError, String(error));
  assert.equal(error.code, code);
  assert.match(`${error.message} | ${error.remedy} | ${error.place.path ?? ''}`, pattern);
  return true;
};

test('a file that is not there, and one that is no map', async () => {
  await assert.rejects(
    readScenario(join(folder, 'none.yaml')),
    refused('SCENARIO_INVALID', /no such scenario/),
  );
  await assert.rejects(readScenario(written('- a\n- b\n')), refused('SCENARIO_INVALID', /a map/));
});

test('rules of another day are refused, unless allowed', async () => {
  const file = written(SOUND);
  await assert.rejects(
    readScenario(file, { rules: 'binance-usdm@2022-06' }),
    refused('RULES_NOT_IN_FORCE', /2022-05-21/),
  );
  const { rules } = await readScenario(file, { rules: 'binance-usdm@2022-06', allowNotInForce: true });
  assert.equal(rules.id, 'binance-usdm@2022-06');
});

test('rules of another contract are refused; a fund that the scenario does not name takes over the cash', async () => {
  const file = written(SOUND);
  const other = { allowNotInForce: true };
  await assert.rejects(
    readScenario(file, { ...other, rules: 'bitmex-xbtusd@2020-03' }),
    refused('RULES_INVALID', /is for inverse XBT contracts, and BTCUSDT of the scenario is linear USDT/),
  );
  const own = await readScenario(file);
  const [name, cash] = Object.entries(own.assumptions.fundOpening)[0]!;
  const taken = await readScenario(file, { ...other, rules: 'binance-usdm@2020-03' });
  assert.equal(taken.assumptions.fundOpening.BTCUSDT!.toString(), cash.toString());
  assert.ok(taken.caveats.includes(`The fund BTCUSDT opens with what ${name} would have opened with.`));
  const { rules, assumptions } = await readScenario(file, {
    ...other,
    rules: 'binance-usdm@2020-03',
    overrides: ['assumptions.fundOpening.BTCUSDT=5'],
  });
  assert.deepEqual(
    rules.funds.map((fund) => fund.name),
    ['BTCUSDT'],
  ); // the fund of ETHUSDT has no market here
  assert.equal(assumptions.fundOpening.BTCUSDT!.toString(), '5');
});

test('rules may be written in the scenario, as a variant', async () => {
  const file = written(
    SOUND.replace(
      'rules: binance-usdm@2021-05',
      'rules: { extends: binance-usdm@2021-05, id: mine, order: { kind: market } }',
    ),
  );
  const { rules } = await readScenario(file);
  assert.equal(rules.id, 'mine');
  assert.equal(rules.order.kind, 'market');
  const broken = written(
    SOUND.replace(
      'rules: binance-usdm@2021-05',
      'rules: { extends: binance-usdm@2021-05, order: { kind: markt } }',
    ),
  );
  await assert.rejects(readScenario(broken), refused('RULES_INVALID', /Did you mean market/));
});

test('overrides reach rules and assumptions, and leave the file alone', async () => {
  const file = written(SOUND);
  const before = readFileSync(file, 'utf8');
  const { rules, assumptions, notes } = await readScenario(file, {
    overrides: [
      'rules.takeover={when: atOnce}',
      'assumptions.population.openInterest.*' + '*=1.5',
      'assumptions.feedback.passThrough=0',
    ],
  });
  assert.deepEqual(rules.takeover, { when: 'atOnce' });
  assert.equal(
    assumptions.population.kind === 'synthetic' && assumptions.population.openInterest.BTCUSDT!.toString(),
    '1500',
  );
  assert.equal(assumptions.feedback.passThrough, 0);
  assert.equal(notes!['assumptions.feedback.passThrough'], 'override assumptions.feedback.passThrough=0');
  assert.equal(readFileSync(file, 'utf8'), before);
});

test('a wrong value in an override is the fault of the override', async () => {
  const file = written(SOUND);
  const blamed = (code: string, text: string) => (error: unknown) =>
    error instanceof ReplayError &&
    error.code === code &&
    error.place.file === 'override' &&
    error.place.path === text;
  const share = 'assumptions.winnersTake=2';
  await assert.rejects(readScenario(file, { overrides: [share] }), blamed('SCENARIO_INVALID', share));
  const kind = 'rules.reduction={kind: ful}';
  await assert.rejects(readScenario(file, { overrides: [kind] }), blamed('RULES_INVALID', kind));
  const unknown = 'assumptions.fils.impact=0';
  await assert.rejects(readScenario(file, { overrides: [unknown] }), blamed('SCENARIO_INVALID', unknown));
  await assert.rejects(
    readScenario(file, { overrides: ['facts.beat=2s'] }),
    refused('SCENARIO_INVALID', /never edited/),
  );
});

test('from, until and seed', async () => {
  const file = written(SOUND);
  const from = parseInstant('2021-05-19T12:30Z');
  const { facts, seed } = await readScenario(file, { from, until: parseInstant('2021-05-20'), seed: '9' });
  assert.equal(formatInstant(facts.fromUs), '2021-05-19T12:30:00Z');
  assert.equal(formatInstant(facts.untilUs), '2021-05-19T13:00:00Z'); // never beyond the scenario's own
  assert.equal(seed, '9');
  await assert.rejects(
    readScenario(file, { from: parseInstant('2021-05-19T14:00Z') }),
    refused('SCENARIO_INVALID', /empty/),
  );
});

test('a rule whose interval is finer than the beat is refused', async () => {
  const file = written(SOUND.replace('beat: 1s', 'beat: 60s'));
  const overrides = ['rules.markets.BTCUSDT.mark.basis={window: 5m, sample: 5s}'];
  await readScenario(file);
  await assert.rejects(
    readScenario(file, { overrides }),
    refused('SCENARIO_INVALID', /5s is no whole number of beats of 1m/),
  );
});

test('an index without all of its constituents keeps the weights of the rest and says so', async () => {
  const { rules, caveats } = await readScenario(fileOf('2020-03-12-xbtusd'), { withoutData: true });
  assert.deepEqual(Object.keys(rules.markets.XBTUSD!.index.weights), [
    'bitstamp',
    'coinbase',
    'gemini',
    'kraken',
  ]);
  assert.ok(caveats.some((text) => text.includes('bittrex, itbit (6.74 %'))); // 2.53 + 4.21
});

test('missing candles of the days before are DATA_MISSING with --data as the remedy', async () => {
  await assert.rejects(
    readScenario(fileOf('2021-05-19-btcusdt'), { dataDir: folder }),
    refused('DATA_MISSING', /--data/),
  );
});

test('the exported JSON Schemas are current', () => {
  for (const [name, content] of Object.entries(schemaFiles())) {
    assert.equal(
      readFileSync(join(SCENARIOS, 'schema', name), 'utf8'),
      content,
      `${name}: run exportSchemas()`,
    );
  }
  assert.equal(SCHEMA_FOLDER, join(SCENARIOS, 'schema'));
});

test('daily candles of the days before are those of the recorded hours', { skip: noData }, async () => {
  const { facts } = await readScenario(fileOf('2020-03-12-btcusdt'), { dataDir: DATA });
  const bars = facts.before.BTCUSDT!;
  assert.equal(bars.length, 30);
  assert.equal(formatInstant(bars.at(-1)!.tsUs), '2020-03-11T00:00:00Z');
  // Binance's daily candle of the 12th opened at 7938.4, so the 11th closed about there
  assert.ok(Math.abs(bars.at(-1)!.close - 7938.4) < 0.1);
  assert.ok(
    bars.every(
      (bar) => bar.low <= Math.min(bar.open, bar.close) && bar.high >= Math.max(bar.open, bar.close),
    ),
  );
});

test('every stream that ships has rows in its window', { skip: noData }, async () => {
  const db = await (await openDuckDb()).connect();
  let streams = 0;
  for (const id of SHIPPED) {
    const { facts } = await readScenario(fileOf(id), { dataDir: DATA, withoutData: true });
    for (const stream of facts.streams.filter((s) => s.path.endsWith('.parquet'))) {
      const time = sqlName(stream.columns.time ?? 'time');
      const filters = Object.entries(stream.filter).map(
        ([name, value]) => ` AND ${sqlName(name)} = ${sqlText(value)}`,
      );
      // a day more on the left: the funding stamp before a window of minutes counts
      const [row] = await rowsOf<{ n: bigint }>(
        db,
        `SELECT count(*) AS n FROM read_parquet(${sqlText(join(DATA, stream.path))})
          WHERE ${time} >= ${facts.fromUs / 1000 - 86_400_000} AND ${time} < ${facts.untilUs / 1000}
          ${filters.join('')}`,
      );
      assert.ok(row!.n > 0n, `${id} ${stream.id}`);
      streams++;
    }
  }
  assert.ok(streams > 50, String(streams));
});
