/**
 * Snapshots between the happenings: everybody before the first event, then at every interval the
 * accounts that something happened to since their last one, and all funds. A reader who lost messages
 * is whole again at the next.
 */
import type { Micros } from '../../basics/instant.ts';
import type { Happening, HappeningOf } from './happenings.ts';
import type { Holdings } from './holdings.ts';
import type { StoredRow } from './storedRows.ts';
import type { StoredRules } from './storedRules.ts';
import type { Story } from './story.ts';
import type { Valuation } from './valuation.ts';

export class Snapshots {
  private readonly holdings: Holdings;
  private readonly valuation: Valuation;
  private readonly stored: StoredRules;
  private readonly story: Story;
  private readonly everyUs: Micros;
  /** Marks of the first beat, which the opening snapshot is valued at and which follow it. */
  private opening: StoredRow[] | null = [];
  private nextUs = 0;
  private lastUs = 0;
  private readonly funds = new Map<string, HappeningOf<'fund'>>();

  constructor(o: {
    holdings: Holdings;
    stored: StoredRules;
    valuation: Valuation;
    story: Story;
    everyUs: Micros;
  }) {
    this.holdings = o.holdings;
    this.stored = o.stored;
    this.valuation = o.valuation;
    this.story = o.story;
    this.everyUs = o.everyUs;
  }

  /** What a row lets a venue tell, and the snapshots due before it. */
  *tell(row: StoredRow): Generator<Happening> {
    if (this.opening !== null) {
      if (row.kind === 'mark' && row.tsUs === (this.opening[0]?.tsUs ?? row.tsUs)) {
        this.opening.push(row);
        return;
      }
      yield* this.open();
    }
    while (row.tsUs > this.nextUs) {
      yield* this.story.rest();
      yield* this.take(this.nextUs);
      this.nextUs += this.everyUs;
    }
    this.lastUs = row.tsUs;
    yield* this.happen(row);
  }

  /** The booking that was open, and the last snapshot. */
  *finish(): Generator<Happening> {
    if (this.opening !== null) yield* this.open();
    yield* this.story.rest();
    if (this.lastUs > 0) yield* this.take(this.lastUs);
  }

  private *happen(row: StoredRow): Generator<Happening> {
    for (const happening of this.story.tell(row)) {
      if (happening.kind === 'fund') this.funds.set(happening.fund, happening);
      yield happening;
    }
  }

  private *open(): Generator<Happening> {
    const marks = this.opening ?? [];
    this.opening = null;
    const first = marks[0]?.tsUs;
    if (first === undefined) return;
    const startUs = first - this.stored.beatUs;
    for (const row of marks) if (row.kind === 'mark') this.valuation.put(row.market, row.mark);
    for (const held of this.holdings.all.values()) yield { kind: 'snapshot', tsUs: startUs, held };
    for (const row of marks) yield* this.happen(row);
    this.lastUs = first;
    this.nextUs = startUs - (startUs % this.everyUs) + this.everyUs;
  }

  private *take(tsUs: Micros): Generator<Happening> {
    for (const held of this.holdings.all.values()) {
      if (!held.touched) continue;
      held.touched = false;
      yield { kind: 'snapshot', tsUs, held };
    }
    for (const fund of this.funds.values()) yield { ...fund, tsUs, snapshot: true };
  }
}
