/**
 * What 19 May 2021 is held against: targets and bands as they were written down before any value of ours
 * was looked at. Published are totals of feeds that were cut to one order a second, so amounts are
 * intervals; what has no interval is no row.
 */

import { parseInstant } from '../../basics/instant.ts';
import { lowest } from './anchors.ts';
import { type CheckRow, clock, endCash, inside, percent, sum, text, verdict, within } from './checkRow.ts';
import { type DayRun, dayRun, type ValidationPlaces } from './runs.ts';
import type { WorldSums } from './sums.ts';

/** An interval that a value must lie in, ends included. */
interface Interval {
  readonly from: number;
  readonly until: number;
}

/** Lowest trade of Binance spot: minute bars hold it, so it has a minute. */
const SPOT_LOW = { minute: '2021-05-19T13:10Z', price: 30_000 } as const;

/** Lowest trade of BitMEX XBTUSD, minute bars. */
const BITMEX_LOW = { minute: '2021-05-19T13:10Z', price: 28_157 } as const;

/** The perpetual's bars are hourly: its low may miss the minute of the spot market's by this much. */
const MINUTES_OFF = 1;

/**
 * Liquidated on Binance in BTC, USD. Low end: about 1 bn of all coins in a feed that Binance had cut,
 * times the share of BTC in what all venues showed of all coins (3.19 of 8.6 bn). High end: BTC on all
 * venues.
 */
const BINANCE_BTC: Interval = { from: (1e9 * 3.19) / 8.6, until: 3.19e9 };

/** Liquidated share of open interest: 15 to 20 % by cut feeds, times the factor 2 that such totals are good for. */
const OF_OPEN_INTEREST: Interval = { from: 0.075, until: 0.4 };

/** Hours of the day that hold most of the longs liquidated, and how much: the bar of March 2020. */
const CRITICAL_HOURS: readonly number[] = [12, 13];
const CRITICAL_SHARE: Interval = { from: 0.6, until: 1 };

/** Fund of Binance for BTC and ETH: 291.85 M to 288.72 M USD from the 19th to the 20th; sign, and within half. */
const FUND = { opening: 291.85e6, change: -3.13e6, band: 0.5 } as const;

/** Nobody adds collateral: of Binance's users nobody could from 12:40 to 13:10. */
const NOBODY_ADDS = 'assumptions.population.behaviour.topUpShare=0';

const DAY: readonly [number, number] = [0, 24];
const billions = (value: number): string => `${(value / 1e9).toFixed(2)} bn USD`;

/** Rows of Binance's 19 May 2021 that its own worlds give; `own` is wanted by other checks too. */
export async function mayRows(places: ValidationPlaces): Promise<{ own: DayRun; rows: readonly CheckRow[] }> {
  const { own, beside } = await dayRun(places, '2021-05-19-btcusdt', ({ assumptions: { population } }) =>
    population.kind === 'synthetic' && population.behaviour.topUpShare.isPositive() ? [NOBODY_ADDS] : [],
  );
  const { sums } = own;
  const total = longs(sums) + sum(sums.shortByHourF64, DAY);
  const fund = endCash(sums) - sums.cashLowF64[0]!;
  const rows: CheckRow[] = [
    spotLowRow(own),
    {
      check: '4',
      target: `liquidated on Binance in BTC: ${billions(BINANCE_BTC.from)} to ${billions(BINANCE_BTC.until)}`,
      source: 'currencies.ru, arcane.no',
      ours: billions(total),
      band: 'the interval',
      verdict: inside(total, BINANCE_BTC),
      reason: text(
        'low end: what a feed cut to one order a second showed of all coins, times the share of BTC; high end:',
        `BTC on all venues. Open interest before is ${billions(sums.openNotionalF64)} (assumed)`,
      ),
    },
    shareRow(sums),
    hoursRow(sums),
    lowMinuteRow(own),
    {
      check: '6',
      target: 'fund for BTC and ETH, 291.85 M USD: -3.13 M USD from the 19th to the 20th',
      source: 'bitcointalk table after Alexander',
      ours: `${(fund / 1e6).toFixed(2)} M USD`,
      band: 'sign, 50 %',
      verdict: within(fund, FUND.change, FUND.band),
      reason: fundReason(sums),
    },
    collateralRow(own, beside[0]),
  ];
  return { own, rows };
}

/** Rows of BitMEX on the same day. */
export async function mayBitmexRows(places: ValidationPlaces): Promise<CheckRow[]> {
  const { own } = await dayRun(places, '2021-05-19-xbtusd');
  const market = own.tape.markets[0]!;
  const { lowTicks } = own.tape.frames.markets.get(market.id)!;
  const low = lowest(lowTicks) * market.priceTick.toNumber();
  const atUs = instantOf(own, lowTicks.indexOf(lowest(lowTicks)));
  return [
    {
      check: '1',
      target: `lowest trade of XBTUSD: ${BITMEX_LOW.price}, in the minute of ${BITMEX_LOW.minute}`,
      source: 'BitMEX minute bars',
      ours: `${low.toFixed(1)} at ${clock(atUs)}`,
      band: '0 ticks, that minute',
      verdict: verdict(low === BITMEX_LOW.price && isWithin(atUs, BITMEX_LOW.minute, 0)),
      reason: "the path inside a bar is drawn, its low is the bar's",
    },
    shareRow(own.sums),
    hoursRow(own.sums),
  ];
}

