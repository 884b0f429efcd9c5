/** Files against run.json: bytes of the exports, contents of both formats, facts, columns and headline. */
import { existsSync } from 'node:fs';
import { sha256File } from '../../basics/digest.ts';
import { type DuckDBConnection, rowsOf, sqlName, sqlText } from '../../basics/duckdb.ts';
import { contentDigest, parquetPath } from '../exportRun.ts';
import { manifestRows, partHashes, type RunFile, runId } from '../manifest.ts';
import { figureKey, type ManifestRow, type MetricRow } from '../runTables.ts';
import { diskColumns, TABLES } from '../schema.ts';
import { Agreement, same, type VerifyLine } from './line.ts';

/** Digests of every table: Parquet bytes, Parquet contents, database contents. */
export async function checkDigests(
  connection: DuckDBConnection,
  folder: string,
  run: RunFile,
): Promise<VerifyLine[]> {
  const lines: VerifyLine[] = [];
  for (const table of TABLES) {
    const { name } = table;
    const path = parquetPath(folder, name);
    const expected = run.tables[name];
    if (expected === undefined || !existsSync(path)) {
      lines.push(same(`${name}: exported`, 'in run.json and tables/', 'missing'));
      continue;
    }
    lines.push(same(`${name}: sha256 of the Parquet file`, expected.parquet, await sha256File(path)));
    const contents = `${expected.rows} rows, ${expected.contents}`;
    for (const [where, from] of [
      ['Parquet', `read_parquet(${sqlText(path)})`],
      ['results.duckdb', sqlName(name)],
    ] as const) {
      lines.push(same(`${name}: contents of ${where}`, contents, await contentsOf(connection, table, from)));
    }
  }
  return lines;
}

async function contentsOf(
  connection: DuckDBConnection,
  table: (typeof TABLES)[number],
  from: string,
): Promise<string> {
  try {
    const { rows, contents } = await contentDigest(connection, table, from);
    return `${rows} rows, ${contents}`;
  } catch (error) {
    return `unreadable: ${String(error).split('\n')[0]}`;
  }
}

/** The facts: id and hashes in run.json, the manifest table, the columns table, the headline. */
export async function checkFacts(connection: DuckDBConnection, run: RunFile): Promise<VerifyLine[]> {
  const manifest = new Agreement('manifest: facts of run.json');
  const stored = new Map(
    (await rowsOf<{ key: string; value: string }>(connection, 'SELECT key, value FROM manifest')).map((r) => [
      r.key,
      r.value,
    ]),
  );
  const expected: ManifestRow[] = manifestRows(run.facts);
  for (const { key, value } of expected) {
    manifest.see(stored.get(key) === value, () => `${key}: ${stored.get(key)} for ${value}`);
  }
  manifest.see(stored.size === expected.length, () => `${stored.size} rows for ${expected.length}`);
  const columns = new Agreement('columns: the schema of this version');
  const described = new Set(
    (await rowsOf<Record<string, string>>(connection, 'SELECT * FROM columns')).map((r) =>
      Object.values(r).join('|'),
    ),
  );
  for (const table of TABLES) {
    for (const c of diskColumns(table)) {
      const row = [table.name, c.name, c.type, c.unit, c.meaning].join('|');
      columns.see(described.has(row), () => row);
    }
  }
  const headline = new Agreement('run.json: headline of the metrics table');
  for (const [key, value] of await figures(connection, `bucket = ''`)) {
    headline.see(run.headline[key] === value, () => `${key}: ${run.headline[key]} for ${value}`);
  }
  return [
    same('run.json: id of the facts', runId(run.facts), run.id),
    same(
      'run.json: hashes of the facts',
      JSON.stringify(partHashes(run.facts)),
      JSON.stringify({ ...partHashes(run.facts), ...run.hashes }),
    ),
    manifest.line(),
    columns.line(),
    headline.line(),
  ];
}

/** Stored figures by key. */
export async function figures(connection: DuckDBConnection, where = 'true'): Promise<Map<string, string>> {
  const rows = await rowsOf<Omit<MetricRow, 'world'> & { world: bigint }>(
    connection,
    `SELECT * FROM metrics WHERE ${where}`,
  );
  return new Map(rows.map((r) => [figureKey({ ...r, world: Number(r.world) }), r.value]));
}
