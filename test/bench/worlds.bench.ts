/**
 * What a further world of a pass costs. For a calm and a crashing hour with 100,000 accounts: the marginal
 * world, (T(64) - T(1)) / 63, beside what that world's ledger and triggers cost alone (its making, its beats
 * and its end, with prices already formed, in a run of its own); goal: at most 1.25 of it, and 15 ms in the
 * calm hour. Peak memory of 64 worlds, all of the process; goal: 500 MB. Then two hours of the embedded day: 64
 * worlds as a sweep on 1 and 2 workers, and as separate `cascade run` processes (GNU time tells theirs). Every
 * measurement has a process of its own and is processor time unless it says wall; only ratios taken in one run mean
 * much on a shared machine.
 *
 *   node test/bench/worlds.bench.ts          all
 *   node test/bench/worlds.bench.ts hours    the two hours only
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { money, rate } from '../../src/basics/exact.ts';
import { Pricing } from '../../src/engine/pricing.ts';
import type { World } from '../../src/engine/world.ts';
import type { Frames } from '../../src/clock/frames.ts';
import type { Population } from '../../src/ledger/population.ts';
import type { MarketPrice } from '../../src/mark/prices.ts';
import { replay } from '../../src/replay.ts';
import { Tally } from '../../src/results/tally.ts';
import { tinyAssumptions, tinyRules } from '../support/tinyWorld.ts';
import { BTC, drawn, hour, marketRules, peakMb, worldOf } from './drawnHour.ts';

const WORLDS = 64;
/** Worlds that are also run alone. */
const ALONE = [0, 9, 18, 27, 36, 45, 54, 63];
const ACCOUNTS = 100_000;
const ROOT = resolve(import.meta.dirname, '../..');

/** Milliseconds of processor time of this process. */
async function cpuMs(run: () => unknown): Promise<number> {
  const from = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1000;
}

interface Stand {
  readonly frames: Frames;
  readonly population: Population;
}

/** World k of 64: eight maintenance schedules by eight clearance fees. */
function nth(k: number, { frames, population }: Stand, pricing: Pricing): World {
  const own = marketRules(1 + Math.floor(k / 8) * 0.02).BTCUSDT!;
  const fee = [{ rate: rate((0.003 + (k % 8) * 0.0005).toFixed(4)) }];
  const rules = tinyRules({ BTCUSDT: { ...own, clearanceFee: fee } }, 'USDT');
  const assumptions = tinyAssumptions({ fundOpening: { main: money('30000000') } });
  return worldOf({ index: k, frames, population, rules, pricing, assumptions, lambda: lambdaOf(frames) });
}

const lambdas = new WeakMap<Frames, Float64Array[]>();

/** One column for all worlds, as a tape keeps it. */
function lambdaOf(frames: Frames): Float64Array[] {
  const found = lambdas.get(frames) ?? [new Float64Array(frames.beats).fill(1e-8)];
  lambdas.set(frames, found);
  return found;
}

const pricingOf = ({ frames }: Stand): Pricing =>
  new Pricing([BTC], tinyRules(marketRules(), 'USDT'), frames);

/** One pass of so many worlds, prices and sums included. */
async function pass(stand: Stand, worlds: number): Promise<void> {
  const pricing = pricingOf(stand);
  const all = Array.from({ length: worlds }, (_, k) => nth(k, stand, pricing));
  await replay(stand.frames, all, new Tally(new Map([[BTC.id, BTC]])));
}

/** Ledger and triggers of one world alone. */
function alone(stand: Stand, k: number, prices: readonly (readonly MarketPrice[])[]): void {
  const pricing = pricingOf(stand);
  pricing.price = (beat) => prices[beat]!; // formed before the clock runs
  const world = nth(k, stand, pricing);
  for (const beat of prices.keys()) world.act(beat, world.price(beat)!);
  world.finish();
}

/** A measurement in this process; its answer is one JSON line. */
const SIDES: Readonly<Record<string, (...args: string[]) => Promise<unknown>>> = {
  pass: async (kind, worlds) => {
    const stand = { frames: hour(kind as 'calm'), population: drawn(ACCOUNTS) };
    await pass(stand, 1); // compiled code for every size of pass
    const before = peakMb();
    const ms = await cpuMs(() => pass(stand, Number(worlds)));
    return { ms, beforeMb: before, peakMb: peakMb() };
  },
  alone: async (kind) => {
    const stand = { frames: hour(kind as 'calm'), population: drawn(ACCOUNTS) };
    await pass(stand, 1);
    const pricing = pricingOf(stand);
    const prices = Array.from({ length: stand.frames.beats }, (_, beat) => pricing.price(beat, null)!);
    const each: number[] = [];
    for (const k of ALONE) each.push(await cpuMs(() => alone(stand, k, prices)));
    return { ms: each.reduce((sum, ms) => sum + ms, 0) / each.length };
  },
};

