/**
 * The main path. Everything this program does to history happens in these lines: for each beat's
 * frame, for each world, price the mark, let the engine act, hand over what happened. Worlds come
 * baseline first; a candidate reads its baseline's flow of the same beat.
 */
import type { Frames } from './clock/frames.ts';
import type { World } from './engine/world.ts';
import type { Sink } from './results/sink.ts';

/** @param onBeat  told the number of beats done; for progress */
export async function replay(
  frames: Frames,
  worlds: readonly World[],
  sink: Sink,
  onBeat: (done: number) => void = () => {},
): Promise<void> {
  for (let beat = 0; beat < frames.beats; beat++) {
    for (const world of worlds) {
      const prices = world.price(beat); // shared while the world has not diverged
      if (prices === null) continue; // no price yet: an index has not formed
      const outbox = world.act(beat, prices); // the ten stages of a beat
      const written = sink.record(world.input.index, outbox);
      if (written !== undefined) await written;
    }
    onBeat(beat + 1);
  }
  for (const world of worlds) {
    await sink.record(world.input.index, world.finish());
    world.rest();
  }
}
