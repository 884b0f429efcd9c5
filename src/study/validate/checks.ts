/**
 * The falsifiable checks of docs/validation.md: targets and bands were fixed before the values,
 * nothing is tuned to them, and a check that fails stays in the table with the reason that the stored
 * rows give. `validationTable` prints what the page shows.
 */
import { nearest, ReplayError } from '../../basics/errors.ts';
import { anchorRows, markRow } from './anchors.ts';
import type { CheckRow, DayCheck, Verdict } from './checkRow.ts';
import { halvesRows } from './halves.ts';
import { hyperliquidRows } from './hyperliquid.ts';
import { juneRows } from './june.ts';
import { marchRows } from './march.ts';
import { mayBitmexRows, mayRows } from './may.ts';
import { controlRun, type DayRun, dayRun, type ValidationPlaces } from './runs.ts';
import { calmGapRow, splitRows } from './split.ts';

/** Rows of one day, and its run as it was where checks over several days want it. */
interface Found {
  readonly rows: readonly CheckRow[];
  readonly day?: DayRun;
}

type Check = (places: ValidationPlaces) => Promise<Found>;

const binance =
  (name: string): Check =>
  async (places) => {
    const { own: day } = await dayRun(places, name);
    return { rows: [...anchorRows(day), markRow(day)], day };
  };

/** March 2020 at BitMEX with populations fitted to its first day: the longest of all. */
export const FITTED = '2020-03-12-xbtusd-fitted';

/** What can be checked, BitMEX first: scenarios, and a published record without one. */
const CHECKS: Readonly<Record<string, Check>> = {
  '2020-03-12-xbtusd': async (places) => ({ rows: await marchRows(places) }),
  '2020-03-12-btcusdt': binance('2020-03-12-btcusdt'),
  '2021-05-19-btcusdt': async (places) => {
    const { own: day, rows } = await mayRows(places);
    return { rows: [...anchorRows(day), markRow(day), ...rows], day };
  },
  '2021-05-19-xbtusd': async (places) => ({ rows: await mayBitmexRows(places) }),
  '2022-06-13-btcusdt': async (places) => {
    const run = await controlRun(places);
    return { rows: [markRow(run.own), ...juneRows(run), calmGapRow(run.own)], day: run.own };
  },
  '2025-10-10-btcusdt': binance('2025-10-10-btcusdt'),
  [FITTED]: async (places) => ({ rows: await halvesRows(places) }),
  'hyperliquid-2025-10-10': async (places) => ({ rows: await hyperliquidRows(places) }),
};

/** Everything that has checks, in the order of the page. */
export const VALIDATED: readonly string[] = Object.keys(CHECKS);

/** What `cascade validate` looks at where nothing is named: March 2020, BitMEX first, and May 2021. */
export const USUAL: readonly string[] = VALIDATED.slice(0, 4);

/** Checks over several days want all of these. */
const SEVERAL: readonly string[] = VALIDATED.filter((name) => /-btcusdt$/.test(name));

/**
 * The rows of some days, by number of the check. Takes minutes. Checks over several days come along
 * where all four days of Binance are asked for.
 *
 * @param names  of `VALIDATED`
 * @throws ReplayError SCENARIO_INVALID where one has no checks, and whatever reading its data throws
 */
export async function validationRows(
  places: ValidationPlaces,
  names: readonly string[],
): Promise<DayCheck[]> {
  for (const name of names) refuseUnchecked(name);
  const rows: DayCheck[] = [];
  const days: DayRun[] = [];
  for (const name of VALIDATED.filter((known) => names.includes(known))) {
    const found = await CHECKS[name]!(places);
    for (const row of found.rows) rows.push({ ...row, day: name });
    if (found.day !== undefined) days.push(found.day);
  }
  if (SEVERAL.every((name) => names.includes(name)))
    for (const row of splitRows(days)) rows.push({ ...row, day: 'four days of Binance' });
  return rows.sort((a, b) => Number(a.check) - Number(b.check));
}

function refuseUnchecked(name: string): void {
  if (Object.hasOwn(CHECKS, name)) return;
  const near = nearest(name, VALIDATED);
  const remedy = `${near === null ? '' : `Did you mean ${near}? `}These have checks: ${VALIDATED.join(', ')}.`;
  throw new ReplayError('SCENARIO_INVALID', `no check is written down for ${name}`, {}, remedy);
}

/** The rows as Markdown. */
export function validationTable(rows: readonly DayCheck[]): string {
  const line = (r: DayCheck): string =>
    `| ${[r.check, r.day, r.target, r.source, r.ours, r.band, r.verdict, r.reason].join(' | ')} |`;
  return [
    '| # | Day | Target | Source | Ours | Band | Verdict | Reason |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map(line),
  ].join('\n');
}

/** The rows as text: three lines each, and how many there are of each verdict. */
export function validationLines(rows: readonly DayCheck[]): string[] {
  const count = (word: Verdict): number => rows.filter(({ verdict }) => verdict === word).length;
  return [
    ...rows.flatMap((r) => [
      `${r.verdict.padEnd(10)}  check ${r.check}, ${r.day}: ${r.target}`,
      `            ours: ${r.ours}; band: ${r.band}; source: ${r.source}`,
      `            ${r.reason}`,
    ]),
    `${count('pass')} pass, ${count('FAIL')} FAIL, ${count('not tested')} not tested`,
  ];
}
