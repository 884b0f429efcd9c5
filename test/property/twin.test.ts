/**
 * The test that identity cannot give: a tape is made by the full model from a known path, population and
 * impact, and a comparison that sees the tape alone must return the true differences.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { candidatesOf } from '../../src/study/compare/candidates.ts';
import { CENTRAL, drawsOf } from '../../src/study/compare/draws.ts';
import { runJob } from '../../src/study/compare/job.ts';
import type { MetricName } from '../../src/study/compare/metrics.ts';
import { castOf, openVenue, scenariosAt, truthOf, writeDay } from '../support/twin.ts';
import { exogenousDay } from '../support/twinTape.ts';

const folder = mkdtempSync(join(tmpdir(), 'cascade-twin-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const SEEDS = ['one', 'two', 'three', 'four'];
const WITH = candidatesOf([
  'rules.markets.*.tiers.*.maintenanceRate*=1.5,rules.markets.*.tiers.*.initialRate*=1.5',
  'rules.reduction={kind: full}',
  'rules.order={kind: ioc},rules.takeover={when: markAtBankruptcy}',
  'rules.adl.ranking=proRataContracts,assumptions.fundOpening.btc-eth=50000',
]);
/** Of the difference, and of the level for what float64 loses in prices of 5e13 ticks. */
const [RELATIVE, OF_LEVEL] = [1e-9, 1e-12];

test('with the true population and assumptions a comparison returns the true differences', async () => {
  const venue = await openVenue(folder);
  const { assumptions } = venue.tape.scenario;
  const draws = drawsOf({ n: 4 * SEEDS.length, cell: CENTRAL, seed: 'twin', assumptions });
  const seen = new Set<string>();
  let [displaced, misled] = [0, 0];
  for (const [i, seed] of SEEDS.entries()) {
    const draw = draws[4 * i]!;
    const cast = await castOf(venue, await scenariosAt(venue, WITH, draw));
    const truth = await truthOf(venue, cast, exogenousDay(seed));
    displaced = Math.max(displaced, truth.displacement);
    await writeDay(folder, truth.tape);
    const {
      draws: [done],
    } = await runJob({
      scenario: venue.scenario,
      read: venue.read,
      dataDir: folder,
      cacheDir: '',
      candidates: WITH,
      entry: 'remove',
      feedback: true,
      draws: [draw],
    });
    const baseline = done!.worlds[0]!.figures;
    const [trueOwn, ...trueOthers] = truth.figures;
    assert.deepEqual(baseline, trueOwn, 'on its own tape the true world is the baseline, exactly');
    for (const { candidate, feedback, figures } of done!.worlds.slice(1)) {
      for (const name of Object.keys(baseline) as MetricName[]) {
        const [before, after] = [trueOwn![name], trueOthers[candidate]![name]];
        const [ours, base] = [figures[name], baseline[name]];
        if (before === null || after === null || ours === null || base === null) {
          if (feedback) assert.equal(ours, after, `${name} exists where it truly does`);
          continue;
        }
        const [error, difference] = [Math.abs(ours - base - (after - before)), Math.abs(after - before)];
        if (!feedback) misled += Number(error > 0.01 * difference && difference > 0);
        if (!feedback) continue;
        const bound = RELATIVE * difference + OF_LEVEL * Math.max(1, Math.abs(before));
        assert.ok(
          error <= bound,
          `${seed}, ${WITH[candidate]!.name}, ${name}: off by ${error} of ${difference}`,
        );
        if (difference > 0) seen.add(name);
      }
    }
  }
  assert.ok(displaced > 0.02, `liquidations moved the true price: ${displaced}`);
  assert.ok(misled > 50, `without feedback ${misled} differences are off by more than 1 %`);
  const needed: MetricName[] = [
    'liquidatedNotional',
    'traderCost',
    'badDebt',
    'adlNotional',
    'extraDrawdown',
  ];
  for (const name of needed) assert.ok(seen.has(name), `${name} differed somewhere`);
});
