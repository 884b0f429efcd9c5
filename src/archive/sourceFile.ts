/**
 * A vendor's file as DuckDB can read it: plain text and gzip stay where they are, the deflated bytes of
 * a zip are put into a gzip frame as they stand. So nothing is inflated twice and nothing is held in
 * memory.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, readFileSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { openPromise } from 'yauzl';
import { ReplayError } from '../basics/errors.ts';

export interface SourceFile {
  /** As the user named it. */
  readonly path: string;
  /** Base name without .zip and .gz: `BTCUSDT-trades-2021-05-19.csv`. */
  readonly name: string;
  /** Text on disk, gzipped where it ends in .gz. */
  readonly text: string;
  /** First 64 KiB of the text, without a byte order mark; empty where an archive wrote a day without data. */
  readonly head: string;
  /** Last bytes of the text; null of a packed one, whose packing says whether it is whole. */
  readonly tail: string | null;
  /** Of the file as it lay there. */
  readonly bytes: number;
  /** Start of the path of whatever an importer writes in between; removed with the rest. */
  readonly scratch: string;
}

const [HEAD_BYTES, TAIL_BYTES] = [65_536, 256];
/** A gzip header without name and time: magic, deflate, no flags, no time, unknown system. */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
const [STORED, DEFLATED] = [0, 8];

/**
 * Makes one file readable.
 *
 * @param folder  where the content of a zip may be put; the caller removes it
 * @param number  keeps names apart in there
 * @throws ReplayError DATA_MISSING when it cannot be read or is cut off, DATA_SCHEMA when a zip holds
 *         no single file, or the packing is one that nobody here can open
 */
export async function stage(path: string, folder: string, number: number): Promise<SourceFile> {
  if (/\.(lz4|zst|xz|bz2|7z|rar|tar)$/i.test(path))
    throw new ReplayError(
      'DATA_SCHEMA',
      `packed in a way that is not read: ${basename(path)}`,
      { file: path },
      'Unpack it first (for example lz4 -d, zstd -d, tar -x), or pack it with gzip.',
    );
  const scratch = join(folder, String(number));
  return reading(path, async () => {
    const { size } = await stat(path);
    const { text, name } = path.endsWith('.zip')
      ? await unwrap(path, scratch)
      : { text: path, name: basename(path).replace(/\.gz$/, '') };
    const [head, tail] = size === 0 ? ['', ''] : await endsOf(text);
    return { path, name, text, head: head.replace(/^\uFEFF/, ''), tail, bytes: size, scratch };
  });
}

/**
 * Reads a file once more, whole: its sha256, whether a gzip ends where it should, and whether it is the
 * file that a `.CHECKSUM` beside it (Binance) names.
 *
 * @returns sha256, hex
 * @throws ReplayError DATA_MISSING when it is cut off or another one
 */
export async function fingerprint({ path, bytes }: SourceFile): Promise<string> {
  const hash = createHash('sha256');
  const tapped = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const part of source) {
      hash.update(part);
      yield part;
    }
  };
  const drained = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const part of source) if (part.length === 0) break;
  };
  await reading(path, () => {
    const source = createReadStream(path, { highWaterMark: 1 << 20 });
    // DuckDB takes a gzip that ends early for a whole one, so that is looked for here
    if (path.endsWith('.gz') && bytes > 0)
      return pipeline(source, tapped, createGunzip({ chunkSize: 1 << 20 }), drained);
    return pipeline(source, tapped, drained);
  });
  const sha256 = hash.digest('hex');
  const beside = `${path}.CHECKSUM`;
  if (!existsSync(beside)) return sha256;
  const stated = /\b[0-9a-f]{64}\b/i.exec(readFileSync(beside, 'utf8'))?.[0]?.toLowerCase();
  if (stated === undefined || stated === sha256) return sha256;
  throw new ReplayError(
    'DATA_MISSING',
    `sha256 is ${sha256}, but ${basename(beside)} says ${stated}`,
    { file: path },
    'The file is damaged or another one: fetch it again.',
  );
}

/** @throws ReplayError DATA_MISSING for whatever the system or the packing refuses */
async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
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
    trailer.writeUInt32LE(entry.uncompressedSize % 4_294_967_296, 4);
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

async function endsOf(path: string): Promise<[head: string, tail: string | null]> {
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
    return [Buffer.concat(parts).toString('utf8', 0, HEAD_BYTES), null];
  }
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(buffer, 0, HEAD_BYTES, 0);
    const head = buffer.toString('utf8', 0, bytesRead);
    const { size } = await file.stat();
    const end = await file.read(buffer, 0, TAIL_BYTES, Math.max(0, size - TAIL_BYTES));
    return [head, buffer.toString('utf8', 0, end.bytesRead)];
  } finally {
    await file.close();
  }
}
