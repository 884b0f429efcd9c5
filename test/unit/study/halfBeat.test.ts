/** The tape at half its beat, each number by hand; and what a comparison says of it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Frames } from '../../../src/clock/frames.ts';
import type { DoneDraw, DoneWorld } from '../../../src/study/compare/job.ts';
import { halved, halvedTape, stepError, stepNotes } from '../../../src/study/compare/halfBeat.ts';
import { readScenario } from '../../../src/study/scenario.ts';
import { Tape } from '../../../src/study/tape.ts';
import { cascade } from '../../support/cli.ts';
import { linearMarket, SECOND, tinyFrames } from '../../support/tinyWorld.ts';
import { TINY, tinyScenario } from '../../support/tinyScenario.ts';

/** Ticks are cents, lots thousandths. The constituent is seen at the end of the first beat and never again. */
const frames = (): Frames => {
  const made = tinyFrames([linearMarket()], {
    BTCUSDT: [
      { index: '101', last: '100', high: '100', low: '99', volume: '1' },
      { index: '102', last: '98.01', high: '100', low: '98', volume: '0.007' },
      { index: '102', last: '99', high: '99', low: '98', volume: '0' },
    ],
  });
  const [spot] = made.constituents.get('BTCUSDT')!;
  const ageUs = Float64Array.of(0, SECOND, 2 * SECOND);
  const columns = made.markets.get('BTCUSDT')!;
  const recorded = {
    ...columns,
    recordedMarkF64: Float64Array.of(100, 99, 98),
    buyLots: Float64Array.of(500, 7, 0),
  };
  return {
    ...made,
    markets: new Map([['BTCUSDT', recorded]]),
    constituents: new Map([['BTCUSDT', [{ ...spot!, ageUs }]]]),
  };
};

test('every second beat is as recorded, the one before it half of the way', () => {
  const half = halved(frames());
  assert.deepEqual([half.beatUs, half.beats, half.startUs], [SECOND / 2, 6, SECOND]);
  const market = half.markets.get('BTCUSDT')!;
  const list = (column: Float64Array | null): number[] => [...column!];
  // (10 000 + 9 801) / 2 = 9 900.5, to 9 901; (9 801 + 9 900) / 2 = 9 850.5, to 9 851
  assert.deepEqual(list(market.lastTicks), [10_000, 10_000, 9901, 9801, 9851, 9900]);
  assert.deepEqual(list(market.lowTicks), [9900, 9900, 9800, 9800, 9800, 9800]);
  assert.deepEqual(list(market.lots), [500, 500, 3, 4, 0, 0]);
  // seven lots at 9 801 are 68 607: three sevenths of it are 29 403, four 39 204
  assert.deepEqual(list(market.tickLots).slice(2, 4), [29_403, 39_204]);
  assert.deepEqual(list(market.buyLots), [250, 250, 3, 4, 0, 0]);
  assert.deepEqual(list(market.recordedMarkF64), [100, 100, 100, 99, 99, 98]);
  const [spot] = half.constituents.get('BTCUSDT')!;
  assert.deepEqual(list(spot!.lastTicks), [10_100, 10_100, 10_150, 10_200, 10_200, 10_200]);
  assert.deepEqual(
    list(spot!.ageUs).map((us) => us / SECOND),
    [0.5, 0, 0.5, 1, 1.5, 2],
  );
});

test('impact at half a beat is that of the whole beat that ended last', async (t) => {
  const text = TINY.replace('beat: 1s', 'beat: 60s').replace('stressMax: 10', 'stressMax: 100');
  const { scenario: file, folder } = await tinyScenario(t, text);
  const scenario = await readScenario(file, { dataDir: folder });
  const { assumptions } = scenario;
  const options = { dataDir: folder, cacheDir: '', timing: assumptions.timing, tapeSeed: '7' };
  const loaded = await Tape.load(scenario, options);
  // ten beats, taken as of 40 s: nearest to a minute are samples of two (80 s), at half the beat three (60 s)
  const tape = loaded.withFrames({ ...loaded.frames, beatUs: 40 * SECOND });
  const whole = [...tape.lambda(assumptions)[0]!];
  const [a, b, c, d, e] = [1, 3, 5, 7, 9].map((beat) => whole[beat]!);
  // a sample ends with every second beat; the first has no return
  assert.deepEqual(whole, [a, a, a, b, b, c, c, d, d, e]);
  assert.ok(a! < b! && b! < c! && c! < d! && d! < e!, `${whole}`);
  const [half] = halvedTape(tape).lambda(assumptions);
  assert.deepEqual([...half!], [a, a, a, a, a, a, a, b, b, b, b, c, c, c, c, d, d, d, d, e]);
});

const draw = (...liquidated: number[]): DoneDraw => {
  const worlds = liquidated.map((liquidatedNotional, candidate) => {
    return { candidate, feedback: false, figures: { liquidatedNotional } } as unknown as DoneWorld;
  });
  return { worlds } as unknown as DoneDraw;
};

test('the world that differs most decides, and two per cent are still converged', () => {
  assert.equal(stepError(draw(100, 200), draw(99, 204)), 0.02);
  assert.match(
    stepNotes([draw(100, 200), draw(99, 204)])[0]!,
    /^Converged: what is liquidated differs by up to 2\.0 % at half the beat/,
  );
  assert.match(stepNotes([draw(100, 200), draw(97, 200)])[0]!, /^NOT CONVERGED: .* 3\.0 % at half the beat/);
  assert.equal(stepError(draw(0), draw(0)), 0);
  assert.equal(stepError(draw(0), draw(1)), Infinity);
  assert.deepEqual(stepNotes([]), []);
});

test('a comparison at half the beat says what differs, before the scenario speaks', async (t) => {
  const tiny = await tinyScenario(t, TINY.replace('accounts: 60', 'accounts: 400'));
  const flags = [
    '--data',
    tiny.folder,
    '--cache',
    join(tiny.folder, 'cache'),
    '--out',
    tiny.out,
    '--workers',
    '1',
  ];
  const more = ['--with', 'rules.markets.*.tiers.*.maintenanceRate*=1.5', '--draws', '1'];
  const asked = ['compare', tiny.scenario, ...flags, ...more, '--json'];
  const told = async (...also: string[]): Promise<{ caveats: string[]; findings: unknown }> => {
    const ran = await cascade(...asked, ...also);
    assert.equal(ran.exit, 0, ran.err);
    return JSON.parse(ran.out);
  };
  const [plain, half] = [await told(), await told('--half-beat')];
  assert.match(
    half.caveats[0]!,
    /^(Converged|NOT CONVERGED): what is liquidated differs by up to \d+\.\d % at half the beat/,
  );
  assert.deepEqual(half.caveats.slice(1), plain.caveats);
  assert.deepEqual(half.findings, plain.findings);
});
