/**
 * The test that a comparison gets for free: rules equal to the baseline's give history back, exactly. Through
 * the job that `cascade compare` runs, on every shipped event and ten seeds, minutes around its worst
 * price and few accounts; every figure, part, wave and bucket must be the baseline's to the bit.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseInstant } from '../../src/basics/instant.ts';
import type { Candidate } from '../../src/study/compare/candidates.ts';
import { CENTRAL } from '../../src/study/compare/draws.ts';
import { type DoneWorld, type Job, runJob } from '../../src/study/compare/job.ts';
import { NO_SHARED_DATA, SHARED_DATA } from '../support/facts.ts';

const FOLDER = join(import.meta.dirname, '../../scenarios');
const EMBEDDED = '2020-03-12-btcusdt-reconstructed';
const SEEDS = Array.from({ length: 10 }, (_, i) => `identity/${i}`);

/** Minutes in which each event is tried: prices fall enough that somebody is liquidated. */
const WINDOWS: Readonly<Record<string, readonly [string, string]>> = {
  '2020-03-12-btcusdt': ['2020-03-12T10:38Z', '2020-03-12T10:46Z'],
  [EMBEDDED]: ['2020-03-12T10:38Z', '2020-03-12T10:46Z'],
  '2020-03-12-xbtusd': ['2020-03-12T10:38Z', '2020-03-12T10:46Z'],
  '2021-05-19-btc-eth-cross': ['2021-05-19T13:06Z', '2021-05-19T13:11Z'],
  '2021-05-19-btcusdt': ['2021-05-19T13:06Z', '2021-05-19T13:11Z'],
  '2021-05-19-xbtusd': ['2021-05-19T12:58Z', '2021-05-19T13:10Z'],
  '2022-06-13-btcusdt': ['2022-06-13T14:30Z', '2022-06-13T14:35Z'],
  '2022-06-13-okx-btcusdt': ['2022-06-13T14:30Z', '2022-06-13T14:35Z'],
  '2024-08-08-ticks': ['2024-08-08T23:58Z', '2024-08-08T23:59Z'],
  '2025-10-10-btcusdt': ['2025-10-10T21:15Z', '2025-10-10T21:19Z'],
};

/** Days on which nobody need be liquidated in the minutes tried. */
const QUIET = ['2024-08-08-ticks'];

/** The event's own rule set, named as a user names another one. */
function sameOf(scenario: string): Candidate {
  const [, rules] = /^rules: (\S+)$/m.exec(readFileSync(join(FOLDER, `${scenario}.yaml`), 'utf8'))!;
  return { name: 'same', rules: rules!, overrides: [] };
}

function jobOf(scenario: string): Omit<Job, 'draws' | 'candidates'> {
  const [from, until] = WINDOWS[scenario]!;
  const overrides = ['assumptions.population.accounts=120', 'assumptions.population.liquidatableShare=1'];
  return {
    scenario: join(FOLDER, `${scenario}.yaml`),
    read: { dataDir: SHARED_DATA, from: parseInstant(from), until: parseInstant(until), overrides },
    dataDir: SHARED_DATA,
    cacheDir: '',
    entry: 'remove',
    feedback: true,
  };
}

async function worldsOf(scenario: string, seed: string): Promise<readonly DoneWorld[]> {
  const { draws } = await runJob({
    ...jobOf(scenario),
    candidates: [sameOf(scenario)],
    // an impact at which any difference in flows would show in the price
    draws: [{ number: 0, cell: CENTRAL.name, seed, overrides: ['assumptions.fills.impact*=10'] }],
  });
  return draws[0]!.worlds;
}

/** What must be the baseline's: everything but which world it is. */
const content = ({ candidate: _, feedback: __, ...rest }: DoneWorld) => rest;

test('every shipped event is tried', () => {
  const shipped = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));
  assert.deepEqual(shipped.map((name) => name.slice(0, -5)).sort(), Object.keys(WINDOWS).sort());
});

for (const scenario of Object.keys(WINDOWS)) {
  const skip = scenario === EMBEDDED ? false : NO_SHARED_DATA;
  test(`rules equal to the baseline's change nothing: ${scenario}`, { skip }, async () => {
    let [liquidated, parts] = [0, 0];
    for (const seed of SEEDS) {
      const [own, alone, fedBack] = await worldsOf(scenario, seed);
      liquidated += own!.figures.liquidatedAccounts!;
      assert.deepEqual([alone!.feedback, fedBack!.feedback], [false, true]);
      for (const [name, value] of Object.entries(own!.figures)) {
        for (const other of [alone!, fedBack!]) {
          const theirs = other.figures[name as keyof typeof other.figures];
          assert.ok(Object.is(theirs, value), `${seed} ${name}: ${theirs} for ${value}`);
        }
      }
      assert.equal(fedBack!.displacement, 0);
      assert.deepEqual(content(alone!), content(own!));
      // the hazard profile is told once, of worlds without feedback
      assert.deepEqual({ ...content(fedBack!), hazard: own!.hazard }, content(own!));
      parts += own!.breakdown.length;
    }
    if (!QUIET.includes(scenario))
      assert.ok(liquidated > 0 && parts > 0, `${liquidated} liquidated in the minutes tried, ${parts} parts`);
  });
}

test('worlds of several draws in one pass are those of a pass for each', async () => {
  const candidates: Candidate[] = [
    { name: 'other', overrides: ['rules.markets.*.tiers.*.maintenanceRate*=1.5'] },
  ];
  const draws = ['0.3', '1', '3'].map((impact, number) => ({
    number,
    cell: CENTRAL.name,
    seed: SEEDS[0]!,
    overrides: [`assumptions.fills.impact*=${impact}`, `assumptions.feedback.passThrough=0.${number + 4}`],
  }));
  const job = { ...jobOf(EMBEDDED), candidates };
  const together = await runJob({ ...job, draws });
  assert.equal(together.work.worlds, 9);
  const apart = [];
  for (const draw of draws) apart.push(...(await runJob({ ...job, draws: [draw] })).draws);
  assert.deepEqual(together.draws, apart);
  const moved = together.draws.map(({ worlds }) => worlds.at(-1)!.displacement);
  assert.ok(moved[0]! > 0 && moved[2]! > moved[0]!, `prices move, and more with more impact: ${moved}`);
});
