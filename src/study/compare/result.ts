/** From the worlds of all draws to findings: paired differences, stability, and the panel of entries. */
import type {
  Entry,
  EntryPanel,
  Figures,
  Finding,
  MetricDefinition,
  Stability,
} from '../../report/compare/model.ts';
import { CENTRAL } from './draws.ts';
import type { DoneDraw, DoneWorld } from './job.ts';
import { OF_THE_START } from './metrics.ts';
import { bandOf, quantile, verdictOf } from './verdict.ts';

const worldOf = (draw: DoneDraw, candidate: number, feedback: boolean): DoneWorld =>
  draw.worlds.find((w) => w.candidate === candidate && w.feedback === feedback)!;

const figure = (world: DoneWorld, metric: string): number | null =>
  (world.figures as Figures)[metric] ?? null;

/** Candidate less baseline, of the draws in which both have the figure. */
function differences(draws: readonly DoneDraw[], k: number, metric: string, feedback: boolean): number[] {
  return draws.flatMap((draw) => differenceIn(draw, { candidate: k, metric, feedback }) ?? []);
}

/** Candidate less baseline of one draw; null where one of both does not have the figure. */
export function differenceIn(
  draw: DoneDraw,
  { candidate, metric, feedback }: { candidate: number; metric: string; feedback: boolean },
): number | null {
  const own = figure(worldOf(draw, -1, false), metric);
  const other = figure(worldOf(draw, candidate, feedback), metric);
  return own === null || other === null ? null : other - own;
}

/** Draws in which only the baseline or only the candidate has the figure: their difference is left out. */
const oneSided = (draws: readonly DoneDraw[], candidate: number, metric: string): number =>
  draws.filter((draw) => {
    const [own, other] = [worldOf(draw, -1, false), worldOf(draw, candidate, true)];
    return (figure(own, metric) === null) !== (figure(other, metric) === null);
  }).length;

const median = (list: readonly number[]): number | null =>
  list.length === 0
    ? null
    : quantile(
        list.toSorted((a, b) => a - b),
        0.5,
      );

const inCell = (draws: readonly DoneDraw[], cell: string): DoneDraw[] =>
  draws.filter((d) => d.draw.cell === cell);

/** How far a candidate's worlds left history, by cell. */
export function stabilityOf(draws: readonly DoneDraw[], candidates: number): Stability[] {
  const cells = [...new Set(draws.map((d) => d.draw.cell))];
  return Array.from({ length: candidates }, (_, candidate) =>
    cells.map((cell): Stability => {
      const own = inCell(draws, cell);
      const with_ = own.map((d) => worldOf(d, candidate, true));
      const ratios = own.flatMap((d, i) => {
        const alone = worldOf(d, candidate, false).figures.liquidatedNotional ?? 0;
        return alone > 0 ? [(with_[i]!.figures.liquidatedNotional ?? 0) / alone] : [];
      });
      return {
        candidate,
        cell,
        draws: own.length,
        displacement: Math.max(...with_.map((w) => w.displacement)),
        branching: Math.max(
          ...with_.map((w) => w.branching),
          ...own.map((d) => worldOf(d, -1, false).branching),
        ),
        amplification: median(ratios),
      };
    }),
  ).flat();
}

/** What every metric says about every candidate; a metric that a candidate does not have is left out. */
export function findingsOf(o: {
  readonly draws: readonly DoneDraw[];
  readonly candidates: number;
  readonly metrics: readonly MetricDefinition[];
  readonly stability: readonly Stability[];
}): Finding[] {
  const { draws, candidates, metrics, stability } = o;
  const central = inCell(draws, CENTRAL.name);
  const cells = [...new Set(draws.map((d) => d.draw.cell))];
  return Array.from({ length: candidates }, (_, candidate) =>
    metrics.flatMap(({ name }): Finding[] => {
      const feedback = bandOf(differences(central, candidate, name, true));
      const accounting = bandOf(differences(central, candidate, name, false));
      if (feedback === null || accounting === null) return [];
      const own = new Map(cells.map((c) => [c, differences(inCell(draws, c), candidate, name, true)]));
      const { label, reasons } = verdictOf({
        cells: own,
        feedback,
        accounting,
        stability: stability.filter((s) => s.candidate === candidate && !OF_THE_START.includes(name)),
      });
      const levels = central.flatMap((d) => figure(worldOf(d, -1, false), name) ?? []);
      const alone = oneSided(draws, candidate, name);
      const told =
        alone === 0
          ? reasons
          : [...reasons, `left out: ${alone} of ${draws.length} in which only one of both has it`];
      return [
        { candidate, metric: name, baseline: median(levels)!, feedback, accounting, label, reasons: told },
      ];
    }),
  ).flat();
}

/** The panel of one policy, from its one draw. */
export function panelOf(policy: Entry, { entry, worlds }: DoneDraw, candidates: number): EntryPanel {
  const of = (k: number): Figures => worlds.find((w) => w.candidate === k && !w.feedback)!.figures;
  return {
    policy,
    ...entry,
    baseline: of(-1),
    candidates: Array.from({ length: candidates }, (_, k) => of(k)),
  };
}
