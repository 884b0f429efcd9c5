/**
 * The falsifiable checks of docs/validation.md: targets and bands were fixed before the program
 * existed, nothing is tuned to them, and a check that fails stays in the table with
 * the reason that the stored rows give. `validationTable` prints what the page shows.
 */
import { HOUR_US, parseInstant } from '../../basics/instant.ts';
import { type CheckRow, millions, percent, sum, text, verdict, within } from './checkRow.ts';
import { fundRows, marketRows, outageRows } from './fund.ts';
import {
  controlRun,
  type ControlRun,
  type MarchRun,
  marchRun,
  type OutageRun,
  outageRun,
  tapeOf,
  type ValidationPlaces,
  type WorldSums,
} from './runs.ts';

/** Lowest trades that every loader must give back, to the tick. */
const ANCHORS = [
  { scenario: '2020-03-12-btcusdt', hour: '2020-03-12T10:00Z', low: 5199.17 },
  { scenario: '2020-03-12-btcusdt', hour: '2020-03-13T02:00Z', low: 3621.81 },
  { scenario: '2021-05-19-btcusdt', hour: '2021-05-19T13:00Z', low: 28688 },
  { scenario: '2025-10-10-btcusdt', hour: '2025-10-10T21:00Z', low: 101516.5 },
] as const;

/** Seeds of the outage experiment beside the scenario's own. */
const MORE_SEEDS = ['1', '2'] as const;

/** Hours of a day: the first and the second of a window of two. */
const [FIRST, SECOND] = [
  [0, 24],
  [24, 48],
] as const;

/** All rows. Takes some minutes. */
export async function validationRows(places: ValidationPlaces): Promise<CheckRow[]> {
  const own = await marchRun(places);
  const march: OutageRun[] = [own];
  for (const seed of MORE_SEEDS) march.push(await outageRun(places, seed));
  return [
    ...(await anchorRows(places)),
    MARK_ROW,
    identityRow(march),
    ...amountRows(own),
    timingRow(own),
    ...fundRows(own),
    ...marketRows(own),
    ...outageRows(march),
    ...controlRows(await controlRun(places)),
    ...UNTESTED,
  ];
}

async function anchorRows(places: ValidationPlaces): Promise<CheckRow[]> {
  const rows: CheckRow[] = [];
  for (const { scenario, hour, low } of ANCHORS) {
    const { tape } = await tapeOf(places, scenario);
    const { frames } = tape;
    const market = tape.markets[0]!;
    const from = (parseInstant(hour) - frames.startUs) / frames.beatUs;
    const lows = frames.markets.get(market.id)!.lowTicks.slice(from, from + HOUR_US / frames.beatUs);
    const ours = Math.min(...lows) * market.priceTick.toNumber();
    rows.push({
      check: '1',
      target: `lowest trade of Binance BTCUSDT in the hour of ${hour}: ${low}`,
      source: 'Binance klines',
      ours: ours.toFixed(2),
      band: '0 ticks',
      verdict: verdict(Math.abs(ours - low) < 1e-6),
      reason: "the path inside a bar is drawn, its low is the bar's",
    });
  }
  return rows;
}

const MARK_ROW: CheckRow = {
  check: '2',
  target: 'low of the recomputed mark in seven critical hours',
  source: 'Binance mark klines',
  ours: 'see [Mark lows](#mark-lows)',
  band: '100 bp in 3 of 4 hours',
  verdict: 'FAIL',
  reason: text(
    'holds within 50 bp where the bars are of five minutes; fails where the perpetual is known by',
    'the hour: an hourly bar does not say how long the perpetual stayed below spot, and the basis',
    'average fills with the gap',
  ),
};

function identityRow(march: readonly OutageRun[]): CheckRow {
  const same = march.every(({ own, again }) => own.digestRows.join('\n') === again.digestRows.join('\n'));
  const rows = march.reduce((sum, { own }) => sum + own.digestRows.length, 0);
  return {
    check: '3',
    target: 'rules equal to the baseline: every difference 0',
    source: 'identity',
    ours: same ? '0' : 'rows differ',
    band: '1e-9',
    verdict: verdict(same),
    reason: text(
      "a candidate with its baseline's rules and feedback on gives the same fills and transfers,",
      `byte for byte: ${rows} rows over ${march.length} seeds of March 2020. (A run with --baseline`,
      "whose rules are the scenario's has one world.)",
    ),
  };
}

