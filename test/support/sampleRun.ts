/** Writes the sample run of rows.ts, as a function and as a program: `sampleRun.ts <folder> [kill]`. */
import { measure } from '../../src/measure/measure.ts';
import type { RunFile } from '../../src/results/manifest.ts';
import { type RunPlan, writeRun } from '../../src/results/store.ts';
import { type Rows, sampleBeats } from './rows.ts';
import { sampleFacts } from './runFacts.ts';

/** One bucket: nothing checks a profile against rows. */
const SAMPLE_HAZARD = {
  world: 0,
  market: 'BTCUSDT',
  side: 'long',
  place: -5,
  low: 9500,
  high: 9595,
  notional: 1000,
  pockets: 1,
  branchingF64: Number.NaN,
};

/**
 * @param tamper  changes rows before they are stored
 * @param parts   replaces parts of the plan
 */
export async function writeSample(
  folder: string,
  tamper: (beats: Rows[]) => void = () => {},
  parts: Partial<RunPlan> = {},
): Promise<RunFile> {
  const beats = sampleBeats();
  tamper(beats);
  return writeRun({
    folder,
    facts: sampleFacts,
    replay: async (sink) => {
      for (const rows of beats) await sink.record(0, rows);
    },
    measure: async (connection) => ({
      metrics: await measure(connection, sampleFacts()),
      hazard: [SAMPLE_HAZARD],
    }),
    ...parts,
  });
}

const [, program, folder, mode] = process.argv;
if (program?.endsWith('sampleRun.ts') && folder !== undefined) {
  await writeSample(
    folder,
    undefined,
    mode !== 'kill'
      ? {}
      : {
          measure: async () => {
            process.kill(process.pid, 'SIGKILL');
            return { metrics: [] };
          },
        },
  );
}
