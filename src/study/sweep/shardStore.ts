/**
 * Shards on disk, by their keys: written beside their place and moved there whole, so that a process that
 * is killed leaves a shard done or not begun. A file that is there is the answer; nothing else is kept.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ReplayError } from '../../basics/errors.ts';
import { asStoreError } from '../../results/runFolder.ts';
import type { DoneShard } from './shard.ts';

const FAN = 2;

export class ShardStore {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  has(key: string): boolean {
    return existsSync(this.fileOf(key));
  }

  /** Stores a shard's text whole. @throws ReplayError RESULT_STORE when the disk refuses */
  put(key: string, text: string): void {
    const file = this.fileOf(key);
    const partial = `${file}.${process.pid}.partial`;
    try {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(partial, text);
      renameSync(partial, file);
    } catch (error) {
      rmSync(partial, { force: true });
      throw asStoreError(error, file);
    }
  }

  /** A stored shard. @throws ReplayError RESULT_STORE when it is not there or not what its name says */
  get(key: string): DoneShard {
    const file = this.fileOf(key);
    try {
      const done = JSON.parse(readFileSync(file, 'utf8')) as DoneShard;
      if (done.format === 1 && done.key === key) return done;
    } catch {
      // told below, as what is there but is not this shard
    }
    throw new ReplayError(
      'RESULT_STORE',
      'a stored part of the sweep cannot be read',
      { file },
      'Delete the file and start the sweep again: the part is computed anew.',
    );
  }

  private fileOf(key: string): string {
    return join(this.folder, key.slice(0, FAN), `${key}.json`);
  }
}
