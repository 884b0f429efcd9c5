/** Named accounts of a scenario, from a YAML list or a Parquet file. */
import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ReplayError } from '../basics/errors.ts';
import { type NamedAccount, readNamedAccounts } from '../population/namedAccounts.ts';

const decimal = z.string().regex(/^-?\d+(\.\d+)?$/, 'a decimal number');
const file = z.strictObject({
  accounts: z.array(
    z.strictObject({
      name: z.string().min(1),
      mode: z.enum(['isolated', 'cross']),
      market: z.string(),
      side: z.enum(['long', 'short']),
      qty: decimal,
      entryPrice: decimal,
      margin: decimal.optional(),
      wallet: decimal.optional(),
      balances: z.record(z.string(), decimal).optional(),
    }),
  ),
});

/**
 * Reads named accounts.
 *
 * @param path  `.yaml` (a map with the list `accounts`) or Parquet, relative to the scenario or the data
 * @throws ReplayError DATA_MISSING, DATA_SCHEMA
 */
export async function namedAccountsOf(
  path: string,
  places: { readonly dataDir: string; readonly folder: string },
): Promise<{ accounts: readonly NamedAccount[]; file: string }> {
  if (!/\.ya?ml$/.test(path)) return { accounts: await readNamedAccounts({ path, ...places }), file: path };
  const found = [isAbsolute(path) ? path : join(places.folder, path), join(places.dataDir, path)].find((p) =>
    existsSync(p),
  );
  if (found === undefined) {
    throw new ReplayError(
      'DATA_MISSING',
      'no such file of named accounts',
      { file: path },
      'Name a YAML or Parquet file, relative to the scenario.',
    );
  }
  const read = file.safeParse(parse(readFileSync(found, 'utf8'), { schema: 'failsafe' }));
  if (!read.success) {
    const issue = read.error.issues[0]!;
    throw new ReplayError(
      'DATA_SCHEMA',
      issue.message.replace(/^Invalid input: expected (\w+), received undefined$/, 'missing: a $1'),
      { file: found, path: issue.path.join('.') },
      'Each account needs name, mode, market, side, qty, entryPrice and margin, wallet or balances.',
    );
  }
  return { accounts: read.data.accounts as NamedAccount[], file: found };
}
