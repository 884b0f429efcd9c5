/**
 * Accounts that are judged as one, for the calculator: several assets behind all positions (Binance
 * multi-assets, Bybit UTA), or margin by scenarios (OKX, Deribit) with dated futures and options beside the
 * perpetual. What they are made of, and how they look after one underlying has moved.
 */
import { ReplayError } from '../basics/errors.ts';
import {
  cut,
  money,
  PRICE_SCALE,
  type Price,
  price,
  product,
  qty,
  quotient,
  type Money,
} from '../basics/exact.ts';
import type { Leg, Marks, Pocket } from '../margin/leg.ts';
import type { Pool } from '../margin/multiAsset.ts';
import type { PooledPocket } from '../margin/portfolioVerdict.ts';
import { derivedMark } from '../mark/derivedPrice.ts';
import { contractOf } from '../rules/contract.ts';
import {
  type Asset,
  indexMarketOf,
  isOption,
  type Market,
  type MarketId,
  riskUnitOf,
} from '../rules/market.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import { withDerivedRules } from './derivedMarkets.ts';
import type { FoundContract } from './priceContracts.ts';
import type { AccountForm, ContractForm } from './priceSchema.ts';

const refused = (message: string, path: string, remedy: string): ReplayError =>
  new ReplayError('SCENARIO_INVALID', message, { path }, remedy);

/** Whether a cross account is judged as one: by scenarios, or because its assets are stated one by one. */
export const isJudgedWhole = (form: AccountForm, rules: RuleSet): boolean =>
  form.mode === 'cross' && (rules.portfolio !== undefined || form.balances !== undefined);

/** Ticks of derived markets for which none is stated: Deribit's options are in steps of 0.0001 coin. */
const COIN_TICK = price('0.0001');
const QUOTE_TICK = price('0.01');
const ANY_SIZE = qty('0.00000001');
const UNIT_SIZE = money('1');
const SATOSHI = 8;

/**
 * The contract of a dated future or an option; null where none is stated.
 *
 * @throws ReplayError when it is on no market of the rules
 */
export function derivedContract(rules: RuleSet, id: MarketId, stated: ContractForm): FoundContract | null {
  const { derived } = stated;
  if (derived === undefined) return null;
  if (rules.markets[derived.underlying] === undefined) {
    const remedy = `Markets of these rules: ${Object.keys(rules.markets).join(', ')}.`;
    throw refused(`no market ${derived.underlying}`, `contracts.${id}.derived.underlying`, remedy);
  }
  const isCoin = derived.kind === 'option' && derived.premium === 'coin';
  const market: Market = {
    id,
    kind: 'linear',
    settle: stated.settle ?? contractOf(rules, derived.underlying).settle,
    priceTick: stated.tick ?? (isCoin ? COIN_TICK : QUOTE_TICK),
    qtyStep: stated.lot ?? ANY_SIZE,
    faceValue: UNIT_SIZE,
    valueScale: SATOSHI,
    derived,
  };
  return { market, source: `stated: ${Object.keys(stated).join(', ')}; on ${derived.underlying}` };
}

/** The rules with those of every dated future and option that an account states: its underlying's. */
export function rulesFor(form: AccountForm, rules: RuleSet): RuleSet {
  const derived = Object.entries(form.contracts).flatMap(([id, stated]) => {
    const found = derivedContract(rules, id, stated);
    return found === null ? [] : [[id, found.market] as const];
  });
  if (derived.length > 0 && !(form.mode === 'cross' && rules.portfolio !== undefined)) {
    const remedy = 'Ask for a cross account under rules that margin by scenarios.';
    throw refused(`${rules.id} does not margin ${derived[0]![0]}`, `contracts.${derived[0]![0]}`, remedy);
  }
  return withDerivedRules(rules, Object.fromEntries(derived), {});
}

/** Index of a market: as stated, else the mark of the leg in it. */
export function indexesOf(form: AccountForm, marks: ReadonlyMap<MarketId, Price>): Marks {
  return (id) => {
    const found = form.indexes[id] ?? marks.get(id);
    if (found !== undefined) return found;
    throw refused(
      `no index of ${id}`,
      `indexes.${id}`,
      'State it: no leg of yours has a mark in that market.',
    );
  };
}

