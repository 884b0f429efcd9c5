/**
 * The form of a scenario file: facts, rules and assumptions apart. Field by field it is facts.ts
 * and assumptions.ts with durations and instants written for people; streams are a map by id, and
 * `streamDefaults` holds what they have in common.
 */
import { z } from 'zod';
import { scenarioMarketSchema } from '../rules/contractSchema.ts';
import type { StreamSpec } from '../rules/facts.ts';
import {
  anyText,
  byName,
  decimalText,
  duration,
  float,
  instant,
  kinds,
  list,
  moneyFromZero,
  orNone,
  positiveDuration,
  positiveMoney,
  rate,
  share,
  strict,
  text,
  whole,
  word,
} from '../rules/fieldSchema.ts';
import { REMEDY_MARK } from '../rules/treeSchema.ts';

const problem = word(
  'duplicates',
  'gaps',
  'outliers',
  'openOutsideRange',
  'zeroVolume',
  'beyondWindow',
  'disorder',
);
const kind = word(
  'trades',
  'candles',
  'bookTop',
  'funding',
  'openInterest',
  'mark',
  'fundBalance',
  'liquidations',
  'accountEvents',
  'anchors',
);

const common = {
  path: text.optional(),
  columns: byName(text).optional(),
  filter: byName(anyText).optional(),
  timeUnit: word('ms', 'us', 'ns').optional(),
  interval: duration.optional(),
  quote: text.optional(),
  qtyUnit: word('base', 'contracts', 'quote').optional(),
  tick: decimalText.optional(),
  accept: list(problem).optional(),
  source: text.optional(),
};
const streamDefaults = strict(common);
const stream = strict({
  market: text,
  kind,
  role: word('perp', 'constituent', 'reference', 'mark', 'index', 'none'),
  name: text.optional(),
  ...common,
});

/** A stream with the defaults under it; `path` and `source` are '' where neither states one. */
function completed(
  id: string,
  own: z.output<typeof stream>,
  under: z.output<typeof streamDefaults>,
): StreamSpec {
  return {
    id,
    market: own.market,
    kind: own.kind,
    role: own.role,
    name: own.name ?? '',
    path: own.path ?? under.path ?? '',
    columns: { ...under.columns, ...own.columns },
    filter: { ...under.filter, ...own.filter },
    timeUnit: own.timeUnit ?? under.timeUnit ?? 'ms',
    intervalUs: own.interval ?? under.interval ?? 0,
    quote: own.quote ?? under.quote ?? '',
    qtyUnit: own.qtyUnit ?? under.qtyUnit ?? 'base',
    tick: own.tick ?? under.tick ?? '',
    accept: own.accept ?? under.accept ?? [],
    source: own.source ?? under.source ?? '',
  };
}

const bar = strict({
  day: instant,
  open: float(0, 1e12),
  high: float(0, 1e12),
  low: float(0, 1e12),
  close: float(0, 1e12),
  volume: float(0, 1e18),
}).transform(({ day, ...rest }) => ({ tsUs: day, ...rest }));

/** Where the daily candles before the start come from: written here, anchors, or a file of candles. */
const before = strict({
  days: whole(1, 400).default(30),
  bars: list(bar).optional(),
  anchors: text.optional(),
  path: text.optional(),
  columns: byName(text).default({}),
  filter: byName(anyText).default({}),
  timeUnit: word('ms', 'us', 'ns').default('ms'),
  /** Length of the candles from which drawn positions take their entries. */
  bucket: positiveDuration.prefault('1d'),
  source: text,
});
export type BeforeSpec = z.output<typeof before>;

const outage = strict({
  from: instant,
  until: instant,
  part: word('matching', 'engine', 'feed'),
  source: text,
}).transform((o) => ({ fromUs: o.from, untilUs: o.until, part: o.part, source: o.source }));

