/**
 * Bybit's public archive: gzipped CSV of one symbol a day, without check sums beside them.
 * `trading` is derivatives (`BTCUSDT2021-05-19.csv.gz`), `spot` is spot (`BTCUSDT_2023-01-01.csv.gz`).
 *
 * Source: public.bybit.com; the names as public collectors of it write them, more than one for each.
 */
import { type Archive, check, checkSymbols, daysOf } from './archive.ts';

/** What stands between symbol and day. */
const KINDS: Readonly<Record<string, string>> = { trading: '', spot: '_' };

export const bybit: Archive = {
  name: 'bybit',
  baseUrl: 'https://public.bybit.com/',
  kinds: Object.keys(KINDS),
  filesOf: (wish) => {
    for (const kind of wish.kinds) check('kind', kind, Object.keys(KINDS));
    checkSymbols(wish.symbols);
    return wish.symbols.flatMap((symbol) =>
      wish.kinds.flatMap((kind) =>
        daysOf(wish).map((day) => ({
          path: `${kind}/${symbol}/${symbol}${KINDS[kind]}${day}.csv.gz`,
          label: `${kind} ${symbol}`,
          days: [day],
          proof: 'gzip' as const,
        })),
      ),
    );
  },
};