function amountRows({ own }: MarchRun): CheckRow[] {
  const [first, second] = [sum(own.longByHourF64, FIRST), sum(own.longByHourF64, SECOND)];
  const shorts = sum(own.shortByHourF64, [0, 48]);
  const left = own.openNotionalF64 - first;
  const share = shorts / (first + second + shorts);
  return [
    {
      check: '4',
      target: 'longs liquidated on 12 March: 1,170 M USD',
      source: 'Datamish via cryptoglobe',
      ours: millions(first),
      band: '30 %',
      verdict: within(first, 1_170e6, 0.3),
      reason: text(
        `open interest before the crash is ${millions(own.openNotionalF64)}, and`,
        `${percent(first / own.openNotionalF64)} of it is liquidated: more than there is cannot be.`,
        'The published sum is 1.4 times the open interest, which takes positions opened during the',
        'crash (or orders counted twice); the model opens none after the first beat',
      ),
    },
    {
      check: '4',
      target: 'longs liquidated on 13 March, part of the day: 485 M USD, without refit',
      source: 'Datamish via cryptoglobe',
      ours: millions(second),
      band: '50 %',
      verdict: within(second, 485e6, 0.5),
      reason: `after the first day ${millions(left)} of the population's longs are left; the same cause`,
    },
    {
      check: '4',
      target: 'shorts: at most 3 % of the total',
      source: 'Datamish via cryptoglobe',
      ours: percent(share),
      band: '0 to 3 %',
      verdict: verdict(share <= 0.03),
      reason: 'falls were far longer than rises',
    },
  ];
}

function timingRow({ own }: MarchRun): CheckRow {
  const total = sum(own.longByHourF64, FIRST);
  const share = [10, 11, 23].reduce((of, hour) => of + own.longByHourF64[hour]!, 0) / total;
  const early = sum(own.longByHourF64, [0, 10]) / total;
  return {
    check: '5',
    target: 'hours 10, 11 and 23 hold at least 60 % of the longs liquidated on 12 March',
    source: 'BitMEX bars, LedgerPrime',
    ours: percent(share),
    band: '60 to 100 %',
    verdict: verdict(share >= 0.6),
    reason: text(
      `${percent(early)} fall in the hours 0 to 9: a third of the leverage mix (BMX2019) is spread`,
      'over 20x to 100x, and the price fell by 7 % before 10:00, which is enough for them. The',
      'model opens them all before the first beat; that real accounts of such leverage come and go',
      'within hours is the likely difference',
    ),
  };
}

function controlRows({ own, half, displacedBp }: ControlRun): CheckRow[] {
  const total = (w: WorldSums): number => sum(w.longByHourF64, [0, 48]) + sum(w.shortByHourF64, [0, 48]);
  const opening = own.cashLowF64[0]!;
  const drawdown = 1 - Math.min(...own.cashLowF64) / opening;
  const share = total(half) / half.openNotionalF64;
  const row = (target: string, ours: string, band: string, ok: boolean, reason: string): CheckRow => ({
    check: '8',
    target,
    source: 'the list of checks',
    ours,
    band,
    verdict: verdict(ok),
    reason,
  });
  const calm = text(
    `liquidated: ${percent(total(own) / own.openNotionalF64)} of open interest (published for all`,
    'venues: 4.7 %)',
  );
  return [
    row('June 2022: fund drawdown', percent(drawdown), 'below 5 %', drawdown < 0.05, calm),
    row('June 2022: auto-deleveraged', String(own.adlF64), '0', own.adlF64 === 0, calm),
    row(
      'June 2022: displacement when the rules take over at once',
      `${displacedBp.toFixed(1)} bp`,
      'below 30 bp',
      displacedBp < 30,
      'largest displacement of the price of a candidate with feedback; in a baseline it is 0',
    ),
    row(
      'June 2022 with the liquidatable share of March 2020 (0.5): liquidated share of open interest',
      percent(share),
      'at most 20 %',
      share <= 0.2,
      'expected to fail for naive populations (65 %)',
    ),
  ];
}

const UNTESTED: readonly CheckRow[] = [
  {
    check: '8',
    target: 'June 2022: largest branching ratio below 0.5',
    source: 'the list of checks',
    ours: '-',
    band: '0.5',
    verdict: 'not tested',
    reason: 'the program computes no branching ratio',
  },
  {
    check: '9',
    target: 'auto-deleveraging of Hyperliquid, 10 October 2025, from account data',
    source: 'HyperMultiAssetedADL',
    ours: '-',
    band: '10 %',
    verdict: 'not tested',
    reason: 'no scenario of that venue: positions and triggers by account are not in the data',
  },
  {
    check: '10',
    target: 'rank correlation of forced flow and basis over all critical hours',
    source: 'the list of checks',
    ours: '-',
    band: '0.6',
    verdict: 'not tested',
    reason: text(
      'not computed: the program stores forced lots by beat, but no figure sets them against volume',
      'and basis over several events',
    ),
  },
];

/** The rows as Markdown. */
export function validationTable(rows: readonly CheckRow[]): string {
  const line = (r: CheckRow): string =>
    `| ${[r.check, r.target, r.source, r.ours, r.band, r.verdict, r.reason].join(' | ')} |`;
  return [
    '| # | Target | Source | Ours | Band | Verdict | Reason |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map(line),
  ].join('\n');
}
