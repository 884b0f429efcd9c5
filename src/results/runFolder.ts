/**
 * The folder of a result, written beside its final place and moved there whole: a run that is
 * interrupted leaves nothing that looks like a result. One writer at a time, by a lock file.
 *
 *   <folder>           the result
 *   <folder>.partial   the run in progress
 *   <folder>.replaced  the former result while the new one moves in; put back if that fails
 *   <folder>.lock      process id of the writer
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ReplayError } from '../basics/errors.ts';

const storeError = (message: string, file: string, remedy: string): ReplayError =>
  new ReplayError('RESULT_STORE', message, { file }, remedy);

/** A failure of disk or store as the user meets it; errors that already have a code pass as they are. */
export function asStoreError(error: unknown, file: string): ReplayError {
  if (error instanceof ReplayError) return error;
  const reason = error instanceof Error ? error.message.split('\n')[0]! : String(error);
  return storeError(
    `the result cannot be written: ${reason}`,
    file,
    'Free space there, or choose another folder.',
  );
}

/** Whether a process of this id runs; a process that we may not signal runs too. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

const EMPTY_LOCK_MS = 100;

/** A lock that stays empty belongs to a process that was killed before it wrote its id: microseconds. */
function isHeld(file: string): boolean {
  const read = (): string => readFileSync(file, 'utf8').trim();
  if (read() === '') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, EMPTY_LOCK_MS);
  const text = read();
  return text !== '' && (!(Number(text) > 0) || isAlive(Number(text)));
}

/**
 * Creates a lock file with our process id, or takes over one whose process is gone.
 *
 * @param taken  what to say when another process holds it
 * @throws ReplayError RESULT_STORE then; a system error when the disk refuses
 */
export function lock(file: string, taken: string): void {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(file, `${process.pid}\n`, { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (isHeld(file)) break;
      rmSync(file, { force: true });
    }
  }
  throw storeError(
    taken,
    file,
    `Wait for it or choose another folder with --out; delete ${file} if none is going.`,
  );
}

/**
 * Deletes the runs that this process has in progress, and their locks: for a process that is told to
 * end. Other processes' runs and finished results stay.
 *
 * @param parent  folder that holds the runs; need not exist
 */
export function abandonOwn(parent: string): void {
  const names = existsSync(parent) ? readdirSync(parent) : [];
  for (const name of names.filter((n) => n.endsWith('.lock'))) {
    const file = join(parent, name);
    if (Number(readFileSync(file, 'utf8')) !== process.pid) continue;
    rmSync(file.replace(/\.lock$/, '.partial'), { recursive: true, force: true });
    rmSync(file, { force: true });
  }
}

/** What every result holds one of: a folder with neither was not made here. */
const MARKS = ['report.html', 'run.json'];

/** @throws ReplayError RESULT_STORE where a folder of this name holds something else */
function refuseForeign(folder: string): void {
  const names = existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder) : [];
  if (names.length === 0 || MARKS.some((mark) => names.includes(mark))) return;
  throw storeError(
    'a folder of this name is there and is no result',
    folder,
    'Nothing of it is touched: choose another folder with --out, or move it away.',
  );
}

/** One claimed folder. `publish` or `abandon` ends the claim. */
export class RunFolder {
  /** Final place. */
  readonly folder: string;
  /** Where the run in progress is written. */
  readonly partial: string;

  /** @throws ReplayError RESULT_STORE when another process writes there, the disk refuses, or it is no result */
  constructor(folder: string) {
    refuseForeign(folder);
    this.folder = folder;
    this.partial = `${folder}.partial`;
    try {
      mkdirSync(dirname(folder), { recursive: true });
      lock(`${folder}.lock`, 'another run writes the same result');
    } catch (error) {
      throw asStoreError(error, folder);
    }
    try {
      this.putBack();
      rmSync(this.partial, { recursive: true, force: true });
      mkdirSync(this.partial);
    } catch (error) {
      this.abandon();
      throw asStoreError(error, folder);
    }
  }

  /** Moves the run to its final place, in exchange for a former one. @throws ReplayError RESULT_STORE */
  publish(): void {
    const replaced = `${this.folder}.replaced`;
    try {
      if (existsSync(this.folder)) renameSync(this.folder, replaced);
      renameSync(this.partial, this.folder);
      rmSync(replaced, { recursive: true, force: true });
    } catch (error) {
      this.putBack();
      throw asStoreError(error, this.folder);
    } finally {
      this.release();
    }
  }

  /** Deletes the run in progress. */
  abandon(): void {
    rmSync(this.partial, { recursive: true, force: true });
    this.release();
  }

  /** A former result that was moved away and never replaced comes back. */
  private putBack(): void {
    const replaced = `${this.folder}.replaced`;
    if (!existsSync(replaced)) return;
    if (existsSync(this.folder)) rmSync(replaced, { recursive: true, force: true });
    else renameSync(replaced, this.folder);
  }

  private release(): void {
    rmSync(`${this.folder}.lock`, { force: true });
  }
}
