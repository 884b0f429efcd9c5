/**
 * The reruns that turn a money figure into a range: other timings inside a bar, other reconstruction
 * seeds, other values of what is assumed. Each is a world replayed for its money figures only; those
 * that share a tape share one pass.
 */
import { ReplayError } from '../basics/errors.ts';
import { replay } from '../replay.ts';
import type { EnsembleRow, MetricRow } from '../results/runTables.ts';
import { Tally } from '../results/tally.ts';
import type { Timing } from '../rules/assumptions.ts';
import type { MarketRules, RuleSet } from '../rules/ruleSet.ts';
import type { Scenario } from '../rules/scenario.ts';
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
  readonly dataDir: string;
  readonly cacheDir: string;
  readonly timing: Timing;
  readonly tapeSeed: string;
  readonly cells: readonly Cell[];
}

/** Worlds of the scenario's own tape that one group may hold: small enough to balance over workers. */
const CELLS_PER_GROUP = 3;

/** All reruns that a scenario asks for, grouped by tape. */
export function planReruns(
  scenario: Scenario,
  base: Pick<RerunGroup, 'scenario' | 'read' | 'dataDir' | 'cacheDir'>,
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

/** Replays one group and returns the money figures of each cell, in the order of its cells. */
export async function rerunGroup(
  group: RerunGroup,
): Promise<{ readonly cell: Cell; readonly figures: readonly MetricRow[] }[]> {
  const scenarios = await Promise.all(group.cells.map((cell) => scenarioOf(group, cell)));
  const { dataDir, cacheDir, timing, tapeSeed } = group;
  const tape = await Tape.load(scenarios[0]!, { dataDir, cacheDir, timing, tapeSeed });
  const worlds = [];
  for (const [index, s] of scenarios.entries()) {
    worlds.push(
      await tape.world({
        index,
        name: group.cells[index]!.name,
        rules: s.rules,
        assumptions: s.assumptions,
        seed: s.seed,
        openedUnder: s.rules,
        baseline: null,
        record: 'money',
      }),
    );
  }
  const tally = new Tally(new Map(tape.markets.map((m) => [m.id, m])));
  await replay(tape.frames, worlds, tally);
  const rows = tally.rows();
  return group.cells.map((cell, index) => ({ cell, figures: rows.filter((r) => r.world === index) }));
}

async function scenarioOf(group: RerunGroup, cell: Cell): Promise<Scenario> {
  if (cell.kind === 'lastPrice') {
    const scenario = await readScenario(group.scenario, group.read);
    return { ...scenario, rules: byLastPrice(scenario.rules) };
  }
  const overrides = cell.kind === 'override' ? [cell.variation] : [];
  try {
    return await readScenario(group.scenario, {
      ...group.read,
      overrides: [...(group.read.overrides ?? []), ...overrides],
    });
  } catch (error) {
    if (error instanceof ReplayError && cell.kind === 'override') {
      throw new ReplayError(
        error.code,
        `the rerun ${cell.variation}: ${error.message}`,
        error.place,
        error.remedy,
      );
    }
    throw error;
  }
}

/** The same rules with every position judged at the last price: what the mark price saved people from. */
function byLastPrice(rules: RuleSet): RuleSet {
  const markets = Object.entries(rules.markets).map(([id, m]): [string, MarketRules] => {
    const { tick, rounding } = m.mark;
    return [id, { ...m, mark: { kind: 'lastPrice', tick, rounding } }];
  });
  return { ...rules, markets: Object.fromEntries(markets) };
}

/** The one headline figure that a rerun, which writes few beats, cannot have. */
const NEEDS_EVERY_BEAT = 'marketProfitLow';

/** Rows of the table `ensemble`; the last-price world answers a question of its own and is no range. */
export const ensembleRows = (
  done: readonly { readonly cell: Cell; readonly figures: readonly MetricRow[] }[],
  seed: string,
): EnsembleRow[] =>
  done
    .filter(({ cell }) => cell.kind !== 'lastPrice')
    .flatMap(({ cell, figures }) =>
      figures
        .filter((f) => f.bucket === '' && f.value !== '' && f.name !== NEEDS_EVERY_BEAT)
        .map((f) => ({
          world: 0,
          cell: cell.name,
          kind: cell.kind,
          variation: cell.variation,
          seed,
          name: f.name,
          market: f.market,
          side: f.side,
          value: f.value,
          valueF64: f.valueF64,
          unit: f.unit,
        })),
    );

/** How many accounts the last price would have liquidated, as figures of world 0. */
export const lastPriceRows = (
  done: readonly { readonly cell: Cell; readonly figures: readonly MetricRow[] }[],
): MetricRow[] =>
  done
    .filter(({ cell }) => cell.kind === 'lastPrice')
    .flatMap(({ figures }) =>
      figures
        .filter((f) => f.name === 'liquidatedAccounts')
        .map((f) => ({
          ...f,
          world: 0,
          name: 'liquidatedAccountsAtLastPrice',
          definition:
            'distinct accounts with a verdict in a rerun that judges every position at the last price',
        })),
    );
