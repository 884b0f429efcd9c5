/** What `run`, `compare`, `calibrate` and `stress` share: flags of a day that is replayed and written to a folder. */
import { dirname } from 'node:path';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Micros } from '../basics/instant.ts';
import { collected, DEFAULT_OUT, defaultWorkers, instantArgument, workersArgument } from './arguments.ts';
import { whileWriting } from './interrupt.ts';
import type { Output } from './output.ts';
import { type Progress, progressBar } from './progress.ts';

/** What is written, and whether somebody watches. */
export interface WritingFlags {
  readonly out: string;
  readonly progress: boolean;
  readonly json?: true;
}

export interface DayFlags extends WritingFlags {
  readonly override: readonly string[];
  readonly from?: Micros;
  readonly until?: Micros;
  readonly data?: string;
  readonly cache: string;
  readonly seed?: string;
  /** Of a command that has the option. */
  readonly workers: number;
}

/**
 * Adds the shared options, after those that a command has alone.
 *
 * @param where    what an override changes: `in all worlds`
 * @param workers  what threads do at the same time; null: the command has no workers
 */
export function addDayOptions(command: CommandUnknownOpts, where: string, workers: string | null): void {
  command
    .option('--override <path=value>', `change a rule or an assumption${where} (repeatable)`, collected, [])
    .option('--from <time>', 'start later than the scenario does (UTC)', instantArgument)
    .option('--until <time>', 'end earlier than the scenario does (UTC)', instantArgument)
    .option('--data <folder>', 'where the data files are (or CASCADE_DATA)')
    .option('--out <folder>', 'where results and reports go', DEFAULT_OUT)
    .option('--cache <folder>', 'where folded input is kept for the next run', 'data/frames')
    .option('--seed <text>', "seed of every draw, instead of the scenario's");
  if (workers !== null)
    command.option('--workers <n>', `${workers} at the same time`, workersArgument, defaultWorkers());
  addTelling(command);
}

/** How a command tells what it does and what it found. */
export const addTelling = (command: CommandUnknownOpts): CommandUnknownOpts =>
  command
    .option('--no-progress', 'no progress bar (there is none unless stderr is a terminal)')
    .option('--json', 'print the result as JSON; errors too, on stderr');

/** The shared flags as studies take them. */
export function dayOf(flags: DayFlags, scenario: string, { env }: Output) {
  const { from, until, seed, override, data, out, cache, workers } = flags;
  return {
    scenario,
    overrides: override,
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(seed === undefined ? {} : { seed }),
    dataDir: data ?? env.CASCADE_DATA ?? dirname(scenario),
    outDir: out,
    cacheDir: cache,
    workers,
  };
}

/** Does work that writes below `out`: with a bar while somebody watches, undone where it is interrupted. */
export async function writing<T>(
  flags: WritingFlags,
  output: Output,
  work: (report: Progress['report']) => Promise<T>,
): Promise<T> {
  const progress = progressBar(flags.progress && output.watched);
  const ignore = whileWriting(flags.out, output);
  try {
    return await work(progress.report);
  } finally {
    progress.stop();
    ignore();
  }
}
