/**
 * What the accounts of a drawn population do by themselves during the event: stops and top-ups (wayOut.ts),
 * positions opened (arrivals.ts) and closed (departures.ts). Without any of it the population stays as it was.
 *
 * Newcomers outside the liquidatable share would multiply the accounts, and no move of the event makes them act
 * or fail. So those outside it neither come nor leave: one of their kind takes the place of each who would.
 *
 * Stops and top-ups are for liquidatable accounts with one position, hedgers apart: the others have no
 * liquidation price that a move of the event could reach, or another leg that moves it, here or elsewhere.
 * Fields drawn, beside those of roster.ts: stop, stopWay, topUp, topUpWay, and departure:<market>:<second leg
 * 0/1>; newcomers have theirs under `arrival:<market>:<side>:`, and under `arrival:<market>:size` that of both.
 */
import { draw, hashText } from '../basics/draw.ts';
import type { Behaviour } from '../ledger/population.ts';
import type { MarketId } from '../rules/market.ts';
import { type Newcomer, newcomerField, newcomersOf } from './arrivals.ts';
import { type Buckets, bucketsOf, type During } from './buckets.ts';
import { columnF64 } from './columns.ts';
import { departuresOf, type Held } from './departures.ts';
import type { DrawnPopulation } from './drawPopulation.ts';
import type { OpenedLegs, Setting } from './legs.ts';
import { meanLogWeight, type Mix } from './leverage.ts';
import { type Reach, reachOf } from './lifetimes.ts';
import type { Synthetic } from './roster.ts';
import { type Pledged, type WayOutFields, wayOut, wayOutFields } from './wayOut.ts';

interface Inputs {
  /** Those who are there at the start. */
  readonly opening: DrawnPopulation;
  readonly settings: readonly Setting[];
  readonly legs: OpenedLegs;
  readonly assumption: Synthetic;
  readonly during: During | undefined;
  readonly seed: number;
  readonly mix: Mix;
}

/** One side of a market that is drawn: its leg rows at the start and who comes later. */
interface Side {
  readonly side: 1 | -1;
  readonly setting: Setting;
  readonly buckets: Buckets;
  readonly rows: readonly number[];
  readonly newcomers: readonly Newcomer[];
}

/**
 * The population with those who come during the event behind it, and what everybody does.
 *
 * @returns  `opening` itself where nobody reacts, comes or goes
 * @throws   RangeError without the recorded day where there is a turnover
 */
export function withReactions(inputs: Inputs): DrawnPopulation {
  const { stopShare, topUpShare, turnover } = inputs.assumption.behaviour;
  if (![stopShare, topUpShare, turnover].some((share) => share.isPositive())) return inputs.opening;
  const sides = turnover.isPositive() ? sidesOf(inputs) : [];
  const newcomers = sides.flatMap((side) => side.newcomers.filter((n) => n.liquidatable)).sort(byInstant);
  for (const [i, newcomer] of newcomers.entries()) newcomer.row = inputs.opening.legLots.length + i;
  const count = newcomers.length;
  const { end, ...wayOuts } = wayOutsOf(inputs, newcomers);
  const behaviour: Behaviour = {
    arrivals: {
      tsUs: filled(new Float64Array(count), newcomers, (n) => n.tsUs),
      row: filled(new Uint32Array(count), newcomers, (n) => n.row),
      lots: filled(new Float64Array(count), newcomers, (n) => n.lots),
      leverage: filled(new Float32Array(count), newcomers, (n) => n.leverage),
      free: filled(new Float32Array(count), newcomers, (n) => n.free),
    },
    departures: departuresIn(inputs, sides, end),
    ...wayOuts,
  };
  return { ...joined(inputs, newcomers), behaviour };
}

type Numbers = Uint8Array | Int8Array | Uint32Array | Float32Array | Float64Array;

/** A column whose rows from `first` on are made of a list. */
function filled<T extends Numbers, E>(column: T, list: readonly E[], of: (e: E) => number, first = 0): T {
  for (let i = 0; i < list.length; i++) column[first + i] = of(list[i]!);
  return column;
}

const byInstant = (a: Newcomer, b: Newcomer): number =>
  a.tsUs - b.tsUs || a.market - b.market || b.side - a.side || a.k - b.k;

