/**
 * A venue's real rule book on a hand-made tape. Index and mark are the tape's own price, so that a story
 * says at which mark what happens; every other slot is the book's.
 */
import { money, price, qty } from '../../src/basics/exact.ts';
import { checkBeat, checkEnd } from '../../src/engine/checks.ts';
import type { World } from '../../src/engine/world.ts';
import type { Market, MarketId } from '../../src/rules/market.ts';
import { readRules } from '../../src/rules/readRules.ts';
import type { MarketRules, RuleSet } from '../../src/rules/ruleSet.ts';

/** Contract data as a scenario states them; sources in docs/rules.md (Contracts). */
const CONTRACTS: Readonly<
  Record<string, readonly [kind: Market['kind'], tick: string, step: string, face: string]>
> = {
  BTCUSDT: ['linear', '0.01', '0.001', '1'],
  BTCUSD_PERP: ['inverse', '0.1', '1', '100'],
  XBTUSD: ['inverse', '0.5', '1', '1'],
  ETHUSD: ['linear', '0.05', '0.000001', '0.000001'],
  BTCUSD: ['inverse', '0.5', '1', '1'],
  'BTC-USD-SWAP': ['inverse', '0.1', '1', '100'],
  'BTC-USDT-SWAP': ['linear', '0.1', '0.01', '0.01'],
  'BTC-PERPETUAL': ['inverse', '0.5', '1', '10'],
  BTC: ['linear', '0.1', '0.00001', '1'],
  'BTC-PERP': ['linear', '0.01', '0.001', '1'],
  'BTC-USD': ['linear', '0.00001', '0.0001', '1'],
  PI_XBTUSD: ['inverse', '0.5', '1', '1'],
};

/** The market of a contract that settles in `settle`. */
export function contract(id: MarketId, settle: string): Market {
  const [kind, tick, step, face] = CONTRACTS[id]!;
  return {
    id,
    kind,
    settle,
    priceTick: price(tick),
    qtyStep: qty(step),
    faceValue: money(face),
    valueScale: kind === 'inverse' ? 8 : 18,
  };
}

/** What `play` needs of a book: its market, and its rules with the tape's price as index and mark. */
export function venueBook(
  id: string,
  marketId: MarketId,
): {
  readonly markets: readonly Market[];
  readonly rules: Partial<RuleSet>;
  readonly market: Market;
  readonly own: MarketRules;
} {
  const book = readRules(id);
  const given = book.markets[marketId]!;
  const { stale, quorum } = given.index;
  const own: MarketRules = {
    ...given,
    index: { aggregator: 'equalMean', weights: {}, outlier: { kind: 'none' }, stale, quorum },
    mark: { kind: 'indexOnly', tick: price('0.01'), rounding: 'even' },
  };
  const fund = book.funds.find((one) => one.markets.includes(marketId))!;
  const market = contract(marketId, fund.asset);
  const funds = [{ ...fund, markets: [marketId] }];
  return { markets: [market], rules: { ...book, markets: { [marketId]: own }, funds }, market, own };
}

/** Asserts that contracts sum to 0 and that money is what it was. Every beat does too; a story says so at its end. */
export function conserved({ desk }: World): void {
  checkBeat(desk);
  checkEnd(desk);
}
