/**
 * A vendor's files into the archive: files of one series become one Parquet file with a
 * `metadata.json` beside it, in a folder `venue/symbol/series`. All series of a call appear whole, or
 * none does.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type DuckDBInstance, openDuckDb, sqlText } from '../basics/duckdb.ts';
import { ReplayError } from '../basics/errors.ts';
import type { ImportOptions, Layout, Vendor } from './layout.ts';
import { filesOf, metadataOf } from './metadata.ts';
import { fingerprint, type SourceFile, stage } from './sourceFile.ts';
import { type Part, type Written, writeSeries } from './writeSeries.ts';

export interface ImportRequest {
  readonly vendor: Vendor;
  /** In any order: they are read in the order of their names. */
  readonly files: readonly string[];
  readonly outDir: string;
  readonly options: ImportOptions;
  /** Whether a series that is there already may be written anew. */
  readonly replace: boolean;
  /** Bytes of the files that were written, of all. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Told of a series that a file may have, but of which there was no row. */
  readonly onEmpty?: (series: string) => void;
}

export interface Imported extends Written {
  /** Folder of the series. */
  readonly folder: string;
  /** The same below the archive: `binance-um/BTCUSDT/aggTrades`. */
  readonly series: string;
  readonly files: readonly string[];
  readonly notes: readonly string[];
}

/** The number that DuckDB cuts its batches by: with it, not with the machine, the bytes would change. */
const THREADS = 3;
const WORK = '.importing-';

/**
 * Imports files of one vendor.
 *
 * @throws ReplayError DATA_MISSING or DATA_SCHEMA with file and row; SCENARIO_INVALID when no file is
 *         named or a series is there already. Nothing is written then.
 */
export async function importFiles(request: ImportRequest): Promise<Imported[]> {
  const { outDir } = request;
  if (request.files.length === 0)
    throw new ReplayError('SCENARIO_INVALID', 'no file to import', {}, 'Name files, folders or globs.');
  await mkdir(outDir, { recursive: true });
  removeWork(outDir, (pid) => !isAlive(pid)); // what a killed import left behind
  const work = await mkdtemp(join(outDir, `${WORK}${process.pid}-`)); // beside the result: a rename is whole
  const db = await openDuckDb({ threads: THREADS, memory: '400MB' });
  try {
    const connection = await db.connect();
    await connection.run(`SET GLOBAL temp_directory = ${sqlText(join(work, 'spill'))}`);
    connection.closeSync();
    const made = await makeAll(request, db, work);
    for (const { imported, folder } of made) moveIn(folder, imported.folder, work);
    return made.map(({ imported }) => imported);
  } finally {
    db.closeSync();
    rmSync(work, { recursive: true, force: true });
  }
}

/** Takes away what this process was importing into a folder; for Ctrl-C. */
export const abandonImport = (outDir: string): void => removeWork(outDir, (pid) => pid === process.pid);

