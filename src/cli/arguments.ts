/** Reads what the user typed: instants, numbers, names of scenarios and runs. */
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { nearest, ReplayError } from '../basics/errors.ts';
import { type Micros, parseInstant } from '../basics/instant.ts';

/** Where the scenarios of this package lie. */
export const SCENARIO_FOLDER = fileURLToPath(new URL('../../scenarios', import.meta.url));

/** The scenario that needs no data files. */
export const DEFAULT_SCENARIO = '2020-03-12-btcusdt-reconstructed';

/** Folder of results where none is named. */
export const DEFAULT_OUT = 'reports';

/** `2020-03-12T10:00Z` as microseconds. @throws InvalidArgumentError with the form that is asked for */
export function instantArgument(text: string): Micros {
  try {
    return parseInstant(text);
  } catch {
    throw new InvalidArgumentError('Write a UTC time such as 2020-03-12T10:00Z.');
  }
}

/** A whole number of workers from 1 up. @throws InvalidArgumentError */
export function workersArgument(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('Write a whole number from 1 up.');
  return Number(text);
}

/** A whole number from 0 up; the study says how few are too few. @throws InvalidArgumentError */
export function countArgument(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Write a whole number.');
  return Number(text);
}

/** One worker a core that this process may use. */
export const defaultWorkers = (): number => availableParallelism();

/** What may become of accounts that some rules would liquidate at the first mark. */
export const ENTRIES = ['remove', 'topUp', 'keep'] as const;

/** One of them. @throws InvalidArgumentError */
export function entryArgument(text: string): (typeof ENTRIES)[number] {
  const found = ENTRIES.find((entry) => entry === text);
  if (found === undefined) throw new InvalidArgumentError(`Write one of: ${ENTRIES.join(', ')}.`);
  return found;
}

/** An option that may be given several times. */
export const collected = (text: string, before: readonly string[]): readonly string[] => [...before, text];

/** `BTCUSDT=BTCUSD`, added to the pairs before. @throws InvalidArgumentError */
export function pairArgument(
  text: string,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const [, ours, theirs] = /^([^=\s]+)=([^=\s]+)$/.exec(text) ?? [];
  if (ours === undefined || theirs === undefined) {
    throw new InvalidArgumentError('Write SCENARIO_MARKET=RULES_MARKET, for example BTCUSDT=BTCUSD.');
  }
  return { ...before, [ours]: theirs };
}

/** Ids of the scenarios in the package, in code-unit order. */
function scenarioIds(): string[] {
  const files = readdirSync(SCENARIO_FOLDER).filter((name) => name.endsWith('.yaml'));
  return files.map((name) => name.slice(0, -'.yaml'.length)).sort();
}

/** Whether a text names a file rather than an id: it has a `/` or an extension. */
export const isFileName = (text: string): boolean => /[/\\]|\.(ya?ml|json)$/.test(text);

/**
 * The file of a scenario.
 *
 * @param idOrPath  id of one in the package, or the path of a file
 * @throws ReplayError SCENARIO_INVALID with the nearest id
 */
export function scenarioPath(idOrPath: string): string {
  if (existsSync(idOrPath) || isFileName(idOrPath)) return idOrPath;
  const packaged = join(SCENARIO_FOLDER, `${idOrPath}.yaml`);
  if (existsSync(packaged)) return packaged;
  const ids = scenarioIds();
  const best = nearest(idOrPath, ids);
  const remedy = `${best === null ? '' : `Did you mean ${best}? `}Name a file, or one of: ${ids.join(', ')}.`;
  throw new ReplayError('SCENARIO_INVALID', `no such scenario: ${idOrPath}`, {}, remedy);
}

/** The folder of a finished run: a path, or its id below reports/. @throws InvalidArgumentError */
export function runArgument(text: string): string {
  const isRun = (folder: string): boolean => existsSync(join(folder, 'run.json'));
  const below = join(DEFAULT_OUT, text);
  if (isRun(text)) return text;
  if (isRun(below)) return below;
  const names = existsSync(DEFAULT_OUT) ? readdirSync(DEFAULT_OUT) : [];
  const runs = names.filter((name) => isRun(join(DEFAULT_OUT, name))).sort();
  const best = nearest(basename(text), runs);
  const known = runs.length === 0 ? '' : ` Runs in ${DEFAULT_OUT}: ${runs.slice(0, 8).join(', ')}.`;
  const near = best === null ? known : ` Did you mean ${join(DEFAULT_OUT, best)}?`;
  throw new InvalidArgumentError(`There is no finished run.${near}`);
}
