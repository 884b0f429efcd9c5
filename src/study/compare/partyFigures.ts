/**
 * Who gained and who lost from the first mark to the end: money and unrealized profit, deposits and
 * withdrawals left out. The parties are everybody: liquidated traders, deleveraged winners, other holders,
 * the venue (its funds, its own account, clearing), and the market outside the population. They sum to 0
 * but for a venue's cuts of inverse values. Float64: a waterfall to be looked at.
 */
import { MarketParty } from '../../ledger/marketParty.ts';
import { columnsF64 } from '../../ledger/population.ts';
import type { Market } from '../../rules/market.ts';
import { valueF64 } from './hazardRows.ts';
import type { WorldFigures } from './metrics.ts';
import type { WorldView } from './worldView.ts';

/** Parts of equal number that accounts are put into by size. */
export const DECILES = 10;

type Gains = 'gainLiquidated' | 'gainDeleveraged' | 'gainOthers' | 'gainVenue' | 'marketGain';
type Names =
  | Gains
  | 'lossLiquidated'
  | 'lossDeleveraged'
  | 'lossVenue'
  | 'lossOthers'
  | 'traderLoss'
  | 'lossTopDecile';

/** Change of wealth of each account of the population, by its number; settlement units. */
export function accountGains(view: WorldView): Float64Array {
  const { input, desk } = view.world;
  const { population: p } = input;
  const money = columnsF64(p);
  const [first, last] = view.span!;
  const gains = new Float64Array(p.accounts);
  for (let a = 0; a < p.accounts; a++) {
    const account = desk.book.touched(a);
    let gain = 0;
    for (let row = p.legStart[a]!; row < p.legStart[a + 1]!; row++) {
      const leg = {
        market: desk.book.markets[p.legMarket[row]!]!,
        side: p.legSide[row]!,
        lots: p.legLots[row]!,
        entry: money.entryValue[row]!,
      };
      gain -= profitF64(view, leg, first);
      if (account === undefined) gain += profitF64(view, leg, last);
    }
    for (const { market, side, lots, entryValue } of account?.legs ?? []) {
      const leg = { market, side: side === 'long' ? 1 : -1, lots, entry: entryValue.toNumber() };
      gain += profitF64(view, leg, last);
    }
    // the ledger knows of those too whom nothing but funding happened to
    if (p.assets[p.asset[a]!] === view.asset) {
      const name = desk.book.nameOf(a);
      gain += desk.ledger.balance(name, view.asset).minus(desk.book.openingBalance(a)).toNumber();
      gain -= view.notes.brought.get(name) ?? 0;
    }
    gains[a] = gain;
  }
  return gains;
}

interface Held {
  readonly market: Market;
  /** +1 long, -1 short. */
  readonly side: number;
  readonly lots: number;
  readonly entry: number;
}

/** Unrealized profit of a position at a beat's mark; 0 in a market of another asset. */
function profitF64(view: WorldView, { market, side, lots, entry }: Held, beat: number): number {
  if (lots === 0 || market.settle !== view.asset) return 0;
  const value = valueF64(market, lots, view.markF64(market.id, beat));
  return (market.kind === 'linear' ? side : -side) * (value - entry);
}

/** What the venue's own accounts gained: funds with their inventory, its house, clearing. */
function venueGain(view: WorldView): number {
  const { desk, prices, input } = view.world;
  let gain = view.notes.venue;
  for (const fund of desk.funds) {
    if (fund.rule.asset !== view.asset) continue;
    const opening = input.assumptions.fundOpening[fund.rule.name]?.toNumber() ?? 0;
    const stands = fund.inventoryPnl((id) => prices[view.place(id)]!.mark).toNumber();
    gain += desk.ledger.balance(fund.party, view.asset).toNumber() - opening + stands;
  }
  return gain;
}

/** Profit of everybody outside the population. */
function marketGain(view: WorldView): number {
  const { desk, prices } = view.world;
  const { opening } = view;
  const [first] = view.span!;
  return desk.parties.reduce((sum, party, m) => {
    const { market } = party;
    if (market.settle !== view.asset) return sum;
    const { long, short } = opening.lots[m]!;
    const before = new MarketParty(market, short - long, opening.entrySum[m]!.neg());
    const now = party.profitAt(prices[view.place(market.id)]!.mark).toNumber();
    return sum + now - before.profitAt(view.mark(market.id, first)).toNumber();
  }, 0);
}

/** Gains by party, the shares of who lost, and losses by size of account. */
export function partyFigures(view: WorldView): Pick<WorldFigures, Names> {
  const { notes, world } = view;
  const closed = notes.adl.accounts();
  let [liquidated, deleveraged, others] = [0, 0, 0];
  for (const [a, gain] of view.gains.entries()) {
    const name = world.desk.book.nameOf(a);
    if (notes.ended.has(name)) liquidated += gain;
    else if (closed.has(name)) deleveraged += gain;
    else others += gain;
  }
  const [venue, market] = [venueGain(view), marketGain(view)];
  const losses = [liquidated, deleveraged, venue, others + market].map((gain) => Math.max(0, -gain));
  const total = losses.reduce((sum, loss) => sum + loss, 0);
  const [lossLiquidated, lossDeleveraged, lossVenue, lossOthers] = losses.map((loss) =>
    total > 0 ? loss / total : null,
  ) as [number | null, number | null, number | null, number | null];
  const sized = lossesBySize(view);
  const traderLoss = view.gains.reduce((sum, gain) => sum + Math.max(0, -gain), 0);
  return {
    gainLiquidated: liquidated,
    gainDeleveraged: deleveraged,
    gainOthers: others,
    gainVenue: venue,
    marketGain: market,
    lossLiquidated,
    lossDeleveraged,
    lossVenue,
    lossOthers,
    traderLoss,
    lossTopDecile: traderLoss > 0 ? sized[DECILES - 1]! / traderLoss : null,
  };
}

/**
 * Losses (falls of wealth) by decile of account size, the smallest first; size is the notional of an
 * account at the first mark, ties by number. The last entry is of accounts that came later.
 */
export function lossesBySize(view: WorldView): number[] {
  const { population: p, markets } = {
    population: view.world.input.population,
    markets: view.world.desk.book.markets,
  };
  const [first] = view.span!;
  const sizes = Float64Array.from({ length: p.accounts }, (_, a) => {
    let size = 0;
    for (let row = p.legStart[a]!; row < p.legStart[a + 1]!; row++) {
      const market = markets[p.legMarket[row]!]!;
      if (market.settle === view.asset)
        size += valueF64(market, p.legLots[row]!, view.markF64(market.id, first));
    }
    return size;
  });
  const order = Array.from(sizes.keys())
    .filter((a) => sizes[a]! > 0)
    .sort((a, b) => sizes[a]! - sizes[b]! || a - b);
  const lost = new Array<number>(DECILES + 1).fill(0);
  const loss = (a: number): number => Math.max(0, -view.gains[a]!);
  for (const [place, a] of order.entries())
    lost[Math.ceil(((place + 1) * DECILES) / order.length) - 1]! += loss(a);
  for (const a of sizes.keys()) if (sizes[a] === 0) lost[DECILES]! += loss(a);
  return lost;
}