function sidesOf({ opening, assumption, during, legs, mix, seed, settings }: Inputs): Side[] {
  if (during === undefined) throw new RangeError('a turnover needs what was traded during the event');
  return settings.flatMap((setting, market) => {
    const buckets = bucketsOf(during, setting.market.id);
    const column = opening.markets.indexOf(setting.market.id);
    const rows = [...legs.account.keys()].filter((row) => opening.legMarket[row] === column);
    const meanLots = (2 * setting.lotsOfOpenInterest) / rows.length;
    return ([1, -1] as const).map((side): Side => {
      const own = rows.filter((row) => opening.legSide[row] === side);
      const centre = meanLogWeight(Float64Array.from(own, (row) => opening.legLots[row]!));
      const shared = { market, side, setting, buckets };
      const newcomers = newcomersOf({ ...shared, assumption, mix, seed, meanLots, centre });
      return { side, setting, buckets, rows: own, newcomers };
    });
  });
}

/** Who leaves when, in order of time; those of one instant by row. */
function departuresIn(
  { assumption, legs, opening, seed }: Inputs,
  sides: readonly Side[],
  end: Float64Array,
): Behaviour['departures'] {
  const found: { tsUs: number; row: number }[] = [];
  const turnover = assumption.behaviour.turnover.toNumber();
  for (const { side, setting, buckets, rows, newcomers } of sides) {
    const ends = endsOf(reachOf(buckets, side), { rows, newcomers, end, buckets });
    const all = {
      ...heldOf({ legs, opening, seed }, { id: setting.market.id, side, rows, newcomers }),
      ends,
    };
    const leaves = departuresOf(all, { side, buckets, turnover });
    for (const [i, tsUs] of leaves.entries()) {
      const row = i < rows.length ? rows[i]! : newcomers[i - rows.length]!.row;
      if (i < rows.length && opening.liquidatable[legs.account[row]!] === 0) continue; // see above
      if (row >= 0 && !Number.isNaN(tsUs)) found.push({ tsUs, row });
    }
  }
  found.sort((a, b) => a.tsUs - b.tsUs || a.row - b.row);
  return {
    tsUs: filled(new Float64Array(found.length), found, ({ tsUs }) => tsUs),
    row: filled(new Uint32Array(found.length), found, ({ row }) => row),
  };
}

/** The bucket in which each position of a side is gone if nobody closes it; Infinity: it lasts. */
function endsOf(
  reach: Reach,
  of: Pick<Side, 'rows' | 'newcomers' | 'buckets'> & { readonly end: Float64Array },
): Float64Array {
  const { rows, newcomers, buckets, end } = of;
  const ends = new Float64Array(rows.length + newcomers.length).fill(Infinity);
  for (const [i, row] of rows.entries()) ends[i] = reach.fromStart(end[row]!);
  for (const [i, { row, bucket, tsUs }] of newcomers.entries()) {
    if (row < 0) continue;
    const beat = (tsUs - buckets.startUs) / buckets.beatUs - 1;
    ends[rows.length + i] = reach.from({ bucket, beat }, end[row]!);
  }
  return ends;
}

/** All positions of a side: those that are there, then the newcomers. */
function heldOf(
  { legs, opening, seed }: Pick<Inputs, 'legs' | 'opening' | 'seed'>,
  { id, side, rows, newcomers }: Pick<Side, 'side' | 'rows' | 'newcomers'> & { readonly id: MarketId },
): Omit<Held, 'ends'> {
  const fields = [0, 1].map((second) => hashText(`departure:${id}:${second}`));
  const ownField = hashText(`${newcomerField(id, side)}departure`);
  const luckOf = (row: number): number => {
    const account = legs.account[row]!;
    const isSecond =
      row > opening.legStart[account]! && opening.legMarket[row - 1] === opening.legMarket[row];
    return draw(seed, account, fields[isSecond ? 1 : 0]!);
  };
  const column = (there: (row: number) => number, later: (n: Newcomer) => number): Float64Array => {
    const made = filled(new Float64Array(rows.length + newcomers.length), rows, there);
    return filled(made, newcomers, later, rows.length);
  };
  return {
    lots: column(
      (row) => opening.legLots[row]!,
      (n) => n.lots,
    ),
    entryTicks: column(
      (row) => legs.entryTicks[row]!,
      (n) => n.entryTicks,
    ),
    openedUs: column(
      (row) => legs.openedUs[row]!,
      () => 0,
    ),
    bucket: column(
      () => -1,
      (n) => n.bucket,
    ),
    luck: column(luckOf, (n) => draw(seed, n.k, ownField)),
  };
}

/** What a hedger does of either. */
const NEVER = { stop: 0, topUp: 0 };

/**
 * Stops and top-ups by leg row: of those who are there from the first mark, of newcomers from their own entry.
 * `end`: where each position is gone if nobody closes it, ticks; 0: nowhere.
 */
