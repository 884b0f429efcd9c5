/**
 * What a run was made of, and the file that says so. The id of a run is a digest of these facts:
 * the same inputs, rules, assumptions, seed and code give the same id, and the same bytes.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, sha256 } from '../basics/digest.ts';
import { ReplayError } from '../basics/errors.ts';
import type { FundBalance, StreamProvenance } from '../clock/frames.ts';
import type { Assumptions } from '../rules/assumptions.ts';
import type { Facts } from '../rules/facts.ts';
import type { MarketId } from '../rules/market.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import type { Scenario } from '../rules/scenario.ts';
import type { ManifestRow } from './runTables.ts';

/** One world of a run, by its number. */
export interface WorldFacts {
  readonly world: number;
  readonly name: string;
  /** World whose flow history already contains; null for a baseline. */
  readonly baseline: number | null;
  /** false: the twin without price feedback. */
  readonly feedback: boolean;
  /** `path=value` overrides that made its rules or assumptions from the scenario's. */
  readonly overrides: readonly string[];
  readonly rules: RuleSet;
  readonly assumptions: Assumptions;
  readonly seed: string;
}

export interface RunFacts {
  /** The scenario as read, without the folder that it lies in: a result does not depend on it. */
  readonly scenario: Omit<Scenario, 'folder' | 'facts'> & { readonly facts: Omit<Facts, 'burnIn'> };
  /** Candles shorter than a day from which entries were drawn, by market: too many to list. */
  readonly burnIn?: Readonly<Record<MarketId, { readonly bars: number; readonly sha256: string }>>;
  readonly worlds: readonly WorldFacts[];
  readonly streams: readonly StreamProvenance[];
  /** Cache key of the frames: a digest of inputs, window, beat and fold. */
  readonly framesKey: string;
  /** Fund balances that the venue recorded; drawn beside ours. */
  readonly recordedFund?: readonly FundBalance[];
  /** Version of package.json and a digest of the source files. */
  readonly code: { readonly version: string; readonly digest: string };
}

export interface TableDigest {
  readonly rows: number;
  /** Digest of the contents, whatever the file format: see `contentDigest`. */
  readonly contents: string;
  /** sha256 of the Parquet file. */
  readonly parquet: string;
}

/** run.json. */
export interface RunFile {
  readonly format: 1;
  readonly id: string;
  readonly hashes: Readonly<Record<'facts' | 'rules' | 'assumptions' | 'streams', string>>;
  readonly facts: RunFacts;
  readonly tables: Readonly<Record<string, TableDigest>>;
  /** figureKey -> value of every figure that covers a whole run (bucket ''). */
  readonly headline: Readonly<Record<string, string>>;
}

const digestOf = (data: unknown): string => sha256(canonicalJson(data));

/** Id of a run: 16 hex digits of the digest of its facts. */
export const runId = (facts: RunFacts): string => digestOf(facts).slice(0, 16);

/** Digests of the parts, so that two runs can be told apart by what differs. */
export const partHashes = (facts: RunFacts): RunFile['hashes'] => ({
  facts: digestOf(facts.scenario.facts),
  rules: digestOf(facts.worlds.map((w) => w.rules)),
  assumptions: digestOf(facts.worlds.map((w) => [w.assumptions, w.seed])),
  streams: digestOf(facts.streams),
});

/** The facts as rows: one a leaf, dots between the parts of its path. */
export function manifestRows(facts: RunFacts): ManifestRow[] {
  const rows: ManifestRow[] = [{ key: 'id', value: runId(facts) }];
  const walk = (path: string, item: unknown): void => {
    if (item !== null && typeof item === 'object') {
      for (const [key, part] of Object.entries(item)) walk(path === '' ? key : `${path}.${key}`, part);
    } else {
      rows.push({ key: path, value: item === null ? '' : String(item) });
    }
  };
  walk('', JSON.parse(canonicalJson({ ...facts, hashes: partHashes(facts) })));
  return rows;
}

/** Text of run.json: keys in canonical order, indented for people. */
export const runFileText = (run: RunFile): string =>
  `${JSON.stringify(JSON.parse(canonicalJson(run)), null, 2)}\n`;

/**
 * run.json of a result. Exact amounts inside `facts` are texts, as in JSON.
 *
 * @throws ReplayError RESULT_STORE when the folder holds no result of this format
 */
export function readRun(folder: string): RunFile {
  const file = join(folder, 'run.json');
  const refuse = (why: string): ReplayError =>
    new ReplayError('RESULT_STORE', why, { file }, 'Name the folder of a finished run.');
  if (!existsSync(file)) throw refuse('there is no result here');
  let run: RunFile;
  try {
    run = JSON.parse(readFileSync(file, 'utf8')) as RunFile;
  } catch {
    throw refuse('run.json is no JSON');
  }
  if (run.format !== 1) throw refuse(`run.json has format ${run.format}, this version reads 1`);
  return run;
}