/** The same in a process of its own. */
function apart<T>(...args: string[]): T {
  const options = { encoding: 'utf8', maxBuffer: 1 << 26 } as const;
  const child = spawnSync(
    process.execPath,
    ['--expose-gc', import.meta.filename, '--side', ...args],
    options,
  );
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout) as T;
}

interface Pass {
  readonly ms: number;
  readonly beforeMb: number;
  readonly peakMb: number;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const round = (value: number, places = 1): number => Number(value.toFixed(places));
const say = (line: Readonly<Record<string, unknown>>): void => console.log(JSON.stringify(line));

/** Three rounds of the three measurements, in turns; the medians of ratios taken within a round. */
function hours(): void {
  for (const kind of ['calm', 'crash']) {
    const rounds = Array.from({ length: 3 }, () => {
      const [one, many] = [apart<Pass>('pass', kind, '1'), apart<Pass>('pass', kind, String(WORLDS))];
      const own = apart<{ ms: number }>('alone', kind).ms;
      const marginal = (many.ms - one.ms) / (WORLDS - 1);
      return { one: one.ms, many: many.ms, own, marginal, peakMb: many.peakMb, onePeakMb: one.peakMb };
    });
    const of = (what: keyof (typeof rounds)[number]): number => median(rounds.map((r) => r[what]));
    say({
      case: `${kind} hour`,
      accounts: ACCOUNTS,
      oneMs: round(of('one')),
      manyMs: round(of('many')),
      marginalMs: round(of('marginal'), 2),
      ownMs: round(of('own'), 2),
      ratio: round(median(rounds.map((r) => r.marginal / r.own)), 2),
      onePeakMb: of('onePeakMb'),
      peakMb: of('peakMb'),
    });
  }
}

interface Timed {
  readonly wallSec: number;
  readonly cpuSec: number;
  readonly peakMb: number;
}

/** One command of the built program in a process of its own, by the clock of `time`. */
function timed(...args: readonly string[]): Timed {
  const cascade = [process.execPath, join(ROOT, 'bin/cascade.mjs'), ...args];
  const child = spawnSync('/usr/bin/time', ['-f', '%e %U %S %M', ...cascade], { encoding: 'utf8' });
  if (child.status !== 0) throw new Error(child.stderr);
  const [wall, user, system, kb] = child.stderr.trim().split('\n').at(-1)!.split(' ').map(Number);
  return { wallSec: wall!, cpuSec: round(user! + system!, 2), peakMb: Math.round(kb! / 1024) };
}

/** Two hours of the embedded day: eight maintenance schedules by eight funds, four passes of sixteen. */
const SWEEP = `id: bench
title: 64 worlds
scenario: 2020-03-12-btcusdt-reconstructed
window: [2020-03-12T10:00Z, 2020-03-12T12:00Z]
seeds: [1]
perPass: 16
grid:
  rules.markets.*.tiers.*.maintenanceRate*: [1, 1.02, 1.04, 1.06, 1.08, 1.1, 1.12, 1.14]
  fundOpening.BTCUSDT: [1e6, 2e6, 3e6, 4e6, 5e6, 6e6, 7e6, 8e6]
`;
/** Runs that stand for 64. */
const SOME = 4;

/** The same 64 worlds as a sweep on one and two workers, and as runs one by one (extrapolated from four). */
function embedded(): void {
  const folder = mkdtempSync(join(tmpdir(), 'cascade-worlds-'));
  try {
    const file = join(folder, 'bench.yaml');
    writeFileSync(file, SWEEP.replace(/(\d)e6/g, '$1000000'));
    const common = ['--cache', join(folder, 'frames')];
    const window = ['--from', '2020-03-12T10:00Z', '--until', '2020-03-12T12:00Z'];
    const run = (k: number): Timed =>
      timed('run', '--no-reruns', ...window, ...common, '--out', join(folder, `run${k}`));
    run(-1); // fills the cache for both sides
    for (const workers of ['1', '2'])
      say({
        case: `64 worlds, sweep, ${workers} workers`,
        ...timed('sweep', file, ...common, '--workers', workers, '--out', join(folder, workers)),
      });
    const each = Array.from({ length: SOME }, (_, k) => run(k));
    const all = (of: (t: Timed) => number): number =>
      round((each.reduce((sum, t) => sum + of(t), 0) / SOME) * WORLDS);
    say({
      case: `64 separate runs, from ${SOME}`,
      wallSec: all((t) => t.wallSec),
      cpuSec: all((t) => t.cpuSec),
      peakMb: Math.max(...each.map((t) => t.peakMb)),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [flag, side, ...args] = process.argv.slice(2);
if (flag === '--side') console.log(JSON.stringify(await SIDES[side!]!(...args)));
else {
  hours();
  if (flag !== 'hours') embedded();
}
