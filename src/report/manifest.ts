/**
 * What the report wants to know about a run besides its rows: `run.json`, or the same facts leaf by
 * leaf in the `manifest` table. Reading is lenient: a missing key leaves its part of the page out and never invents a value.
 *
 *   runId          "..."
 *   scenario       {"id", "title"}
 *   window         {"fromUs", "untilUs"}          beatUs, resolutionUs: numbers
 *   seed           "7"
 *   reconstructed  true when any input stream is not recorded
 *   accountingOnly true when the rules differ from the scenario's and no baseline was run
 *   mainWorld      index of the world that the charts show; 0 when absent
 *   worlds         [{"index", "label", "feedback": bool, "rules": "id", "overrides": ["path=value"]}]
 *   markets        [{"id", "kind": "linear" | "inverse", "settle", "quote", "qtyUnit"}]
 *   caveats        ["..."]
 *   facts | rules | assumptions   [{"group", "name", "value", "unit", "source", "confidence"}]
 *   streams        StreamProvenance[] of src/clock/frames.ts
 *   findings       [{"stream", "problem", "count", "accepted": bool, "note"}]
 *   recordedFund   [{"tsUs", "fund", "balance"}]
 *   outages        [{"fromUs", "untilUs", "part", "source"}]
 */
import type { Micros } from '../basics/instant.ts';

/** One number that a run rests on, and where it comes from. */
export interface Statement {
  readonly group: string;
  readonly name: string;
  readonly value: string;
  readonly unit: string;
  readonly source: string;
  readonly confidence: string;
}

export interface WorldLabel {
  readonly index: number;
  readonly label: string;
  readonly feedback: boolean;
  readonly rules: string;
  readonly overrides: readonly string[];
}

export interface MarketLabel {
  readonly id: string;
  readonly kind: string;
  readonly settle: string;
  readonly quote: string;
  readonly qtyUnit: string;
}

export interface StreamLabel {
  readonly stream: string;
  readonly kind: string;
  readonly nature: string;
  readonly intervalUs: Micros;
  readonly rowsRead: number;
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
  readonly accepted: Readonly<Record<string, number>>;
}

export interface FindingLabel {
  readonly stream: string;
  readonly problem: string;
  readonly count: number;
  readonly accepted: boolean;
  readonly note: string;
}

export interface Manifest {
  readonly runId: string;
  readonly scenarioId: string;
  readonly title: string;
  readonly fromUs: Micros;
  readonly untilUs: Micros;
  readonly beatUs: Micros;
  readonly resolutionUs: Micros;
  readonly seed: string;
  readonly reconstructed: boolean;
  readonly accountingOnly: boolean;
  readonly mainWorld: number;
  readonly worlds: readonly WorldLabel[];
  readonly markets: readonly MarketLabel[];
  readonly caveats: readonly string[];
  readonly facts: readonly Statement[];
  readonly rules: readonly Statement[];
  readonly assumptions: readonly Statement[];
  readonly streams: readonly StreamLabel[];
  readonly findings: readonly FindingLabel[];
  readonly recordedFund: readonly {
    readonly tsUs: Micros;
    readonly fund: string;
    readonly balance: number;
  }[];
  readonly outages: readonly { readonly fromUs: Micros; readonly untilUs: Micros; readonly part: string }[];
}

type Loose = Readonly<Record<string, unknown>>;
const object = (x: unknown): Loose => (typeof x === 'object' && x !== null ? (x as Loose) : {});
const list = (x: unknown): readonly Loose[] => (Array.isArray(x) ? x.map(object) : []);
const text = (x: unknown): string => (typeof x === 'string' ? x : typeof x === 'number' ? String(x) : '');
const texts = (x: unknown): string[] => (Array.isArray(x) ? x.map(text) : []);
const flag = (x: unknown): boolean => x === true || x === 'true';
const number = (x: unknown, otherwise: number): number => {
  const found = typeof x === 'string' && x !== '' ? Number(x) : x;
  return typeof found === 'number' && Number.isFinite(found) ? found : otherwise;
};

