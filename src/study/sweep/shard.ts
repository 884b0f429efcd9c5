/** One shard done: the figures of its worlds and the work that they shared, as canonical JSON. */
import { canonicalJson } from '../../basics/digest.ts';
import { CompareSink } from '../compare/figures.ts';
import { entryFigures, probe } from '../compare/entrants.ts';
import type { WorldFigures } from '../compare/metrics.ts';
import type { ShardJob } from './plan.ts';
import { type SharedWork, Stage } from './stage.ts';

/** Content of a shard's file. */
export interface DoneShard {
  readonly format: 1;
  readonly key: string;
  /** One a point, in their order. */
  readonly worlds: readonly WorldFigures[];
  readonly work: SharedWork;
}

/** Replays the points of a shard side by side. @returns canonical JSON: equal jobs give equal bytes */
export async function runShard(job: ShardJob): Promise<string> {
  const stage = await Stage.open(job.stage);
  const { cast, sink } = await stage.play(job.points, ({ worlds }) => new CompareSink(worlds));
  const worlds = cast.points.map(({ world, rules, baseline, opened }) =>
    sink.figures(world.input.index, baseline.input.index, entryFigures(probe({ world, rules }, opened))),
  );
  const done: DoneShard = { format: 1, key: job.key, worlds, work: stage.work };
  return `${canonicalJson(done)}\n`;
}
