/**
 * The hazard profile of each world of a run: liquidation prices before the first beat, and how far the mark
 * came into them. Rows pass on their way to the store.
 */
import type { Outbox } from '../engine/rows.ts';
import type { World } from '../engine/world.ts';
import type { HazardRow } from '../results/runTables.ts';
import type { Sink } from '../results/sink.ts';
import type { Scenario } from '../rules/scenario.ts';
import { hazards } from './compare/branching.ts';
import { BookShare } from './compare/bookShare.ts';
import { probe } from './compare/entrants.ts';
import { hazardRows } from './compare/hazardRows.ts';
import type { Tape } from './tape.ts';

/** A world, the tape that it is replayed on, and the scenario that it was made from. */
export interface Watched {
  readonly world: World;
  readonly tape: Tape;
  readonly scenario: Scenario;
}

interface Noted extends Watched {
  readonly share: BookShare;
  readonly marks: readonly Float64Array[];
}

export class RunHazard implements Sink {
  private readonly next: Sink;
  private readonly worlds: readonly Noted[];

  /** @param next  where the rows go */
  constructor(worlds: readonly Watched[], next: Sink) {
    this.next = next;
    this.worlds = worlds.map((watched) => {
      const { markets, frames } = watched.tape;
      const place = (id: string): number => markets.findIndex((m) => m.id === id);
      return {
        ...watched,
        share: new BookShare(markets.length, place),
        marks: markets.map(() => new Float64Array(frames.beats).fill(Number.NaN)),
      };
    });
  }

  record(index: number, outbox: Outbox): void | Promise<void> {
    const { world, tape, share, marks } = this.worlds[index]!;
    const { startUs, beatUs } = tape.frames;
    const beat = Math.round((world.desk.tsUs - startUs) / beatUs) - 1;
    for (const [m, { markF64 }] of world.prices.entries()) marks[m]![beat] = markF64;
    for (const fill of outbox.fills) share.take(fill);
    for (const order of outbox.orders) share.order(order);
    return this.next.record(index, outbox);
  }

  /** Rows of the table, once the replay is over. */
  rows(): HazardRow[] {
    return this.worlds.flatMap(({ world, tape, scenario, share, marks }, index) => {
      const { fills } = scenario.assumptions;
      const lambda = tape.lambda(scenario.assumptions);
      const still = probe({ world, rules: scenario.rules }, world.input.population);
      return hazards(still.world, still.marksF64).flatMap((hazard, m) =>
        hazardRows({
          market: tape.markets[m]!,
          hazard,
          firstMark: still.marksF64[m]!,
          path: {
            marksF64: marks[m]!,
            lambda: lambda[m]!,
            lots: tape.lots(m),
            beatUs: tape.frames.beatUs,
            kernel: fills.kernel,
            participation: fills.participation.toNumber(),
            bookShare: share.of(m),
          },
        }).map((bucket) => ({ world: index, ...bucket })),
      );
    });
  }
}
