/**
 * A vendor's files into the archive: files of one series become one Parquet file with a
 * `metadata.json` beside it, in a folder `venue/symbol/series`. A series appears whole or not at all.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { openDuckDb } from '../basics/duckdb.ts';
import { ReplayError } from '../basics/errors.ts';
import { formatInstant } from '../basics/instant.ts';
import type { ImportOptions, Vendor } from './layout.ts';
import { CONTRACT } from './series.ts';
import { stage } from './sourceFile.ts';
import { type Part, type Written, writeSeries } from './writeSeries.ts';

/** Raised when the bytes or the meaning of what is written change. */
export const IMPORTER_VERSION = 1;

export interface ImportRequest {
  readonly vendor: Vendor;
  /** In any order: they are read in the order of their names. */
  readonly files: readonly string[];
  readonly outDir: string;
  readonly options: ImportOptions;
  /** Whether a series that is there already may be written anew. */
  readonly replace: boolean;
  readonly onProgress?: (done: number, total: number, what: string) => void;
}

export interface Imported extends Written {
  /** Folder of the series. */
  readonly folder: string;
  readonly series: string;
  readonly files: readonly string[];
  readonly notes: readonly string[];
}

/** What lies beside `data.parquet`. */
export interface SeriesMetadata {
  readonly importerVersion: number;
  readonly vendor: string;
  readonly venue: string;
  readonly symbol: string;
  readonly kind: string;
  readonly intervalMs: number | null;
  readonly qtyUnit: string;
  readonly reconstructed: boolean;
  readonly columns: readonly { readonly name: string; readonly unit: string }[];
  readonly from: string;
  readonly last: string;
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly conflicts: number;
  readonly sorted: boolean;
  readonly timeOffsetUs: number;
  readonly notes: readonly string[];
  readonly sources: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
  readonly sha256: string;
}

/**
 * Imports files of one vendor.
 *
 * @throws ReplayError DATA_MISSING or DATA_SCHEMA with file and row; SCENARIO_INVALID when no file is
 *         named or a series is there already. Nothing is written then.
 */
export async function importFiles(request: ImportRequest): Promise<Imported[]> {
  const { vendor, outDir, options } = request;
  if (request.files.length === 0)
    throw new ReplayError('SCENARIO_INVALID', 'no file to import', {}, 'Name files, folders or globs.');
  await mkdir(outDir, { recursive: true });
  const work = await mkdtemp(join(outDir, '.importing-')); // beside the result, so that a rename is whole
  const db = await openDuckDb({ threads: 2, memory: '500MB' });
  const done: { imported: Imported; made: string }[] = [];
  try {
    const groups = new Map<string, Part[]>();
    const files = [...request.files].sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
    for (const [i, path] of files.entries()) {
      request.onProgress?.(i, files.length + 1, basename(path));
      const file = await stage(path, work, i);
      for (const layout of await vendor.layoutsOf(file, options)) {
        const { venue, symbol, name } = layout.series;
        const key = join(venue, symbol, name);
        groups.set(key, [...(groups.get(key) ?? []), { file, layout }]);
      }
    }
    for (const key of groups.keys()) mayWrite(join(outDir, key), request.replace);
    for (const [key, parts] of groups) {
      request.onProgress?.(files.length, files.length + 1, key);
      const made = join(work, `series-${done.length}`);
      await mkdir(made);
      const written = await writeSeries(db, parts, made);
      const notes = [...new Set(parts.flatMap(({ layout }) => layout.notes))];
      const metadata = metadataOf({ vendor, options, parts, written, notes });
      await writeFile(join(made, 'metadata.json'), `${JSON.stringify(metadata, null, 2)}\n`);
      const folder = join(outDir, key);
      done.push({
        made,
        imported: { ...written, folder, series: key, notes, files: parts.map(({ file }) => file.path) },
      });
    }
    for (const { imported, made } of done) await moveIn(made, imported.folder);
    return done.map(({ imported }) => imported);
  } finally {
    db.closeSync();
    await rm(work, { recursive: true, force: true });
  }
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

function metadataOf(o: {
  vendor: Vendor;
  options: ImportOptions;
  parts: readonly Part[];
  written: Written;
  notes: readonly string[];
}): SeriesMetadata {
  const { written, parts } = o;
  const { series } = parts[0]!.layout;
  const columns = CONTRACT[series.kind].filter(({ name }) => written.columns.includes(name));
  return {
    importerVersion: IMPORTER_VERSION,
    vendor: o.vendor.name,
    venue: series.venue,
    symbol: series.symbol,
    kind: series.kind,
    intervalMs: series.intervalMs,
    qtyUnit: series.qtyUnit,
    reconstructed: false,
    columns: columns.map(({ name, unit }) => ({ name, unit })),
    from: formatInstant(written.fromUs),
    last: formatInstant(written.lastUs),
    rowsIn: written.rowsIn,
    rowsOut: written.rowsOut,
    dropped: written.dropped,
    conflicts: written.conflicts,
    sorted: written.sorted,
    timeOffsetUs: o.options.offsetUs,
    notes: o.notes,
    sources: parts.map(({ file }) => ({ name: basename(file.path), bytes: file.bytes, sha256: file.sha256 })),
    sha256: written.sha256,
  };
}

/** Puts a finished folder in its place; the one that stood there goes only then. */
async function moveIn(made: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  await rm(folder, { recursive: true, force: true });
  await rename(made, folder);
}