function removeWork(outDir: string, isMine: (pid: number) => boolean): void {
  for (const name of existsSync(outDir) ? readdirSync(outDir) : []) {
    if (!name.startsWith(WORK) || !isMine(Number.parseInt(name.slice(WORK.length), 10))) continue;
    rmSync(join(outDir, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

interface Made {
  readonly imported: Imported;
  /** Where it waits. */
  readonly folder: string;
}

/** Every series of the files, written into the work folder. */
async function makeAll(request: ImportRequest, db: DuckDBInstance, work: string): Promise<Made[]> {
  const { vendor, options } = request;
  const files = await stageAll(request.files, work);
  const groups = await groupsOf(request, files);
  if (groups.size === 0) {
    const other = options.symbol === null ? '' : `, or of another symbol than ${options.symbol}`;
    throw new ReplayError(
      'DATA_MISSING',
      `${files.length === 1 ? 'the file is' : 'all files are'} empty${other}`,
      { file: files[0]!.path },
      'An archive writes an empty file for a day without data: fetch another day, or name another symbol.',
    );
  }
  for (const key of groups.keys()) mayWrite(join(request.outDir, key), request.replace);
  const prints = fingerprints(files); // hashes while DuckDB reads
  prints.catch(() => undefined); // awaited below
  const total = [...groups.values()].flat().reduce((sum, { file }) => sum + file.bytes, 0);
  let done = 0;
  const onPart = ({ file }: Part): void => {
    done += file.bytes;
    request.onProgress?.(done, total);
  };
  request.onProgress?.(0, total);
  const made: Made[] = [];
  try {
    for (const [k, [key, parts]] of [...groups].entries()) {
      const folder = join(work, `series-${k}`);
      await mkdir(folder);
      const written = await writeSeries(db, parts, folder, onPart);
      if (written === null) {
        request.onEmpty?.(key);
        continue;
      }
      const notes = [...new Set(parts.flatMap(({ layout }) => layout.notes))];
      const text = JSON.stringify(
        metadataOf({ vendor, options, parts, written, notes, prints: await prints }),
        null,
        2,
      );
      await writeFile(join(folder, 'metadata.json'), `${text}\n`);
      const where = {
        folder: join(request.outDir, key),
        series: key,
        files: filesOf(parts).map(({ path }) => path),
      };
      made.push({ folder, imported: { ...written, ...where, notes } });
    }
    await prints;
  } catch (error) {
    await prints; // a damaged file is the better reason, and throws here
    throw error;
  }
  if (made.length > 0) return made;
  throw new ReplayError(
    'DATA_MISSING',
    'no row of any series',
    { file: files[0]!.path },
    'The file is only a header, or holds nothing of this symbol: fetch another day or name another symbol.',
  );
}

/** Makes files readable, in the order of their names; the same file named twice counts once. */
async function stageAll(paths: readonly string[], work: string): Promise<SourceFile[]> {
  const key = (path: string): string => `${basename(path)}\u0000${path}`;
  const sorted = [...new Set(paths)].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const files: SourceFile[] = [];
  for (const [i, path] of sorted.entries()) {
    const file = await stage(path, work, i);
    const twins = files.filter((one) => one.bytes === file.bytes && one.head === file.head && file.bytes > 0);
    const own = twins.length === 0 ? '' : await fingerprint(file);
    const others = await Promise.all(twins.map(fingerprint));
    if (!others.includes(own)) files.push(file);
  }
  return files;
}

/** Parts by folder of their series. */
async function groupsOf(
  { vendor, options }: ImportRequest,
  files: readonly SourceFile[],
): Promise<Map<string, Part[]>> {
  const groups = new Map<string, Part[]>();
  for (const file of files) {
    for (const layout of await vendor.layoutsOf(file, options)) {
      const key = folderOf(layout, file);
      groups.set(key, [...(groups.get(key) ?? []), { file, layout }]);
    }
  }
  return groups;
}

/** `venue/symbol/series`; what a folder cannot be called becomes `-`. */
function folderOf({ series: { venue, symbol, name } }: Layout, file: SourceFile): string {
  const names = [venue, symbol, name].map((text) => text.replaceAll(/[^\w.@+-]+/g, '-'));
  if (names.every((text) => /[^.]/.test(text))) return join(...(names as [string, string, string]));
  throw new ReplayError(
    'DATA_SCHEMA',
    `venue "${venue}", symbol "${symbol}" and series "${name}" name no folder`,
    { file: file.path },
    'Give the symbol with --symbol.',
  );
}

async function fingerprints(files: readonly SourceFile[]): Promise<ReadonlyMap<SourceFile, string>> {
  const prints = new Map<SourceFile, string>();
  for (const file of files) prints.set(file, await fingerprint(file));
  return prints;
}

function mayWrite(folder: string, replace: boolean): void {
  if (replace || !existsSync(folder)) return;
  throw new ReplayError(
    'SCENARIO_INVALID',
    'the series is there already',
    { file: folder },
    'Import all files of a series at once, with --replace to write it anew, or choose another --out.',
  );
}

/** Puts a finished folder in its place. Nothing can come between the two renames: no event is awaited. */
function moveIn(made: string, folder: string, work: string): void {
  mkdirSync(dirname(folder), { recursive: true });
  if (existsSync(folder)) renameSync(folder, join(work, `${basename(made)}-before`));
  renameSync(made, folder);
}
