/** Downloads into folders of their own, from an archive on 127.0.0.1. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { archiveNamed } from '../../src/archive/download/archives.ts';
import { type Downloaded, type DownloadRequest, download } from '../../src/archive/download/download.ts';
import { parseInstant } from '../../src/basics/instant.ts';
import { type ArchiveServer, archiveServer, type ServerOptions } from './archiveServer.ts';

const folder = mkdtempSync(join(tmpdir(), 'cascade-download-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let folders = 0;
/** Name of a folder that does not exist yet. */
export const newFolder = (): string => join(folder, String(folders++));

/** Files of the archives: a day, a month, a gzip without a sum beside it. */
export const DAY = 'data/futures/um/daily/aggTrades/BTCUSDT/BTCUSDT-aggTrades-2021-05-19.zip';
export const MONTH = 'data/futures/um/monthly/aggTrades/BTCUSDT/BTCUSDT-aggTrades-2021-02.zip';
export const TRADES = 'data/trade/20200312.csv.gz';
export const dayOf = (day: string): string => DAY.replace('2021-05-19', day);

/** A server that ends with the test. */
export async function serve(t: TestContext, options: ServerOptions = {}): Promise<ArchiveServer> {
  const server = await archiveServer(options);
  t.after(() => server.close());
  return server;
}

export interface Asked {
  readonly archive?: string;
  readonly kinds?: readonly string[];
  readonly from?: string;
  readonly until?: string;
  readonly out?: string;
  readonly request?: Partial<DownloadRequest>;
}

/** aggTrades of 19 May 2021, unless asked otherwise; impatient. */
export const ask = (server: Pick<ArchiveServer, 'url'>, asked: Asked = {}): Promise<Downloaded> =>
  download({
    archive: archiveNamed(asked.archive ?? 'binance-vision'),
    wish: {
      symbols: ['BTCUSDT'],
      kinds: asked.kinds ?? ['aggTrades'],
      intervals: ['1m'],
      market: 'um',
      fromUs: parseInstant(asked.from ?? '2021-05-19'),
      untilUs: parseInstant(asked.until ?? '2021-05-20'),
    },
    outDir: asked.out ?? newFolder(),
    baseUrl: server.url,
    parallel: 3,
    retries: 3,
    firstPauseMs: 1,
    idleMs: 300,
    ...asked.request,
  });

/** BitMEX's trades of 12 March 2020. */
export const bitmexDay = (server: ArchiveServer, asked: Asked = {}): Promise<Downloaded> =>
  ask(server, { archive: 'bitmex', kinds: ['trade'], from: '2020-03-12', until: '2020-03-13', ...asked });

/** Every file below a folder, with its bytes. */
export const tree = (root: string): Map<string, Buffer> =>
  new Map(
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(root, name)).isFile())
      .sort()
      .map((name) => [name, readFileSync(join(root, name))]),
  );