const statement = (x: Loose): Statement => ({
  group: text(x.group),
  name: text(x.name),
  value: typeof x.value === 'object' && x.value !== null ? JSON.stringify(x.value) : String(x.value ?? ''),
  unit: text(x.unit),
  source: text(x.source),
  confidence: text(x.confidence),
});

const stream = (x: Loose): StreamLabel => ({
  stream: text(x.stream),
  kind: text(x.kind),
  nature: text(x.nature),
  intervalUs: number(x.intervalUs, 0),
  rowsRead: number(x.rowsRead, 0),
  files: list(x.files).map((f) => ({ path: text(f.path), sha256: text(f.sha256) })),
  accepted: Object.fromEntries(Object.entries(object(x.accepted)).map(([k, v]) => [k, number(v, 0)])),
});

/**
 * @param entries  top-level keys of the manifest; see manifestEntries.ts
 * @param seen     what the tables themselves tell, for keys that are missing
 */
export function readManifest(
  entries: ReadonlyMap<string, unknown>,
  seen: {
    fromUs: Micros;
    untilUs: Micros;
    beatUs: Micros;
    worlds: readonly number[];
    markets: readonly string[];
  },
): Manifest {
  const at = (key: string): unknown => entries.get(key);
  const scenario = object(at('scenario'));
  const window = object(at('window'));
  const beatUs = number(at('beatUs'), seen.beatUs);
  const worlds = new Map(list(at('worlds')).map((w) => [number(w.index, -1), w]));
  const markets = new Map(list(at('markets')).map((m) => [text(m.id), m]));
  return {
    runId: text(at('runId')),
    scenarioId: text(scenario.id) || text(at('scenario')),
    title: text(scenario.title) || text(at('title')) || text(scenario.id) || 'Replay',
    fromUs: number(window.fromUs, seen.fromUs),
    untilUs: number(window.untilUs, seen.untilUs),
    beatUs,
    resolutionUs: number(at('resolutionUs'), beatUs) || beatUs,
    seed: text(at('seed')),
    reconstructed: flag(at('reconstructed')),
    accountingOnly: flag(at('accountingOnly')),
    mainWorld: number(at('mainWorld'), 0),
    worlds: seen.worlds.map((index) => worldLabel(index, worlds.get(index) ?? {}, seen.worlds.length)),
    markets: seen.markets.map((id) => marketLabel(id, markets.get(id) ?? {})),
    caveats: texts(at('caveats')),
    facts: list(at('facts')).map(statement),
    rules: list(at('rules')).map(statement),
    assumptions: list(at('assumptions')).map(statement),
    streams: list(at('streams')).map(stream),
    findings: list(at('findings')).map((x) => ({
      stream: text(x.stream),
      problem: text(x.problem),
      count: number(x.count, 0),
      accepted: flag(x.accepted),
      note: text(x.note),
    })),
    recordedFund: list(at('recordedFund')).map((x) => ({
      tsUs: number(x.tsUs, 0),
      fund: text(x.fund),
      balance: number(x.balance, 0),
    })),
    outages: list(at('outages')).map((x) => ({
      fromUs: number(x.fromUs, 0),
      untilUs: number(x.untilUs, 0),
      part: text(x.part),
    })),
  };
}

function worldLabel(index: number, x: Loose, worlds: number): WorldLabel {
  const overrides = texts(x.overrides);
  const label = text(x.label) || (worlds === 1 ? 'This run' : index === 0 ? 'Baseline' : `World ${index}`);
  return { index, label, feedback: flag(x.feedback), rules: text(x.rules), overrides };
}

function marketLabel(id: string, x: Loose): MarketLabel {
  return {
    id,
    kind: text(x.kind),
    settle: text(x.settle),
    quote: text(x.quote),
    qtyUnit: text(x.qtyUnit) || (text(x.kind) === 'inverse' ? 'contracts' : ''),
  };
}
