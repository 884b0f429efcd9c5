/**
 * What a planted fault is and how it is tested: the sound days with one thing wrong must give exactly one
 * finding, the one that is expected, in the right series, at the right row.
 */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { CHECKS, type CheckName } from '../../src/archive/doctor/checks.ts';
import { examineFiles } from '../../src/archive/doctor/examine.ts';
import { DAY_MS, PATHS, type Plant, type PlantedFile, plant, ROWS, writeCleanDays } from './plantedDays.ts';

export interface Case {
  readonly what: string;
  readonly fault: Plant;
  readonly problem: CheckName;
  /** Part of the series' name. */
  readonly series: string;
  readonly row?: number;
  readonly count?: number;
  /** Minutes after the first day's midnight. */
  readonly minute?: number;
  readonly says?: RegExp;
  readonly remedy?: RegExp;
  readonly severity?: 'note';
}

export const at = (row: number): string => `k = ${row}`;
export const within = (from: number, until: number): string => `k BETWEEN ${from} AND ${until}`;
export const of = (series: keyof typeof ROWS): string => within(ROWS[series][0], ROWS[series][1]);
export const when = (condition: string, value: string, otherwise: string): string =>
  `CASE WHEN ${condition} THEN ${value} ELSE ${otherwise} END`;
/** The same change of several columns. */
export const scaled = (
  condition: string,
  factor: string,
  columns = ['open', 'high', 'low', 'close'],
): Record<string, string> =>
  Object.fromEntries(columns.map((name) => [name, when(condition, `${name} * ${factor}`, name)]));
export const shifted = (series: keyof typeof ROWS, ms: number): Plant => ({
  file: 'candles',
  replace: { ts_ms: when(of(series), `ts_ms + ${ms}`, 'ts_ms') },
});

export const HOUR = 3_600_000;

/**
 * A test for each fault.
 *
 * @param beside  clean files that lie beside the one with the fault
 */
export function planted(cases: readonly Case[], beside: readonly PlantedFile[]): void {
  let clean = '';
  before(async () => {
    clean = await writeCleanDays();
  });
  after(() => rmSync(clean, { recursive: true, force: true }));
  for (const one of cases) {
    test(`planted: ${one.what}: ${one.problem}`, async (t) => {
      const folder = await plant(t, { clean, fault: one.fault, beside });
      const { findings } = await examineFiles(folder, []);
      assert.deepEqual(
        findings.map(({ problem, severity }) => [problem, severity]),
        [[one.problem, one.severity ?? 'fault']],
        findings.map(({ series, problem, message }) => `${series}: ${problem}: ${message}`).join('\n'),
      );
      const [found] = findings;
      assert.ok(found!.series.includes(one.series), found!.series);
      assert.ok(found!.file.endsWith(PATHS[one.fault.file]), found!.file);
      if (one.row !== undefined) assert.equal(found!.row, one.row);
      if (one.count !== undefined) assert.equal(found!.count, one.count);
      if (one.minute !== undefined) assert.equal(found!.fromUs, (DAY_MS + one.minute * 60_000) * 1000);
      if (one.says !== undefined) assert.match(found!.message, one.says);
      if (one.remedy !== undefined) assert.match(found!.remedy, one.remedy);
      assert.equal(found!.code, CHECKS[one.problem].code);
      assert.ok(found!.remedy.length > 10 && found!.effect.length > 10);
    });
  }
}
