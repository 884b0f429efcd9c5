/**
 * What the report says about a run besides its rows, taken from `run.json` (results/manifest.ts):
 * labels of worlds and markets, the window, the nature of the data, and the three lists that are
 * never mixed: facts, rules, assumptions.
 */
import { canonicalJson } from '../basics/digest.ts';
import type { Micros } from '../basics/instant.ts';
import type { StreamProvenance } from '../clock/frames.ts';
import type { RunFacts, RunFile, WorldFacts } from '../results/manifest.ts';
import { sourceOf } from '../rules/sources.ts';
import { leaves } from './leaves.ts';

/** One number that a run rests on, and where it comes from. */
export interface Statement {
  readonly name: string;
  readonly value: string;
  readonly source: string;
  readonly confidence: string;
}

export interface WorldLabel {
  readonly index: number;
  readonly label: string;
  readonly baseline: boolean;
  readonly feedback: boolean;
  readonly rules: string;
  readonly overrides: readonly string[];
}

export interface MarketLabel {
  readonly id: string;
  readonly settle: string;
  readonly quote: string;
  readonly qtyUnit: string;
}

export interface RecordedBalance {
  readonly tsUs: Micros;
  readonly fund: string;
  readonly balance: number;
}

export interface Manifest {
  readonly runId: string;
  readonly scenarioId: string;
  readonly title: string;
  readonly fromUs: Micros;
  readonly untilUs: Micros;
  readonly beatUs: Micros;
  /** Bar length of the coarsest stream, at least a beat: no instant is printed finer. */
  readonly resolutionUs: Micros;
  readonly seed: string;
  readonly codeVersion: string;
  readonly codeDigest: string;
  readonly framesKey: string;
  readonly reconstructed: boolean;
  /** The rules differ from the scenario's and no baseline runs beside them. */
  readonly accountingOnly: boolean;
  /** The world that the charts show. */
  readonly mainWorld: number;
  readonly worlds: readonly WorldLabel[];
  readonly markets: readonly MarketLabel[];
  readonly caveats: readonly string[];
  readonly facts: readonly Statement[];
  readonly rules: readonly Statement[];
  readonly assumptions: readonly Statement[];
  readonly streams: readonly StreamProvenance[];
  readonly recordedFund: readonly RecordedBalance[];
}

/** run.json as read: exact amounts are texts, which the lists print as they are. */
export function manifestOf(run: RunFile): Manifest {
  const { facts: made } = run;
  const { scenario } = made;
  const main = mainWorld(made.worlds);
  const world = made.worlds.find((w) => w.world === main);
  const rules = world?.rules ?? scenario.rules;
  return {
    runId: run.id,
    scenarioId: scenario.id,
    title: scenario.title || scenario.id,
    fromUs: scenario.facts.fromUs,
    untilUs: scenario.facts.untilUs,
    beatUs: scenario.facts.beatUs,
    resolutionUs: Math.max(scenario.facts.beatUs, ...made.streams.map((s) => s.intervalUs)),
    seed: world?.seed ?? scenario.seed,
    codeVersion: made.code.version,
    codeDigest: made.code.digest,
    framesKey: made.framesKey,
    reconstructed: made.streams.some((s) => s.nature !== 'recorded'),
    accountingOnly:
      world !== undefined &&
      world.baseline === null &&
      canonicalJson(rules) !== canonicalJson(scenario.rules),
    mainWorld: main,
    worlds: made.worlds.map((w) => worldLabel(w, made.worlds.length)),
    markets: Object.values(scenario.facts.markets).map((m) => ({
      id: m.id,
      settle: m.settle,
      quote:
        scenario.facts.streams.find((s) => s.market === m.id && s.role === 'perp')?.quote ||
        (m.kind === 'linear' ? m.settle : 'USD'),
      qtyUnit: m.kind === 'inverse' ? 'contracts' : 'base units',
    })),
    caveats: scenario.caveats,
    facts: factList(made),
    rules: leaves({
      ...rules,
      sources: undefined,
      title: undefined,
      // what a slot becomes is told by the change itself
      schedule: rules.schedule?.map(({ slots: _, ...change }) => change),
    }).map(({ path, value }) => {
      const source = sourceOf(rules.sources, path);
      return { name: path, value, source: source?.cite ?? '', confidence: source?.confidence ?? 'assumed' };
    }),
    assumptions: [
      { path: 'seed', value: world?.seed ?? scenario.seed },
      ...leaves(world?.assumptions ?? scenario.assumptions),
    ].map(({ path, value }) => ({ name: path, value, source: 'assumed', confidence: 'assumed' })),
    streams: made.streams,
    recordedFund: recordedFund(made),
  };
}

/** The candidate with feedback where there is one, else a candidate, else the only world. */
function mainWorld(worlds: readonly WorldFacts[]): number {
  const candidates = worlds.filter((w) => w.baseline !== null);
  return (candidates.find((w) => w.feedback) ?? candidates[0] ?? worlds[0])?.world ?? 0;
}

function worldLabel(w: WorldFacts, worlds: number): WorldLabel {
  const twin = w.baseline === null ? '' : w.feedback ? ', with feedback' : ', without feedback';
  return {
    index: w.world,
    label: worlds === 1 ? w.name || 'this run' : `${w.name || `world ${w.world}`}${twin}`,
    baseline: w.baseline === null,
    feedback: w.feedback,
    rules: w.rules.id,
    overrides: w.overrides,
  };
}

/** Markets and streams by name; the rest of the facts leaf by leaf. */
function factList(made: RunFacts): Statement[] {
  const { facts } = made.scenario;
  const of = (name: string, list: readonly { path: string; value: string }[], source: string): Statement[] =>
    list.map(({ path, value }) => ({
      name: path === '' ? name : `${name}.${path}`,
      value,
      source,
      confidence: 'recorded',
    }));
  const natures = new Map(made.streams.map((s) => [s.stream, s.nature]));
  return [
    ...of(
      'window',
      leaves({ fromUs: facts.fromUs, untilUs: facts.untilUs, beatUs: facts.beatUs }),
      'scenario',
    ),
    ...Object.values(facts.markets).flatMap((m) =>
      of(`markets.${m.id}`, leaves({ ...m, id: undefined }), 'contract specification'),
    ),
    ...facts.streams.map((s) => ({
      name: `streams.${s.id}`,
      value: [s.market, s.kind, s.role === 'none' ? '' : s.role, s.name]
        .filter((part) => part !== '')
        .join(' '),
      source: s.source,
      confidence: natures.get(s.id) ?? '',
    })),
    ...facts.outages.flatMap((o, i) => of(`outages.${i}`, leaves({ ...o, source: undefined }), o.source)),
    ...facts.published.map((p) => ({
      name: `published.${p.what}${p.market === null ? '' : `.${p.market}`}`,
      value: `${p.value} ${p.unit}`,
      source: p.source,
      confidence: 'published',
    })),
  ];
}

function recordedFund(made: RunFacts): RecordedBalance[] {
  return (made.recordedFund ?? []).map((b) => ({ tsUs: b.tsUs, fund: b.fund, balance: Number(b.balance) }));
}
