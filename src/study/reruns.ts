/**
 * The reruns that turn a money figure into a range: other timings inside a bar, other reconstruction
 * seeds, other values of what is assumed. Each is a world replayed for its money figures only; those
 * that share a tape share one pass.
 */
import { ReplayError } from '../basics/errors.ts';
import type { World } from '../engine/world.ts';
import { replay } from '../replay.ts';
import type { EnsembleRow, MetricRow } from '../results/runTables.ts';
import { Tally } from '../results/tally.ts';
import type { Timing } from '../rules/assumptions.ts';
import type { MarketRules, RuleSet } from '../rules/ruleSet.ts';
import type { Scenario } from '../rules/scenario.ts';
import { PublishedSums, type PublishedValues } from './publishedSums.ts';
import { type ReadScenarioOptions, readScenario } from './scenario.ts';
import { Tape } from './tape.ts';

/** What one rerun changes. */
export interface Cell {
  readonly name: string;
  readonly kind: 'timing' | 'seed' | 'override' | 'lastPrice';
  /** The timing, seed or override as written. */
  readonly variation: string;
}

/** Cells that share a tape. Plain data: it crosses to a worker. */
export interface RerunGroup {
  readonly scenario: string;
  readonly read: ReadScenarioOptions;
  /** How the scenario's own rules are read, for a baseline beside each cell; null: none. */
  readonly ownRead: ReadScenarioOptions | null;
  /** The run's rules are not the scenario's: a cell may have nothing to change. */
  readonly changesRules: boolean;
  readonly dataDir: string;
  readonly cacheDir: string;
  readonly timing: Timing;
  readonly tapeSeed: string;
  readonly cells: readonly Cell[];
}

/** The one headline figure that a rerun, which writes few beats, cannot have. */
const NEEDS_EVERY_BEAT = 'marketProfitLow';

/** Worlds of the scenario's own tape that one group may hold: small enough to balance over workers. */
const CELLS_PER_GROUP = 3;

/** All reruns that a scenario asks for, grouped by tape. */
export function planReruns(
  scenario: Scenario,
  base: Omit<RerunGroup, 'timing' | 'tapeSeed' | 'cells'>,
): RerunGroup[] {
  const { sensitivity, assumptions, seed } = scenario;
  const own = { ...base, timing: assumptions.timing, tapeSeed: seed };
  const overrides = sensitivity.overrides.map(
    (variation): Cell => ({ name: variation, kind: 'override', variation }),
  );
  const same: Cell[] = [
    { name: 'mark = last price', kind: 'lastPrice', variation: 'lastPrice' },
    ...overrides,
  ];
  const groups: RerunGroup[] = [];
  for (let i = 1; i < sensitivity.reconstructionSeeds; i++) {
    const tapeSeed = `${seed}/${i}`;
    groups.push({
      ...own,
      tapeSeed,
      cacheDir: '',
      cells: [{ name: `seed ${i}`, kind: 'seed', variation: String(i) }],
    });
  }
  for (const timing of sensitivity.timings as Timing[]) {
    if (timing === assumptions.timing) continue;
    groups.push({ ...own, timing, cells: [{ name: `timing ${timing}`, kind: 'timing', variation: timing }] });
  }
  for (let i = 0; i < same.length; i += CELLS_PER_GROUP)
    groups.push({ ...own, cells: same.slice(i, i + CELLS_PER_GROUP) });
  return groups;
}

/** A cell and what came of it; no figures when the asked-for rules have nothing that it could change. */
export interface DoneCell {
  readonly cell: Cell;
  readonly figures: readonly MetricRow[];
  /** Our side of the published figures. */
  readonly published: PublishedValues;
  /** Why it was left out; '' when it ran. */
  readonly leftOut: string;
}

