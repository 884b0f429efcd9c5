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
import { type DoneWorld, runJob } from '../../src/study/compare/job.ts';
import { METRICS, type MetricName, type WorldFigures } from '../../src/study/compare/metrics.ts';
import { openVenue, ownDayOf, scenariosAt } from '../support/twin.ts';
import { LIVELY } from '../support/twinScenario.ts';
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
/** Of the difference, and of the level for what float64 loses in prices of 4e12 ticks. */
const [RELATIVE, OF_LEVEL] = [1e-9, 1e-12];
/** The last place of a ledger's money: what a difference of sums may lose in float64. */
const LAST_PLACE = 1e-8;
const MONEY = new Set(METRICS.filter(({ unit }) => unit === 'money').map(({ name }) => name));
/** A job's own quotient of its worlds with and without feedback; a truth has no world without. */
const standing = (figures: WorldFigures): WorldFigures => ({ ...figures, amplification: null });
const NEEDED: readonly MetricName[] = [
  'liquidatedNotional',
  'traderCost',
  'badDebt',
  'adlNotional',
  'extraDrawdown',
];

/** Figures of a baseline and of a candidate. */
type Pair = readonly [WorldFigures, WorldFigures];

/** Holds a candidate's differences against the true ones. @returns names of those that are not 0 */
function assertTrue(what: string, truth: Pair, ours: Pair): MetricName[] {
  const differing: MetricName[] = [];
  for (const name of Object.keys(truth[0]) as MetricName[]) {
    const four = [...truth, ...ours].map((figures) => figures[name]);
    if (four.includes(null)) {
      assert.equal(ours[1][name], truth[1][name], `${what}: ${name} exists where it truly does`);
      continue;
    }
    const [before, after, base, figure] = four as number[];
    const [difference, error] = [after! - before!, Math.abs(figure! - base! - (after! - before!))];
    const bound =
      RELATIVE * Math.abs(difference) +
      OF_LEVEL * Math.max(1, Math.abs(before!)) +
      (MONEY.has(name) ? LAST_PLACE : 0);
    assert.ok(error <= bound, `${what}: ${name} is off by ${error} of ${difference}`);
    if (difference !== 0) differing.push(name);
  }
  return differing;
}

/** Differences without feedback that are off by more than 1 % of the true ones. */
const misled = (truth: Pair, ours: Pair): number =>
  (Object.keys(truth[0]) as MetricName[]).filter((name) => {
    const [difference, said] = [truth, ours].map(([own, other]) => other[name]! - own[name]!);
    return Math.abs(said! - difference!) > 0.01 * Math.abs(difference!) && difference !== 0;
  }).length;

/** What the true days had in them, to see that something was tested. */
interface Lived {
  /** Figures whose true differences were not 0. */
  readonly differing: ReadonlySet<MetricName>;
  /** Largest displacement of a true price. */
  readonly displaced: number;
  /** Differences that a comparison without feedback misses. */
  readonly missed: number;
  readonly stops: number;
  readonly arrivals: number;
  readonly departures: number;
}

/** Each day: the truth of a known path, population and impact, its tape as data files, and a comparison of those. */
async function liveThrough(own: readonly string[]): Promise<Lived> {
  const venue = await openVenue(folder, own);
  const { assumptions } = (await openVenue(folder)).tape.scenario; // whose draws leave owners as they are
  const draws = drawsOf({ n: 4 * SEEDS.length, cell: CENTRAL, seed: 'twin', assumptions });
  const differing = new Set<MetricName>();
  let [displaced, missed, stops, arrivals, departures] = [0, 0, 0, 0, 0];
  for (const [i, seed] of SEEDS.entries()) {
    const draw = draws[4 * i]!;
    const scenarios = await scenariosAt(venue, WITH, draw);
    const { cast, truth } = await ownDayOf(venue, scenarios, exogenousDay(seed));
    const { behaviour } = cast.populations[0]!;
    displaced = Math.max(displaced, truth.displacement);
    stops += truth.figures[0]!.stopSlippage ?? 0;
    arrivals += behaviour?.arrivals.row.length ?? 0;
    departures += behaviour?.departures.row.length ?? 0;
    const done = await runJob({
      scenario: venue.scenario,
      read: venue.read,
      dataDir: folder,
      cacheDir: '',
      candidates: WITH,
      entry: 'remove',
      feedback: true,
      draws: [draw],
    });
    const [{ figures: base }, ...others] = done.draws[0]!.worlds as [DoneWorld, ...DoneWorld[]];
    const [true0, ...trueOthers] = truth.figures;
    assert.deepEqual(standing(base), true0, 'on its own tape the true world is the baseline, exactly');
    for (const { candidate, feedback, figures } of others) {
      const what = `${seed}, ${WITH[candidate]!.name}`;
      const [trues, ours] = [
        [true0!, trueOthers[candidate]!],
        [standing(base), standing(figures)],
      ] as [Pair, Pair];
      if (!feedback) missed += misled(trues, ours);
      else for (const name of assertTrue(what, trues, ours)) differing.add(name);
    }
  }
  return { differing, displaced, missed, stops, arrivals, departures };
}

test('with the true population and assumptions a comparison returns the true differences', async () => {
  const { differing, displaced, missed } = await liveThrough([]);
  assert.ok(displaced > 0.02, `liquidations moved the true price: ${displaced}`);
  assert.ok(missed > 50, `without feedback ${missed} differences are off by more than 1 %`);
  for (const name of NEEDED) assert.ok(differing.has(name), `${name} differed somewhere`);
});

test('so it does where owners stop their losses, add margin, come and go', async () => {
  const { differing, displaced, missed, stops, arrivals, departures } = await liveThrough([LIVELY]);
  assert.ok(displaced > 0.02, `forced orders and stops moved the true price: ${displaced}`);
  assert.ok(missed > 50, `without feedback ${missed} differences are off by more than 1 %`);
  assert.ok(stops > 0 && arrivals > 20 && departures > 20, `${stops} ${arrivals} ${departures}`);
  for (const name of NEEDED) assert.ok(differing.has(name), `${name} differed somewhere`);
});
