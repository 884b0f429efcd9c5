/**
 * Who may stand at the start. An account that some compared rules would liquidate at the very first
 * mark says nothing about them: it was drawn under other rules. Such accounts are taken out of all
 * worlds, topped up in all worlds, or kept; the choice is the user's and its effect is shown.
 */
import { cut, max, type Money, scaled, ZERO_MONEY } from '../../basics/exact.ts';
import { beatEndUs } from '../../clock/frames.ts';
import { exhaustivePockets } from '../../engine/exhaustive.ts';
import { Pricing } from '../../engine/pricing.ts';
import { pocketView } from '../../engine/pocketView.ts';
import { World } from '../../engine/world.ts';
import { COLUMN_SCALE, type Population } from '../../ledger/population.ts';
import { valueAt } from '../../margin/leg.ts';
import { initialMargin } from '../../margin/maintenance.ts';
import { judge } from '../../margin/trigger.ts';
import type { Entry } from '../../report/compare/model.ts';
import type { RuleSet } from '../../rules/ruleSet.ts';
import { type EntryFigures, NO_ENTRY } from './figures.ts';

/** A world that stands at its first mark and never acts. */
export interface Probe {
  readonly world: World;
  readonly marksF64: Float64Array;
}

/** A world that is compared, with its rules as they were read. */
export interface Compared {
  readonly world: World;
  readonly rules: RuleSet;
}

/** The same world over a population, stopped at the first beat that has a price. */
export function probe({ world, rules }: Compared, population: Population): Probe {
  const { frames, markets } = world.input;
  const pricing = new Pricing(markets, rules, frames);
  const still = new World({ ...world.input, rules, population, pricing, baseline: null });
  for (let beat = 0; beat < frames.beats; beat++) {
    const prices = still.price(beat);
    if (prices === null) continue;
    still.desk.begin(beatEndUs(frames, beat));
    still.prices = prices;
    return { world: still, marksF64: Float64Array.from(prices, (p) => p.markF64) };
  }
  throw new RangeError('no beat has a price'); // the tape has refused such a window already
}

/** What an account lacks under one set of rules: account, first leg row of the pocket, money. */
interface Lacking {
  readonly account: number;
  readonly pocket: number;
  readonly money: Money;
}

function lackingIn({ world }: Probe): Lacking[] {
  const { desk, prices, input } = world;
  const marks = (id: string) => prices[desk.book.marketIndex(id)]!.mark;
  return exhaustivePockets(desk, [], input.rules.trigger, prices).map((pocket) => {
    const account = desk.book.accountOf[pocket]!;
    const view = pocketView(desk.book, desk.book.read(account), pocket);
    const { equity, maintenance } = judge(view, marks, input.rules.trigger);
    return { account, pocket, money: maintenance.minus(equity) };
  });
}

/** A population that all compared rules admit, or the reason why it is as it was. */
export interface Admitted {
  readonly populations: readonly Population[];
  readonly accounts: number;
  readonly notional: number;
  readonly added: number;
}

/** Rounds of topping up; what still lacks then (money that does not help) is taken out. */
const ROUNDS = 6;

/**
 * Applies a policy to the populations of all compared worlds; the same accounts in each.
 *
 * @param worlds  one for each compared rule set, the baseline first; never replayed
 * @returns       a population for each of them; accounts concerned, their notional at the first mark
 *                under the baseline, and the money added (the most that any rules ask for)
 */
export function admit(worlds: readonly Compared[], policy: Entry): Admitted {
  let populations = worlds.map((w) => w.world.input.population);
  const concerned = new Set<number>();
  let added = 0;
  for (let round = 0; ; round++) {
    const lacking = worlds.flatMap((w, i) => lackingIn(probe(w, populations[i]!)));
    for (const { account } of lacking) concerned.add(account);
    if (lacking.length === 0 || policy === 'keep') break;
    if (policy === 'remove' || round === ROUNDS) {
      const out = new Set(lacking.map((l) => l.account));
      populations = mapped(populations, (p) => without(p, out));
      break;
    }
    const most = new Map<number, Lacking>();
    for (const l of lacking) {
      const money = max(l.money, most.get(l.pocket)?.money ?? ZERO_MONEY);
      most.set(l.pocket, { ...l, money });
    }
    // one more unit each round: an inclusive trigger fails at equality
    const extra = 1n << BigInt(4 * round);
    populations = mapped(populations, (p) => toppedUp(p, most, extra));
    for (const { money } of most.values()) added += money.toNumber();
  }
  return { populations, accounts: concerned.size, notional: notionalOf(worlds[0]!, concerned), added };
}

