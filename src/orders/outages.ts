/** Parts of a venue that are down: no matching, no risk engine, or no price feed. */
import type { Micros } from '../basics/instant.ts';
import type { Outage } from '../clock/frames.ts';

/** Whether a part is up at an instant; an outage covers from <= tsUs < until. */
export const isUp = (outages: readonly Outage[], part: Outage['part'], tsUs: Micros): boolean =>
  !outages.some((o) => o.part === part && o.fromUs <= tsUs && tsUs < o.untilUs);
