/**
 * Check 4 out of sample: populations are fitted to what was published of 12 March 2020, and asked about the
 * 13th without refit. The error is reported, not mended.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseInstant } from '../../basics/instant.ts';
import type { CalibrationResult, CalibrationTarget } from '../../report/calibrate/model.ts';
import { calibrateScenario } from '../calibrate/calibrate.ts';
import { type CheckRow, percent, text, within } from './checkRow.ts';
import type { ValidationPlaces } from './runs.ts';

const NAME = '2020-03-12-xbtusd';
/** Few accounts and draws, so that it takes minutes and not hours; the rows say so. */
const [ACCOUNTS, DRAWS, KEEP] = [1000, 24, 6] as const;

/** Bands of the list of checks: in sample, and of the part of the 13th that was published. */
const [IN_SAMPLE, OUT_OF_SAMPLE] = [0.3, 0.5] as const;

/** Longs of the two days under the kept populations. Takes minutes. */
export async function halvesRows(places: ValidationPlaces): Promise<CheckRow[]> {
  const outDir = mkdtempSync(join(tmpdir(), 'cascade-halves-'));
  try {
    const { result } = await calibrateScenario({
      scenario: `${places.scenarios}/${NAME}.yaml`,
      overrides: [`assumptions.population.accounts=${ACCOUNTS}`],
      draws: DRAWS,
      keep: KEEP,
      fitUntil: parseInstant('2020-03-13'),
      dataDir: places.dataDir,
      outDir,
      cacheDir: places.cacheDir,
      workers: 0,
      onProgress: places.onProgress ?? (() => {}),
    });
    return result.targets.filter(({ what }) => what === 'liquidatedLong').map((t) => rowOf(t, result));
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

function rowOf(target: CalibrationTarget, result: CalibrationResult): CheckRow {
  const { observed, predicted, role, sources } = target;
  const { low, median, high } = predicted;
  const when = role === 'fit' ? '12 March, fitted' : '13 March, without refit';
  const band = role === 'fit' ? IN_SAMPLE : OUT_OF_SAMPLE;
  const unknown = result.parameters.filter(({ identified }) => !identified).map(({ title }) => title);
  const inMillions = (value: number): string => `${Math.round(value / 1e6)}`;
  return {
    check: '4',
    target: `longs liquidated on ${when}: ${inMillions(observed)} M USD`,
    source: sources.join('; '),
    ours: `${inMillions(median)} M USD, ${inMillions(low)} to ${inMillions(high)} in 90 %`,
    band: `${100 * band} %`,
    verdict: within(median, observed, band),
    reason: text(
      `median of ${result.kept} populations of ${ACCOUNTS} accounts kept of ${result.draws}, off by`,
      `${percent(median / observed - 1)}.`,
      unknown.length === 0 ? '' : `Not identified by the 12th: ${unknown.join(', ')}.`,
      role === 'fit'
        ? 'The published figure is the geometric mean of two readings of one feed'
        : 'Published is the part of the day up to an unstated hour',
    ).replace('  ', ' '),
  };
}
