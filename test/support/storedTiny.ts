/** A hand-made world (tinyWorld.ts) played to its end and stored like a run: for what reads finished runs. */
import { join } from 'node:path';
import { writeRun } from '../../src/results/store.ts';
import type { Outbox } from '../../src/engine/rows.ts';
import { freshFolder } from './parquet.ts';
import { sampleFacts } from './runFacts.ts';
import { play, type Tiny } from './tinyWorld.ts';

/** Plays and stores. Returns the folder of the run and the rows that the engine wrote. */
export async function storedTiny(
  context: { after(run: () => void): void },
  tiny: Tiny,
): Promise<{ folder: string; rows: Outbox }> {
  const { world, rows } = await play(tiny);
  const { markets, rules, frames } = world.input;
  const sample = sampleFacts();
  const own = { markets: Object.fromEntries(markets.map((m) => [m.id, m])), beatUs: frames.beatUs };
  const facts = {
    ...sample,
    scenario: { ...sample.scenario, facts: { ...sample.scenario.facts, ...own } },
    worlds: sample.worlds.map((w) => ({ ...w, rules })),
  };
  const folder = join(freshFolder(context), 'run');
  await writeRun({
    folder,
    facts: () => facts,
    replay: async (sink) => sink.record(0, rows),
    measure: async () => ({ metrics: [] }),
  });
  return { folder, rows };
}
