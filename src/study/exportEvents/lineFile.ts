/** A file of lines that appears whole or not at all: written beside its place and moved there at the end. */
import { closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { ReplayError } from '../../basics/errors.ts';
import { asStoreError } from '../../results/runFolder.ts';

/** Text gathered before it is written. */
const BUFFER_CHARS = 1 << 16;

export class LineFile {
  readonly file: string;
  private readonly partial: string;
  private readonly handle: number;
  private buffer = '';

  /** @throws ReplayError RESULT_STORE when the file exists or cannot be made */
  constructor(file: string) {
    this.file = file;
    this.partial = `${file}.partial`;
    if (existsSync(file)) {
      const remedy = 'Delete it, or name another file with --out.';
      throw new ReplayError('RESULT_STORE', 'the file exists already', { file }, remedy);
    }
    this.handle = this.guarded(() => openSync(this.partial, 'w'));
  }

  /** Adds a line. @throws ReplayError RESULT_STORE when the disk refuses */
  line(text: string): void {
    this.buffer += `${text}\n`;
    if (this.buffer.length >= BUFFER_CHARS) this.flush();
  }

  /** Moves the file to its place. */
  publish(): void {
    this.flush();
    this.guarded(() => {
      closeSync(this.handle);
      renameSync(this.partial, this.file);
    });
  }

  /** Deletes what was written. */
  abandon(): void {
    rmSync(this.partial, { force: true });
  }

  private flush(): void {
    this.guarded(() => writeSync(this.handle, this.buffer));
    this.buffer = '';
  }

  private guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw asStoreError(error, this.file);
    }
  }
}
