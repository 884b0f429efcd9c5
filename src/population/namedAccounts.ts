/** Named accounts: positions that a reader of the report wants to follow, added to any population. */
import { ReplayError } from '../basics/errors.ts';
import type { Population } from '../ledger/population.ts';
import type { Facts } from '../rules/facts.ts';
import { type PositionsFile, readPositions } from './loadPopulation.ts';
import { type PositionRow, populationOf } from './positions.ts';

/** One leg of a named account; several rows with one name are its legs. Figures are decimal text. */
export interface NamedAccount {
  readonly name: string;
  /** isolated or cross. */
  readonly mode: string;
  readonly market: string;
  /** long or short. */
  readonly side: string;
  readonly qty: string;
  readonly entryPrice: string;
  /** Margin of an isolated leg, settlement units. */
  readonly margin?: string | null;
  /** Wallet of a cross account, or free balance beside isolated legs. */
  readonly wallet?: string | null;
  /** Balance by asset of a cross account, in place of a wallet. */
  readonly balances?: Readonly<Record<string, string>> | null;
}

/** What an unnamed account is called: `a<index>`. */
const UNNAMED = /^a\d+$/;

/** Named accounts from a Parquet file with the columns of a positions file. @throws as `loadPopulation` */
export async function readNamedAccounts(file: PositionsFile): Promise<NamedAccount[]> {
  return (await readPositions(file)).map(({ account, ...row }) => ({ ...row, name: account }));
}

/**
 * Appends named accounts, tracked on every beat. Those already there keep their numbers, so a
 * population with and without them has the same luck; `market` takes the other side.
 *
 * @param file  where the accounts were read, for errors
 * @throws ReplayError DATA_SCHEMA with the row (from 1) when an account is no valid position or its
 *         name is taken
 */
export function addNamedAccounts(
  population: Population,
  named: readonly NamedAccount[],
  { facts, file }: { readonly facts: Pick<Facts, 'markets'>; readonly file: string },
): Population {
  const taken = new Set(population.names.values());
  const rows = named.map((account, i): PositionRow => {
    const place = { file, row: i + 1 };
    if (taken.has(account.name) || UNNAMED.test(account.name)) {
      throw new ReplayError(
        'DATA_SCHEMA',
        `The name ${account.name} is taken.`,
        place,
        'Give the account another name.',
      );
    }
    const {
      name,
      mode,
      market,
      side,
      qty,
      entryPrice,
      margin = null,
      wallet = null,
      balances = null,
    } = account;
    const leg = { mode, market, side, qty, entryPrice, margin, wallet, balances };
    return { account: name, ...leg, leverage: null, hedger: false, tracked: true, place };
  });
  return append(population, populationOf(rows, facts.markets, true));
}

/** `more` behind `base`; both have the columns of the same markets. */
function append(base: Population, more: Population): Population {
  const offset = base.legLots.length;
  return {
    markets: base.markets,
    assets: base.assets,
    draws: base.draws,
    accounts: base.accounts + more.accounts,
    names: new Map([
      ...base.names,
      ...[...more.names].map(([a, name]) => [base.accounts + a, name] as const),
    ]),
    tracked: Uint8Array.from([...base.tracked, ...more.tracked]),
    cross: Uint8Array.from([...base.cross, ...more.cross]),
    asset: Uint8Array.from([...base.asset, ...more.asset]),
    wallet: BigInt64Array.from([...base.wallet, ...more.wallet]),
    orderMargin: BigInt64Array.from([...base.orderMargin, ...more.orderMargin]),
    hedger: Uint8Array.from([...base.hedger, ...more.hedger]),
    ...furtherOf(base, more),
    ...behaviourOf(base, more.legLots.length),
    legStart: Uint32Array.from([...base.legStart, ...more.legStart.subarray(1).map((leg) => leg + offset)]),
    legMarket: Uint8Array.from([...base.legMarket, ...more.legMarket]),
    legSide: Int8Array.from([...base.legSide, ...more.legSide]),
    legLots: Float64Array.from([...base.legLots, ...more.legLots]),
    legEntryValue: BigInt64Array.from([...base.legEntryValue, ...more.legEntryValue]),
    legMargin: BigInt64Array.from([...base.legMargin, ...more.legMargin]),
    legLeverage: Float32Array.from([...base.legLeverage, ...more.legLeverage]),
  };
}

/** What those already there do by themselves; whoever is named does nothing. */
function behaviourOf({ behaviour }: Population, rows: number): Pick<Population, 'behaviour'> {
  if (behaviour === undefined) return {};
  const longer = (column: Float64Array): Float64Array => {
    const made = new Float64Array(column.length + rows);
    made.set(column);
    return made;
  };
  return { behaviour: { ...behaviour, stop: longer(behaviour.stop), topUp: longer(behaviour.topUp) } };
}

/** Balances in further assets of both, where either has any. */
function furtherOf(base: Population, more: Population): Pick<Population, 'further'> {
  if (base.further === undefined && more.further === undefined) return {};
  const shifted = [...(more.further ?? [])].map(([a, own]) => [base.accounts + a, own] as const);
  return { further: new Map([...(base.further ?? []), ...shifted]) };
}
