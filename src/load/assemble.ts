/** From streams to frames: which path serves which market and constituent, and how quotes meet. */
import { ReplayError } from '../basics/errors.ts';
import type { BeatGrid } from '../clock/beats.ts';
import type { Path } from '../clock/fold.ts';
import type { ConstituentFrames, Frames, MarketFrames } from '../clock/frames.ts';
import { mergeSideTables } from '../clock/sideTables.ts';
import type { Timing } from '../rules/assumptions.ts';
import type { Facts, QuotePolicy, StreamSpec } from '../rules/facts.ts';
import type { MarketId } from '../rules/market.ts';
import type { LoadedStream } from './readStream.ts';
import { seededPath } from './reconstruct.ts';
import { pathsOf, type PriceStream } from './timing.ts';
import type { Units } from './units.ts';
import { bend } from './withinBar.ts';

const isConstituent = (spec: StreamSpec): boolean => spec.role === 'constituent' || spec.role === 'index';

/**
 * Constituents of one index must speak one currency, or the scenario says how they meet.
 *
 * @throws ReplayError SCENARIO_INVALID naming two that do not
 */
export function checkQuotes(facts: Facts): void {
  for (const market of Object.keys(facts.markets)) {
    const policy = policyOf(facts, market);
    const own = facts.streams.filter((spec) => spec.market === market && isConstituent(spec));
    if (policy.kind === 'asIs') continue;
    const quoteOf = (spec: StreamSpec): string =>
      policy.kind === 'convert' && spec.quote === policy.from ? policy.to : spec.quote;
    const other = own.find((spec) => quoteOf(spec) !== quoteOf(own[0]!));
    if (other !== undefined) {
      throw new ReplayError(
        'SCENARIO_INVALID',
        `The index of ${market} mixes ${own[0]!.id} in ${own[0]!.quote} and ${other.id} in ${other.quote}.`,
        { path: `facts.quote.${market}` },
        'Say how they meet: asIs, or convert with a rate stream.',
      );
    }
    if (policy.kind === 'convert' && !facts.streams.some((spec) => spec.id === policy.stream)) {
      throw new ReplayError(
        'SCENARIO_INVALID',
        `There is no rate stream ${policy.stream}.`,
        { path: `facts.quote.${market}.stream` },
        'Name a stream of role none that holds the rate.',
      );
    }
  }
}

const policyOf = (facts: Facts, market: MarketId): QuotePolicy => facts.quote[market] ?? { kind: 'same' };

/**
 * Frames of all streams; `key` names them.
 *
 * @throws ReplayError SCENARIO_INVALID when a market has no price stream
 */
export function assemble(
  loaded: readonly LoadedStream[],
  options: { facts: Facts; grid: BeatGrid; timing: Timing; seed: string; key: string; drawn: boolean },
): Frames {
  const { facts, grid, key } = options;
  const paths = pathsWithReconstruction(loaded, options);
  const markets = new Map<MarketId, MarketFrames>();
  const constituents = new Map<MarketId, readonly ConstituentFrames[]>();
  const references = new Map<MarketId, readonly ConstituentFrames[]>();
  for (const [market, { derived }] of Object.entries(facts.markets)) {
    if (derived !== undefined) continue; // it has no streams: its price is made from another's
    const own = loaded.filter((stream) => stream.spec.market === market);
    markets.set(market, marketFrames(market, own, paths));
    const framesOf = (serves: (spec: StreamSpec) => boolean): ConstituentFrames[] =>
      own
        .filter((stream) => serves(stream.spec) && stream.price !== null)
        .map((stream) => constituentFrames(stream, paths, { loaded, policy: policyOf(facts, market) }));
    constituents.set(market, framesOf(isConstituent));
    const elsewhere = framesOf((spec) => spec.role === 'reference');
    if (elsewhere.length > 0) references.set(market, elsewhere);
  }
  const outages = facts.outages.map(({ fromUs, untilUs, part }) => ({ fromUs, untilUs, part }));
  return {
    key,
    ...grid,
    markets,
    constituents,
    ...(references.size > 0 && { references }),
    side: mergeSideTables([{ outages }, ...loaded.map((stream) => stream.side ?? {})]),
    streams: loaded.map((stream) => stream.provenance),
  };
}

