/** What lies beside the rows of a series: where they come from, what was left out, units and times. */
import { basename } from 'node:path';
import { formatInstant } from '../basics/instant.ts';
import type { ImportOptions, Vendor } from './layout.ts';
import { CONTRACT } from './series.ts';
import type { SourceFile } from './sourceFile.ts';
import type { Part, Written } from './writeSeries.ts';

/** Raised when the bytes or the meaning of what is written change. */
const IMPORTER_VERSION = 1;

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

/** Files of parts, each once: one file may give two parts of a series. */
export const filesOf = (parts: readonly Part[]): SourceFile[] => [...new Set(parts.map(({ file }) => file))];

/** Metadata of a series that was written. @param o.prints  sha256 of every file */
export function metadataOf(o: {
  vendor: Vendor;
  options: ImportOptions;
  parts: readonly Part[];
  written: Written;
  notes: readonly string[];
  prints: ReadonlyMap<SourceFile, string>;
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
    sources: filesOf(parts).map((file) => ({
      name: basename(file.path),
      bytes: file.bytes,
      sha256: o.prints.get(file)!,
    })),
    sha256: written.sha256,
  };
}
