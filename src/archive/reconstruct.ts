/**
 * `cascade data reconstruct`: second-level trades of a perpetual and its constituents from bars or
 * published figures. Every bar keeps its open, high, low, close and volume exactly; the path between
 * is drawn by seed, one path for all venues. Every row and the metadata say that it was made, and a
 * run on such rows says so on its first screen.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type DuckDBConnection, openDuckDb, rowsOf, sqlText } from '../basics/duckdb.ts';
import { sha256File } from '../basics/digest.ts';
import { ReplayError } from '../basics/errors.ts';
import { formatInstant } from '../basics/instant.ts';
import { beatEndUs, type Frames } from '../clock/frames.ts';
import { loadFrames } from '../load/loadFrames.ts';
import type { Facts } from '../rules/facts.ts';

export interface ReconstructRequest {
  readonly facts: Facts;
  readonly scenario: string;
  readonly seed: string;
  readonly dataDir: string;
  /** Folder of the scenario file. */
  readonly folder: string;
  readonly outDir: string;
}

export interface Reconstructed {
  readonly stream: string;
  readonly folder: string;
  readonly rows: number;
}

/** Rows of a Parquet row group, as an import writes them. */
const FORMAT = '(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)';

/** A series to write: a row for every beat in which it traded. */
interface Made {
  readonly stream: string;
  readonly quote: string;
  readonly rows: () => Iterable<readonly [timeUs: number, price: string, qty: string]>;
}

/**
 * Writes one folder a stream: `data.parquet` (time, price, qty, reconstructed) and `metadata.json`.
 *
 * @throws ReplayError SCENARIO_INVALID when the folder is there already or the scenario has no bars to
 *         draw paths in; what `loadFrames` throws
 */
export async function reconstruct(request: ReconstructRequest): Promise<Reconstructed[]> {
  const { facts, outDir, seed } = request;
  const places = { dataDir: request.dataDir, folder: request.folder };
  const frames = await loadFrames(facts, { ...places, timing: 'common', seed, drawn: true, cacheDir: '' });
  const made = [...facts.streams.flatMap((spec) => seriesOf(spec.id, facts, frames))];
  await mkdir(dirname(outDir), { recursive: true });
  const work = await mkdtemp(join(dirname(outDir), '.reconstructing-'));
  const db = await openDuckDb();
  const connection = await db.connect();
  try {
    const whole = join(work, 'made');
    await mkdir(whole);
    const done: Reconstructed[] = [];
    for (const one of made) {
      const rows = await write(connection, one, { folder: join(whole, one.stream), request, frames });
      done.push({ stream: one.stream, folder: join(outDir, one.stream), rows });
    }
    await rename(whole, outDir).catch((error: NodeJS.ErrnoException) => {
      throw new ReplayError(
        'SCENARIO_INVALID',
        `the folder cannot be made: ${error.code}`,
        { file: outDir },
        'Choose another --out: nothing is written over.',
      );
    });
    return done;
  } finally {
    connection.closeSync();
    db.closeSync();
    await rm(work, { recursive: true, force: true });
  }
}

/** The perpetual of a market or one of its constituents; nothing for streams that are no prices. */
function seriesOf(id: string, facts: Facts, frames: Frames): Made[] {
  const spec = facts.streams.find((one) => one.id === id)!;
  const market = facts.markets[spec.market];
  if (market === undefined) return [];
  const step = market.qtyStep.toNumber();
  const timeOf = (beat: number): number => beatEndUs(frames, beat) - frames.beatUs;
  if (spec.role === 'perp' && spec.kind !== 'bookTop') {
    const { lastTicks, lots } = frames.markets.get(spec.market)!;
    return [
      { stream: id, quote: spec.quote, rows: () => rowsWith(lastTicks, lots, market.priceTick.toNumber()) },
    ];
  }
  const own = frames.constituents
    .get(spec.market)
    ?.find((c) => c.name === (spec.name === '' ? id : spec.name));
  if (spec.role !== 'constituent' || own === undefined) return [];
  return [{ stream: id, quote: spec.quote, rows: () => rowsWith(own.lastTicks, own.lots, Number(own.tick)) }];

  function* rowsWith(
    ticks: Float64Array,
    lots: Float64Array,
    tick: number,
  ): Iterable<readonly [number, string, string]> {
    for (let beat = 0; beat < frames.beats; beat++) {
      if (!(lots[beat]! > 0)) continue;
      yield [timeOf(beat), decimal(ticks[beat]! * tick), decimal(lots[beat]! * step)];
    }
  }
}

/** A whole number of steps as the decimal that it stands for. */
const decimal = (value: number): string => String(Number(value.toPrecision(15)));

async function write(
  connection: DuckDBConnection,
  made: Made,
  { folder, request, frames }: { folder: string; request: ReconstructRequest; frames: Frames },
): Promise<number> {
  await mkdir(folder);
  const [text, target] = [join(folder, 'rows.csv'), join(folder, 'data.parquet')];
  const lines = function* (): Iterable<string> {
    for (const row of made.rows()) yield `${row.join(',')}\n`;
  };
  await pipeline(Readable.from(lines()), createWriteStream(text));
  const columns = "columns = {'time': 'BIGINT', 'price': 'DOUBLE', 'qty': 'DOUBLE'}";
  await connection.run(
    `COPY (SELECT time, price, qty, true AS reconstructed FROM read_csv(${sqlText(text)}, auto_detect = false,
      header = false, delim = ',', ${columns})) TO ${sqlText(target)} ${FORMAT}`,
  );
  await rm(text);
  const [seen] = await rowsOf<{ n: bigint; first: bigint; last: bigint }>(
    connection,
    `SELECT count(*) AS n, min(time) AS first, max(time) AS last FROM read_parquet(${sqlText(target)})`,
  );
  const { facts, scenario, seed } = request;
  const metadata = {
    reconstructed: true,
    how: 'bars kept exactly, the path between drawn by seed, one path for all venues',
    scenario,
    stream: made.stream,
    seed,
    kind: 'trades',
    quote: made.quote,
    beatUs: facts.beatUs,
    columns: ['time', 'price', 'qty', 'reconstructed'],
    from: formatInstant(Number(seen!.first)),
    last: formatInstant(Number(seen!.last)),
    rows: Number(seen!.n),
    sources: frames.streams.find((one) => one.stream === made.stream)?.files ?? [],
    sha256: await sha256File(target),
  };
  await writeFile(join(folder, 'metadata.json'), `${JSON.stringify(metadata, null, 2)}\n`);
  return Number(seen!.n);
}
