/**
 * A download: which files are still to come, some at a time, and what became of each. One that is
 * killed at any moment is continued by the same call.
 */
import { existsSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ReplayError } from '../../basics/errors.ts';
import { asStoreError, lock } from '../../results/runFolder.ts';
import type { Archive, Day, Wanted, Wish } from './archive.ts';
import { fetchFile } from './fetchFile.ts';
import { FetchFailure, Http } from './http.ts';
import { Meter } from './meter.ts';
import { PartFile } from './partFile.ts';

export interface DownloadRequest {
  readonly archive: Archive;
  readonly wish: Wish;
  /** Files land below it in the archive's own folders. */
  readonly outDir: string;
  /** A mirror of the archive; null: the archive. */
  readonly baseUrl: string | null;
  /** Files at a time. */
  readonly parallel: number;
  /** Further tries of a file. */
  readonly retries: number;
  /** Pause before the second try, doubled for each further one. */
  readonly firstPauseMs?: number;
  /** How long a server may be silent. */
  readonly idleMs?: number;
  /** In bytes; the total is an estimate until every file has begun. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Downloaded {
  readonly folder: string;
  readonly fetched: readonly { readonly file: string; readonly bytes: number }[];
  /** Files that were there already. */
  readonly present: readonly string[];
  /** What the archive does not have. */
  readonly absent: readonly { readonly label: string; readonly days: readonly Day[] }[];
  /** What did not come, with the reason; the same call tries it again. */
  readonly failed: readonly { readonly file: string; readonly url: string; readonly reason: string }[];
}

const FIRST_PAUSE_MS = 500;
const IDLE_MS = 60_000;

/**
 * Downloads what is wished and not there yet.
 *
 * @returns  what came, what was there, what the archive does not have, what failed; each by path
 * @throws ReplayError SCENARIO_INVALID when the wish fits no archive, RESULT_STORE when the disk refuses
 *         or another process downloads into the same folder
 */
export async function download(request: DownloadRequest): Promise<Downloaded> {
  const { archive, wish, outDir } = request;
  if (wish.fromUs >= wish.untilUs)
    throw new ReplayError('SCENARIO_INVALID', 'no day to download', {}, '--until is the day after the last.');
  const files = archive.filesOf(wish);
  const http = new Http({
    baseUrl: request.baseUrl ?? archive.baseUrl,
    parallel: request.parallel,
    retries: request.retries,
    firstPauseMs: request.firstPauseMs ?? FIRST_PAUSE_MS,
    idleMs: request.idleMs ?? IDLE_MS,
  });
  const lockFile = join(outDir, `.${archive.name}.lock`);
  try {
    await mkdir(outDir, { recursive: true });
    lock(lockFile, 'another download writes into the same folder');
  } catch (error) {
    await http.close();
    throw asStoreError(error, outDir);
  }
  const release = (): void => rmSync(lockFile, { force: true });
  process.once('exit', release); // Ctrl-C ends the process from within
  try {
    return await new Download(request, http).run(files);
  } finally {
    await http.close();
    process.off('exit', release);
    release();
  }
}

class Download {
  private readonly request: DownloadRequest;
  private readonly http: Http;
  private readonly meter: Meter;
  private readonly fetched: { file: string; bytes: number }[] = [];
  private readonly present = new Set<string>();
  private readonly absent: { label: string; days: readonly Day[] }[] = [];
  private readonly failed: { file: string; url: string; reason: string }[] = [];

  constructor(request: DownloadRequest, http: Http) {
    this.request = request;
    this.http = http;
    this.meter = new Meter((done, total) => request.onProgress?.(done, total));
  }

  async run(files: readonly Wanted[]): Promise<Downloaded> {
    // months that the archive does not have come back as days, in a second wave
    let wave = await this.missing(files);
    while (wave.length > 0) {
      this.meter.expect(wave);
      const queue = [...wave];
      const further: Wanted[] = [];
      const worker = async (): Promise<void> => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift())
          further.push(...(await this.one(next)));
      };
      const ended = await Promise.allSettled(Array.from({ length: this.request.parallel }, worker));
      for (const end of ended) if (end.status === 'rejected') throw end.reason;
      wave = await this.missing(further);
    }
    const byFile = <T extends { file: string }>(rows: T[]): T[] => rows.sort(by((row) => row.file));
    return {
      folder: this.request.outDir,
      fetched: byFile(this.fetched),
      present: [...this.present].sort(),
      absent: gathered(this.absent),
      failed: byFile(this.failed),
    };
  }

  /**
   * What is still to come. No day comes twice: a day whose month is there is not fetched, and a month
   * of which days are there is completed by days.
   */
  private async missing(files: readonly Wanted[]): Promise<Wanted[]> {
    const found: Wanted[] = [];
    for (const wanted of files) {
      const there = await this.thereAs(wanted);
      if (there !== null) this.present.add(there);
      else if (wanted.instead?.some((day) => existsSync(this.place(day.path))))
        found.push(...(await this.missing(await this.byDays(wanted))));
      else found.push(wanted);
    }
    return found;
  }

  private async thereAs({ path, month }: Wanted): Promise<string | null> {
    for (const one of month === undefined ? [path] : [path, month])
      if (await new PartFile(this.place(one)).published()) return one;
    return null;
  }

  private async byDays({ path, instead }: Wanted): Promise<readonly Wanted[]> {
    await new PartFile(this.place(path)).discard();
    return instead!;
  }

  private place(path: string): string {
    return join(this.request.outDir, path);
  }

  /** @returns  what to fetch instead of a month that the archive does not have */
  private async one(wanted: Wanted): Promise<readonly Wanted[]> {
    const before = this.http.answers;
    try {
      if (this.http.stopped) throw new FetchFailure('not tried: the server did not answer', { again: true });
      const bytes = await fetchFile(this.http, wanted, {
        target: this.place(wanted.path),
        onBytes: (have, length) => this.meter.at(wanted, have, length),
      });
      if (bytes !== null) {
        this.fetched.push({ file: wanted.path, bytes });
        return [];
      }
      this.meter.drop(wanted);
      if (wanted.instead === undefined) this.absent.push({ label: wanted.label, days: wanted.days });
      return wanted.instead ?? [];
    } catch (error) {
      this.meter.drop(wanted);
      if (!(error instanceof FetchFailure)) {
        this.http.stop();
        throw error;
      }
      this.failed.push({ file: wanted.path, url: this.http.urlOf(wanted.path), reason: error.message });
      // nobody was answered all the while: the others need not wait as long
      if (error.network && this.http.answers === before) this.http.stop();
      return [];
    }
  }
}

const by =
  <T>(key: (row: T) => string) =>
  (a: T, b: T): number =>
    key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;

/** One line a label, its days in order. */
function gathered(rows: readonly { label: string; days: readonly Day[] }[]): Downloaded['absent'] {
  const labels = new Map<string, Day[]>();
  for (const { label, days } of rows) labels.set(label, [...(labels.get(label) ?? []), ...days]);
  return [...labels].map(([label, days]) => ({ label, days: days.sort() })).sort(by((row) => row.label));
}