const longs = (sums: WorldSums): number => sum(sums.longByHourF64, DAY);

/** Middle of a beat. */
const instantOf = ({ tape: { frames } }: DayRun, beat: number): number =>
  frames.startUs + beat * frames.beatUs + frames.beatUs / 2;

/** In a minute, or so many minutes beside it. */
const isWithin = (atUs: number, minute: string, off: number): boolean => {
  const from = parseInstant(minute);
  return atUs >= from - off * MINUTE_US && atUs < from + (1 + off) * MINUTE_US;
};
const MINUTE_US = 60_000_000;

function spotLowRow(day: DayRun): CheckRow {
  const { frames, markets } = day.tape;
  const spot = frames.constituents.get(markets[0]!.id)!.find(({ name }) => name === 'binance')!;
  const ticks = lowest(spot.lastTicks);
  const price = ticks * Number(spot.tick);
  const atUs = instantOf(day, spot.lastTicks.indexOf(ticks));
  return {
    check: '1',
    target: `lowest trade of Binance spot: ${SPOT_LOW.price}, in the minute of ${SPOT_LOW.minute}`,
    source: 'Binance spot klines',
    ours: `${price.toFixed(2)} at ${clock(atUs)}`,
    band: '0 ticks, that minute',
    verdict: verdict(Math.abs(price - SPOT_LOW.price) < 1e-6 && isWithin(atUs, SPOT_LOW.minute, 0)),
    reason: 'minute bars; the path inside a minute is drawn',
  };
}

function lowMinuteRow(day: DayRun): CheckRow {
  const { lowTicks } = day.tape.frames.markets.get(day.tape.markets[0]!.id)!;
  const atUs = instantOf(day, lowTicks.indexOf(lowest(lowTicks)));
  return {
    check: '5',
    target: `minute of the perpetual's low: ${clock(parseInstant(SPOT_LOW.minute))}`,
    source: 'Binance spot klines',
    ours: clock(atUs),
    band: `${MINUTES_OFF} minute`,
    verdict: verdict(isWithin(atUs, SPOT_LOW.minute, MINUTES_OFF)),
    reason: "hourly bars of the perpetual do not say when: the path inside the hour follows spot's minutes",
  };
}

function shareRow(sums: WorldSums): CheckRow {
  const share = (longs(sums) + sum(sums.shortByHourF64, DAY)) / sums.openNotionalF64;
  return {
    check: '4',
    target: 'liquidated share of open interest: 15 to 20 %',
    source: 'the list of checks (3.19 bn, a cut feed)',
    ours: percent(share),
    band: '7.5 to 40 %: factor 2',
    verdict: inside(share, OF_OPEN_INTEREST),
    reason: 'the liquidatable share is assumed at 0.25 and was not fitted to this day',
  };
}

function hoursRow(sums: WorldSums): CheckRow {
  const inHours = CRITICAL_HOURS.reduce((total, hour) => total + sums.longByHourF64[hour]!, 0);
  const share = inHours / longs(sums);
  const before = sum(sums.longByHourF64, [0, CRITICAL_HOURS[0]!]) / longs(sums);
  return {
    check: '5',
    target: `hours ${CRITICAL_HOURS.join(' and ')} hold at least 60 % of the longs liquidated`,
    source: 'critical hours; the bar of March 2020',
    ours: percent(share),
    band: '60 to 100 %',
    verdict: inside(share, CRITICAL_SHARE),
    reason: text(
      `${percent(before)} fall before 12:00: the price slid by a tenth until then, and the accounts of highest`,
      'leverage are gone with the first percents. Those who come during the day (a tenth of the traded volume,',
      'assumed) take the place of a part of them only',
    ),
  };
}

/** @param without  longs liquidated where nobody adds collateral; absent: nobody does in the scenario either */
function collateralRow({ sums }: DayRun, without: WorldSums | undefined): CheckRow {
  const row = {
    check: '7',
    target: 'nobody can add collateral 12:40 to 13:10, against everybody can: more longs liquidated',
    source: 'coalexander.com',
    band: 'positive',
  };
  if (without === undefined) {
    const reason = 'nobody adds collateral in the scenario, so there is nothing to take away';
    return { ...row, ours: '-', verdict: 'not tested', reason };
  }
  const more = longs(without) - longs(sums);
  return {
    ...row,
    ours: `${(more / 1e6).toFixed(1)} M USD`,
    verdict: verdict(more > 0),
    reason:
      'coarser than what happened: nobody adds collateral during the whole day, not only for half an hour',
  };
}

function fundReason(sums: WorldSums): string {
  const by = Object.entries(sums.fundByReasonF64).map(([name, v]) => `${name} ${(v / 1e6).toFixed(2)} M`);
  return text(
    `into the fund: ${by.join(', ')}; it rises by clearance fees (assumed) and falls by what its inventory`,
    'loses. The published bucket is that of BTC and ETH together, the run has BTC only',
  );
}
