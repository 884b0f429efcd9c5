/**
 * The messages end where the run ended: balances and positions as they were brought forward row by
 * row, against what the run itself stored of everybody at its end.
 */
import type { DuckDBConnection } from '../../basics/duckdb.ts';
import { ReplayError } from '../../basics/errors.ts';
import type { Money } from '../../basics/exact.ts';
import { as } from '../../basics/exact.ts';
import { readRows } from '../../results/readRows.ts';
import type { Side } from '../../rules/market.ts';
import type { Holdings } from './holdings.ts';

/** @throws ReplayError RESULT_MISMATCH naming the first account that differs */
export async function checkEnd(db: DuckDBConnection, holdings: Holdings, world: number): Promise<void> {
  const after = `world = ${world} AND "when" = 'after'`;
  const differs = (account: string, what: string, told: string, stored: string): ReplayError =>
    new ReplayError(
      'RESULT_MISMATCH',
      `the messages end with ${what} ${told} of ${account}, the run with ${stored}`,
      { path: account },
      'Run `cascade verify` on the run; if it finds nothing, please report this with the run id.',
    );
  type Balance = { account: string; asset: string; balance: Money };
  const balances = readRows<Balance>(db, `SELECT account, asset, balance FROM balances WHERE ${after}`);
  for await (const { account, asset, balance } of balances) {
    const told = holdings.all.get(account)?.balances.get(asset);
    if (told !== undefined && !told.eq(balance)) throw differs(account, asset, `${told}`, `${balance}`);
  }
  type Leg = { account: string; market: string; side: Side; qty: Money; entry_value: Money };
  const legs = readRows<Leg>(
    db,
    `SELECT account, market, side, qty, entry_value FROM accounts WHERE ${after}`,
  );
  for await (const { account, market, side, qty, entry_value } of legs) {
    const held = holdings.all.get(account);
    if (held === undefined) continue;
    const leg = holdings.leg(held, market, side);
    if (!leg.qty.eq(as('qty', qty))) throw differs(account, `${market} ${side}`, `${leg.qty}`, `${qty}`);
    if (!leg.entryValue.eq(entry_value))
      throw differs(account, `an entry value in ${market} ${side}`, `${leg.entryValue}`, `${entry_value}`);
  }
}
