/**
 * Frames on disk: an uncompressed Arrow file, named by everything that it depends on, beside a small
 * JSON file with its digest. A damaged or half-written cache is simply not there: it is rebuilt.
 */
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { canonicalJson, sha256, sha256File } from '../basics/digest.ts';
import type { ConstituentFrames, Frames, MarketFrames, SideTables, StreamProvenance } from './frames.ts';

type Named = Readonly<Record<string, readonly { readonly name: string; readonly tick: string }[]>>;

/** Everything but the columns. */
interface Head {
  readonly key: string;
  readonly startUs: number;
  readonly beatUs: number;
  readonly beats: number;
  readonly markets: readonly string[];
  readonly constituents: Named;
  /** Absent where no market has one. */
  readonly references?: Named;
  readonly side: SideTables;
  readonly streams: readonly StreamProvenance[];
}

const MARKET_COLUMNS = [
  'lastTicks',
  'highTicks',
  'lowTicks',
  'lots',
  'tickLots',
  'buyLots',
  'trades',
] as const;
const OPTIONAL_COLUMNS = ['bidPlusAskTicks', 'bidTicks', 'recordedMarkF64', 'openInterestLots'] as const;
const CONSTITUENT_COLUMNS = ['lastTicks', 'ageUs', 'lots'] as const;

/**
 * One digest of what frames say (not of the key, nor of how they came to be): fresh and cached frames
 * have the same. NaN has many bit patterns and counts as one.
 */
export function framesDigest(frames: Frames): string {
  const { key: _key, ...head } = headOf(frames);
  const columns = columnsOf(frames).map(([name, values]) => [name, sha256(bytesOf(withOneNaN(values)))]);
  return sha256(canonicalJson({ head: { ...head, streams: head.streams.map(withoutPaths) }, columns }));
}

const withoutPaths = (stream: StreamProvenance): object => ({
  ...stream,
  files: stream.files.map((file) => file.sha256),
});

