/** `cascade event new`: a scenario of a day from the data that are there, and what is missing. */
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from '@commander-js/extra-typings';
import { ReplayError } from '../basics/errors.ts';
import { DAY_US, type Micros } from '../basics/instant.ts';
import { instantArgument, workersArgument } from './arguments.ts';
import { columns, type Output, printJson } from './output.ts';
import { progressBar } from './progress.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
Examples:
  $ cascade event new 2021-05-19 --venue binance --symbol BTCUSDT --data ~/data
  $ cascade event new 2020-03-12 --venue bitmex --symbol XBTUSD --days 2 --data ~/data --out march.yaml
  $ cascade event new 2022-06-13 --venue okx --symbol BTC-USDT-SWAP --data ~/data`;

interface EventFlags {
  readonly venue: string;
  readonly symbol: string;
  readonly data?: string;
  readonly days: number;
  readonly out?: string;
  readonly indexFromPerp?: true;
  readonly download?: true;
  readonly baseUrl?: string;
  readonly json?: true;
}

/** Adds the commands to the tree. */
export function addEvent(cli: Command, session: Session): void {
  const event = cli.command('event').description('Make a scenario of a day.').addHelpText('after', EXAMPLES);
  event
    .command('new')
    .description('Look through a data folder and write a scenario of a day, with what is missing.')
    .argument('<day>', 'the day, UTC: 2021-05-19', instantArgument)
    .requiredOption('--venue <name>', 'whose perpetual: binance, bitmex, okx, ...')
    .requiredOption('--symbol <name>', 'the perpetual')
    .option('--days <n>', 'length of the window', workersArgument, 1)
    .option('--data <folder>', 'where the data files are (or CASCADE_DATA)')
    .option('--out <file>', 'the scenario file; default: its id in this folder')
    .option('--download', "fetch what the venue's public archive has of that day first, into the data folder")
    .option('--base-url <address>', 'a mirror of the archive')
    .option('--index-from-perp', 'without spot prices let the perpetual stand for its own index')
    .option('--json', 'print what was chosen and what is missing as JSON; errors too, on stderr')
    .addHelpText('after', EXAMPLES)
    .action((day, flags) => create(day, flags, session));
}

async function create(dayUs: Micros, flags: EventFlags, { output }: Session): Promise<void> {
  const dataDir = flags.data ?? output.env.CASCADE_DATA;
  if (dataDir === undefined)
    throw new ReplayError('DATA_MISSING', 'no data folder', {}, 'Name it with --data, or in CASCADE_DATA.');
  const { newEvent, acceptable } = await import('../archive/event/newEvent.ts');
  const { scenarioText } = await import('../archive/event/scenarioText.ts');
  const { venue, symbol, days } = flags;
  if (flags.download === true) await fetchFirst(dayUs, dataDir, { flags, output });
  const { parts, missing } = await newEvent({
    venue,
    symbol,
    days,
    dataDir,
    fromMs: dayUs / 1000,
    indexFromPerp: flags.indexFromPerp === true,
  });
  const out = flags.out ?? `${parts.id}.yaml`;
  if (existsSync(out))
    throw new ReplayError(
      'SCENARIO_INVALID',
      'the file is there already',
      { file: out },
      'Choose another --out.',
    );
  const { accept, rest } = await writeScenario(out, dataDir, (known) => scenarioText(parts, known));
  if (flags.json === true) {
    const accepted = Object.fromEntries(accept);
    return printJson(output, { file: out, rules: parts.rules.id, accepted, missing, findings: rest });
  }
  output.result(
    `${out}: ${parts.market} under ${parts.rules.id}, ${parts.choice.constituents.length} spot venues`,
  );
  for (const [stream, problems] of accept)
    output.result(`  accepted by name: ${stream}: ${problems.join(', ')}`);
  for (const finding of rest) output.result(`  ${finding.code}: ${finding.message} (file ${finding.file})`);
  output.result('what would make it better:');
  const rows = missing.map(({ what, effect, how }) => [what, effect, how]);
  for (const row of columns([['missing', 'effect', 'how to get it'], ...rows])) output.result(`  ${row}`);
  output.result(`run it: cascade run ${out} --data ${dataDir}`);

  /** Written once to be read by the loader, then again with what it found accepted by name. */
  async function writeScenario(
    file: string,
    data: string,
    textOf: (accept: ReadonlyMap<string, readonly string[]>) => string,
  ) {
    const work = await mkdtemp(join(dirname(file), '.event-'));
    try {
      const draft = join(work, 'scenario.yaml');
      await writeFile(draft, textOf(new Map()));
      const found = acceptable(await findingsOf(draft, data));
      await writeFile(draft, textOf(found));
      const left = (await findingsOf(draft, data)).filter((finding) => !finding.accepted);
      await rename(draft, file);
      return { accept: found, rest: left };
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
}

/** Downloads and imports; tells what came. */
async function fetchFirst(
  dayUs: Micros,
  dataDir: string,
  { flags, output }: { flags: EventFlags; output: Output },
): Promise<void> {
  const { fetchEvent } = await import('../archive/event/fetchEvent.ts');
  const bar = progressBar(output.watched);
  const { venue, symbol, days, baseUrl = null } = flags;
  try {
    const span = { fromUs: dayUs, untilUs: dayUs + days * DAY_US };
    const onProgress = (done: number, total: number): void => bar.report({ done, total, what: 'download' });
    const { downloads, imported } = await fetchEvent({
      venue,
      symbol,
      ...span,
      dataDir,
      baseUrl,
      onProgress,
    });
    bar.stop();
    if (flags.json === true) return;
    for (const { absent } of downloads)
      for (const { label, days: lacking } of absent)
        output.result(`not in the archive: ${label}, ${lacking.length} days`);
    for (const { folder, rowsOut } of imported) output.result(`${folder}: ${rowsOut} rows`);
  } finally {
    bar.stop();
  }
}

/** What the loader finds in a scenario's data. */
async function findingsOf(file: string, dataDir: string) {
  const [{ checkData }, { readScenario }] = await Promise.all([
    import('../load/loadFrames.ts'),
    import('../study/scenario.ts'),
  ]);
  const { facts, folder } = await readScenario(file, { dataDir, withoutData: true, allowNotInForce: false });
  return checkData(facts, { dataDir, folder });
}