/** Replays one group and returns the money figures of each cell, in the order of its cells. */
export async function rerunGroup(group: RerunGroup): Promise<DoneCell[]> {
  const asked = [];
  for (const cell of group.cells) asked.push(await askedOf(group, cell));
  const first = asked.find((a) => a.scenario !== null)?.scenario;
  if (first === undefined || first === null)
    return asked.map((a) => ({ cell: a.cell, figures: [], published: {}, leftOut: a.leftOut }));
  const { dataDir, cacheDir, timing, tapeSeed } = group;
  const tape = await Tape.load(first, { dataDir, cacheDir, timing, tapeSeed });
  const worlds: World[] = [];
  const add = async (s: Scenario, openedUnder: RuleSet, baseline: World | null): Promise<World> => {
    const { rules, assumptions, seed } = s;
    const index = worlds.length;
    const world = await tape.world({
      index,
      name: String(index),
      rules,
      assumptions,
      seed,
      openedUnder,
      baseline,
      record: 'money',
    });
    worlds.push(world);
    return world;
  };
  const worldOf = new Map<Cell, number>();
  for (const { cell, scenario, own } of asked) {
    if (scenario === null) continue;
    const baseline = own === null ? null : await add(own, own.rules, null);
    worldOf.set(cell, worlds.length);
    await add(scenario, own?.rules ?? scenario.rules, baseline);
  }
  const tally = new Tally(new Map(tape.markets.map((m) => [m.id, m])));
  const sums = new PublishedSums(first.facts);
  await replay(tape.frames, worlds, {
    record: (world, outbox) => {
      tally.record(world, outbox);
      sums.record(world, outbox);
    },
  });
  const rows = tally.rows();
  return asked.map(({ cell, leftOut }) => {
    const world = worldOf.get(cell) ?? -1;
    return { cell, leftOut, figures: rows.filter((r) => r.world === world), published: sums.values(world) };
  });
}

interface AskedCell {
  readonly cell: Cell;
  /** null: the rules have nothing that the cell could change. */
  readonly scenario: Scenario | null;
  /** The scenario's own rules beside it, where the run has a baseline. */
  readonly own: Scenario | null;
  readonly leftOut: string;
}

async function askedOf(group: RerunGroup, cell: Cell): Promise<AskedCell> {
  const more = cell.kind === 'override' ? [cell.variation] : [];
  const read = (options: ReadScenarioOptions): Promise<Scenario> =>
    readScenario(group.scenario, { ...options, overrides: [...(options.overrides ?? []), ...more] });
  try {
    const scenario = await read(group.read);
    if (cell.kind === 'lastPrice')
      return { cell, scenario: { ...scenario, rules: byLastPrice(scenario.rules) }, own: null, leftOut: '' };
    return { cell, scenario, own: group.ownRead === null ? null : await read(group.ownRead), leftOut: '' };
  } catch (error) {
    if (!(error instanceof ReplayError) || cell.kind !== 'override') throw error;
    if (group.changesRules) return { cell, scenario: null, own: null, leftOut: error.message };
    throw new ReplayError(
      error.code,
      `the rerun ${cell.variation}: ${error.message}`,
      error.place,
      error.remedy,
    );
  }
}

/** The same rules with every position judged at the last price: what the mark price saved people from. */
function byLastPrice(rules: RuleSet): RuleSet {
  const marked = (markets: RuleSet['markets']): RuleSet['markets'] =>
    Object.fromEntries(
      Object.entries(markets).map(([id, m]): [string, MarketRules] => {
        const { tick, rounding } = m.mark;
        return [id, { ...m, mark: { kind: 'lastPrice', tick, rounding } }];
      }),
    );
  const schedule = rules.schedule?.map(({ slots, ...change }) => ({
    ...change,
    slots: slots.markets === undefined ? slots : { ...slots, markets: marked(slots.markets) },
  }));
  return { ...rules, markets: marked(rules.markets), ...(schedule === undefined ? {} : { schedule }) };
}

/**
 * Rows of the table `ensemble`; the last-price world answers a question of its own and is no range.
 *
 * @param world  the world of the stored run whose reruns these are
 */
export const ensembleRows = (done: readonly DoneCell[], seed: string, world: number): EnsembleRow[] =>
  done
    .filter(({ cell }) => cell.kind !== 'lastPrice')
    .flatMap(({ cell, figures }) =>
      figures
        .filter((f) => f.bucket === '' && f.value !== '' && f.name !== NEEDS_EVERY_BEAT)
        .map(({ name, market, side, value, valueF64, unit }) => ({
          world,
          cell: cell.name,
          kind: cell.kind,
          variation: cell.variation,
          seed,
          name,
          market,
          side,
          value,
          valueF64,
          unit,
        })),
    );

/** How many accounts the last price would have liquidated, as figures of the run's main world. */
export const lastPriceRows = (done: readonly DoneCell[], world: number): MetricRow[] =>
  done
    .filter(({ cell }) => cell.kind === 'lastPrice')
    .flatMap(({ figures }) =>
      figures
        .filter((f) => f.name === 'liquidatedAccounts')
        .map((f) => ({
          ...f,
          world,
          name: 'liquidatedAccountsAtLastPrice',
          definition:
            'distinct accounts with a verdict in a rerun that judges every position at the last price',
        })),
    );
