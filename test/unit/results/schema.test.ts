/** The description of the tables: whole by the compiler, unambiguous on disk, and the same in the docs. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openDuckDb, rowsOf } from '../../../src/basics/duckdb.ts';
import type { Money } from '../../../src/basics/exact.ts';
import type { ProvenanceRow } from '../../../src/engine/rows.ts';
import { type Described, exact, flag, float, instant, snakeCase, text } from '../../../src/results/column.ts';
import { createTable, diskColumns, TABLES, totalOrder } from '../../../src/results/schema.ts';
import { BEGIN, END, generated } from '../../support/resultsDoc.ts';

const right = { tsUs: instant('x'), market: text('x'), constituents: text('x'), held: flag('x') };

/** These lines are the test: `tsc` fails when one of them compiles after all. */
export const wrong: readonly unknown[] = [
  right satisfies Described<ProvenanceRow>,
  // @ts-expect-error a field without a description
  { tsUs: instant('x'), market: text('x'), held: flag('x') } satisfies Described<ProvenanceRow>,
  // @ts-expect-error a description without a field
  { ...right, extra: text('x') } satisfies Described<ProvenanceRow>,
  // @ts-expect-error money as a float
  { amount: float('x', 'x') } satisfies Described<{ amount: Money | null }>,
  // @ts-expect-error a number as money
  { share: exact('x', 'x') } satisfies Described<{ share: number }>,
];

test('names on disk', () => {
  assert.deepEqual(['tsUs', 'shortfall1F64', 'adlRequests', 'priceRule', 'from'].map(snakeCase), [
    'ts_us',
    'shortfall1_f64',
    'adl_requests',
    'price_rule',
    'from',
  ]);
  assert.deepEqual(
    TABLES.map((t) => t.name),
    [
      'transfers',
      'fills',
      'orders',
      'liquidations',
      'adl',
      'adl_requests',
      'fund',
      'beats',
      'provenance',
      'tracked',
      'accounts',
      'balances',
      'decisions',
      'metrics',
      'ensemble',
      'reconciliation',
      'hazard',
      'columns',
      'manifest',
    ],
  );
});

test('every column has a unit and a meaning, and DuckDB takes every table', async () => {
  const instance = await openDuckDb();
  const connection = await instance.connect();
  for (const table of TABLES) {
    await connection.run(createTable(table));
    const made = await rowsOf<{ column_name: string; data_type: string }>(
      connection,
      `SELECT column_name, data_type FROM information_schema.columns WHERE table_name = '${table.name}' ORDER BY ordinal_position`,
    );
    assert.deepEqual(
      made.map((c) => [c.column_name, c.data_type]),
      diskColumns(table).map((c) => [c.name, c.type]),
    );
    for (const c of diskColumns(table))
      assert.ok(c.unit !== '' && c.meaning !== '', `${table.name}.${c.name}`);
    // every column decides the order of an export once
    assert.equal(totalOrder(table).split(', ').length, made.length);
    await connection.run(`SELECT * FROM ${table.name} ORDER BY ${totalOrder(table)}`);
  }
  const examples = [...readFileSync('docs/results.md', 'utf8').matchAll(/```sql\n(.*?)```/gs)];
  assert.ok(examples.length >= 4);
  for (const [, sql] of examples) await connection.run(sql!); // the queries of the docs run
  instance.closeSync();
});

test('docs/results.md lists these tables and figures', () => {
  const file = 'docs/results.md';
  const page = readFileSync(file, 'utf8');
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END) + END.length];
  assert.ok(from > 0 && to > from, 'the markers are there');
  if (process.env.UPDATE === '1') writeFileSync(file, page.slice(0, from) + generated() + page.slice(to));
  assert.equal(
    readFileSync(file, 'utf8').slice(from, from + generated().length),
    generated(),
    'run this test with UPDATE=1',
  );
});
