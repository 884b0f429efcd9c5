/**
 * The contract of a market for the calculator, which has no scenario to state it: what was typed, else
 * what the rule book says, else the few facts that stand here, each with what it rests on.
 */
import { money, type Price, price, type Qty, qty } from '../basics/exact.ts';
import { contractOf } from '../rules/contract.ts';
import type { Market, MarketId } from '../rules/market.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import { sourceOf } from '../rules/sources.ts';
import type { ContractForm } from './priceSchema.ts';

export interface FoundContract {
  readonly market: Market;
  /** What its facts rest on. */
  readonly source: string;
}

interface Known {
  readonly tick: Price;
  readonly lot: Qty;
  /** Quote units per contract, inverse only. */
  readonly face?: string;
  readonly source: string;
}

const known = (tick: string, lot: string, source: string, face?: string): Known => ({
  tick: price(tick),
  lot: qty(lot),
  source,
  ...(face === undefined ? {} : { face }),
});

/** By venue and market: ticks are no rules, and older books state no contract. */
const KNOWN: Readonly<Record<string, Known>> = {
  'binance BTCUSDT': known('0.01', '0.001', 'scenarios/2021-05-19-btcusdt.yaml'),
  'binance ETHUSDT': known('0.01', '0.001', 'scenarios/2021-05-19-btc-eth-cross.yaml'),
  'binance BTCUSD_PERP': known(
    '0.1',
    '1',
    'contract: Binance FAQ ceccfcfb4e3a45e3b48b0b1bb1a8ae46; tick assumed',
    '100',
  ),
  'bitmex XBTUSD': known('0.5', '1', 'scenarios/2020-03-12-xbtusd.yaml', '1'),
  'bitmex-market XBTUSD': known('0.5', '1', 'scenarios/2020-03-12-xbtusd.yaml', '1'),
  'bybit BTCUSD': known('0.5', '1', 'tick: Bybit help 900000031623, prices end on 0.50', '1'),
  'bybit BTCUSDT': known('0.5', '0.001', 'tick assumed'),
};

/** Decimal places of a coin amount, and the lot where none is known: any size. */
const SATOSHI = 8;
const ANY_SIZE = qty('0.00000001');

/**
 * The contract of a market under a rule set.
 *
 * @param stated  what was typed: each field comes before everything else; a face value makes it inverse
 * @returns       null for an inverse contract whose face value nobody states
 */
export function contractFor(rules: RuleSet, id: MarketId, stated: ContractForm): FoundContract | null {
  const listed = rules.markets[id]!.contract;
  const table = KNOWN[`${rules.venue} ${id}`];
  const { kind: named, settle } = contractOf(rules, id);
  const kind = stated.faceValue === undefined ? named : 'inverse';
  const face = kind === 'linear' ? money('1') : (stated.faceValue ?? listed?.faceValue ?? faceOf(table));
  if (face === null) return null;
  const said = Object.keys(stated);
  const source = [
    listed === undefined ? '' : (sourceOf(rules.sources, `markets.${id}.contract`)?.cite ?? ''),
    table?.source ?? (stated.tick === undefined ? "tick assumed as the mark's" : ''),
    said.length === 0 ? '' : `stated: ${said.join(', ')}`,
  ];
  return {
    market: {
      id,
      kind,
      settle: stated.settle ?? settle,
      priceTick: stated.tick ?? table?.tick ?? rules.markets[id]!.mark.tick,
      qtyStep: stated.lot ?? listed?.qtyStep ?? table?.lot ?? ANY_SIZE,
      faceValue: face,
      valueScale: stated.valueScale ?? listed?.valueScale ?? SATOSHI,
    },
    source: source.filter((text) => text !== '').join('; '),
  };
}

const faceOf = (table: Known | undefined): Market['faceValue'] | null =>
  table?.face === undefined ? null : money(table.face);