/** Equal populations stay one object, so that worlds go on sharing it. */
function mapped(list: readonly Population[], change: (p: Population) => Population): Population[] {
  const done = new Map<Population, Population>();
  return list.map((p) => {
    const made = done.get(p) ?? change(p);
    done.set(p, made);
    return made;
  });
}

/** The population with the positions of some accounts taken out; names, wallets and luck stay. */
function without(p: Population, accounts: ReadonlySet<number>): Population {
  const [lots, entry, margin] = [p.legLots.slice(), p.legEntryValue.slice(), p.legMargin.slice()];
  for (const a of accounts) {
    lots.fill(0, p.legStart[a]!, p.legStart[a + 1]!);
    entry.fill(0n, p.legStart[a]!, p.legStart[a + 1]!);
    margin.fill(0n, p.legStart[a]!, p.legStart[a + 1]!);
  }
  return { ...p, legLots: lots, legEntryValue: entry, legMargin: margin };
}

function toppedUp(p: Population, lacking: ReadonlyMap<number, Lacking>, extra: bigint): Population {
  const [wallet, margin] = [p.wallet.slice(), p.legMargin.slice()];
  for (const { account, pocket, money } of lacking.values()) {
    const units = scaled(cut(money, COLUMN_SCALE, 'up'), COLUMN_SCALE) + extra;
    if (p.cross[account] === 1) wallet[account]! += units;
    else margin[pocket]! += units;
  }
  return { ...p, wallet, legMargin: margin };
}

function notionalOf(compared: Compared, accounts: ReadonlySet<number>): number {
  if (accounts.size === 0) return 0;
  const { desk, prices } = probe(compared, compared.world.input.population).world;
  let total = ZERO_MONEY;
  for (const a of accounts) {
    for (const leg of desk.book.read(a).legs) {
      if (leg.lots === 0) continue;
      total = total.plus(valueAt(leg.market, leg.qty, prices[desk.book.marketIndex(leg.market.id)]!.mark));
    }
  }
  return total.toNumber();
}

/**
 * Capital efficiency of rules over a population at the first mark: notional of all positions over the
 * initial margin asked for them, and the notional of pockets with less equity than that: as a share, as money,
 * and how many accounts have one. Accounts judged as one have no initial margin by position: then all are null.
 */
export function entryFigures({ world }: Probe): EntryFigures {
  const { desk, prices, input } = world;
  const { book } = desk;
  if (book.isPooling) return NO_ENTRY;
  const marks = (id: string) => prices[book.marketIndex(id)]!.mark;
  let [all, asked, lacking] = [ZERO_MONEY, ZERO_MONEY, ZERO_MONEY];
  const below = new Set<number>();
  for (let a = 0; a < book.population.accounts; a++) {
    const account = book.read(a);
    const pockets = account.cross ? [book.population.legStart[a]!] : account.legs.map((leg) => leg.row);
    for (const pocket of pockets) {
      const view = pocketView(book, account, pocket);
      if (view.legs.length === 0) continue;
      const { equity, notional } = judge(view, marks, input.rules.trigger);
      const initial = view.legs.reduce(
        (s, leg) => s.plus(initialMargin(leg, marks(leg.market.id))),
        ZERO_MONEY,
      );
      all = all.plus(notional);
      asked = asked.plus(initial);
      if (!equity.lt(initial)) continue;
      lacking = lacking.plus(notional);
      below.add(a);
    }
  }
  const total = all.toNumber();
  return {
    efficiency: asked.isZero() ? null : total / asked.toNumber(),
    needMoreMargin: total > 0 ? lacking.toNumber() / total : null,
    needMoreNotional: lacking.toNumber(),
    needMoreAccounts: below.size,
  };
}
