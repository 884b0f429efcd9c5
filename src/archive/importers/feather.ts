/**
 * Feather (Arrow IPC) as text that DuckDB reads: batch by batch, each value as it is, float64 in its
 * shortest spelling that reads back the same. Arrow's reader leaves LZ4 to the user, so a codec is
 * registered here.
 */
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { CompressionType, compressionRegistry, type RecordBatch, RecordBatchReader } from 'apache-arrow';
import { compress, decompress } from 'lz4js';
import { refused } from '../layout.ts';
import type { SourceFile } from '../sourceFile.ts';

/**
 * Writes the table as CSV with a head line.
 *
 * @returns  path and column names; of a time its number in the file's own unit
 * @throws ReplayError DATA_SCHEMA when it is no feather file
 */
export async function featherToCsv(file: SourceFile): Promise<{ path: string; names: string[] }> {
  compressionRegistry.set(CompressionType.LZ4_FRAME, { encode: compress, decode: decompress });
  const handle = await open(file.text);
  try {
    const reader = await RecordBatchReader.from(handle);
    await reader.open();
    const names = reader.schema.fields.map(({ name }) => name);
    const path = `${file.scratch}-table.csv`;
    await pipeline(async function* () {
      yield `${names.join()}\n`;
      for await (const batch of reader) yield* linesOf(batch);
    }, createWriteStream(path));
    return { path, names };
  } catch (error) {
    throw refused(file, `no feather file: ${(error as Error).message}`);
  } finally {
    await handle.close();
  }
}

/** Rows that are joined into one piece of text. */
const PIECE = 4096;

function* linesOf(batch: RecordBatch): Generator<string> {
  const columns = batch.schema.fields.map((_, c) => batch.getChildAt(c)!);
  // numbers and times as they lie there: get() would make milliseconds of nanoseconds
  const raw = columns.map(({ data }) => (data.length === 1 ? (data[0]!.values as ArrayLike<unknown>) : null));
  const isNumber = columns.map((_, c) =>
    /^(BigInt64|Float64|Int32|Float32)Array$/.test(raw[c]?.constructor.name ?? ''),
  );
  for (let from = 0; from < batch.numRows; from += PIECE) {
    let text = '';
    for (let row = from; row < Math.min(from + PIECE, batch.numRows); row++) {
      const cells = columns.map((column, c) => {
        if (column.nullCount > 0 && !column.isValid(row)) return '';
        return isNumber[c] ? String(raw[c]![row]) : quoted(String(column.get(row)));
      });
      text += `${cells.join()}\n`;
    }
    yield text;
  }
}

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
