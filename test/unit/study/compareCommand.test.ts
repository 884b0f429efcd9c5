/** `cascade compare` from end to end: identity, any number of workers, a draw replayed alone, bad input. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDuckDb } from '../../../src/basics/duckdb.ts';
import type { CompareResult, Finding } from '../../../src/report/compare/model.ts';
import { compareScenario, type CompareOptions } from '../../../src/study/compare/compare.ts';
import { cascade } from '../../support/cli.ts';
import { type Tiny, TINY, tinyScenario } from '../../support/tinyScenario.ts';

const EMBEDDED = 'scenarios/2020-03-12-btcusdt-reconstructed.yaml';
const MORE = 'rules.markets.*.tiers.*.maintenanceRate*=1.5';
/** Enough accounts and contracts that forced orders move the price within the ten minutes. */
const CROWDED = TINY.replace('accounts: 60', 'accounts: 400').replace('BTCUSDT: 100 }', 'BTCUSDT: 2000 }');

const optionsOf = (tiny: Tiny, over: Partial<CompareOptions>): CompareOptions => ({
  scenario: tiny.scenario,
  candidates: [MORE],
  overrides: [],
  draws: 4,
  cellDraws: 0,
  full: false,
  halfBeat: false,
  entry: 'remove',
  dataDir: tiny.folder,
  outDir: tiny.out,
  cacheDir: join(tiny.folder, 'cache'),
  workers: 0,
  onProgress: () => {},
  clock: () => 0,
  onEstimate: () => {},
  ...over,
});

/** Same rules by another way: every tier's rate multiplied by one. */
const SAME = 'rules.markets.*.tiers.*.maintenanceRate*=1';

type Rows = (sql: string) => Promise<unknown[][]>;

