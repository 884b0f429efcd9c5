/**
 * `cascade event new`: from a day, a venue and a folder of data to a scenario that runs, and a list of
 * what would make it better. The rule book is the venue's of that day; what nobody recorded is an
 * assumption and says so.
 */
import type { Finding } from '../../load/quality.ts';
import { ReplayError } from '../../basics/errors.ts';
import { isInForce } from '../../rules/inForce.ts';
import { listRules, readRules } from '../../rules/readRules.ts';
import type { MarketRules, RuleSet } from '../../rules/ruleSet.ts';
import { baseOf, type Choice, choose, perpPrices, quoteOf, type Wanted } from './choose.ts';
import { type Found, inventoryOf } from './inventory.ts';
import {
  calmMarket,
  type CalmMarket,
  type DayBar,
  dayBar,
  type Measured,
  measuring,
  steps,
} from './measure.ts';
import { missingData, type Missing } from './missing.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

export interface NewEvent {
  readonly parts: EventParts;
  readonly missing: readonly Missing[];
}

/** What the text is made of. */
export interface EventParts {
  readonly wanted: Wanted;
  readonly id: string;
  readonly choice: Choice & { readonly perp: Found };
  readonly rules: RuleSet;
  /** Market of the rule book: the scenario's market has its name. */
  readonly market: string;
  readonly marketRules: MarketRules;
  readonly steps: ReadonlyMap<Found, Measured>;
  readonly calm: CalmMarket | null;
  /** The window as one daily candle, where there is nothing before it. */
  readonly dayItself: DayBar | null;
}

/**
 * @param day   `2021-05-19`: the window is [day, day + days)
 * @throws ReplayError DATA_MISSING when the perpetual has no prices on that day (its remedy says how to get
 *         them), RULES_NOT_IN_FORCE when no rule book of the venue holds on it, SCENARIO_INVALID for a venue
 *         without books
 */
export async function newEvent(o: {
  venue: string;
  symbol: string;
  fromMs: number;
  days: number;
  dataDir: string;
  /** Without spot prices the perpetual stands for its own index. */
  indexFromPerp: boolean;
}): Promise<NewEvent> {
  const asked: Wanted = {
    venue: o.venue,
    symbol: o.symbol,
    fromMs: o.fromMs,
    untilMs: o.fromMs + o.days * DAY_MS,
  };
  const { rules, market } = ruleBook(asked);
  const marketRules = rules.markets[market]!;
  const inventory = await inventoryOf(o.dataDir, asked);
  const wanted = covered(inventory, asked);
  const found = choose(wanted === asked ? inventory : await inventoryOf(o.dataDir, wanted), wanted);
  const spot = weighed(found.constituents, marketRules);
  const choice = { ...found, constituents: spot };
  const missing = missingData(choice, { wanted, rules, marketRules });
  const { perp } = choice;
  if (perp === null || (spot.length === 0 && !o.indexFromPerp))
    throw new ReplayError(
      'DATA_MISSING',
      perp === null
        ? `no prices of ${o.symbol} at ${o.venue} on that day`
        : 'no spot prices for the index on that day',
      { file: o.dataDir },
      `${missing[0]!.how}${perp === null ? '' : '; or let the perpetual stand for its own index: --index-from-perp'}.`,
    );
  const id = `${new Date(asked.fromMs).toISOString().slice(0, 10)}-${o.venue}-${o.symbol.toLowerCase()}`;
  const parts = await measured(
    { wanted, id, choice: { ...choice, perp }, rules, market, marketRules },
    o.dataDir,
  );
  return { parts, missing };
}

/** The part of the window that the perpetual's prices cover, in whole minutes; all of it where they do. */
function covered(inventory: readonly Found[], asked: Wanted): Wanted {
  if (choose(inventory, asked).perp !== null) return asked;
  const some = perpPrices(inventory, asked).filter((f) => f.rows > 0);
  const best = some.sort((a, b) => b.rows * (b.intervalMs || 1) - a.rows * (a.intervalMs || 1))[0];
  if (best === undefined) return asked;
  const fromMs = Math.max(asked.fromMs, Math.ceil(best.fromMs / MINUTE_MS) * MINUTE_MS);
  const untilMs = Math.min(asked.untilMs, Math.floor(best.untilMs / MINUTE_MS) * MINUTE_MS);
  return fromMs < untilMs ? { ...asked, fromMs, untilMs } : asked;
}

/** The rule book of the venue that holds the whole window, and its market of that symbol. */
function ruleBook(wanted: Wanted): { rules: RuleSet; market: string } {
  const books = listRules().map((id) => readRules(id));
  const own = books.filter((rules) => rules.venue === wanted.venue);
  if (own.length === 0) {
    const venues = [...new Set(books.map((rules) => rules.venue))].sort();
    throw new ReplayError(
      'SCENARIO_INVALID',
      `no rule book of venue ${wanted.venue}`,
      { path: 'venue' },
      `Known: ${venues.join(', ')}. Or write one: CONTRIBUTING.md.`,
    );
  }
  const window = { fromUs: wanted.fromMs * 1000, untilUs: wanted.untilMs * 1000 };
  for (const rules of own.filter((one) => one.unverified === undefined && isInForce(one, window))) {
    const markets = Object.keys(rules.markets);
    const market =
      markets.find((id) => id === wanted.symbol) ?? markets.find((id) => sameContract(id, wanted.symbol));
    if (market !== undefined) return { rules, market };
  }
  throw new ReplayError(
    'RULES_NOT_IN_FORCE',
    `no rule book of ${wanted.venue} for ${wanted.symbol} holds on that day`,
    { path: 'rules' },
    `See cascade rules list; books of ${wanted.venue}: ${own.map((rules) => rules.id).join(', ')}.`,
  );
}

const sameContract = (a: string, b: string): boolean => baseOf(a) === baseOf(b) && quoteOf(a) === quoteOf(b);

/** Constituents that the rule book weighs; all where it weighs none by name. */
function weighed(found: readonly Found[], { index }: MarketRules): Found[] {
  const names = Object.keys(index.weights);
  return found.filter((f) => names.length === 0 || names.includes(f.venue));
}

/** Adds what the data say themselves. */
async function measured(
  parts: Omit<EventParts, 'steps' | 'calm' | 'dayItself'>,
  dataDir: string,
): Promise<EventParts> {
  const { choice, wanted } = parts;
  const { at, done } = await measuring(dataDir);
  try {
    const known = new Map<Found, Measured>();
    const priced = [choice.perp, ...choice.constituents, choice.timing].filter((f) => f !== null);
    for (const f of priced) known.set(f, await steps(at, f, wanted));
    const beforeMs = { fromMs: wanted.fromMs - choice.daysBefore * 86_400_000, untilMs: wanted.fromMs };
    const calm = choice.before === null ? null : await calmMarket(at, choice.before, beforeMs);
    const own = calm === null ? await dayBar(at, choice.perp, wanted) : null;
    return { ...parts, steps: known, calm, dayItself: own };
  } finally {
    done();
  }
}

/** Problems that the loader found and a scenario may accept by name, by stream. */
export function acceptable(findings: readonly Finding[]): Map<string, string[]> {
  const accept = new Map<string, string[]>();
  for (const { stream, problem } of findings) {
    if (problem === null) continue;
    const known = accept.get(stream) ?? [];
    if (!known.includes(problem)) accept.set(stream, [...known, problem]);
  }
  return accept;
}
