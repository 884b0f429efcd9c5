/** `cascade export events`: a finished run as the messages that a venue would have sent. */
import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { type Micros, parseDuration } from '../basics/instant.ts';
import { runArgument } from './arguments.ts';
import { printJson } from './output.ts';
import type { Session } from './session.ts';

const FORMATS = ['binance', 'bitmex', 'bybit'] as const;

const EXAMPLES = `
Examples:
  $ cascade export events 2020-03-12-xbtusd --format bitmex
  $ cascade export events reports/my-day --format binance --throttle --snapshot-every 10s --out crash.ndjson
  $ cascade export events my-day --format bybit --account a17 --out - | ./my-handler
  $ cascade export events my-day --format binance --faults drop=0.01,delay=0.02:500ms,repeat=0.01,reorder=0.01`;

interface EventFlags {
  readonly format: (typeof FORMATS)[number];
  readonly out?: string;
  readonly world: number;
  readonly account?: string;
  readonly throttle?: true;
  readonly faults?: string;
  readonly seed: string;
  readonly snapshotEvery: Micros;
  readonly markEvery: Micros;
  readonly json?: true;
}

/** A time above 0 such as `1m`. @throws InvalidArgumentError */
function intervalArgument(text: string): Micros {
  try {
    const us = parseDuration(text);
    if (us > 0) return us;
  } catch {
    // said below
  }
  throw new InvalidArgumentError('Write a time such as 1s, 1m or 8h.');
}

/** A world's number. @throws InvalidArgumentError */
function worldArgument(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('Write the number of a world, 0 the first.');
  return Number(text);
}

/** Adds the command to the tree. */
export function addExport(cli: Command, session: Session): void {
  const group = cli
    .command('export')
    .description('Write a finished run in another form.')
    .addHelpText('after', EXAMPLES);
  group
    .command('events')
    .description('Write what the venue would have sent: one message a line, in simulated time.')
    .argument('<run>', 'folder of a run, or its id below reports/', runArgument)
    .addOption(new Option('--format <venue>', 'whose messages').choices(FORMATS).makeOptionMandatory())
    .option('--out <file>', 'where to; - is stdout (default: events-<venue>.ndjson in the folder of the run)')
    .option('--world <n>', 'number of the world in the run', worldArgument, 0)
    .option('--account <name>', "only this account's own messages, beside those that everybody gets")
    .option('--throttle', 'at most one liquidation order a symbol and second, the latest (Binance)')
    .option('--faults <kinds>', 'lose, delay, repeat and swap messages: drop=0.01,delay=0.02:500ms,...')
    .option('--seed <text>', 'which messages the faults hit', '1')
    .option('--snapshot-every <time>', 'time between snapshots', intervalArgument, intervalArgument('1m'))
    .option(
      '--mark-every <time>',
      'time between marks of a market (default: every beat)',
      intervalArgument,
      0,
    )
    .option('--json', 'print the summary as JSON; errors too, on stderr')
    .addHelpText('after', EXAMPLES)
    .action((run, flags) => exportRun(run, flags, session));
}

async function exportRun(run: string, flags: EventFlags, { output }: Session): Promise<void> {
  const { exportEvents } = await import('../study/exportEvents/exportEvents.ts');
  const { json, throttle, snapshotEvery, markEvery, ...rest } = flags;
  const told = await exportEvents({
    ...rest,
    run,
    throttle: throttle === true,
    snapshotEveryUs: snapshotEvery,
    markEveryUs: markEvery,
    write: output.result,
  });
  // the messages themselves may be on stdout: what is said about them then goes beside it
  const say = told.file === '-' ? output.note : output.result;
  if (json) return told.file === '-' ? say(JSON.stringify(told)) : printJson(output, told);
  say(`${told.file}: ${told.lines} lines, ${told.snapshots} of them snapshots`);
  if (told.throttled > 0) say(`throttle: ${told.throttled} liquidation orders kept back`);
  if (told.faults !== null) {
    const counts = Object.entries(told.faults).map(([kind, n]) => `${kind} ${n}`);
    say(`faults in ${told.messages} messages: ${counts.join(', ')}; listed in ${told.faultsFile}`);
  }
  for (const [name, number] of Object.entries(told.accountNumbers))
    say(`account ${name} is number ${number}`);
}
