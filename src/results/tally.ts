/**
 * A sink that keeps sums and no rows: for the reruns of an ensemble, of which only the headline
 * money figures are wanted. Exact, and by the definitions of headline.ts.
 */
import type { Outbox } from '../engine/rows.ts';
import type { Market, MarketId } from '../rules/market.ts';
import { HeadlineSums, isInstitution, MADE_GOOD } from './headline.ts';
import type { MetricRow } from './runTables.ts';
import type { Sink } from './sink.ts';

export class Tally implements Sink {
  private readonly worlds = new Map<number, HeadlineSums>();
  private readonly markets: ReadonlyMap<MarketId, Market>;

  /** @param markets  markets of the run by id */
  constructor(markets: ReadonlyMap<MarketId, Market>) {
    this.markets = markets;
  }

  record(world: number, outbox: Outbox): void {
    const sums = this.worlds.get(world) ?? new HeadlineSums();
    this.worlds.set(world, sums);
    takeBeat(sums, outbox);
    if (outbox.fills.length > 0) takeFills(sums, outbox);
    if (outbox.transfers.length > 0) takeTransfers(sums, outbox);
    for (const l of outbox.liquidations) {
      sums.count('liquidations', l.market, l.side);
      sums.countAccount('liquidatedAccounts', l.market, l.side, l.account);
      sums.add('deficit', l.market, l.side, l.deficit);
      sums.add('clearanceFees', l.market, l.side, l.fees);
    }
    for (const a of outbox.adl) {
      sums.add('adlContracts', a.market, a.side, a.qty);
      sums.add('adlGivenUp', a.market, a.side, a.givenUp);
      sums.countAccount('adlAccounts', a.market, a.side, a.account);
    }
    for (const r of outbox.adlRequests) {
      sums.add('uncovered', r.market, r.side, r.uncovered);
      sums.add('uncoveredMoney', r.market, r.side, r.uncoveredMoney);
    }
  }

  /** Headline figures of every world seen, by world, in the order of headline.ts. */
  rows(): MetricRow[] {
    return [...this.worlds]
      .sort(([a], [b]) => a - b)
      .flatMap(([world, sums]) => sums.rows(world, this.markets));
  }
}

/** Prices, market and funds: what has a row in every beat. */
function takeBeat(sums: HeadlineSums, outbox: Outbox): void {
  for (const b of outbox.beats) {
    sums.keep('first', 'markFirst', b.market, b.mark);
    sums.keep('lowest', 'markLow', b.market, b.mark);
    sums.keep('highest', 'markHigh', b.market, b.mark);
    sums.keep('latest', 'markLast', b.market, b.mark);
    sums.keep('lowest', 'lastLow', b.market, b.low);
    sums.keep('latest', 'marketProfit', b.market, b.marketProfit);
    sums.keep('lowest', 'marketProfitLow', b.market, b.marketProfit);
    sums.keep('lowest', 'marketLowestCash', b.market, b.marketLowestCash);
  }
  for (const f of outbox.fund) {
    sums.fund(f.fund, f.asset);
    sums.keep('lowest', 'fundLow', f.fund, f.cash);
    sums.keep('latest', 'fundLast', f.fund, f.cash);
  }
  for (const b of outbox.balances) {
    if (b.when === 'before' && b.account.startsWith('fund:'))
      sums.keep('first', 'fundFirst', b.account.slice(5), b.balance);
  }
}

function takeFills(sums: HeadlineSums, outbox: Outbox): void {
  for (const f of outbox.fills) {
    if (f.effect !== 'close') continue;
    if (f.why === 'liquidation' || f.why === 'takeover')
      sums.add('liquidatedNotional', f.market, f.side, f.value);
    // the loser of a request closes on the request's side, its winners on the other
    if (f.why === 'adl' && outbox.adlRequests.some((r) => r.seq === f.cause && r.side !== f.side)) {
      sums.add('adlNotional', f.market, f.side, f.value);
    }
  }
}

function takeTransfers(sums: HeadlineSums, outbox: Outbox): void {
  for (const t of outbox.transfers) {
    if (t.to.startsWith('fund:')) sums.add('fundInflow', t.asset, '', t.amount);
    if (t.from.startsWith('fund:')) sums.add('fundOutflow', t.asset, '', t.amount);
    if (t.from === 'house') sums.add('housePaid', t.asset, '', t.amount);
    if (MADE_GOOD.includes(t.reason) && !isInstitution(t.to)) sums.add('badDebt', t.asset, '', t.amount);
    const unpaid =
      (t.reason === 'insolvency' && t.from === 'house') ||
      (t.reason === 'socialised-loss' && (!isInstitution(t.from) || t.from.startsWith('funding:')));
    if (unpaid) sums.add('shortfall', t.asset, '', t.amount);
  }
}
