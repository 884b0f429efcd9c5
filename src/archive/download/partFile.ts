/**
 * A file on its way: `<name>.part` grows, `<name>.part.json` says of which version it is a part, and
 * only a whole and proven one gets its name. So the name is the proof, and a download may end anywhere.
 */
import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asStoreError } from '../../results/runFolder.ts';

/** Which version of a file it is. */
export interface Version {
  readonly length: number;
  /** Strong ETag or time of change, as the server told it; null when it told neither. */
  readonly validator: string | null;
}

export class PartFile {
  /** Final place. */
  readonly target: string;
  readonly part: string;
  private readonly note: string;
  private handle: FileHandle | null = null;

  constructor(target: string) {
    this.target = target;
    this.part = `${target}.part`;
    this.note = `${target}.part.json`;
  }

  /** What is there of which version; null: nothing that can be continued. @throws ReplayError RESULT_STORE */
  async begun(): Promise<{ readonly have: number; readonly version: Version } | null> {
    return this.onDisk(async () => {
      const version = existsSync(this.note) ? versionIn(await readFile(this.note, 'utf8')) : null;
      if (version === null || !existsSync(this.part)) return null;
      const have = (await stat(this.part)).size;
      return have > 0 && have <= version.length ? { have, version } : null;
    });
  }

  /** Opens it for what follows the bytes that are there. @throws ReplayError RESULT_STORE */
  async resume(): Promise<void> {
    this.handle = await this.onDisk(() => open(this.part, 'a'));
  }

  /**
   * Starts anew. The note comes last: a part never has the note of another version.
   *
   * @param version  null when the server does not tell the length: then it cannot be continued
   * @throws ReplayError RESULT_STORE
   */
  async restart(version: Version | null): Promise<void> {
    await this.onDisk(async () => {
      await mkdir(dirname(this.target), { recursive: true });
      await rm(this.note, { force: true });
      this.handle = await open(this.part, 'w');
      if (version !== null) await writeFile(this.note, JSON.stringify(version));
    });
  }

  /** @throws ReplayError RESULT_STORE */
  async write(bytes: Uint8Array): Promise<void> {
    await this.onDisk(async () => void (await this.handle?.writeFile(bytes)));
  }

  /** After the last write, or after a failed one. */
  async close(): Promise<void> {
    await this.handle?.close();
    this.handle = null;
  }

  /** Deletes what is there. @throws ReplayError RESULT_STORE */
  async discard(): Promise<void> {
    await this.onDisk(async () => {
      await rm(this.part, { force: true });
      await rm(this.note, { force: true });
    });
  }

  /** A proven part gets its name; it is on the disk by then. @throws ReplayError RESULT_STORE */
  async publish(): Promise<number> {
    return this.onDisk(async () => {
      const { size } = await stat(this.part);
      await synced(this.part);
      await rename(this.part, this.target);
      await synced(dirname(this.target));
      await rm(this.note, { force: true });
      return size;
    });
  }

  /** Whether the file is there; what a killed process left beside it goes. */
  async published(): Promise<boolean> {
    if (!existsSync(this.target)) return false;
    await this.discard();
    return true;
  }

  private async onDisk<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw asStoreError(error, this.target);
    }
  }
}

async function synced(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A note that a killed process left half is none. */
function versionIn(text: string): Version | null {
  try {
    const { length, validator } = JSON.parse(text) as Version;
    const sound = Number.isSafeInteger(length) && (validator === null || typeof validator === 'string');
    return sound ? { length, validator } : null;
  } catch {
    return null;
  }
}