/** Asks the database of a comparison. */
async function openTables<T>(folder: string, ask: (rows: Rows) => Promise<T>): Promise<T> {
  const instance = await openDuckDb({ path: join(folder, 'compare.duckdb') });
  const connection = await instance.connect();
  try {
    return await ask(async (sql) => (await connection.runAndReadAll(sql)).getRows());
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const moved = (findings: readonly Finding[]): string[] =>
  findings
    .filter((f) => [f.feedback, f.accounting].some((b) => b.low !== 0 || b.high !== 0 || b.sign !== 0))
    .map((f) => f.metric);

for (const seed of ['7', '8', '9', '10', '11']) {
  test(`a candidate equal to the baseline differs in nothing, tiny scenario, seed ${seed}`, async (t) => {
    const tiny = await tinyScenario(t, CROWDED);
    const { result } = await compareScenario(optionsOf(tiny, { candidates: [SAME], seed, draws: 3 }));
    assert.deepEqual(moved(result.findings), []);
    assert.ok(result.stability.every((s) => s.displacement === 0));
    const liquidated = result.findings.find((f) => f.metric === 'liquidatedAccounts')!;
    assert.ok(liquidated.baseline > 0, 'somebody was liquidated');
    assert.ok(result.findings.length >= 20);
  });
}

test('the same in the embedded scenario, two seeds', async (t) => {
  const tiny = await tinyScenario(t);
  for (const seed of ['1', '2']) {
    const { result } = await compareScenario(
      optionsOf(tiny, {
        scenario: EMBEDDED,
        dataDir: 'scenarios',
        candidates: [SAME],
        seed,
        draws: 2,
        from: Date.UTC(2020, 2, 12, 10, 30) * 1000,
        until: Date.UTC(2020, 2, 12, 11) * 1000,
      }),
    );
    assert.deepEqual(moved(result.findings), []);
    assert.ok(result.findings.find((f) => f.metric === 'liquidatedAccounts')!.baseline > 100);
  }
});

test('workers change no byte of the result', async (t) => {
  const tiny = await tinyScenario(t, CROWDED);
  const read = (name: string): string => readFileSync(join(tiny.out, 'tiny+compare', name), 'latin1');
  const files = async (workers: number): Promise<string[]> => {
    await compareScenario(optionsOf(tiny, { workers, draws: 8, cellDraws: 1 }));
    const tables = ['breakdown', 'draws', 'hazard', 'metrics', 'waves', 'work', 'worlds'].map(
      (t) => `tables/${t}.parquet`,
    );
    return ['compare.json', 'draws.json', 'report.html', ...tables].map(read);
  };
  const alone = await files(0);
  assert.deepEqual(await files(2), alone);
  const result = JSON.parse(alone[0]!) as CompareResult;
  assert.equal(result.draws.length, 17);
  assert.equal(result.cells.length, 10);
});

test('the tables hold what the figures are made of', async (t) => {
  const tiny = await tinyScenario(t, CROWDED);
  const { result, folder } = await compareScenario(optionsOf(tiny, { draws: 3, cellDraws: 1 }));
  const asked = await openTables(folder, async (rows) => ({
    worlds: await rows('SELECT count(*) AS n FROM worlds'),
    // parts of a figure and the figure
    apart: await rows(`SELECT w.draw, w.candidate, w.feedback, w.liquidated_notional AS whole, b.parts
      FROM worlds w JOIN (SELECT cell, draw, candidate, feedback, sum(value) AS parts FROM breakdown
        WHERE metric = 'liquidatedNotional' AND leverage <> '' GROUP BY ALL) b USING (cell, draw, candidate, feedback)
      WHERE abs(b.parts / w.liquidated_notional - 1) > 1e-12`),
    waves: await rows(`SELECT w.draw, w.candidate FROM worlds w
      JOIN (SELECT cell, draw, candidate, feedback, sum(notional) AS parts FROM waves GROUP BY ALL) v
        USING (cell, draw, candidate, feedback)
      WHERE abs(v.parts / w.liquidated_notional - 1) > 1e-12`),
    // everything is somebody's, to a millionth of what was lost
    unbalanced: await rows(`SELECT draw FROM worlds WHERE abs(gain_liquidated + gain_deleveraged + gain_others
      + gain_venue + market_gain) > 1e-6 * trader_loss`),
    sized:
      await rows(`SELECT w.draw FROM worlds w JOIN (SELECT cell, draw, candidate, feedback, sum(value) AS parts
      FROM breakdown WHERE metric = 'traderLoss' GROUP BY ALL) b USING (cell, draw, candidate, feedback)
      WHERE abs(b.parts / w.trader_loss - 1) > 1e-12`),
    amplified: await rows(`SELECT a.draw FROM worlds a JOIN worlds b USING (cell, draw, candidate)
      WHERE a.feedback AND NOT b.feedback
        AND (a.amplification <> a.liquidated_notional / b.liquidated_notional OR b.amplification <> 1)`),
    // what the gate looks at is the largest of what is told over time
    branching: await rows(`SELECT w.draw, w.branching, max(b.ratio) FROM worlds w
      JOIN branching b USING (cell, draw, candidate, feedback) GROUP BY ALL HAVING max(b.ratio) <> w.branching`),
    told: await rows('SELECT count(DISTINCT (cell, draw, candidate, feedback)) AS n FROM breakdown'),
    undefined: await rows(
      `SELECT DISTINCT metric FROM breakdown WHERE metric NOT IN (SELECT name FROM metrics)`,
    ),
  }));
  // three central draws and nine cells, each a baseline and a candidate with feedback and without
  assert.deepEqual(asked, {
    worlds: [[36n]],
    apart: [],
    waves: [],
    unbalanced: [],
    sized: [],
    amplified: [],
    branching: [],
    told: [[9n]],
    undefined: [],
  });
  assert.equal(result.draws.length, 12);
});

test('what worlds share is done once: frames, population, index and mark', async (t) => {
  const tiny = await tinyScenario(t, CROWDED);
  // another maintenance rate opens the same positions; another mark rule is priced apart
  const candidates = [MORE, 'rules.markets.*.mark={kind: indexOnly, tick: "0.1", rounding: even}'];
  const { folder } = await compareScenario(optionsOf(tiny, { candidates, draws: 6 }));
  const work = await openTables(folder, (rows) =>
    rows(`SELECT draws, worlds, worlds_with_feedback, frames_opened, populations_drawn, price_rules,
      beats_priced = price_rules * beats FROM work ORDER BY seed, draw`),
  );
  // each draw has a baseline and two candidates, twice: five worlds, and a pass holds at most eighteen;
  // four draws share a population
  assert.deepEqual(work, [
    [3n, 15n, 6n, 1n, 1n, 2n, true],
    [1n, 5n, 2n, 1n, 1n, 2n, true],
    [2n, 10n, 4n, 1n, 1n, 2n, true],
  ]);
});

test('draws of the centre and of the envelope, replayed alone by run --baseline, have their figures', async (t) => {
  const tiny = await tinyScenario(t, CROWDED);
  await compareScenario(optionsOf(tiny, { entry: 'keep', draws: 2, cellDraws: 1 }));
  const rows = JSON.parse(readFileSync(join(tiny.out, 'tiny+compare', 'draws.json'), 'utf8')) as {
    cell: string;
    draw: number;
    displacement: number;
    seed: string;
    overrides: string[];
    candidate: string;
    feedback: boolean;
    figures: Record<string, number>;
  }[];
  const own = (cell: string, draw: number) =>
    rows.filter(
      (r) => r.cell === cell && r.draw === draw && (r.candidate === MORE || r.candidate === 'baseline'),
    );
  const FAR = 'impact x3, pass-through 0.95';
  for (const worlds of [own('central', 1), own(FAR, 0)]) {
    const { seed, overrides: drawn } = worlds[0]!;
    const overrides = [...drawn, MORE].flatMap((o) => ['--override', o]);
    const ran = await cascade('run', ...tiny.flags, '--seed', seed, ...overrides, '--baseline', '--json');
    assert.equal(ran.exit, 0, ran.err);
    const { figures } = JSON.parse(ran.out) as { figures: Record<string, string> };
    // a run's worlds: 0 the baseline, 1 the candidate, 2 the candidate with feedback
    for (const { candidate, feedback, figures: ours } of worlds) {
      const world = candidate === 'baseline' ? 0 : feedback ? 2 : 1;
      for (const name of [
        'liquidatedAccounts',
        'liquidatedNotional',
        'adlNotional',
        'badDebt',
        'fundInflow',
      ]) {
        const [, theirs] = Object.entries(figures).find(([key]) => key.startsWith(`${world}|${name}||||`))!;
        assert.equal(Number(theirs), ours[name], `world ${world}, ${name}`);
      }
      assert.ok(ours.liquidatedAccounts! > 0);
    }
  }
  const moved = own(FAR, 0).find((r) => r.feedback)!;
  assert.ok(moved.overrides.includes('assumptions.fills.impact*=3.0000'));
  assert.ok(moved.displacement > 0, 'a path of its own was replayed, not history');
});

test('full tells its time from its first jobs, and plans 200 draws in each of 37 cells', async (t) => {
  const tiny = await tinyScenario(t);
  let [now, told] = [0, Number.NaN];
  const stop = new Error('told');
  const options = optionsOf(tiny, {
    full: true,
    clock: () => {
      now += 5000;
      return now;
    },
    onEstimate: (seconds) => {
      told = seconds;
      throw stop;
    },
  });
  await assert.rejects(compareScenario(options), stop);
  // the first pass of each of 50 populations holds four central draws (12 worlds) and three of one impact that differ in
  // reaction (5), 17 worlds: two passes to warm up, two to measure, 34 worlds in 5 s by this clock, which is asked at the
  // start and after the second and the fourth. In all 200 central draws of 3, 200 times 12 cells but for reaction of 5,
  // three panels of 2
  const left = 200 * 3 + 200 * 12 * 5 + 3 * 2 - 4 * 17;
  assert.ok(Math.abs(told - (10 + (5 / 34) * left)) < 1e-9, `${told}`);
  assert.ok(
    !existsSync(join(tiny.out, 'tiny+compare')) && !existsSync(join(tiny.out, 'tiny+compare.partial')),
  );
});

test('a beat without a half in whole microseconds is refused before the first draw', async (t) => {
  const tiny = await tinyScenario(t, TINY.replace('beat: 1s', 'beat: 234375us')); // 256 in a minute
  const options = optionsOf(tiny, {
    halfBeat: true,
    draws: 1,
    onProgress: () => assert.fail('a draw was done'),
  });
  await assert.rejects(compareScenario(options), {
    code: 'SCENARIO_INVALID',
    message: /234375us has no half/,
    place: { path: 'facts.beat' },
  });
  assert.ok(!existsSync(join(tiny.out, 'tiny+compare.partial')));
});

test('accounts that some rules do not admit are taken out, topped up or kept', async (t) => {
  const tiny = await tinyScenario(t, CROWDED);
  // maintenance just below the initial rate: positions that had moved against their owners fail at once
  const { result } = await compareScenario(
    optionsOf(tiny, { candidates: ['rules.markets.*.tiers.*.maintenanceRate*=1.9'], draws: 1 }),
  );
  const of = (policy: string) => result.entries.find((e) => e.policy === policy)!;
  assert.ok(of('remove').accounts > 0);
  assert.equal(of('keep').accounts, of('remove').accounts);
  assert.ok(of('topUp').added > 0);
  const liquidated = (policy: string): number => of(policy).candidates[0]!.liquidatedAccounts!;
  assert.ok(
    liquidated('keep') >= liquidated('remove') + of('remove').accounts,
    'kept: they all fall at once',
  );
  assert.ok(of('remove').baseline.liquidatedAccounts! <= of('keep').baseline.liquidatedAccounts!);
});

test('the report is one file without scripts, and names verdicts, draws and overrides', async (t) => {
  const tiny = await tinyScenario(t, CROWDED);
  const { reportPath, lines } = await compareScenario(optionsOf(tiny, { draws: 2 }));
  const page = readFileSync(reportPath, 'utf8');
  assert.match(page, /default-src &#39;none&#39;/);
  assert.doesNotMatch(page, /<script(?! type="application\/json")|https?:\/\/(?!www\.w3\.org)/);
  for (const text of [
    MORE,
    'tiers.*.maintenanceRate*=1.5</h3>',
    'PREVIEW',
    '2 central draws',
    'Without feedback',
    'taken out of all worlds',
  ])
    assert.ok(page.includes(text), text);
  assert.ok(lines.every((line) => line.length <= 140));
  assert.ok(!existsSync(join(tiny.out, 'tiny+compare.partial')));
});

const BAD: readonly [what: string, args: readonly string[], says: RegExp][] = [
  ['no candidate', [], /SCENARIO_INVALID: nothing to compare with/],
  ['an empty candidate', ['--with', ' , '], /SCENARIO_INVALID: an empty candidate/],
  [
    'an unknown path',
    ['--with', 'rules.reductoin={kind: full}'],
    /RULES_INVALID: .*[\s\S]*Did you mean reduction\?/,
  ],
  ['a misspelt step', ['--with', 'rules.adl.rankin.x=binance'], /rules\.adl\.ranking/],
  ['facts', ['--with', 'facts.beat=2s'], /Facts are never edited/],
  [
    'maintenance at initial',
    ['--with', 'rules.markets.*.tiers.*.maintenanceRate*=4'],
    /RULES_INVALID: .*not below initial/,
  ],
  ['no draws', ['--with', SAME, '--draws', '0'], /SCENARIO_INVALID: no draws/],
  ['other accounts', ['--with', 'assumptions.population.accounts=40'], /has other accounts/],
  [
    'another timing',
    ['--with', 'assumptions.timing=bySign'],
    /SCENARIO_INVALID: another timing makes another tape/,
  ],
  ['an unknown rule set', ['--with', 'binance-usdm@2021-06'], /binance-usdm@2021/],
];
for (const [what, args, says] of BAD) {
  test(`refused with a code and a way out: ${what}`, async (t) => {
    const tiny = await tinyScenario(t);
    const flags = tiny.flags.filter((flag) => flag !== '--no-reruns');
    const ran = await cascade('compare', ...flags, '--workers', '1', ...args);
    assert.equal(ran.exit, 2, ran.err);
    assert.match(ran.err, says);
    assert.ok(!existsSync(join(tiny.out, 'tiny+compare')));
  });
}