const bytesOf = (values: Float64Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function withOneNaN(values: Float64Array): Float64Array {
  const copy = values.slice();
  for (let i = 0; i < copy.length; i++) if (Number.isNaN(copy[i]!)) copy[i] = NaN;
  return copy;
}

function headOf(frames: Frames): Head {
  const { key, startUs, beatUs, beats, side, streams } = frames;
  const constituents = namesOf(frames.constituents);
  const references = frames.references === undefined ? {} : { references: namesOf(frames.references) };
  const markets = [...frames.markets.keys()];
  return { key, startUs, beatUs, beats, markets, constituents, ...references, side, streams };
}

const namesOf = (lists: Frames['constituents']): Named =>
  Object.fromEntries(
    [...lists].map(([market, list]) => [market, list.map(({ name, tick }) => ({ name, tick }))]),
  );

const NONE: Frames['constituents'] = new Map();

/** All columns by name, in a fixed order. */
function columnsOf(frames: Frames): [string, Float64Array][] {
  const columns: [string, Float64Array][] = [];
  for (const [market, own] of frames.markets) {
    for (const name of MARKET_COLUMNS) columns.push([`market/${market}/${name}`, own[name]]);
    for (const name of OPTIONAL_COLUMNS) {
      const values = own[name];
      if (values !== null && values !== undefined) columns.push([`market/${market}/${name}`, values]);
    }
  }
  for (const [kind, lists] of [
    ['constituent', frames.constituents],
    ['reference', frames.references ?? NONE],
  ] as const) {
    for (const [market, list] of lists) {
      list.forEach((own, i) => {
        for (const name of CONSTITUENT_COLUMNS) columns.push([`${kind}/${market}/${i}/${name}`, own[name]]);
      });
    }
  }
  return columns;
}

/**
 * Writes frames under their key, first by a temporary name: a reader never sees half a file.
 *
 * @throws whatever the disk reports
 */
export async function writeCache(frames: Frames, cacheDir: string): Promise<void> {
  const { Table, makeVector, tableToIPC } = await import('apache-arrow');
  const table = new Table(
    Object.fromEntries(columnsOf(frames).map(([name, values]) => [name, makeVector(values)])),
  );
  table.schema.metadata.set('head', JSON.stringify(headOf(frames)));
  const bytes = tableToIPC(table, 'file');
  mkdirSync(cacheDir, { recursive: true });
  replaceFile(join(cacheDir, `${frames.key}.arrow`), bytes);
  replaceFile(
    join(cacheDir, `${frames.key}.json`),
    `${canonicalJson({ bytes: bytes.length, sha256: sha256(bytes) })}\n`,
  );
}

function replaceFile(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.${threadId}.tmp`; // threads of one process may write the same frames
  writeFileSync(temporary, content);
  renameSync(temporary, path);
}

/** The frames of a key; null when there are none, or when their bytes are not those that were written. */
export async function readCache(key: string, cacheDir: string): Promise<Frames | null> {
  try {
    const bytes = readFileSync(join(cacheDir, `${key}.arrow`));
    const seal = JSON.parse(readFileSync(join(cacheDir, `${key}.json`), 'utf8')) as {
      bytes: number;
      sha256: string;
    };
    if (bytes.length !== seal.bytes || sha256(bytes) !== seal.sha256) return null;
    const { tableFromIPC } = await import('apache-arrow');
    const table = tableFromIPC(bytes);
    const head = JSON.parse(table.schema.metadata.get('head') ?? '') as Head;
    const values = (name: string): Float64Array | null =>
      (table.getChild(name)?.data[0]?.values as Float64Array | undefined) ?? null;
    return head.key === key ? framesOf(head, values) : null;
  } catch {
    return null; // a cache that cannot be read is no cache
  }
}

function framesOf(head: Head, values: (name: string) => Float64Array | null): Frames {
  const needed = (name: string): Float64Array => {
    const column = values(name);
    if (column === null || column.length !== head.beats) throw new RangeError(`no column ${name}`);
    return column;
  };
  const marketOf = (market: string): MarketFrames => ({
    ...(Object.fromEntries(MARKET_COLUMNS.map((name) => [name, needed(`market/${market}/${name}`)])) as Pick<
      MarketFrames,
      (typeof MARKET_COLUMNS)[number]
    >),
    ...(Object.fromEntries(
      OPTIONAL_COLUMNS.map((name) => [name, values(`market/${market}/${name}`)]),
    ) as Pick<MarketFrames, (typeof OPTIONAL_COLUMNS)[number]>),
  });
  const listsOf = (kind: 'constituent' | 'reference', names: Named): Frames['constituents'] =>
    new Map(
      Object.entries(names).map(([market, list]) => [
        market,
        list.map((own, i): ConstituentFrames => {
          const columns = CONSTITUENT_COLUMNS.map((name) => [name, needed(`${kind}/${market}/${i}/${name}`)]);
          return {
            ...own,
            ...(Object.fromEntries(columns) as Pick<ConstituentFrames, (typeof CONSTITUENT_COLUMNS)[number]>),
          };
        }),
      ]),
    );
  const { key, startUs, beatUs, beats, side, streams } = head;
  return {
    key,
    startUs,
    beatUs,
    beats,
    side,
    streams,
    markets: new Map(head.markets.map((market) => [market, marketOf(market)])),
    constituents: listsOf('constituent', head.constituents),
    ...(head.references !== undefined && { references: listsOf('reference', head.references) }),
  };
}

/**
 * sha256 of input files. A sidecar remembers (path, size, mtime) so that a day of trades is not hashed
 * again for every run.
 *
 * @param cacheDir  folder of the sidecar; '' keeps none
 * @returns         digest by path
 */
export async function hashInputs(
  files: readonly string[],
  cacheDir: string,
): Promise<ReadonlyMap<string, string>> {
  const sidecar = join(cacheDir, 'input-hashes.json');
  const known = cacheDir === '' ? {} : readSidecar(sidecar);
  const hashes = new Map<string, string>();
  let isNew = false;
  for (const file of new Set(files)) {
    const { size, mtimeMs } = statSync(file);
    const entry = known[file];
    const fits = entry !== undefined && entry.size === size && entry.mtimeMs === mtimeMs;
    const digest = fits ? entry.sha256 : await sha256File(file);
    hashes.set(file, digest);
    known[file] = { size, mtimeMs, sha256: digest };
    isNew ||= !fits;
  }
  if (isNew && cacheDir !== '') {
    mkdirSync(cacheDir, { recursive: true });
    replaceFile(sidecar, `${canonicalJson(known)}\n`);
  }
  return hashes;
}

type Sidecar = Record<string, { size: number; mtimeMs: number; sha256: string }>;

function readSidecar(path: string): Sidecar {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Sidecar;
  } catch {
    return {}; // none yet, or damaged: the files are hashed again
  }
}
