/** Content hashes: sha256 of bytes, of files, and of plain data in one canonical spelling. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** sha256 as 64 hex digits. */
export const sha256 = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');

/** sha256 of a file's bytes, streamed. */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

/** JSON with keys in code-unit order at every level, so that equal data have equal text. */
export function canonicalJson(data: unknown): string {
  return JSON.stringify(data, (_key, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
