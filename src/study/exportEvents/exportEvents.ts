/**
 * `cascade export events`: a finished run told in a venue's own messages, one a line, in order of
 * simulated time. Stored rows become happenings, happenings messages; throttle and faults come last.
 */
import { join } from 'node:path';
import type { DuckDBConnection } from '../../basics/duckdb.ts';
import { nearest, ReplayError } from '../../basics/errors.ts';
import type { Micros } from '../../basics/instant.ts';
import { readRun } from '../../results/manifest.ts';
import { withResultsDb } from '../../results/openResults.ts';
import { Binance } from './binance.ts';
import { accountNumbers, BitMex } from './bitmex.ts';
import { Bybit } from './bybit.ts';
import { checkEnd } from './endCheck.ts';
import { type FaultKind, Faults, parseFaults } from './faults.ts';
import type { Happening } from './happenings.ts';
import { Holdings } from './holdings.ts';
import { LineFile } from './lineFile.ts';
import { jsonLine, type Message, type Venue } from './message.ts';
import { Snapshots } from './snapshots.ts';
import { Story } from './story.ts';
import { storedRows } from './storedRows.ts';
import { type StoredRules, storedRules } from './storedRules.ts';
import { Throttle } from './throttle.ts';
import { Valuation } from './valuation.ts';

export const EVENT_FORMATS = ['binance', 'bitmex', 'bybit'] as const;
export type EventFormat = (typeof EVENT_FORMATS)[number];

export interface ExportRequest {
  readonly run: string;
  readonly format: EventFormat;
  /** File, or `-` for `write`; absent: `events-<format>.ndjson` in the folder of the run. */
  readonly out?: string;
  readonly world: number;
  /** Only this account's own messages, and those that everybody gets. */
  readonly account?: string;
  /** At most one liquidation order a symbol and second. */
  readonly throttle: boolean;
  /** `drop=0.01,...`; absent: the stream is complete. */
  readonly faults?: string;
  readonly seed: string;
  readonly snapshotEveryUs: Micros;
  /** Time between marks of one market; 0: every beat. */
  readonly markEveryUs: Micros;
  /** Takes the lines where `out` is `-`. */
  readonly write: (line: string) => void;
}

export interface ExportSummary {
  /** `-`, or the file. */
  readonly file: string;
  /** Messages of the complete stream, snapshots included. */
  readonly messages: number;
  readonly snapshots: number;
  readonly lines: number;
  /** Liquidation orders that the throttle kept back. */
  readonly throttled: number;
  readonly faults: Readonly<Record<FaultKind, number>> | null;
  /** File that lists the faults. */
  readonly faultsFile: string | null;
  /** BitMEX: numbers by which named accounts go. */
  readonly accountNumbers: Readonly<Record<string, number>>;
}

/**
 * Writes the messages of a run.
 *
 * @throws ReplayError RESULT_STORE without a result or when the file exists, SCENARIO_INVALID for a world,
 *         account or fault that is none, RESULT_MISMATCH when the messages do not end where the run did
 */
export async function exportEvents(request: ExportRequest): Promise<ExportSummary> {
  const { run, format, world } = request;
  const plan = request.faults === undefined ? null : parseFaults(request.faults);
  const stored = storedRules(readRun(run).facts, world);
  const file = request.out ?? join(run, `events-${format}.ndjson`);
  const beside = file === '-' ? join(run, `events-${format}.ndjson`) : file;
  const faultsFile = `${beside.replace(/\.ndjson$/, '')}.faults.json`;
  const files: LineFile[] = [];
  const open = (name: string): LineFile => {
    const made = new LineFile(name);
    files.push(made);
    return made;
  };
  try {
    const lines = file === '-' ? null : open(file);
    const faultLines = plan === null ? null : open(faultsFile);
    const out = new Outlet({ request, plan, lines, faultLines });
    const numbers = await withResultsDb(run, (db) => tellAll(db, { request, stored, out }));
    const summary = out.finish();
    for (const made of files) made.publish();
    return { file, ...summary, faultsFile: plan === null ? null : faultsFile, accountNumbers: numbers };
  } catch (error) {
    for (const made of files) made.abandon();
    throw error;
  }
}

/** Where messages leave: past the throttle and the faults, into the file. */
class Outlet {
  private messages = 0;
  private snapshots = 0;
  private lines = 0;
  private readonly throttle: Throttle | null;
  private readonly faults: Faults | null;
  private readonly to: (line: string) => void;
  private readonly faultLines: LineFile | null;
  private firstFault = true;

