/**
 * A stressed day as frames: a pure function of the recorded frames and a list of shocks, done in the order
 * given. Columns that change are copied once each, the recorded ones stay as they are, on disk and in memory.
 * Prices stay whole ticks (at least one) and quantities whole lots, so that everything after the frames
 * works as it does on a recorded day. Funding rates, open interest and account events stay as recorded.
 */
import { nearest } from '../../basics/errors.ts';
import { steps } from '../../basics/exact.ts';
import { formatInstant, type Micros } from '../../basics/instant.ts';
import { exp, log } from '../../basics/maths.ts';
import { beatEndUs, type ConstituentFrames, type Frames, type MarketFrames } from '../../clock/frames.ts';
import type { Market } from '../../rules/market.ts';
import { type Interval, refused, type Shock } from './shock.ts';

type Of<K extends Shock['kind']> = Extract<Shock, { kind: K }>;

/**
 * Frames after shocks.
 *
 * @param frames   as recorded; unchanged
 * @param shocks   done in this order
 * @param markets  for the tick of a recorded mark
 * @returns        new frames; what the venue recorded of that day's liquidations and fund is left out
 * @throws ReplayError SCENARIO_INVALID when a shock lies outside the window or names no constituent
 */
export function applyShocks(frames: Frames, shocks: readonly Shock[], markets: readonly Market[]): Frames {
  if (shocks.length === 0) return frames;
  for (const shock of shocks) refuse(frames, shock);
  const side = { ...frames.side, fundBalances: [], observedLiquidations: [] };
  const key = `${frames.key}, ${shocks.map(({ text }) => text).join(', ')}`;
  const start: Frames = { ...frames, key, side };
  return shocks.reduce((changed, shock) => shocked(changed, shock, markets), start);
}

function shocked(frames: Frames, shock: Shock, markets: readonly Market[]): Frames {
  switch (shock.kind) {
    case 'depth':
      return repriced(frames, markets, deeper(shock.factor));
    case 'gap':
      return repriced(frames, markets, gapped(shock, frames));
    case 'liquidity':
      return withMarkets(frames, (columns) => thinned(columns, shock.factor));
    case 'outage': {
      const { fromUs, untilUs, part } = shock;
      const outages = [...frames.side.outages, { fromUs, untilUs, part }].sort((a, b) => a.fromUs - b.fromUs);
      return { ...frames, side: { ...frames.side, outages } };
    }
    case 'constituent':
      return withConstituents(frames, (source) =>
        source.name === shock.name ? failed(source, shock, frames) : source,
      );
  }
}

/** How prices change. */
interface Repricing {
  /** A column of prices that stand at the end of each beat. */
  readonly last: (column: Float64Array) => Float64Array;
  /** A column that is read beside the market's last prices: a bound of the beat's range, or its book. */
  readonly beside: (column: Float64Array, last: Float64Array, bound?: 'high' | 'low') => Float64Array;
}

/** Prices of markets, constituents and other venues' perpetuals, changed alike. */
function repriced(frames: Frames, markets: readonly Market[], by: Repricing): Frames {
  const source = (s: ConstituentFrames): ConstituentFrames => ({
    ...s,
    lastTicks: whole(by.last(s.lastTicks)),
  });
  const moved = withMarkets(frames, (columns, id) =>
    repricedMarket(columns, by, markets.find((market) => market.id === id)!),
  );
  const { references } = frames;
  return {
    ...withConstituents(moved, source),
    ...(references === undefined
      ? {}
      : { references: new Map([...references].map(([id, list]) => [id, list.map(source)])) }),
  };
}

function repricedMarket(c: MarketFrames, by: Repricing, { priceTick }: Market): MarketFrames {
  const highTicks = whole(by.beside(c.highTicks, c.lastTicks, 'high'));
  const lowTicks = whole(by.beside(c.lowTicks, c.lastTicks, 'low'));
  const means = c.tickLots.map((sum, beat) => (c.lots[beat]! > 0 ? sum / c.lots[beat]! : c.lastTicks[beat]!));
  const mean = by.beside(means, c.lastTicks);
  const mids = c.bidPlusAskTicks?.map((both) => both / 2) ?? null;
  /** A recorded mark is a published number: kept one by cutting it to the market's tick. */
  const published = (priceF64: number): number =>
    Number.isNaN(priceF64)
      ? priceF64
      : steps(Math.max(1, Math.round(priceF64 / priceTick.toNumber())), priceTick).toNumber();
  return {
    ...c,
    lastTicks: whole(by.last(c.lastTicks)),
    highTicks,
    lowTicks,
    tickLots: c.lots.map((lots, beat) =>
      lots > 0 ? Math.round(lots * Math.min(Math.max(mean[beat]!, lowTicks[beat]!), highTicks[beat]!)) : 0,
    ),
    bidPlusAskTicks: mids === null ? null : whole(by.beside(mids, c.lastTicks).map((mid) => mid * 2)),
    ...(c.bidTicks === undefined || c.bidTicks === null
      ? {}
      : { bidTicks: whole(by.beside(c.bidTicks, c.lastTicks)) }),
    recordedMarkF64: c.recordedMarkF64 === null ? null : by.last(c.recordedMarkF64).map(published),
  };
}

