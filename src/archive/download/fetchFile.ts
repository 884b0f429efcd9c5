/** One file of an archive, from wherever an earlier try or process left it to its proven end. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { asStoreError } from '../../results/runFolder.ts';
import type { Wanted } from './archive.ts';
import { FetchFailure, type Http, type Reply } from './http.ts';
import { PartFile, type Version } from './partFile.ts';
import { sumIn, wrongGzip, wrongSum, wrongZip } from './proof.ts';

/** Wrong bytes this often: it is the archive, not the line. */
const MAX_SPOILT = 3;
/** So much more than ever before is headway. */
const HEADWAY_BYTES = 1 << 20;

/** Told of the bytes of one file; the length as soon as it is known. */
export type OnBytes = (have: number, length: number | null) => void;

/**
 * Fetches one file and proves it.
 *
 * @param target  where it lands; it appears there whole and proven, or not at all
 * @returns       its bytes; null when the archive does not have it
 * @throws FetchFailure when it did not come, ReplayError RESULT_STORE
 */
export async function fetchFile(
  http: Http,
  wanted: Wanted,
  { target, onBytes }: { readonly target: string; readonly onBytes: OnBytes },
): Promise<number | null> {
  const file = new PartFile(target);
  let spoilt = 0;
  let most = (await file.begun())?.have ?? 0;
  return http.retried(async () => {
    let reached = 0;
    const sum = wanted.proof === 'checksum' ? await publishedSum(http, wanted.path, target) : null;
    const found = await filled(http, wanted.path, file, (have, length) => {
      onBytes(have, length);
      reached = have;
    }).catch((error: unknown) => {
      if (error instanceof FetchFailure) error.headway = reached >= most + HEADWAY_BYTES;
      most = Math.max(most, reached);
      throw error;
    });
    if (!found) {
      await forget(file);
      return null;
    }
    const wrong = await wrongWith(file.part, sum);
    if (wrong === null) return file.publish();
    await forget(file);
    throw new FetchFailure(wrong, { again: ++spoilt < MAX_SPOILT });
  });
}

async function wrongWith(path: string, sum: string | null): Promise<string | null> {
  if (sum !== null) return wrongSum(path, sum);
  return path.endsWith('.zip.part') ? wrongZip(path) : wrongGzip(path);
}

const sumFileOf = (target: string): string => `${target}.CHECKSUM`;

/** Nothing of a file stays: it is not in the archive, or was wrong, then perhaps by its sum. */
async function forget(file: PartFile): Promise<void> {
  await file.discard();
  await rm(sumFileOf(file.target), { force: true });
}

/**
 * The sha256 that the archive publishes; its file is kept beside the data. A mirror may have none: then
 * the zip's own sums must do.
 */
async function publishedSum(http: Http, path: string, target: string): Promise<string | null> {
  const [file, name] = [sumFileOf(target), basename(target)];
  const kept = existsSync(file) ? sumIn(await readFile(file, 'utf8'), name) : null;
  if (kept !== null) return kept;
  const reply = await http.get(`${path}.CHECKSUM`);
  if (reply.status !== 200) {
    reply.drop();
    return null;
  }
  const text = await reply.text();
  const sum = sumIn(text, name);
  if (sum === null) throw new FetchFailure('its .CHECKSUM is none', { again: true });
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.part`, text);
    await rename(`${file}.part`, file);
  } catch (error) {
    throw asStoreError(error, file);
  }
  return sum;
}

/** Brings the part to its full length. @returns false when the archive does not have the file */
async function filled(http: Http, path: string, file: PartFile, onBytes: OnBytes): Promise<boolean> {
  const begun = await file.begun();
  if (begun !== null) {
    onBytes(begun.have, begun.version.length);
    if (begun.have === begun.version.length) return true;
  }
  const reply = await http.get(path, begun === null ? {} : rangeFrom(begun.have, begun.version));
  if (reply.status === 404) {
    reply.drop();
    return false;
  }
  let have = 0;
  let length: number | null;
  try {
    if (reply.status === 200) {
      length = wholeNumber(reply.header('content-length'));
      await file.restart(length === null ? null : { length, validator: validatorOf(reply) });
    } else {
      if (begun === null || !continues(reply, begun.have, begun.version)) {
        await file.discard();
        throw new FetchFailure('the archive changed it meanwhile', { again: true });
      }
      ({ have } = begun);
      ({ length } = begun.version);
      await file.resume();
    }
    onBytes(have, length);
    for await (const piece of reply.body) {
      await file.write(piece);
      have += piece.length;
      onBytes(have, length);
    }
  } finally {
    reply.drop();
    await file.close();
  }
  if (length === null || have === length) return true;
  if (have > length) await file.discard();
  throw new FetchFailure(`${have} of ${length} bytes came`, { network: true, again: true });
}

/** Asks for the rest, or for the whole where the version is another one now. */
const rangeFrom = (have: number, { validator }: Version): Record<string, string> => ({
  range: `bytes=${have}-`,
  ...(validator === null ? {} : { 'if-range': validator }),
});

/** Whether a partial reply is the rest of what we have. */
function continues(reply: Reply, have: number, { length, validator }: Version): boolean {
  const [, from, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(reply.header('content-range') ?? '') ?? [];
  const now = validatorOf(reply);
  const same = validator === null || now === null || now === validator;
  return reply.status === 206 && Number(from) === have && Number(total) === length && same;
}

/** A weak ETag says nothing of bytes. */
function validatorOf(reply: Reply): string | null {
  const etag = reply.header('etag');
  return etag !== null && !etag.startsWith('W/') ? etag : reply.header('last-modified');
}

const wholeNumber = (text: string | null): number | null =>
  text !== null && /^\d+$/.test(text) ? Number(text) : null;
