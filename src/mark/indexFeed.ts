/**
 * The index of one market, beat by beat: reads what the constituents show, knows when an index is due
 * and forms it only when something changed. Serves other venues' perpetuals too, whose weighted
 * median enters an oracle's mark.
 */
import { ReplayError } from '../basics/errors.ts';
import type { Price } from '../basics/exact.ts';
import { DAY_US, formatDuration, type Micros } from '../basics/instant.ts';
import type { ConstituentFrames } from '../clock/frames.ts';
import type { IndexRule } from '../rules/ruleSet.ts';
import { type IndexPlan, planIndex, weighAt } from './indexPlan.ts';
import { formIndex, type IndexResult } from './indexPrice.ts';
import { waits } from './outliers.ts';

/** Whether something that happens every so often, counted from the start of the UTC day, is due. */
export const isDue = (everyUs: Micros, tsUs: Micros): boolean => (tsUs % DAY_US) % everyUs === 0;

/** Whole ticks displaced by a factor, to nearest and at least one; NaN stays NaN. */
export const grown = (ticks: number, factor: number): number =>
  factor === 1 || Number.isNaN(ticks) ? ticks : Math.max(1, Math.round(ticks * factor));

/** @throws ReplayError RULES_INVALID unless `everyUs` is a whole number of beats */
export function checkEvery(what: string, everyUs: Micros, beatUs: Micros, path: string): void {
  if (everyUs % beatUs === 0) return;
  const [every, beat] = [everyUs, beatUs].map(formatDuration);
  const message = `${what} every ${every}, which is no multiple of the beat of ${beat}`;
  throw new ReplayError('RULES_INVALID', message, { path }, 'Choose a beat that divides it.');
}

const NOTHING: IndexResult = { index: null, held: false, provenance: '' };

export class IndexFeed {
  /** As formed last; between two due instants it stands. */
  formed = NOTHING;
  private readonly rule: IndexRule;
  private readonly sources: readonly ConstituentFrames[];
  private readonly everyUs: Micros;
  private readonly plan: IndexPlan;
  private readonly ticks: Float64Array;
  private readonly stale: Uint8Array;
  /** When each source's price last became another one. */
  private readonly changedUs: Float64Array;
  private changed = false;
  private last: Price | null = null;

  /** @throws ReplayError RULES_INVALID when the index can never form or is due between beats */
  constructor(input: {
    rule: IndexRule;
    sources: readonly ConstituentFrames[];
    beatUs: Micros;
    path: string;
  }) {
    const { rule, sources, beatUs } = input;
    this.rule = rule;
    this.sources = sources;
    this.everyUs = rule.everyUs ?? beatUs;
    checkEvery('the index is formed', this.everyUs, beatUs, input.path);
    this.plan = planIndex(rule, sources);
    this.ticks = new Float64Array(sources.length).fill(NaN);
    this.stale = new Uint8Array(sources.length);
    this.changedUs = new Float64Array(sources.length);
  }

  /**
   * Looks at one beat. @param growth  factor by which a counterfactual displaces every source; 1 in a
   * baseline
   */
  observe(beat: number, endUs: Micros, growth: number): void {
    if (this.read(beat, endUs, growth)) this.changed = true;
    if (!isDue(this.everyUs, endUs)) return;
    const reweighed = weighAt(this.plan, endUs);
    if (!this.changed && !reweighed && !waits(this.plan)) return;
    this.changed = false;
    const before = { index: this.last, live: this.last !== null && !this.formed.held };
    this.formed = formIndex(this.plan, { ticks: this.ticks, stale: this.stale, before, tsUs: endUs });
    this.last = this.formed.index ?? this.last;
  }

  /** @returns whether a price or a staleness is another one than before */
  private read(beat: number, endUs: Micros, growth: number): boolean {
    const { sources, ticks, stale, changedUs } = this;
    const { afterUs, since } = this.rule.stale;
    let changed = false;
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i]!;
      const price = grown(source.lastTicks[beat]!, growth);
      const isNew = price !== ticks[i] && !Number.isNaN(price);
      if (isNew) changedUs[i] = endUs - source.ageUs[beat]!;
      const ageUs = since === 'change' ? endUs - changedUs[i]! : source.ageUs[beat]!;
      const old = ageUs > afterUs ? 1 : 0;
      if (!isNew && old === stale[i]) continue;
      changed = true;
      if (isNew) ticks[i] = price;
      stale[i] = old;
    }
    return changed;
  }
}