  constructor(o: {
    request: ExportRequest;
    plan: ReturnType<typeof parseFaults> | null;
    lines: LineFile | null;
    faultLines: LineFile | null;
  }) {
    const { request, plan, lines, faultLines } = o;
    this.to = lines === null ? request.write : (line) => lines.line(line);
    this.faultLines = faultLines;
    this.throttle = request.throttle ? new Throttle() : null;
    const deliver = (message: Message): void => this.deliver(message);
    const note = (fault: unknown): void => {
      faultLines?.line(`${this.firstFault ? '' : ','}${JSON.stringify(fault)}`);
      this.firstFault = false;
    };
    this.faults = plan === null ? null : new Faults({ plan, seed: request.seed, deliver, note });
    if (plan === null) return;
    const { format, seed, faults: spec } = request;
    faultLines?.line(`${JSON.stringify({ format, seed, spec }).slice(0, -1)},"faults":[`);
  }

  put(message: Message): void {
    for (const passed of this.throttle?.pass(message) ?? [message]) this.send(passed);
  }

  finish(): Pick<ExportSummary, 'messages' | 'snapshots' | 'lines' | 'throttled' | 'faults'> {
    for (const passed of this.throttle?.rest() ?? []) this.send(passed);
    this.faults?.end();
    const { messages, snapshots, lines } = this;
    const counts = this.faults?.counts ?? null;
    this.faultLines?.line(`],${JSON.stringify({ messages, lines, counts }).slice(1)}`);
    return { messages, snapshots, lines, throttled: this.throttle?.replaced ?? 0, faults: counts };
  }

  private send(message: Message): void {
    this.messages++;
    if (message.snapshot) this.snapshots++;
    if (this.faults === null) this.deliver(message);
    else this.faults.push(message);
  }

  private deliver(message: Message): void {
    this.lines++;
    this.to(jsonLine(message.body));
  }
}

interface Telling {
  readonly request: ExportRequest;
  readonly stored: StoredRules;
  readonly out: Outlet;
}

/** Brings the stored rows to the outlet. Returns the numbers of named accounts where the venue numbers them. */
async function tellAll(
  db: DuckDBConnection,
  { request, stored, out }: Telling,
): Promise<Record<string, number>> {
  const { world, format, account } = request;
  const holdings = new Holdings(stored);
  await holdings.load(db, world);
  if (account !== undefined && !holdings.all.has(account)) throw unknownAccount(account, holdings);
  const valuation = new Valuation(stored);
  const numbers = accountNumbers([...holdings.all.keys()].sort());
  const venue = venueOf(request, valuation, numbers);
  const marks = new MarkPace(request.markEveryUs);
  const put = (happening: Happening): void => {
    if (happening.kind === 'mark' && !marks.isDue(happening.market.id, happening.tsUs)) return;
    if (happening.kind === 'snapshot' && account !== undefined && happening.held.account !== account) return;
    for (const message of venue.tell(happening)) {
      if (account === undefined || message.account === null || message.account === account) out.put(message);
    }
  };
  const story = new Story({ holdings, stored, valuation });
  const snapshots = new Snapshots({ holdings, stored, valuation, story, everyUs: request.snapshotEveryUs });
  for await (const row of storedRows(db, world)) for (const happening of snapshots.tell(row)) put(happening);
  for (const happening of snapshots.finish()) put(happening);
  await checkEnd(db, holdings, world);
  const named = [...numbers].filter(([name, number]) => format === 'bitmex' && name !== `a${number}`);
  return Object.fromEntries(named);
}

function venueOf(
  { format, markEveryUs }: ExportRequest,
  valuation: Valuation,
  numbers: ReadonlyMap<string, number>,
): Venue {
  if (format === 'binance') return new Binance(valuation, markEveryUs);
  return format === 'bybit' ? new Bybit(valuation) : new BitMex(valuation, numbers);
}

/** Lets a market's mark pass at most once a stated time. */
class MarkPace {
  private readonly everyUs: Micros;
  private readonly last = new Map<string, number>();

  constructor(everyUs: Micros) {
    this.everyUs = everyUs;
  }

  isDue(market: string, tsUs: Micros): boolean {
    if (this.everyUs === 0) return true;
    const slot = Math.floor(tsUs / this.everyUs);
    if (this.last.get(market) === slot) return false;
    this.last.set(market, slot);
    return true;
  }
}

function unknownAccount(account: string, holdings: Holdings): ReplayError {
  const near = nearest(account, [...holdings.all.keys()].slice(0, 1000));
  const remedy = `${near === null ? '' : `Did you mean ${near}? `}The table accounts lists them.`;
  return new ReplayError('SCENARIO_INVALID', `no account ${account} in this run`, { path: account }, remedy);
}
