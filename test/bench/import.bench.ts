/**
 * How fast a zip of a vendor becomes the archive's Parquet, beside DuckDB's own copy of the unzipped file
 * in the same run: rows a second, processor time and peak memory, each side in processes of its own, in
 * turns. The import also hashes the file, looks for disorder, repeated rows and what is no number. Goal:
 * 0.7 of the copy. `node test/bench/import.bench.ts 30000000` for a file of that many rows.
 */
import { spawnSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createWriteStream } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';
import { importFiles } from '../../src/archive/importFiles.ts';
import { vendorNamed } from '../../src/archive/vendors.ts';
import { openDuckDb, sqlText } from '../../src/basics/duckdb.ts';

const ROWS = 4_000_000;
const ROUNDS = 3;
const NAME = 'BTCUSDT-aggTrades-2025-10-22';

interface Measured {
  readonly sec: number;
  readonly cpuSec: number;
  readonly peakMb: number;
}

/** A day of aggTrades as Binance writes it, prices and sizes drawn by a formula. */
async function generate(folder: string, rows: number): Promise<void> {
  const db = await openDuckDb({ threads: availableParallelism() });
  const connection = await db.connect();
  await connection.run(`COPY (
    SELECT 2907604449 + n AS agg_trade_id, round(108000 + 500 * sin(n / 100000.0) + hash(n) % 50 / 10.0, 1) AS price,
           (1 + hash(n + 1) % 5000) / 1000.0 AS quantity, 6764565323 + 2 * n AS first_trade_id,
           6764565324 + 2 * n AS last_trade_id, 1761091200007 + (n::HUGEINT * 86399000 // ${rows})::BIGINT AS transact_time,
           hash(n + 2) % 2 = 0 AS is_buyer_maker
      FROM range(${rows}) t(n)) TO ${sqlText(join(folder, `${NAME}.csv`))} (HEADER)`);
  connection.closeSync();
  db.closeSync();
  const zip = new yazl.ZipFile();
  zip.addReadStream(createReadStream(join(folder, `${NAME}.csv`)), `${NAME}.csv`);
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(join(folder, `${NAME}.zip`)));
}

/** What is measured, by name. */
const SIDES: Readonly<Record<string, (folder: string) => Promise<unknown>>> = {
  import: (folder) =>
    importFiles({
      vendor: vendorNamed('binance-vision'),
      files: [join(folder, `${NAME}.zip`)],
      outDir: join(folder, 'archive'),
      options: { symbol: null, offsetUs: 0, extra: { market: 'um' } },
      replace: true,
    }),
  copy: async (folder) => {
    const db = await openDuckDb({ threads: availableParallelism() });
    const connection = await db.connect();
    const [from, to] = [`${NAME}.csv`, 'copy.parquet'].map((name) => sqlText(join(folder, name)));
    await connection.run(
      `COPY (SELECT * FROM read_csv(${from})) TO ${to} (FORMAT parquet, COMPRESSION zstd)`,
    );
    connection.closeSync();
    db.closeSync();
  },
};

async function measure(side: string, folder: string): Promise<Measured> {
  const [cpu, start] = [process.cpuUsage(), process.hrtime.bigint()];
  await SIDES[side]!(folder);
  const sec = Number(process.hrtime.bigint() - start) / 1e9;
  const { user, system } = process.cpuUsage(cpu);
  return { sec, cpuSec: (user + system) / 1e6, peakMb: Math.round(process.resourceUsage().maxRSS / 1024) };
}

/** The same in a process of its own, so that one side's memory is not the other's. */
function apart(side: string, folder: string): Measured {
  const child = spawnSync(process.execPath, [import.meta.filename, '--side', side, folder], {
    encoding: 'utf8',
  });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout) as Measured;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

async function bench(rows: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cascade-import-'));
  try {
    await generate(folder, rows);
    const rounds = Array.from({ length: ROUNDS }, () => ({
      copy: apart('copy', folder),
      own: apart('import', folder),
    }));
    const of = (side: 'copy' | 'own', what: keyof Measured): number =>
      median(rounds.map((one) => one[side][what]));
    const megabytes = (path: string): number => Math.round(statSync(join(folder, path)).size / 1e6);
    const line = {
      rows,
      csvMb: megabytes(`${NAME}.csv`),
      zipMb: megabytes(`${NAME}.zip`),
      rowsPerSec: Math.round(rows / of('own', 'sec')),
      copyRowsPerSec: Math.round(rows / of('copy', 'sec')),
      ratio: Number(median(rounds.map(({ copy, own }) => copy.sec / own.sec)).toFixed(2)),
      cpuRatio: Number(median(rounds.map(({ copy, own }) => copy.cpuSec / own.cpuSec)).toFixed(2)),
      peakMb: of('own', 'peakMb'),
      copyPeakMb: of('copy', 'peakMb'),
      parquetMb: megabytes('archive/binance-um/BTCUSDT/aggTrades/data.parquet'),
      copyParquetMb: megabytes('copy.parquet'),
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [flag, side, folder] = process.argv.slice(2);
if (flag === '--side') process.stdout.write(JSON.stringify(await measure(side!, folder!)));
else await bench(flag === undefined ? ROWS : Number(flag));
