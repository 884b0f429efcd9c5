/**
 * Whole runs, rebuilt from their messages by a handler that knows nothing of the program
 * (eventHandlers.ts): balances and positions of every account end where the run ended, exactly; with
 * faults they do so again at the next snapshot.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MINUTE_US, parseInstant, SECOND_US } from '../../../src/basics/instant.ts';
import { withResultsDb } from '../../../src/results/openResults.ts';
import { allRows } from '../../../src/results/readRows.ts';
import {
  EVENT_FORMATS,
  type EventFormat,
  exportEvents,
} from '../../../src/study/exportEvents/exportEvents.ts';
import { runScenario } from '../../../src/study/run.ts';
import { type Rebuilt, rebuild } from '../../support/eventHandlers.ts';

const SCENARIO = fileURLToPath(
  new URL('../../../scenarios/2020-03-12-btcusdt-reconstructed.yaml', import.meta.url),
);
const FAULTS = 'drop=0.05,delay=0.05:1500ms,repeat=0.05,reorder=0.05';
const folder = mkdtempSync(join(tmpdir(), 'cascade-events-'));
let run = '';
after(() => rmSync(folder, { recursive: true, force: true }));

/** Six minutes of the embedded day: a funding stamp, liquidations, takeovers, deleveraging. */
before(async () => {
  const { folder: made } = await runScenario({
    scenario: SCENARIO,
    from: parseInstant('2020-03-12T15:57Z'),
    until: parseInstant('2020-03-12T16:03Z'),
    overrides: ['assumptions.population.accounts=200', 'assumptions.fundOpening.BTCUSDT=1000'],
    baseline: false,
    dataDir: folder,
    outDir: join(folder, 'reports'),
    cacheDir: join(folder, 'cache'),
    workers: 1,
    reruns: false,
    allowNotInForce: false,
    onProgress: () => {},
  });
  run = made;
});

async function written(format: EventFormat, name: string, faults?: string) {
  const out = join(folder, `${name}-${format}.ndjson`);
  const summary = await exportEvents({
    run,
    format,
    out,
    world: 0,
    throttle: false,
    ...(faults === undefined ? {} : { faults }),
    seed: '5',
    snapshotEveryUs: MINUTE_US,
    markEveryUs: 60 * SECOND_US,
    write: () => {},
  });
  return { summary, lines: readFileSync(out, 'utf8').trimEnd().split('\n') };
}

/** Balances and positions of everybody at the end, as the run stored them. */
async function stored(): Promise<Rebuilt> {
  return withResultsDb(run, async (db) => {
    const rows = (sql: string) => allRows<Record<string, string>>(db, sql);
    const balances = await rows(
      `SELECT account, asset, balance FROM balances WHERE "when" = 'after' AND account IN (SELECT account FROM accounts)`,
    );
    const legs = await rows(
      `SELECT account, market, side, qty FROM accounts WHERE "when" = 'after' AND qty > 0`,
    );
    return {
      balances: new Map(balances.map((b) => [`${b.account} ${b.asset}`, `${b.balance}`])),
      positions: new Map(legs.map((l) => [`${l.account} ${l.market} ${l.side}`, `${l.qty}`])),
    };
  });
}
const sorted = ({ balances, positions }: Rebuilt): unknown => [[...balances].sort(), [...positions].sort()];
const isSnapshot = (line: string): boolean =>
  line.startsWith('{"rest"') || /^\{"table":"(margin|position)","action":"partial"/.test(line);
/** Simulated time of a snapshot, as it is spelt. */
const timeOf = (line: string): string => /"(?:time|timestamp)":"?([^",]+)/.exec(line)![1]!;

test('the six minutes have what the messages are about', async () => {
  await withResultsDb(run, async (db) => {
    const count = async (sql: string): Promise<number> =>
      (await allRows<{ n: number }>(db, `SELECT count(*)::BIGINT AS n FROM ${sql}`))[0]!.n;
    assert.ok((await count('liquidations')) > 5, 'liquidations');
    assert.ok((await count('adl')) > 0, 'deleveraging');
    assert.ok((await count("transfers WHERE reason = 'funding'")) > 100, 'funding');
  });
});

for (const format of EVENT_FORMATS) {
  test(`${format}: messages alone, after the opening snapshot, end where the run ended`, async () => {
    const { lines, summary } = await written(format, 'whole');
    const expected = sorted(await stored());
    assert.deepEqual(sorted(rebuild(format, lines, summary.accountNumbers)), expected);
    const opening = timeOf(lines.find(isSnapshot)!);
    const alone = lines.filter((line) => !isSnapshot(line) || timeOf(line) === opening);
    assert.ok(alone.length < lines.length);
    assert.deepEqual(sorted(rebuild(format, alone, summary.accountNumbers)), expected);
  });

  test(`${format}: with faults a handler is wrong until the next snapshot, and right at each`, async () => {
    const whole = (await written(format, 'complete')).lines;
    const { lines, summary } = await written(format, 'faulty', FAULTS);
    for (const kind of ['drop', 'delay', 'repeat', 'reorder'] as const)
      assert.ok(summary.faults![kind] > 0, kind);
    const { accountNumbers } = summary;
    const opening = timeOf(lines.find(isSnapshot)!);
    const alone = lines.filter((line) => !isSnapshot(line) || timeOf(line) === opening);
    const expected = sorted(await stored());
    assert.notDeepEqual(sorted(rebuild(format, alone, accountNumbers)), expected);
    assert.deepEqual(sorted(rebuild(format, lines, accountNumbers)), expected);
    const times = [...new Set(lines.filter(isSnapshot).map(timeOf))];
    assert.ok(times.length >= 3);
    for (const time of times) {
      const until = (all: readonly string[]): readonly string[] =>
        all.slice(0, all.findLastIndex((line) => isSnapshot(line) && timeOf(line) === time) + 1);
      const healed = rebuild(format, until(lines), accountNumbers);
      assert.deepEqual(sorted(healed), sorted(rebuild(format, until(whole), accountNumbers)), time);
    }
  });
}

test('the list of faults is the truth: what it names is what differs', async () => {
  const whole = (await written('binance', 'truth')).lines;
  const { lines, summary } = await written('binance', 'listed', FAULTS);
  const { faults, messages, counts } = JSON.parse(readFileSync(summary.faultsFile!, 'utf8'));
  type Listed = { message: number; kind: string; after?: number };
  assert.equal(messages, whole.length);
  assert.deepEqual(counts, summary.faults);
  // replayed from the complete stream and the list alone
  const of = (kind: string) =>
    new Set((faults as Listed[]).filter((f) => f.kind === kind).map((f) => f.message));
  const [dropped, repeated, late] = [of('drop'), of('repeat'), new Map<number, number[]>()];
  const moved = new Set<number>();
  for (const f of faults as Listed[]) {
    if (f.after === undefined) continue;
    moved.add(f.message);
    late.set(f.after, [...(late.get(f.after) ?? []), f.message]);
  }
  const replayed: string[] = [];
  const put = (n: number): void => {
    replayed.push(whole[n - 1]!);
    if (repeated.has(n)) replayed.push(whole[n - 1]!);
    for (const m of late.get(n) ?? []) put(m);
  };
  for (const m of late.get(0) ?? []) put(m);
  for (let n = 1; n <= whole.length; n++) if (!dropped.has(n) && !moved.has(n)) put(n);
  assert.deepEqual(replayed, lines);
});
