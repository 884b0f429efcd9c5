/** Imports into a folder of the test's own, and reads back what was written. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import yazl from 'yazl';
import { importFiles, type Imported } from '../../src/archive/importFiles.ts';
import { vendorNamed } from '../../src/archive/vendors.ts';
import { openDuckDb, rowsOf, sqlText } from '../../src/basics/duckdb.ts';
import { ReplayError } from '../../src/basics/errors.ts';
import { freshFolder } from './parquet.ts';

export interface Asked {
  readonly vendor: string;
  readonly files: readonly string[];
  readonly out: string;
  readonly symbol?: string;
  readonly offsetUs?: number;
  readonly options?: Readonly<Record<string, string>>;
  readonly replace?: boolean;
}

/** Imports; what was written, by `venue/symbol/series`. */
export async function imported(asked: Asked): Promise<ReadonlyMap<string, Imported>> {
  const made = await importFiles({
    vendor: vendorNamed(asked.vendor),
    files: asked.files,
    outDir: asked.out,
    options: { symbol: asked.symbol ?? null, offsetUs: asked.offsetUs ?? 0, extra: asked.options ?? {} },
    replace: asked.replace === true,
  });
  return new Map(made.map((one) => [one.series, one]));
}

/** The error that an import ends with. */
export async function refusal(asked: Asked): Promise<ReplayError> {
  try {
    await imported(asked);
  } catch (error) {
    if (error instanceof ReplayError) return error;
    throw error;
  }
  throw new Error('it was imported');
}

export type Row = Readonly<Record<string, number | string>>;

/** All rows of a written series, BIGINT as number. */
export async function rowsIn(folder: string): Promise<Row[]> {
  const db = await openDuckDb();
  const connection = await db.connect();
  try {
    const rows = await rowsOf<Record<string, unknown>>(
      connection,
      `SELECT * FROM read_parquet(${sqlText(join(folder, 'data.parquet'))})`,
    );
    return rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, cell]) => [
          name,
          typeof cell === 'bigint' ? Number(cell) : (cell as number | string),
        ]),
      ),
    );
  } finally {
    connection.closeSync();
    db.closeSync();
  }
}

/** What lies beside the rows. */
export const metadataIn = (folder: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, 'metadata.json'), 'utf8')) as Record<string, unknown>;

/** Writes a file, packed as its name says: `.gz`, `.zip` (holding the name without it and `.csv`), or not. */
export async function writeFileAs(path: string, text: string | Buffer): Promise<string> {
  mkdirSync(dirname(path), { recursive: true });
  const content = Buffer.from(text);
  if (path.endsWith('.gz')) writeFileSync(path, gzipSync(content));
  else if (path.endsWith('.zip')) writeFileSync(path, await zipped(path, content));
  else writeFileSync(path, content);
  return path;
}

type Given = Omit<Asked, 'files' | 'out'>;

/** Imports one file with this text. */
async function importedText(
  t: TestContext,
  name: string,
  text: string | Buffer,
  asked: Given,
): Promise<ReadonlyMap<string, Imported>> {
  const folder = freshFolder(t);
  const files = [await writeFileAs(join(folder, name), text)];
  return imported({ ...asked, files, out: join(folder, 'out') });
}

/** The same; rows by series. */
export async function importedAll(
  ...file: Parameters<typeof importedText>
): Promise<ReadonlyMap<string, Row[]>> {
  const rows = new Map<string, Row[]>();
  for (const [key, { folder }] of await importedText(...file)) rows.set(key, await rowsIn(folder));
  return rows;
}

/** The same; rows and metadata of its only (or the named) series. */
export async function importedOne(
  t: TestContext,
  name: string,
  text: string | Buffer,
  { series, ...asked }: Given & { readonly series?: string },
): Promise<{ key: string; rows: Row[]; metadata: Record<string, unknown> }> {
  const made = await importedText(t, name, text, asked);
  const [key, { folder }] = [...made].find(([own]) => series === undefined || own.endsWith(`/${series}`))!;
  return { key, rows: await rowsIn(folder), metadata: metadataIn(folder) };
}

function zipped(path: string, content: Buffer): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.zip$/, '.csv');
  zip.addBuffer(content, name, { mtime: new Date(0) });
  zip.end();
  const parts: Buffer[] = [];
  return new Promise((resolve, reject) => {
    zip.outputStream.on('data', (part: Buffer) => parts.push(part));
    zip.outputStream.on('end', () => resolve(Buffer.concat(parts)));
    zip.outputStream.on('error', reject);
  });
}
