/**
 * BitMEX's public bucket: a gzipped CSV of all symbols a day, `data/{trade|quote}/{YYYYMMDD}.csv.gz`,
 * without check sums beside them.
 *
 * Source: public.bitmex.com; github.com/bmoscon/bitmex_historical_scraper (address, first day 2014-11-22).
 */
import { type Archive, check, daysOf } from './archive.ts';

const KINDS = ['trade', 'quote'];

export const bitmex: Archive = {
  name: 'bitmex',
  baseUrl: 'https://s3-eu-west-1.amazonaws.com/public.bitmex.com/',
  kinds: KINDS,
  filesOf: (wish) => {
    for (const kind of wish.kinds) check('kind', kind, KINDS);
    return wish.kinds.flatMap((kind) =>
      daysOf(wish).map((day) => ({
        path: `data/${kind}/${day.replaceAll('-', '')}.csv.gz`,
        label: kind,
        days: [day],
        proof: 'gzip' as const,
      })),
    );
  },
};
