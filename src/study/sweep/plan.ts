/**
 * A sweep as a list of shards. A shard is one pass: up to `perPass` points with one seed, and its name is a
 * digest of everything that its rows depend on: scenario and data, points, seed, code. It is done or not
 * done; who did it, when, and beside what else, does not matter.
 */
import { canonicalJson, sha256 } from '../../basics/digest.ts';
import { ReplayError } from '../../basics/errors.ts';
import { exp, log } from '../../basics/maths.ts';
import type { Scenario } from '../../rules/scenario.ts';
import { hypercube } from '../compare/draws.ts';
import { pointsAlong } from '../frontier/parameter.ts';
import type { Point, Stage, StageOptions } from './stage.ts';
import type { SweepFile } from './sweepSchema.ts';

export interface Setting {
  readonly path: string;
  readonly value: string;
}

/** One point of the sweep, with every seed a world of its own. */
export interface SweepPoint {
  readonly settings: readonly Setting[];
  readonly point: Point;
}

/** What a worker gets. Plain data. */
export interface ShardJob {
  readonly key: string;
  /** Digest of scenario, rules, data and code, for a worker on another machine to compare with its own. */
  readonly base: string;
  readonly stage: StageOptions;
  readonly points: readonly Point[];
}

export interface Shard {
  readonly job: ShardJob;
  readonly seed: string;
  /** Number of the first point. */
  readonly from: number;
}

/** Points in the order of the file: of a grid the last parameter moves fastest. @throws as pointsAlong does */
export function pointsOf(sweep: SweepFile, scenario: Scenario): SweepPoint[] {
  return settingsOf(sweep).map((settings) => {
    const parts = settings.map(({ path, value }) => {
      try {
        return pointsAlong(path, scenario)(value);
      } catch (error) {
        throw inFile(error, sweep, [{ path, value }]);
      }
    });
    return {
      settings,
      point: {
        overrides: parts.flatMap(({ overrides }) => overrides),
        shocks: parts.flatMap(({ shocks }) => shocks),
      },
    };
  });
}

/** As many points as are read before the first pass, at some ten milliseconds each. */
const READ_MOST = 100;

/**
 * Reads points that together hold every value, so that a wrong one is told before hours of passes.
 *
 * @throws ReplayError of the first that cannot be replayed, with its settings and its place in the file
 */
export async function refuseWrong(
  own: Stage,
  sweep: SweepFile,
  points: readonly SweepPoint[],
): Promise<void> {
  const seen = new Set<string>();
  const isFresh = ({ path, value }: Setting): boolean => {
    const before = seen.size;
    return seen.add(`${path}=${value}`).size > before;
  };
  const first = points.filter(({ settings }) => settings.filter(isFresh).length > 0);
  for (const { settings, point } of first.slice(0, READ_MOST)) {
    await own.refuse(point).catch((error: unknown) => {
      throw inFile(error, sweep, settings);
    });
  }
}

/** An error of a point as one of the sweep's file. */
function inFile(error: unknown, { file, row }: SweepFile, settings: readonly Setting[]): unknown {
  if (!(error instanceof ReplayError)) return error;
  const path = settings.map((s) => `${s.path}=${s.value}`).join(', ');
  return new ReplayError(error.code, error.message, { file, row, path }, error.remedy);
}

function settingsOf({ grid, list, latin }: SweepFile): Setting[][] {
  if (grid !== undefined) {
    return Object.entries(grid).reduce<Setting[][]>(
      (rows, [path, values]) => rows.flatMap((row) => values.map((value) => [...row, { path, value }])),
      [[]],
    );
  }
  if (list !== undefined)
    return list.map((row) => Object.entries(row).map(([path, value]) => ({ path, value })));
  const { points, seed, ranges, log: logs } = latin!;
  const columns = Object.entries(ranges).map(([path, [low, high]]) => {
    const between = logs.includes(path) ? geometric : arithmetic;
    return hypercube(seed, path, points).map((u) => ({ path, value: between(u, Number(low), Number(high)) }));
  });
  return Array.from({ length: points }, (_, i) => columns.map((column) => column[i]!));
}

const PLACES = 8;
const arithmetic = (u: number, low: number, high: number): string => (low + u * (high - low)).toFixed(PLACES);
const geometric = (u: number, low: number, high: number): string =>
  exp(log(low) + u * (log(high) - log(low))).toFixed(PLACES);

/**
 * Shards of a sweep, seed by seed.
 *
 * @param base  digest of scenario, rules, data and code
 */
export function shardsOf(o: {
  readonly sweep: SweepFile;
  readonly points: readonly SweepPoint[];
  readonly stage: Omit<StageOptions, 'seed'>;
  readonly base: string;
}): Shard[] {
  const { sweep, points, stage, base } = o;
  return sweep.seeds.flatMap((seed, k) =>
    Array.from({ length: Math.ceil(points.length / sweep.perPass) }, (_, i): Shard => {
      const from = i * sweep.perPass;
      const own = points.slice(from, from + sweep.perPass).map(({ point }) => point);
      const { overrides, shocks, feedback, t0, from: fromUs = null, until: untilUs = null } = stage;
      const person = sweep.members === null ? {} : { member: sweep.members[k]! };
      const key = sha256(
        canonicalJson({
          base,
          seed,
          points: own,
          overrides,
          shocks,
          feedback,
          t0,
          fromUs,
          untilUs,
          ...person,
        }),
      );
      return { seed, from, job: { key, base, stage: { ...stage, seed, ...person }, points: own } };
    }),
  );
}
