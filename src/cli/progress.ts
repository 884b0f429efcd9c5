/** A bar with the remaining time on stderr while a person watches, nothing otherwise. */
import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  readonly report: (step: { readonly done: number; readonly total: number; readonly what: string }) => void;
  /** Takes the bar off the screen; to be called whatever happened. */
  readonly stop: () => void;
}

/** @param shown  false: reports are ignored */
export function progressBar(shown: boolean): Progress {
  if (!shown) return { report: () => {}, stop: () => {} };
  const bar = new SingleBar(
    {
      format: '{what} {bar} {percentage}% | {eta_formatted} left',
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
      etaBuffer: 100,
      fps: 10,
    },
    Presets.shades_classic,
  );
  let current = '';
  return {
    report: ({ done, total, what }) => {
      if (what === current) {
        bar.setTotal(total); // an estimate may get better
        return bar.update(done);
      }
      // a new task has its own pace, so its remaining time is reckoned anew
      bar.stop();
      bar.start(total, done, { what });
      current = what;
    },
    stop: () => bar.stop(),
  };
}