/** Whole ticks, at least one; NaN stays NaN. */
const whole = (column: Float64Array): Float64Array =>
  column.map((ticks) => (Number.isNaN(ticks) ? ticks : Math.max(1, Math.round(ticks))));

/**
 * P' = P0 * (P / P0)^factor, with P0 the first price of the window: a column's own, the market's last for
 * what is read beside it, so that low, bid, last and high keep their order.
 */
function deeper(factor: number): Repricing {
  const opening = (column: Float64Array): number => column.find((price) => price > 0) ?? Number.NaN;
  const scaled = (column: Float64Array, from: number): Float64Array =>
    factor === 1
      ? column
      : column.map((price) => (price > 0 ? from * exp(factor * log(price / from)) : price));
  return {
    last: (column) => scaled(column, opening(column)),
    beside: (column, last) => scaled(column, opening(last)),
  };
}

/** Prices times a factor from an instant on; the beat that holds the instant has traded at both levels. */
function gapped(gap: Of<'gap'>, frames: Frames): Repricing {
  const from = Math.floor((gap.atUs - frames.startUs) / frames.beatUs);
  const isWithin = frames.startUs + from * frames.beatUs < gap.atUs;
  const last = (column: Float64Array): Float64Array =>
    column.map((price, beat) => (beat < from ? price : price * gap.factor));
  const beside: Repricing['beside'] = (column, _last, bound) => {
    const moved = last(column);
    if (isWithin && bound !== undefined)
      moved[from] = (bound === 'high' ? Math.max : Math.min)(column[from]!, moved[from]!);
    return moved;
  };
  return { last, beside };
}

/** Traded quantity times a factor, and with it what forced orders may take of it; prices stand. */
function thinned(columns: MarketFrames, factor: number): MarketFrames {
  const lots = columns.lots.map((old) => Math.round(old * factor));
  const share = (beat: number): number => (columns.lots[beat]! > 0 ? lots[beat]! / columns.lots[beat]! : 0);
  return {
    ...columns,
    lots,
    tickLots: columns.tickLots.map((sum, beat) => Math.round(sum * share(beat))),
    buyLots: columns.buyLots.map((old, beat) => (Number.isNaN(old) ? old : Math.round(old * share(beat)))),
  };
}

/** A constituent that stood still from `fromUs` and grew old, or whose price was wrong, until `untilUs`. */
function failed(source: ConstituentFrames, shock: Of<'constituent'>, frames: Frames): ConstituentFrames {
  const [lastTicks, ageUs, lots] = [source.lastTicks.slice(), source.ageUs.slice(), source.lots.slice()];
  for (let beat = 0; beat < frames.beats; beat++) {
    const endUs = beatEndUs(frames, beat);
    if (endUs < shock.fromUs || endUs >= shock.untilUs) continue;
    if (shock.factor !== null) {
      const ticks = lastTicks[beat]!;
      if (!Number.isNaN(ticks)) lastTicks[beat] = Math.max(1, Math.round(ticks * shock.factor));
      continue;
    }
    lastTicks[beat] = beat === 0 ? Number.NaN : lastTicks[beat - 1]!;
    ageUs[beat] = beat === 0 ? Infinity : ageUs[beat - 1]! + frames.beatUs;
    lots[beat] = 0;
  }
  return { ...source, lastTicks, ageUs, lots };
}

const withMarkets = (frames: Frames, by: (columns: MarketFrames, id: string) => MarketFrames): Frames => ({
  ...frames,
  markets: new Map([...frames.markets].map(([id, columns]) => [id, by(columns, id)])),
});

const withConstituents = (frames: Frames, by: (source: ConstituentFrames) => ConstituentFrames): Frames => ({
  ...frames,
  constituents: new Map([...frames.constituents].map(([id, list]) => [id, list.map(by)])),
});

function refuse(frames: Frames, shock: Shock): void {
  const untilUs = beatEndUs(frames, frames.beats - 1);
  const within = (span: Interval): boolean => span.fromUs < untilUs && frames.startUs < span.untilUs;
  const isOutside =
    (shock.kind === 'gap' && (shock.atUs < frames.startUs || shock.atUs >= untilUs)) ||
    ((shock.kind === 'outage' || shock.kind === 'constituent') && !within(shock));
  if (isOutside) {
    const remedy = `Choose a time from ${when(frames.startUs)} to ${when(untilUs)}.`;
    throw refused(shock.text, 'outside the window of the scenario', remedy);
  }
  if (shock.kind !== 'constituent') return;
  const names = [...new Set([...frames.constituents.values()].flat().map(({ name }) => name))];
  if (names.includes(shock.name)) return;
  const best = nearest(shock.name, names);
  const known = names.length === 0 ? 'This scenario has none.' : `Constituents: ${names.join(', ')}.`;
  throw refused(
    shock.text,
    `unknown constituent ${shock.name}`,
    best === null ? known : `Did you mean ${best}? ${known}`,
  );
}

const when = (tsUs: Micros): string => formatInstant(tsUs);