function wayOutsOf(
  { opening, settings, assumption, seed }: Inputs,
  newcomers: readonly Newcomer[],
): Pick<Behaviour, 'stop' | 'topUp'> & { readonly end: Float64Array } {
  const rows = opening.legLots.length + newcomers.length;
  const [stops, topUps, end] = [new Float64Array(rows), new Float64Array(rows), new Float64Array(rows)];
  const { stopShare, topUpShare } = assumption.behaviour;
  const usual = { stop: stopShare.toNumber(), topUp: topUpShare.toNumber() };
  const put = (
    row: number,
    input: Parameters<typeof wayOut>[0],
    of: { hedger: boolean; id: number; fields: WayOutFields },
  ) => {
    const found = wayOut(input, { seed, shares: of.hedger ? NEVER : usual, ...of });
    stops[row] = found.stop;
    topUps[row] = found.topUp;
    end[row] = (found.end * input.referenceF64) / input.terms.tickF64;
  };
  const settingOf = opening.markets.map((id) => settings.find(({ market }) => market.id === id)!);
  const ownFields = wayOutFields('');
  for (let a = 0; a < opening.accounts; a++) {
    const row = opening.legStart[a]!;
    if (opening.liquidatable[a] === 0 || opening.legStart[a + 1] !== row + 1) continue;
    const { terms, firstMarkF64 } = settingOf[opening.legMarket[row]!]!;
    const position: Pledged = {
      side: opening.legSide[row] === 1 ? 1 : -1,
      qtyF64: opening.legLots[row]! * terms.stepF64,
      entryValueF64: columnF64(opening.legEntryValue[row]!),
      marginF64: columnF64(opening.cross[a] === 1 ? opening.wallet[a]! : opening.legMargin[row]!),
    };
    const hedger = opening.hedger[a] === 1;
    put(row, { terms, position, referenceF64: firstMarkF64 }, { hedger, id: a, fields: ownFields });
  }
  const fieldsOf = settings.map(({ market: { id } }) => ({
    1: wayOutFields(newcomerField(id, 1)),
    [-1]: wayOutFields(newcomerField(id, -1)),
  }));
  for (const { entryTicks, free, hedger, k, leverage, market, opened, row, side } of newcomers) {
    const { terms } = settings[market]!;
    const position: Pledged = { ...opened, marginF64: (opened.entryValueF64 / leverage) * (1 + free) };
    const fields = fieldsOf[market]![side];
    put(row, { terms, position, referenceF64: entryTicks * terms.tickF64 }, { hedger, id: k, fields });
  }
  return { stop: stops, topUp: topUps, end };
}

/** Accounts of newcomers behind the others, each with one leg that holds nothing yet. */
function joined({ opening: p, settings }: Inputs, newcomers: readonly Newcomer[]): DrawnPopulation {
  const n = newcomers.length;
  const [accounts, rows] = [p.accounts + n, p.legLots.length + n];
  const marketOf = settings.map(({ market }) => p.markets.indexOf(market.id));
  const assetOf = settings.map(({ market }) => p.assets.indexOf(market.settle));
  const behind = <T extends Numbers>(column: T, made: T, of: (n: Newcomer) => number): T => {
    made.set(column);
    return filled(made, newcomers, of, column.length);
  };
  const bytes = (column: Uint8Array, of: (n: Newcomer) => number): Uint8Array =>
    behind(column, new Uint8Array(column.length + n), of);
  const emptyMoney = (column: BigInt64Array, length: number): BigInt64Array => {
    const made = new BigInt64Array(length);
    made.set(column);
    return made;
  };
  return {
    ...p,
    accounts,
    tracked: bytes(p.tracked, () => 0),
    cross: bytes(p.cross, ({ cross }) => (cross ? 1 : 0)),
    asset: bytes(p.asset, ({ market }) => assetOf[market]!),
    wallet: emptyMoney(p.wallet, accounts),
    orderMargin: emptyMoney(p.orderMargin, accounts),
    hedger: bytes(p.hedger, ({ hedger }) => (hedger ? 1 : 0)),
    legStart: behind(p.legStart, new Uint32Array(accounts + 1), ({ row }) => row + 1),
    legMarket: bytes(p.legMarket, ({ market }) => marketOf[market]!),
    legSide: behind(p.legSide, new Int8Array(rows), ({ side }) => side),
    legLots: behind(p.legLots, new Float64Array(rows), () => 0),
    legEntryValue: emptyMoney(p.legEntryValue, rows),
    legMargin: emptyMoney(p.legMargin, rows),
    legLeverage: behind(p.legLeverage, new Float32Array(rows), ({ leverage }) => leverage),
    draws: accounts,
    liquidatable: bytes(p.liquidatable, () => 1),
  };
}
