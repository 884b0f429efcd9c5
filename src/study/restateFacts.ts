/**
 * Facts of a scenario in another contract: traded quantities become quantities of the new contract at the
 * price at which they were traded; prices, spot markets and funding rates stand as they were recorded.
 */
import type { Frames, MarketFrames } from '../clock/frames.ts';
import type { Restating } from '../population/restate.ts';
import type { Facts } from '../rules/facts.ts';
import type { Market, MarketId } from '../rules/market.ts';

/** Quote units of one lot at a price. */
const quotePerLot = (market: Market, price: number): number =>
  market.qtyStep.toNumber() * (market.kind === 'linear' ? price : market.faceValue.toNumber());

/**
 * Facts under the new markets: daily volumes restated at the close, nothing published in the old unit, and no
 * shorter candles, since positions are drawn in their own contract.
 */
export function restateFacts(facts: Facts, markets: readonly Market[]): Facts {
  const before = Object.entries(facts.before).map(([id, bars]): [MarketId, Facts['before'][MarketId]] => {
    const from = facts.markets[id]!;
    const to = markets.find((market) => market.id === id) ?? from;
    const unit = (market: Market, price: number): number =>
      quotePerLot(market, price) / market.qtyStep.toNumber();
    return [
      id,
      bars.map((bar) => ({ ...bar, volume: (bar.volume * unit(from, bar.close)) / unit(to, bar.close) })),
    ];
  });
  const { burnIn: _, ...rest } = facts;
  return {
    ...rest,
    markets: Object.fromEntries(
      Object.entries(facts.markets).map(([id, market]) => [id, markets.find((m) => m.id === id) ?? market]),
    ),
    before: Object.fromEntries(before),
    published: [],
  };
}

/** Frames whose lots are those of the new contracts. */
export function restateFrames(frames: Frames, by: readonly Restating[]): Frames {
  const of = (id: MarketId): Restating => by.find(({ from }) => from.id === id)!;
  return {
    ...frames,
    key: `${frames.key}, restated in ${by.map(({ to }) => `${to.kind} ${to.settle}`).join(', ')}`,
    markets: new Map([...frames.markets].map(([id, columns]) => [id, restatedColumns(columns, of(id))])),
    side: {
      ...frames.side,
      fundBalances: [],
      observedLiquidations: frames.side.observedLiquidations.map((seen) => {
        const { from, to } = of(seen.market);
        const price = seen.priceTicks * from.priceTick.toNumber();
        return { ...seen, lots: Math.round((seen.lots * quotePerLot(from, price)) / quotePerLot(to, price)) };
      }),
    },
  };
}

function restatedColumns(columns: MarketFrames, { from, to }: Restating): MarketFrames {
  const tick = from.priceTick.toNumber();
  /** New lots of one old lot in a beat, at the mean price of what was traded, else at the last. */
  const factor = columns.lots.map((lots, b) => {
    const price = tick * (lots > 0 ? columns.tickLots[b]! / lots : columns.lastTicks[b]!);
    return quotePerLot(from, price) / quotePerLot(to, price);
  });
  const lots = columns.lots.map((old, b) => (old === 0 ? 0 : Math.round(old * factor[b]!)));
  const share = (b: number): number => (columns.lots[b]! > 0 ? lots[b]! / columns.lots[b]! : 0);
  return {
    ...columns,
    lots,
    tickLots: columns.tickLots.map((sum, b) => sum * share(b)),
    buyLots: columns.buyLots.map((old, b) => (Number.isNaN(old) ? old : Math.round(old * share(b)))),
    openInterestLots:
      columns.openInterestLots === null
        ? null
        : columns.openInterestLots.map((old, b) => Math.round(old * factor[b]!)),
  };
}
