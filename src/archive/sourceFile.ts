/**
 * A vendor's file as DuckDB can read it: plain text and gzip stay where they are, the deflated bytes of
 * a zip are put into a gzip frame as they stand. So nothing is inflated twice and nothing is held in
 * memory; the bytes are hashed on the way.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { openPromise } from 'yauzl';
import { sha256File } from '../basics/digest.ts';
import { ReplayError } from '../basics/errors.ts';

export interface SourceFile {
  /** As the user named it. */
  readonly path: string;
  /** Base name without .zip and .gz: `BTCUSDT-trades-2021-05-19.csv`. */
  readonly name: string;
  /** Text on disk, gzipped where it ends in .gz. */
  readonly text: string;
  /** First 64 KiB of the text; empty where there is none (an archive writes an empty gzip for a day without data). */
  readonly head: string;
  /** Of the file as it lay there. */
  readonly bytes: number;
  /** The same, hex. */
  readonly sha256: string;
}

const HEAD_BYTES = 65_536;
/** A gzip header without name and time: magic, deflate, no flags, no time, unknown system. */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
const [STORED, DEFLATED] = [0, 8];

/**
 * Hashes one file and makes it readable.
 *
 * @param folder  where the content of a zip may be put; the caller removes it
 * @param number  keeps names apart in there
 * @throws ReplayError DATA_MISSING when it cannot be read or is cut off, DATA_SCHEMA when a zip holds
 *         no single file
 */
export async function stage(path: string, folder: string, number: number): Promise<SourceFile> {
  try {
    const zipped = path.endsWith('.zip');
    const { text, name } = zipped
      ? await unwrap(path, join(folder, String(number)))
      : { text: path, name: basename(path).replace(/\.gz$/, '') };
    const { size } = await stat(path);
    return { path, name, text, head: await headOf(text), bytes: size, sha256: await sha256File(path) };
  } catch (error) {
    if (error instanceof ReplayError) throw error;
    throw new ReplayError(
      'DATA_MISSING',
      `cannot be read: ${(error as Error).message}`,
      { file: path },
      'Fetch the file again, or check its path.',
    );
  }
}

/** The one file of a zip as text or gzip. */
async function unwrap(path: string, target: string): Promise<{ text: string; name: string }> {
  const zip = await openPromise(path, { autoClose: false, lazyEntries: true });
  try {
    const entries = [];
    for await (const entry of zip.eachEntry()) if (!entry.fileName.endsWith('/')) entries.push(entry);
    const [entry] = entries;
    const known = entry?.compressionMethod === STORED || entry?.compressionMethod === DEFLATED;
    if (entry === undefined || entries.length > 1 || !known)
      throw new ReplayError(
        'DATA_SCHEMA',
        `a zip of ${entries.length} files, or of a compression that is not deflate`,
        { file: path },
        'Unpack it and name its files.',
      );
    const name = basename(entry.fileName);
    if (entry.compressionMethod === STORED) {
      const text = `${target}-${name}`;
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(text));
      return { text, name };
    }
    const text = `${target}-${name}.gz`;
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(entry.crc32, 0);
    trailer.writeUInt32LE(entry.uncompressedSize % 2 ** 32, 4);
    const raw = await zip.openReadStreamPromise(entry, { decompress: false });
    await pipeline(async function* () {
      yield GZIP_HEADER;
      yield* raw;
      yield trailer;
    }, createWriteStream(text));
    return { text, name };
  } finally {
    zip.close();
  }
}

async function headOf(path: string): Promise<string> {
  if (path.endsWith('.gz')) {
    const parts: Buffer[] = [];
    const source = createReadStream(path, { end: 4 * HEAD_BYTES });
    const unpacked = source.pipe(createGunzip());
    source.on('error', (error) => unpacked.destroy(error));
    try {
      for await (const part of unpacked) {
        parts.push(part as Buffer);
        if (Buffer.concat(parts).length >= HEAD_BYTES) break;
      }
    } catch (error) {
      if (parts.length === 0) throw error; // a head that is cut off is a head all the same
    }
    return Buffer.concat(parts).toString('utf8', 0, HEAD_BYTES);
  }
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(buffer, 0, HEAD_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
