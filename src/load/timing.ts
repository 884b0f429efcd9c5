/**
 * Which series follows whose timing inside a bar (assumption `timing`):
 *
 *   common             one series, the finest of the event, turns by the sign of its own bars (or is
 *                      recorded trade by trade); every other one is bent along it
 *   openHighLowClose   all series of a market are first aggregated to the coarsest interval among
 *   openLowHighClose   those that enter its mark, then all turn together: high first, low first, or
 *   bySign             low first where the perpetual's bar rises
 *
 * Recorded trades keep their own times under `common`: there is nothing to assume.
 */
import { invariant, ReplayError } from '../basics/errors.ts';
import { formatDuration } from '../basics/instant.ts';
import type { BeatGrid } from '../clock/beats.ts';
import type { Path } from '../clock/fold.ts';
import type { Timing } from '../rules/assumptions.ts';
import type { StreamSpec } from '../rules/facts.ts';
import type { Bars } from './candles.ts';
import { aggregate, barsOfPath, bend, foldBars, straight, thirds, type TurningPoints } from './withinBar.ts';

/** A price stream as read: bars, or a path that was recorded trade by trade. */
export interface PriceStream {
  readonly spec: StreamSpec;
  readonly data:
    | { readonly kind: 'bars'; readonly bars: Bars }
    | { readonly kind: 'path'; readonly path: Path };
}

const intervalOf = (stream: PriceStream): number =>
  stream.data.kind === 'bars' ? stream.data.bars.intervalUs : 0;
const entersMark = (stream: PriceStream): boolean =>
  ['perp', 'constituent', 'reference', 'index'].includes(stream.spec.role);

/**
 * Paths of all price streams by stream id.
 *
 * @param timingStream   id of the series to follow under `common`; '' is the finest
 * @param reconstructed  the seeded path of an `anchors` scenario, which then leads under `common`
 * @throws ReplayError SCENARIO_INVALID when intervals are no multiples of each other
 */
export function pathsOf(
  streams: readonly PriceStream[],
  options: { grid: BeatGrid; timing: Timing; timingStream: string; reconstructed: Path | null },
): Map<string, Path> {
  const { grid, timing } = options;
  if (streams.length === 0) return new Map();
  if (timing === 'common') return commonPaths(streams, options);
  const paths = new Map<string, Path>();
  for (const market of new Set(streams.map((stream) => stream.spec.market))) {
    const own = streams.filter((stream) => stream.spec.market === market);
    for (const [id, path] of togetherPaths(own, grid, timing)) paths.set(id, path);
  }
  return paths;
}

/** The series that all others follow under `common`: as named, else the finest, the perpetual first. */
export function leaderOf(streams: readonly PriceStream[], timingStream: string): PriceStream {
  const named = streams.find((stream) => stream.spec.id === timingStream);
  if (named !== undefined) return named;
  if (timingStream !== '') {
    throw new ReplayError(
      'SCENARIO_INVALID',
      `timingStream ${timingStream} is no price stream.`,
      { path: 'facts.timingStream' },
      `Name one of ${streams.map((s) => s.spec.id).join(', ')}.`,
    );
  }
  const candidates = streams.filter(entersMark).length > 0 ? streams.filter(entersMark) : streams;
  const rank = (stream: PriceStream): number =>
    intervalOf(stream) * 2 + (stream.spec.role === 'perp' ? 0 : 1);
  return candidates.reduce((best, stream) => (rank(stream) < rank(best) ? stream : best));
}

function commonPaths(
  streams: readonly PriceStream[],
  { grid, timingStream, reconstructed }: { grid: BeatGrid; timingStream: string; reconstructed: Path | null },
): Map<string, Path> {
  const leader = leaderOf(streams, timingStream);
  const lead = reconstructed ?? pathOfLeader(leader, grid);
  const leadUs = reconstructed === null ? intervalOf(leader) : 0;
  return new Map(
    streams.map((stream) => {
      if (stream.data.kind === 'path') return [stream.spec.id, stream.data.path];
      if (stream === leader && reconstructed === null) return [stream.spec.id, lead];
      const bars = stream.data.bars.intervalUs < leadUs ? atLeast(stream, leadUs) : stream.data.bars;
      invariant(bars.intervalUs >= leadUs, 'no series is finer than the one whose timing all follow');
      return [
        stream.spec.id,
        bars.intervalUs <= grid.beatUs ? foldBars(bars, grid) : bend(bars, grid, lead, isLean(stream)),
      ];
    }),
  );
}

/** Of constituents, references and marks only the last price of a beat is looked at. */
const isLean = ({ spec }: PriceStream): boolean => ['constituent', 'reference', 'mark'].includes(spec.role);

function pathOfLeader(leader: PriceStream, grid: BeatGrid): Path {
  if (leader.data.kind === 'path') return leader.data.path;
  const { bars } = leader.data;
  return bars.intervalUs <= grid.beatUs ? foldBars(bars, grid) : straight(bars, grid, bySign(bars));
}

/** Low first where the bar rises or stands, high first where it falls. */
const bySign =
  (bars: Bars) =>
  (bar: number, beats: number): TurningPoints =>
    thirds(beats, bars.close[bar]! >= bars.open[bar]!);

/** All series of one market, turning together at the coarsest interval of those that enter its mark. */
function togetherPaths(streams: readonly PriceStream[], grid: BeatGrid, timing: Timing): Map<string, Path> {
  const entering = streams.filter(entersMark);
  const coarsestUs = Math.max(0, ...entering.map(intervalOf));
  const nothingToAssume = coarsestUs <= grid.beatUs;
  if (nothingToAssume) return commonPaths(streams, { grid, timingStream: '', reconstructed: null });
  const lead = entering.find((stream) => stream.spec.role === 'perp') ?? entering[0]!;
  const leadBars = atCoarsest(lead, grid, coarsestUs);
  const turns = (bar: number, beats: number): TurningPoints =>
    timing === 'bySign' ? bySign(leadBars)(bar, beats) : thirds(beats, timing === 'openLowHighClose');
  const leadPath = straight(leadBars, grid, turns);
  return new Map(
    streams.map((stream) => {
      if (stream === lead) return [stream.spec.id, leadPath];
      const isReference = intervalOf(stream) > coarsestUs; // a recorded mark or rate, never part of a mark
      invariant(!isReference || !entersMark(stream), 'every series of a mark turns on one interval');
      if (isReference && stream.data.kind === 'bars')
        return [stream.spec.id, bend(stream.data.bars, grid, leadPath)];
      return [stream.spec.id, straight(atCoarsest(stream, grid, coarsestUs), grid, turns)];
    }),
  );
}

const atCoarsest = (stream: PriceStream, grid: BeatGrid, intervalUs: number): Bars =>
  stream.data.kind === 'path' ? barsOfPath(stream.data.path, grid, intervalUs) : atLeast(stream, intervalUs);

function atLeast(stream: PriceStream, intervalUs: number): Bars {
  invariant(stream.data.kind === 'bars', 'only bars are aggregated here');
  const { bars } = stream.data;
  if (intervalUs % bars.intervalUs === 0) return aggregate(bars, intervalUs);
  throw new ReplayError(
    'SCENARIO_INVALID',
    `Stream ${stream.spec.id}: ${formatDuration(bars.intervalUs)} do not divide ${formatDuration(intervalUs)}.`,
    { path: `facts.streams.${stream.spec.id}.interval` },
    'Use streams whose intervals are multiples of each other.',
  );
}
