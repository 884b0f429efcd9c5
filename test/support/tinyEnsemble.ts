/** An ensemble of the ten made-up minutes, fitted by nobody: two members that differ in one share. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ensemble, ensembleText } from '../../src/study/calibrate/ensemble.ts';
import type { Tiny } from './tinyScenario.ts';

export const SHARE = 'assumptions.population.liquidatableShare';
const BAND = { low: 0, median: 1, high: 2 };
const ENSEMBLE: Ensemble = {
  ...{ format: '1', scenario: 'tiny', rules: 'binance-usdm@2021-05', overrides: [], seed: '7' },
  ...{ code: 'an older build', draws: 40 },
  targets: [
    {
      ...{ what: 'liquidatedTotal', market: 'BTCUSDT', from: '', until: '', observed: 1, unit: 'USDT' },
      ...{ sigmaLn: 1, tolerance: '', sources: [], notes: [], role: 'fit', predicted: BAND },
    },
  ],
  parameters: [{ path: SHARE, law: '', prior: BAND, posterior: BAND, shrinkage: 0.1, identified: false }],
  members: [
    { seed: 'kept/5', overrides: [`${SHARE}=0.9`], loss: 0.1 },
    { seed: 'kept/2', overrides: [`${SHARE}=0.4`], loss: 0.2 },
  ],
};

/** Writes it into the scenario's folder, with something else in it. @returns the file */
export function placedEnsemble(tiny: Tiny, more: Partial<Ensemble> = {}): string {
  const file = join(tiny.folder, 'ensemble.json');
  writeFileSync(file, ensembleText({ ...ENSEMBLE, ...more }));
  return file;
}
