/** `cascade import`: a vendor's files into Parquet that scenarios read as they are. */
import { globSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { ReplayError } from '../basics/errors.ts';
import { parseDuration } from '../basics/instant.ts';
import { collected } from './arguments.ts';
import { whileWriting } from './interrupt.ts';
import { columns, printJson } from './output.ts';
import { progressBar } from './progress.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
Examples:
  $ cascade import binance-vision BTCUSDT-aggTrades-2021-05-19.zip --option market=um --out archive
  $ cascade import binance-vision '~/mirror/data/futures/um/daily/**/BTCUSDT-*.zip' --out archive
  $ cascade import bitmex 20200312.csv.gz 20200313.csv.gz --symbol XBTUSD --offset=-8h
  $ cascade import csv fund.csv --symbol XBT --option mapping=fund.yaml
  $ cascade import list                           vendors and the options of each`;

interface ImportFlags {
  readonly symbol?: string;
  readonly out: string;
  readonly offset?: number;
  readonly option: readonly string[];
  readonly replace?: true;
  readonly progress: boolean;
  readonly json?: true;
}

/** Adds the command to the tree. */
export function addImport(cli: Command, session: Session): void {
  cli
    .command('import')
    .description("Turn a vendor's files into the archive's Parquet, checked, with their origin beside them.")
    .argument('<vendor>', 'whose files they are; `cascade import list` names all')
    .argument('[files...]', 'files, folders or globs')
    .option('--symbol <name>', 'symbol, where files do not say it or have several')
    .option('--out <folder>', 'the archive: venue/symbol/series below it', 'archive')
    .option('--offset <duration>', 'added to every time stamp: --offset=-8h for one of UTC+8', offsetArgument)
    .option('--option <name=value>', "a vendor's own option (repeatable)", collected, [])
    .option('--replace', 'write a series anew that is there already')
    .option('--no-progress', 'no progress bar (there is none unless stderr is a terminal)')
    .option('--json', 'print what was written as JSON; errors too, on stderr')
    .addHelpText('after', EXAMPLES)
    .action((vendor, files, flags) => run(vendor, files, { flags, session }));
}

async function run(
  name: string,
  given: readonly string[],
  { flags, session: { output } }: { flags: ImportFlags; session: Session },
): Promise<void> {
  const { checkOptions, vendorNamed, VENDORS } = await import('../archive/vendors.ts');
  if (name === 'list') {
    for (const { name, about, options } of VENDORS) {
      output.result(`${name}: ${about}`);
      const rows = Object.entries(options).map(([option, meaning]) => [`  ${option}`, meaning]);
      for (const row of columns(rows)) output.result(row);
    }
    return;
  }
  const vendor = vendorNamed(name);
  const extra = extrasOf(flags.option);
  checkOptions(vendor, extra);
  const { abandonImport, importFiles } = await import('../archive/importFiles.ts');
  const bar = progressBar(flags.progress && output.watched);
  const calm = whileWriting(flags.out, output, {
    abandon: abandonImport,
    said: 'nothing was imported',
  });
  try {
    const imported = await importFiles({
      vendor,
      files: filesOf(given),
      outDir: flags.out,
      options: { symbol: flags.symbol ?? null, offsetUs: flags.offset ?? 0, extra },
      replace: flags.replace === true,
      onProgress: (done, total) => bar.report({ done, total, what: 'import' }),
      onEmpty: (series) => output.note(`${series}: no row`),
    });
    bar.stop();
    if (flags.json === true) return printJson(output, imported);
    for (const one of imported) {
      const dropped = Object.entries(one.dropped).map(([reason, n]) => `, ${n} dropped (${reason})`);
      output.result(`${one.folder}: ${one.rowsOut} of ${one.rowsIn} rows${dropped.join('')}`);
      for (const note of one.notes) output.result(`  ${note}`);
    }
  } finally {
    calm();
    bar.stop();
  }
}

/** What a download has beside its files: check sums, parts, its lock; and what is hidden. */
const NO_DATA = /\.(CHECKSUM|part|part\.json|lock)$|(^|[/\\])\.[^./\\]/;

/** Every file that is meant: folders are searched through. @throws ReplayError DATA_MISSING */
function filesOf(given: readonly string[]): string[] {
  const found = given.flatMap((text) => {
    const stats = statSync(text, { throwIfNoEntry: false });
    if (stats?.isFile()) return [text];
    const matches = stats?.isDirectory()
      ? globSync('**/*', { cwd: text })
          .filter((path) => !NO_DATA.test(path))
          .map((path) => join(text, path))
      : globSync(text).filter((path) => !NO_DATA.test(basename(path)));
    const files = matches.filter((path) => statSync(path).isFile());
    if (files.length > 0) return files;
    throw new ReplayError('DATA_MISSING', 'no such file', { file: text }, 'Check the path or the glob.');
  });
  return [...new Set(found)];
}

/** `-8h` as microseconds. @throws InvalidArgumentError */
function offsetArgument(text: string): number {
  try {
    return text.startsWith('-') ? -parseDuration(text.slice(1)) : parseDuration(text);
  } catch {
    throw new InvalidArgumentError('Write a duration such as 8h or, with the equals sign, --offset=-8h.');
  }
}

function extrasOf(options: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    options.map((text) => {
      const at = text.indexOf('=');
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw new ReplayError('SCENARIO_INVALID', `no option: ${text}`, {}, 'Write --option name=value.');
    }),
  );
}
