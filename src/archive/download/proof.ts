/** What proves that a file came whole: the archive's sha256, or the check sums that gzip and zip carry. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { crc32, createGunzip } from 'node:zlib';
import { openPromise } from 'yauzl';
import { sha256File } from '../../basics/digest.ts';

/** Anything that may go through: only the end matters. */
async function drain(pieces: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pieces);
}

/** @returns  what is wrong with the file, null when it is the one whose sha256 (hex) is told */
export async function wrongSum(path: string, sum: string): Promise<string | null> {
  const found = await sha256File(path);
  return found === sum
    ? null
    : `its sha256 is ${found.slice(0, 12)}..., the archive says ${sum.slice(0, 12)}...`;
}

/** @returns  what is wrong with a gzip file, null when it inflates to its end and its CRC-32 fits */
export async function wrongGzip(path: string): Promise<string | null> {
  if ((await stat(path)).size === 0) return 'it is empty';
  try {
    await pipeline(createReadStream(path), createGunzip(), drain);
    return null;
  } catch (error) {
    return `it is no whole gzip file: ${(error as Error).message}`;
  }
}

/** @returns  what is wrong with a zip file, null when every entry inflates and its CRC-32 fits */
export async function wrongZip(path: string): Promise<string | null> {
  try {
    const zip = await openPromise(path, { autoClose: false, lazyEntries: true });
    try {
      for await (const entry of zip.eachEntry()) {
        let sum = 0;
        for await (const piece of await zip.openReadStreamPromise(entry)) sum = crc32(piece as Buffer, sum);
        if (sum !== entry.crc32) return `${entry.fileName} in it has another CRC-32`;
      }
      return null;
    } finally {
      zip.close();
    }
  } catch (error) {
    return `it is no whole zip file: ${(error as Error).message}`;
  }
}

/** sha256 in lower-case hex that a `.CHECKSUM` text tells of a file; null when it is none of this file. */
export function sumIn(text: string, name: string): string | null {
  const [, sum, of] = /^([0-9a-f]{64})\s+\*?(\S+)\s*$/i.exec(text) ?? [];
  return sum !== undefined && of === name ? sum.toLowerCase() : null;
}
