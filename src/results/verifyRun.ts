/**
 * `cascade verify`: every total of a stored run again, from the stored rows alone and by code that
 * the engine does not share. A run that cannot be wrong here is not worth checking: each of these
 * lines has a test in which it fails.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, openDuckDb } from '../basics/duckdb.ts';
import { readRun, type RunFacts } from './manifest.ts';
import { figureKey, type MetricRow } from './runTables.ts';
import { checkDigests, checkFacts, figures } from './verify/files.ts';
import { checkFills } from './verify/fills.ts';
import { Agreement, same, type VerifyLine } from './verify/line.ts';
import { checkMoney } from './verify/money.ts';
import { checkPositions } from './verify/positions.ts';
import { marketsOf } from './valuation.ts';

export type { VerifyLine } from './verify/line.ts';

/** Computes the figures of a stored run anew: `measure`, which lies on a higher floor. */
export type Measure = (connection: DuckDBConnection, facts: RunFacts) => Promise<readonly MetricRow[]>;

/**
 * @param folder   a finished run
 * @param measure  computes the metrics table anew; left out, it is only compared with the report
 * @returns        one line a check, in a fixed order; the run is sound when all are ok
 * @throws ReplayError RESULT_STORE when the folder holds no result
 */
export async function verifyRun(folder: string, measure?: Measure): Promise<VerifyLine[]> {
  const run = readRun(folder);
  let instance: Awaited<ReturnType<typeof openDuckDb>>;
  try {
    instance = await openDuckDb({ path: join(folder, 'results.duckdb'), readOnly: true });
  } catch (error) {
    return [same('results.duckdb: opens', 'a database', String(error).split('\n')[0]!)];
  }
  try {
    const connection = await instance.connect();
    const digests = await checkDigests(connection, folder, run);
    // a database whose tables are not even readable has no totals to check
    if (digests.some((line) => line.got.startsWith('unreadable'))) return digests;
    return [
      ...digests,
      ...(await checkFacts(connection, run)),
      ...(await checkRows(connection, run.facts)),
      ...(measure === undefined
        ? []
        : [await checkMetrics(connection, await measure(connection, run.facts))]),
      ...(await checkReport(connection, folder)),
    ];
  } finally {
    instance.closeSync();
  }
}

/**
 * The checks that need rows only: money, fills, positions.
 *
 * @param connection  to a finished database, or a store's after `settle`
 */
export async function checkRows(connection: DuckDBConnection, facts: RunFacts): Promise<VerifyLine[]> {
  const markets = marketsOf(facts);
  const worlds = facts.worlds.map((w) => w.world);
  return [
    ...(await checkMoney(connection)),
    ...(await checkFills(connection, markets)),
    ...(await checkPositions(connection, markets, worlds)),
  ];
}

/** Every figure computed anew = the stored one. */
async function checkMetrics(connection: DuckDBConnection, rows: readonly MetricRow[]): Promise<VerifyLine> {
  const stored = await figures(connection);
  const agreement = new Agreement('metrics: every figure computed anew from the rows');
  for (const row of rows) {
    const key = figureKey(row);
    agreement.see(stored.get(key) === row.value, () => `${key}: ${stored.get(key)} for ${row.value}`);
  }
  return agreement.line();
}

const FIGURES = /<script[^>]*\bid="figures"[^>]*>(.*?)<\/script>/s;

/** The numbers that the report says are those of the metrics table. */
async function checkReport(connection: DuckDBConnection, folder: string): Promise<VerifyLine[]> {
  const path = join(folder, 'report.html');
  if (!existsSync(path)) return [];
  const block = FIGURES.exec(readFileSync(path, 'utf8'))?.[1];
  if (block === undefined) return [same('report.html: figures', 'a block of figures', 'none')];
  const stored = await figures(connection);
  const agreement = new Agreement('report.html: figures of the metrics table');
  let said: Record<string, unknown>;
  try {
    said = JSON.parse(block) as Record<string, unknown>;
  } catch {
    return [same('report.html: figures', 'JSON', 'no JSON')];
  }
  for (const [key, value] of Object.entries(said)) {
    agreement.see(stored.get(key) === String(value), () => `${key}: ${String(value)} for ${stored.get(key)}`);
  }
  return [agreement.line()];
}