/**
 * Paths of all price streams. In an `anchors` scenario, and wherever a path is to be drawn, the
 * perpetual is laid on the seeded path first and then leads everybody else: one path, with the
 * perpetual's own corners.
 */
function pathsWithReconstruction(
  loaded: readonly LoadedStream[],
  {
    facts,
    grid,
    timing,
    seed,
    drawn,
  }: { facts: Facts; grid: BeatGrid; timing: Timing; seed: string; drawn: boolean },
): Map<string, Path> {
  const streams = loaded.flatMap((stream): PriceStream[] => (stream.price === null ? [] : [stream.price]));
  const perp = streams.find(({ spec }) => spec.role === 'perp' && (drawn || spec.kind === 'anchors'));
  const bars = perp?.data.kind === 'bars' ? perp.data.bars : null;
  const isSeeded = bars !== null && bars.intervalUs >= 4 * grid.beatUs;
  const reconstructed = isSeeded ? bend(bars, grid, seededPath(bars, grid, seed)) : null;
  return pathsOf(streams, { grid, timing, timingStream: facts.timingStream, reconstructed });
}

function marketFrames(
  market: MarketId,
  own: readonly LoadedStream[],
  paths: ReadonlyMap<string, Path>,
): MarketFrames {
  const perp = own.find((stream) => stream.spec.role === 'perp' && stream.price !== null);
  if (perp === undefined) {
    throw new ReplayError(
      'SCENARIO_INVALID',
      `Market ${market} has no price stream of role perp.`,
      { path: 'facts.streams' },
      'Add its trades, candles or anchors.',
    );
  }
  const path = paths.get(perp.spec.id)!;
  const kind = (name: string): LoadedStream | undefined => own.find((stream) => stream.spec.kind === name);
  const interest = kind('openInterest');
  return {
    lastTicks: path.last,
    highTicks: path.high,
    lowTicks: path.low,
    lots: path.lots,
    tickLots: path.tickLots,
    buyLots: path.buyLots,
    trades: path.trades,
    bidPlusAskTicks: kind('bookTop')?.samples ?? null,
    bidTicks: kind('bookTop')?.bids ?? null,
    recordedMarkF64: recordedMark(own, paths),
    openInterestLots: interest?.samples ? inLots(interest.samples, interest.units, path, perp.units) : null,
  };
}

/** A recorded mark as a published number: samples as they are, candles from their ticks. */
function recordedMark(own: readonly LoadedStream[], paths: ReadonlyMap<string, Path>): Float64Array | null {
  const mark = own.find((stream) => stream.spec.kind === 'mark' || stream.spec.role === 'mark');
  if (mark === undefined) return null;
  return mark.samples ?? paths.get(mark.spec.id)!.last.map((ticks) => ticks / mark.units.perTick);
}

/** Open interest in whole lots; an amount of quote currency is valued at the last price of its beat. */
function inLots(amounts: Float64Array, units: Units, path: Path, perp: Units): Float64Array {
  return amounts.map((amount, beat) => {
    const price = path.last[beat]! / perp.perTick;
    const lots = amount * units.perLot;
    return Math.round(units.pricePower === 0 ? lots : units.pricePower === 1 ? lots * price : lots / price);
  });
}

function constituentFrames(
  stream: LoadedStream,
  paths: ReadonlyMap<string, Path>,
  { loaded, policy }: { loaded: readonly LoadedStream[]; policy: QuotePolicy },
): ConstituentFrames {
  const { spec, units } = stream;
  const path = paths.get(spec.id)!;
  const name = spec.name === '' ? spec.id : spec.name;
  const own = { name, tick: units.tick, lastTicks: path.last, ageUs: path.ageUs, lots: path.lots };
  if (policy.kind !== 'convert' || spec.quote !== policy.from) return own;
  const rate = loaded.find((other) => other.spec.id === policy.stream)!;
  const rates = paths.get(rate.spec.id)!;
  return {
    ...own,
    lastTicks: path.last.map((ticks, beat) => Math.round(ticks / (rates.last[beat]! / rate.units.perTick))),
    ageUs: path.ageUs.map((age, beat) => Math.max(age, rates.ageUs[beat]!)),
  };
}
