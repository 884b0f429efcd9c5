/**
 * The door of this room: a scenario's facts become frames, from the cache where nothing changed. The
 * check of data without a run walks the same way with a judge that notes instead of throwing.
 */
import { canonicalJson, sha256 } from '../basics/digest.ts';
import { type DuckDBInstance, openDuckDb } from '../basics/duckdb.ts';
import { ReplayError } from '../basics/errors.ts';
import { type BeatGrid, gridOf } from '../clock/beats.ts';
import { FOLD_VERSION } from '../clock/fold.ts';
import { hashInputs, readCache, writeCache } from '../clock/frameCache.ts';
import type { Frames } from '../clock/frames.ts';
import type { Timing } from '../rules/assumptions.ts';
import type { Facts, StreamSpec } from '../rules/facts.ts';
import { assemble, checkQuotes } from './assemble.ts';
import type { OnProgress } from './parquet.ts';
import { type Finding, Judge, type Met } from './quality.ts';
import { type LoadedStream, readStream } from './readStream.ts';
import { type Files, filesOf, type Places } from './source.ts';

export interface LoadOptions extends Places {
  readonly timing: Timing;
  /** Seed of a reconstruction; without anchors it changes nothing. */
  readonly seed: string;
  /** Bars of a perpetual get a drawn path too, as figures do; absent: their timing. */
  readonly drawn?: true;
  /** Folder of cached frames; '' keeps none. */
  readonly cacheDir: string;
  readonly onProgress?: OnProgress | undefined;
}

let opened = 0;

/** Frame sets that this thread has opened so far, from the cache or from their sources. */
export const framesOpened = (): number => opened;

/**
 * Frames of a scenario's facts.
 *
 * @returns  the same frames, by `framesDigest`, whether folded or cached
 * @throws ReplayError DATA_MISSING, DATA_SCHEMA, DATA_DISORDER, DATA_GAP with file and row, RESULT_MISMATCH
 *         when rows were lost on the way, SCENARIO_INVALID when the facts contradict each other
 */
export async function loadFrames(facts: Facts, options: LoadOptions): Promise<Frames> {
  const grid = gridOf(facts.fromUs, facts.untilUs, facts.beatUs);
  checkQuotes(facts);
  const files = new Map(facts.streams.map((spec) => [spec.id, filesOf(spec.path, options)]));
  const hashes = await hashInputs(
    [...files.values()].flatMap((own) => own.files),
    options.cacheDir,
  );
  const key = keyOf(
    facts,
    options,
    [...files].map(([id, own]) => [id, own.files.map((file) => hashes.get(file)!)]),
  );
  const cached = options.cacheDir === '' ? null : await readCache(key, options.cacheDir);
  if (cached !== null) {
    opened++;
    return cached;
  }
  const loaded = await withDuckDb((instance) =>
    readAll({ instance, facts, grid, files, hashes, onProgress: options.onProgress }),
  );
  const { timing, seed, drawn = false } = options;
  const frames = assemble(loaded, { facts, grid, timing, seed, key, drawn });
  opened++;
  if (options.cacheDir !== '') await writeCache(frames, options.cacheDir);
  return frames;
}

/** Everything that frames depend on; not where the files lie, nor what a source is called. */
function keyOf(
  facts: Facts,
  { timing, seed, drawn }: LoadOptions,
  hashes: readonly (readonly [string, readonly string[]])[],
): string {
  const { fromUs, untilUs, beatUs, markets, timingStream, quote, outages } = facts;
  const streams = facts.streams.map(({ path: _path, source: _source, ...spec }) => spec);
  const isSeeded = drawn === true || facts.streams.some((spec) => spec.kind === 'anchors');
  return sha256(
    canonicalJson({
      version: FOLD_VERSION,
      fromUs,
      untilUs,
      beatUs,
      timingStream,
      quote,
      outages,
      streams,
      hashes,
      timing,
      markets,
      seed: isSeeded ? seed : '',
      ...(drawn === undefined ? {} : { drawn }),
    }),
  );
}

async function withDuckDb<T>(run: (instance: DuckDBInstance) => Promise<T>): Promise<T> {
  const instance = await openDuckDb();
  try {
    return await run(instance);
  } finally {
    instance.closeSync();
  }
}

interface ReadAll {
  readonly instance: DuckDBInstance;
  readonly facts: Facts;
  readonly grid: BeatGrid;
  readonly files: ReadonlyMap<string, Files>;
  readonly hashes: ReadonlyMap<string, string>;
  readonly onProgress: OnProgress | undefined;
}

async function readAll(all: ReadAll): Promise<LoadedStream[]> {
  const loaded: LoadedStream[] = [];
  for (const spec of all.facts.streams) {
    loaded.push(
      await readStream(spec, { ...all, files: all.files.get(spec.id)!, judge: new Judge(spec, true) }),
    );
  }
  return loaded;
}

/**
 * Looks through a scenario's data without a run.
 *
 * @returns  every kind of problem of every stream, with its number and the first place; empty: sound
 * @throws ReplayError SCENARIO_INVALID when the facts contradict each other
 */
export async function checkData(facts: Facts, places: Places): Promise<Finding[]> {
  const grid = gridOf(facts.fromUs, facts.untilUs, facts.beatUs);
  checkQuotes(facts);
  return withDuckDb(async (instance) => {
    const findings: Finding[] = [];
    for (const spec of facts.streams)
      findings.push(...(await checkStream(spec, { instance, facts, grid, places })));
    return findings;
  });
}

async function checkStream(
  spec: StreamSpec,
  {
    instance,
    facts,
    grid,
    places,
  }: { instance: DuckDBInstance; facts: Facts; grid: BeatGrid; places: Places },
): Promise<Finding[]> {
  const judge = new Judge(spec, false);
  const findings: Finding[] = [];
  try {
    const files = filesOf(spec.path, places);
    await readStream(spec, { instance, facts, grid, files, hashes: new Map(), judge, onProgress: undefined });
    for (const met of judge.met) findings.push(findingOf(spec, met, files));
  } catch (error) {
    if (!(error instanceof ReplayError)) throw error;
    findings.push(findingOf(spec, { problem: null, error, ordinal: null, count: 1 }, null));
  }
  return findings;
}

function findingOf(spec: StreamSpec, met: Met, files: Files | null): Finding {
  const { error, problem, count } = met;
  const place = met.place ?? error.place;
  return {
    stream: spec.id,
    problem,
    code: error.code,
    file: place.file ?? files?.files[0] ?? spec.path,
    row: place.row ?? null,
    message: error.message,
    remedy: error.remedy,
    accepted: problem !== null && spec.accept.includes(problem),
    count,
  };
}