const published = strict({
  what: word(
    'liquidatedLong',
    'liquidatedShort',
    'openInterestChange',
    'fundChange',
    'adlNotional',
    'markLow',
    'perpLow',
    'liquidatedTotal',
  ),
  market: orNone(text).default(null),
  from: orNone(instant).default(null),
  until: orNone(instant).default(null),
  value: decimalText,
  unit: text,
  source: text,
  note: text.default(''),
  tolerance: float(1.000001, 1000).exactOptional(),
  ourShare: float(0.000001, 1).exactOptional(),
}).transform(({ from, until, ...rest }) => ({ ...rest, fromUs: from, untilUs: until }));

const quotePolicy = z.union(
  [
    z.enum(['same', 'asIs']).transform((name) => ({ kind: name })),
    strict({ kind: z.literal('convert'), from: text, to: text, stream: text }),
  ],
  {
    error: () => `not a quote policy${REMEDY_MARK}Write same, asIs, or {kind: convert, from, to, stream}.`,
  },
);

const facts = strict({
  window: z.tuple([instant, instant], {
    error: () => `not a window${REMEDY_MARK}Write [from, until] in UTC.`,
  }),
  beat: positiveDuration,
  markets: byName(scenarioMarketSchema),
  streamDefaults: streamDefaults.default({}),
  streams: byName(stream),
  /** Id of the stream whose path inside a bar the others follow. */
  timing: text.default(''),
  quote: byName(quotePolicy).default({}),
  outages: list(outage).default([]),
  before: byName(before).default({}),
  published: list(published).default([]),
}).transform(({ window: [fromUs, untilUs], streamDefaults: under, streams, ...rest }) => ({
  ...rest,
  fromUs,
  untilUs,
  streams: Object.entries(streams).map(([id, own]) => completed(id, own, under)),
}));

const NONE = { stopShare: '0', topUpShare: '0', turnover: '0', overLeverage: 'reject' } as const;
const behaviour = strict({
  stopShare: share,
  topUpShare: share,
  turnover: share,
  overLeverage: word('reject', 'scale').default('reject'),
});

const population = kinds(
  strict({ kind: z.literal('file'), path: text }),
  strict({
    kind: z.literal('synthetic'),
    accounts: whole(1, 10_000_000),
    openInterest: byName(positiveMoney),
    openInterestRange: z.tuple([rate, rate], {
      error: () => `not a range${REMEDY_MARK}Write [low, high] as multipliers, for example [0.5, 1.5].`,
    }),
    leverageMix: word('HL2025', 'MID', 'BMX2019'),
    highLeverageShare: orNone(share).default(null),
    churn: share.prefault('0.1'),
    liquidatableShare: share,
    isolatedShare: share,
    hedgeShare: share,
    multiMarketShare: share,
    restingOrderShare: share,
    behaviour: behaviour.prefault(NONE),
  }),
);

const assumptions = strict({
  timing: word('common', 'openHighLowClose', 'openLowHighClose', 'bySign'),
  population,
  fills: strict({
    participation: share,
    impact: float(0, 100),
    stressMax: float(1, 1000),
    kernel: word('power', 'exp120', 'plateau'),
  }),
  feedback: strict({ passThrough: float(0, 1), arbitrage: positiveDuration }).transform((f) => ({
    passThrough: f.passThrough,
    arbitrageUs: f.arbitrage,
  })),
  fundOpening: byName(moneyFromZero),
  winnersTake: share,
});

/** A scenario file. `rules` is an id, a file, or `{extends: id, ...}`; rule files have their own schema. */
export const scenarioSchema = strict({
  id: text,
  title: text,
  caveats: list(text).default([]),
  seed: anyText,
  facts,
  rules: z.union([text, z.record(z.string(), z.unknown())]),
  assumptions,
  /** Path -> what the figure rests on: every number of the assumptions has one. */
  notes: byName(text).default({}),
  accounts: text.default(''),
  sensitivity: strict({
    reconstructionSeeds: whole(0, 1000).default(0),
    timings: list(text).default([]),
    overrides: list(text).default([]),
  }).default({ reconstructionSeeds: 0, timings: [], overrides: [] }),
});
export type ScenarioFile = z.output<typeof scenarioSchema>;
