/** `cascade event new --download`: what a day needs from a public archive, fetched and imported. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { ReplayError } from '../../basics/errors.ts';
import { DAY_US } from '../../basics/instant.ts';
import { archiveNamed } from '../download/archives.ts';
import { type Downloaded, download } from '../download/download.ts';
import type { Wish } from '../download/archive.ts';
import { type Imported, importFiles } from '../importFiles.ts';
import { vendorNamed } from '../vendors.ts';
import { baseOf } from './choose.ts';

export interface EventFetch {
  readonly venue: string;
  readonly symbol: string;
  readonly fromUs: number;
  readonly untilUs: number;
  readonly dataDir: string;
  /** A mirror of the archive; null: the archive. */
  readonly baseUrl: string | null;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Fetched {
  readonly downloads: readonly Downloaded[];
  readonly imported: readonly Imported[];
}

/** Days of candles before the event. */
const DAYS_BEFORE = 30;
const [PARALLEL, RETRIES] = [4, 5];

/**
 * Downloads into `<dataDir>/downloads/<archive>` and imports all that lies there.
 *
 * @throws ReplayError SCENARIO_INVALID for a venue without a public archive, DATA_MISSING when something did
 *         not come: the same command goes on from there; what download and import throw
 */
export async function fetchEvent(o: EventFetch): Promise<Fetched> {
  const { archive: name, wishes } = wishesOf(o);
  const archive = archiveNamed(name);
  const outDir = join(o.dataDir, 'downloads', name);
  const downloads: Downloaded[] = [];
  for (const wish of wishes) {
    const { baseUrl } = o;
    const done = await download({
      archive,
      wish,
      outDir,
      baseUrl,
      parallel: PARALLEL,
      retries: RETRIES,
      ...(o.onProgress === undefined ? {} : { onProgress: o.onProgress }),
    });
    downloads.push(done);
    const [lost] = done.failed;
    if (lost !== undefined)
      throw new ReplayError(
        'DATA_MISSING',
        `${done.failed.length} files did not come: ${lost.reason}`,
        { file: lost.url },
        'Run the same command again: what came is kept.',
      );
  }
  const files = globSync('**/*.{zip,gz}', { cwd: outDir }).map((path) => join(outDir, path));
  if (files.length === 0) return { downloads, imported: [] };
  const imported = await importFiles({
    vendor: vendorNamed(name),
    files,
    outDir: o.dataDir,
    options: { symbol: name === 'bitmex' ? o.symbol : null, offsetUs: 0, extra: {} },
    replace: true,
  });
  return { downloads, imported };
}

/** What to ask which archive for. */
function wishesOf({ venue, symbol, fromUs, untilUs }: EventFetch): { archive: string; wishes: Wish[] } {
  const symbols = [symbol.replace(/[-]/g, '')];
  const day = { symbols, intervals: ['1m'], market: 'um', fromUs, untilUs };
  if (venue === 'binance') {
    const market = /_PERP$/.test(symbol) ? 'cm' : 'um';
    const before = { fromUs: fromUs - DAYS_BEFORE * DAY_US, untilUs: fromUs };
    return {
      archive: 'binance-vision',
      wishes: [
        { ...day, market, kinds: ['aggTrades', 'klines', 'markPriceKlines', 'fundingRate', 'metrics'] },
        { ...day, market: 'spot', symbols: [`${baseOf(symbol)}USDT`], kinds: ['klines'] },
        { ...day, ...before, market, intervals: ['1h'], kinds: ['klines'] },
      ],
    };
  }
  if (venue === 'bitmex') return { archive: 'bitmex', wishes: [{ ...day, symbols: [], kinds: ['trade'] }] };
  if (venue === 'bybit') return { archive: 'bybit', wishes: [{ ...day, kinds: ['trading'] }] };
  throw new ReplayError(
    'SCENARIO_INVALID',
    `no public archive of ${venue} is known`,
    { path: 'venue' },
    "Import a vendor's files instead: cascade import list.",
  );
}