/** The mark of a derived market at an index. @throws ReplayError when an option's instant is not stated */
export function markAt(market: Market, index: Marks, form: AccountForm): Price {
  if (isOption(market) && form.at === undefined)
    throw refused(
      'no instant',
      'at',
      "State it: an option's life counts from it, for example 2022-06-13T00:00Z.",
    );
  const derived = market.derived!;
  return derivedMark(market, derived, { index: index(derived.underlying), nowUs: form.at ?? 0 });
}

/** The one pocket of a cross account that is judged as one. @throws ReplayError with the path in the account */
export function wholePocket(
  form: AccountForm,
  legs: readonly Leg[],
  by: { readonly rules: RuleSet; readonly index: Marks },
): PooledPocket {
  const { collateral, portfolio } = by.rules;
  const settle = legs[0]!.market.settle;
  const balances = balancesOf(form, collateral?.unit ?? settle);
  const unit = collateral?.unit ?? settle;
  for (const asset of new Set([...balances.keys(), ...legs.map((leg) => leg.market.settle)])) {
    const rule = collateral?.assets[asset];
    if (asset !== unit && rule === undefined) {
      const counted = [unit, ...Object.keys(collateral?.assets ?? {})].filter(
        (a, i, all) => all.indexOf(a) === i,
      );
      const message = `${by.rules.id} counts no ${asset} as collateral`;
      throw refused(
        message,
        balances.has(asset) ? `balances.${asset}` : 'legs',
        `It counts: ${counted.join(', ')}.`,
      );
    }
    if (asset !== unit && rule!.index !== null) by.index(rule!.index);
  }
  for (const leg of legs) by.index(indexMarketOf(leg.market));
  const pool: Pool = { collateral, portfolio, unit, balances, index: by.index, nowUs: form.at ?? 0 };
  const wallet = balances.get(settle) ?? money('0');
  return { legs, wallet, orderMargin: form.orderMargin ?? money('0'), pool };
}

function balancesOf(form: AccountForm, unit: Asset): Map<Asset, Money> {
  if (form.wallet !== undefined && form.balances !== undefined)
    throw refused('both a wallet and balances', 'balances', 'State one of them.');
  if (form.balances !== undefined) return new Map(Object.entries(form.balances));
  if (form.wallet === undefined)
    throw refused('no wallet', 'wallet', 'A cross account needs its wallet, or its balances by asset.');
  return new Map([[unit, form.wallet]]);
}

/** A pocket and its marks after a market moved to a price. */
export interface Moved {
  readonly pocket: Pocket;
  readonly marks: Marks;
}

/**
 * An account that is judged as one after a market moved: everything on the same underlying moves by the same
 * share, options by their model on the moved index; other underlyings stand still.
 *
 * @param lead  the market that moves to `to`: one with a mark, or an underlying with an index alone
 */
export function wholeMoved(
  asked: { readonly pocket: PooledPocket; readonly marks: Marks; readonly form: AccountForm },
  lead: Market,
  to: Price,
): Moved {
  const { pocket, marks, form } = asked;
  const { pool, legs } = pocket;
  const unit = riskUnitOf(lead);
  const own = legs.map((leg) => leg.market).filter((market) => riskUnitOf(market) === unit);
  const today = own.some((market) => market.id === lead.id) ? marks(lead.id) : pool.index(lead.id);
  const moved = (at: Price): Price => quotient('price', product('price', at, to), today, PRICE_SCALE, 'even');
  const indexes = new Set([unit, ...own.map(indexMarketOf)]);
  const index: Marks = (id) => (indexes.has(id) ? moved(pool.index(id)) : pool.index(id));
  const markets = new Map(own.map((market) => [market.id, market]));
  const markOf: Marks = (id) => {
    const market = markets.get(id);
    if (market === undefined) return marks(id);
    if (market.derived !== undefined) return markAt(market, index, form);
    return id === lead.id ? cut(to, PRICE_SCALE, 'even') : moved(marks(id));
  };
  return { pocket: { ...pocket, pool: { ...pool, index } } as Pocket, marks: markOf };
}
