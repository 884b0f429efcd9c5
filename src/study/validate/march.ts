/** Checks 3 to 7 on BitMEX in March 2020: identity, amounts, timing, the fund and the outage. */
import { type CheckRow, millions, percent, sum, text, verdict, within } from './checkRow.ts';
import { fundRows, marketRows, outageRows } from './fund.ts';
import { type DrawRun, drawRun, type MarchRun, marchRun, type ValidationPlaces } from './runs.ts';

/** Seeds of what hangs on single accounts, beside the scenario's own. */
const MORE_SEEDS = ['1', '2'] as const;

/** Hours of a day: the first and the second of a window of two. */
const [FIRST, SECOND] = [
  [0, 24],
  [24, 48],
] as const;

/** All rows of the scenario 2020-03-12-xbtusd. Takes minutes. */
export async function marchRows(places: ValidationPlaces): Promise<CheckRow[]> {
  const own = await marchRun(places);
  const draws: DrawRun[] = [own];
  for (const seed of MORE_SEEDS) draws.push(await drawRun(places, seed));
  return [
    identityRow(own),
    ...amountRows(own),
    timingRow(own),
    ...fundRows(own),
    ...marketRows(own, draws),
    ...outageRows(draws),
  ];
}

function identityRow({ own, again }: MarchRun): CheckRow {
  const same = own.digestRows.join('\n') === again.digestRows.join('\n');
  return {
    check: '3',
    target: 'rules equal to the baseline: every difference 0',
    source: 'identity',
    ours: same ? '0' : 'rows differ',
    band: '1e-9',
    verdict: verdict(same),
    reason: text(
      "a candidate with its baseline's rules and feedback on gives the same fills and transfers, byte",
      `for byte: ${own.digestRows.length} rows. Every figure of a comparison, each shipped event, ten`,
      'seeds: test/realdata/identity.test.ts',
    ),
  };
}

function amountRows({ own }: MarchRun): CheckRow[] {
  const [first, second] = [sum(own.longByHourF64, FIRST), sum(own.longByHourF64, SECOND)];
  const shorts = sum(own.shortByHourF64, [0, 48]);
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
        `open interest before the crash is ${millions(own.openNotionalF64)}, and what is liquidated is`,
        `${percent(first / own.openNotionalF64)} of it; published is 1.4 times (or orders counted twice). A`,
        'part of the positions cannot be liquidated at all (assumed), some of the others leave by a stop-loss before,',
        'and those who come (a tenth of the traded volume, assumed) are too few for it',
      ),
    },
    {
      check: '4',
      target: 'longs liquidated on 13 March, part of the day: 485 M USD, without refit',
      source: 'Datamish via cryptoglobe',
      ours: millions(second),
      band: '50 %',
      verdict: within(second, 485e6, 0.5),
      reason: text(
        'most longs of the start that could be liquidated at all are gone on the first day, so this is what came',
        'during the crash: too few, as on the 12th',
      ),
    },
    {
      check: '4',
      target: 'shorts: at most 3 % of the total',
      source: 'Datamish via cryptoglobe',
      ours: percent(share),
      band: '0 to 3 %',
      verdict: verdict(share <= 0.03),
      reason: text(
        `${percent(sum(own.shortByHourF64, SECOND) / shorts)} of the shorts fall on the 13th: as much comes short as`,
        'long (a contract has two sides), two fifths of it with the leverage of the mix, and the rebounds take who sold',
        'near the lows. The published 1 % says that hardly anybody with much leverage did',
      ),
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
      `${percent(early)} fall in the hours 0 to 9: a third of the leverage mix (BMX2019), hedgers apart, is spread`,
      'over 20x to 100x, and the price fell by 7 % before 10:00, which is enough for them',
    ),
  };
}
