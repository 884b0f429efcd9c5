/** `cascade download`: files of the venues' public archives, proven whole, however often it is interrupted. */
import { type Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { ReplayError } from '../basics/errors.ts';
import { DAY_US, type Micros } from '../basics/instant.ts';
import { instantArgument, workersArgument } from './arguments.ts';
import { EXIT } from './errorText.ts';
import { type Output, printJson } from './output.ts';
import { progressBar } from './progress.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
Kinds:
  binance-vision  aggTrades trades klines markPriceKlines indexPriceKlines premiumIndexKlines
                  fundingRate metrics liquidationSnapshot bookDepth bookTicker
  bitmex          trade quote (all symbols in one file)
  bybit           trading (derivatives) spot

Examples:
  $ cascade download binance-vision --symbol BTCUSDT --from 2021-05-19 --kinds aggTrades,klines,markPriceKlines
  $ cascade download binance-vision --market spot --symbol BTCUSDT --from 2021-05-01 --until 2021-06-01 --kinds klines
  $ cascade download bitmex --from 2020-03-12 --until 2020-03-14 --kinds trade
  $ cascade download bybit --symbol BTCUSDT,ETHUSDT --from 2022-06-13 --kinds trading --out mirror
  $ cascade import binance-vision downloads/binance-vision --out archive

Interrupt it at any time and run it again: it goes on where it was. Exit code 2 when a file did not come.`;

interface DownloadFlags {
  readonly symbol?: readonly string[];
  readonly from: Micros;
  readonly until?: Micros;
  readonly kinds: readonly string[];
  readonly interval?: readonly string[];
  readonly market: string;
  readonly out?: string;
  readonly baseUrl?: string;
  readonly parallel: number;
  readonly retries: number;
  readonly progress: boolean;
  readonly json?: true;
}

const PARALLEL = 4;
const RETRIES = 5;

/** `a,b`, added to the names before. @throws InvalidArgumentError */
function namesArgument(text: string, before: readonly string[] = []): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '')) return [...new Set([...before, ...names])];
  throw new InvalidArgumentError('Write names with commas between.');
}

/** @throws InvalidArgumentError */
function retriesArgument(text: string): number {
  if (!/^\d{1,2}$/.test(text)) throw new InvalidArgumentError('Write a whole number from 0 to 99.');
  return Number(text);
}

/** Adds the command to the tree. */
export function addDownload(cli: Command, session: Session): void {
  cli
    .command('download')
    .description("Fetch files of a venue's public archive, several at a time, each proven whole.")
    .argument('<archive>', 'binance-vision, bitmex or bybit')
    .option('--symbol <names>', 'BTCUSDT, or several with commas (none for bitmex)', namesArgument)
    .requiredOption('--from <day>', 'first day, UTC', instantArgument)
    .option('--until <day>', 'the day after the last (default: one day)', instantArgument)
    .requiredOption('--kinds <names>', 'which files, named as in the archive, with commas', namesArgument)
    .option('--interval <names>', 'of candles (default: 1m)', namesArgument)
    .option('--market <name>', "Binance's spot, um (USD-M) or cm (COIN-M)", 'um')
    .option('--out <folder>', "where to, in the archive's own folders (default: downloads/<archive>)")
    .option('--base-url <address>', 'a mirror of the archive')
    .option('--parallel <n>', 'files at a time', workersArgument, PARALLEL)
    .option('--retries <n>', 'further tries of a file, with growing pauses', retriesArgument, RETRIES)
    .option('--no-progress', 'no progress bar (there is none unless stderr is a terminal)')
    .option('--json', 'print what came and what did not as JSON; errors too, on stderr')
    .addHelpText('after', EXAMPLES)
    .action((archive, flags) => run(archive, flags, session));
}

async function run(name: string, flags: DownloadFlags, { output }: Session): Promise<void> {
  const [{ archiveNamed }, { download }] = await Promise.all([
    import('../archive/download/archives.ts'),
    import('../archive/download/download.ts'),
  ]);
  const archive = archiveNamed(name);
  const bar = progressBar(flags.progress && output.watched);
  const stop = (): void => {
    bar.stop();
    output.note('Interrupted: nothing is lost, the same command goes on from here.');
    process.exit(EXIT.interrupted);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const done = await download({
      archive,
      wish: {
        symbols: flags.symbol ?? [],
        kinds: flags.kinds,
        intervals: flags.interval ?? ['1m'],
        market: flags.market,
        fromUs: flags.from,
        untilUs: flags.until ?? flags.from + DAY_US,
      },
      outDir: flags.out ?? `downloads/${archive.name}`,
      baseUrl: flags.baseUrl ?? null,
      parallel: flags.parallel,
      retries: flags.retries,
      onProgress: (have, total) => bar.report({ done: have, total, what: 'download' }),
    });
    bar.stop();
    if (flags.json === true) printJson(output, done);
    else print(done, name, output);
    refuse(done);
  } finally {
    bar.stop();
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

type Done = Awaited<ReturnType<typeof import('../archive/download/download.ts').download>>;

function print(done: Done, archive: string, output: Output): void {
  const { folder, fetched, present, absent, failed } = done;
  const bytes = fetched.reduce((sum, one) => sum + one.bytes, 0);
  const there = present.length === 0 ? '' : `; ${filesText(present.length)} there already`;
  output.result(`${folder}: ${filesText(fetched.length)} fetched, ${(bytes / 1e6).toFixed(1)} MB${there}`);
  for (const { label, days } of absent)
    output.result(
      `not in the archive: ${label}: ${daysText(days)} (${days.length === 1 ? '1 day' : `${days.length} days`})`,
    );
  for (const { file, reason } of failed) output.result(`did not come: ${file}: ${reason}`);
  if (fetched.length + present.length > 0 && failed.length === 0)
    output.result(
      `next: cascade import ${archive} ${folder}${archive === 'bitmex' ? ' --symbol XBTUSD' : ''}`,
    );
}

const filesText = (n: number): string => `${n} ${n === 1 ? 'file' : 'files'}`;

/** Neighbouring days as spans: `2021-05-01 .. 2021-05-03, 2021-05-19`. */
function daysText(days: readonly string[]): string {
  const spans: [first: string, last: string][] = [];
  for (const day of days) {
    const open = spans.at(-1);
    const follows = open !== undefined && Date.parse(day) - Date.parse(open[1]) === DAY_US / 1000;
    if (follows) open[1] = day;
    else spans.push([day, day]);
  }
  return spans.map(([first, last]) => (first === last ? first : `${first} .. ${last}`)).join(', ');
}

/** @throws ReplayError DATA_MISSING when a file did not come, or nothing at all is there */
function refuse({ folder, fetched, present, absent, failed }: Done): void {
  if (failed.length > 0)
    throw new ReplayError(
      'DATA_MISSING',
      `${filesText(failed.length)} did not come, the first: ${failed[0]!.url}: ${failed[0]!.reason}`,
      { file: `${folder}/${failed[0]!.file}` },
      'Run the same command again: it fetches only what is missing. Or name a mirror with --base-url.',
    );
  if (fetched.length + present.length === 0 && absent.length > 0)
    throw new ReplayError(
      'DATA_MISSING',
      'the archive has nothing of it',
      {},
      'Check --symbol, --market (COIN-M: --market cm --symbol BTCUSD_PERP), --kinds and the days.',
    );
}
