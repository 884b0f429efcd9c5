/**
 * The form of a rule file, slot by slot, as in ruleSet.ts. Tiers may be written in three ways: a
 * list (continuous; a left-out deduction is computed), `steps` (BitMEX: base, step and what each
 * adds) or `whole` (each row's rate on the whole position). What comes out is one list of rows.
 */
import { z } from 'zod';
import { type Money, money as amount, steps, unscaled } from '../basics/exact.ts';
import {
  byName,
  duration,
  flag,
  instant,
  kinds,
  list,
  moneyFromZero,
  orNone,
  positiveDuration,
  positiveMoney,
  price,
  rate,
  share,
  strict,
  text,
  whole,
  word,
} from './fieldSchema.ts';
import type { MarginTier } from './ruleSet.ts';
import { REMEDY_MARK } from './treeSchema.ts';

const row = { upTo: positiveMoney, maintenanceRate: rate, initialRate: rate };
const continuousRow = strict({ ...row, maintenanceDeduction: moneyFromZero.exactOptional() });
const wholeRow = strict(row);
const stepSchedule = strict({
  /** Up to here the base rates hold, settlement units. */
  base: positiveMoney,
  /** Each further step, or part of one, adds `perStep` to both rates. */
  step: positiveMoney,
  maintenanceRate: rate,
  initialRate: rate,
  perStep: rate,
  /** Number of rows made; the last serves above. */
  rows: whole(1, 1000),
});

const ZERO: Money = amount('0');

/** cum_k = cum_{k-1} + floor_k * (rate_k - rate_{k-1}), cum_1 = 0: what keeps the requirement continuous. */
function continuousDeductions(rows: readonly Pick<MarginTier, 'upTo' | 'maintenanceRate'>[]): Money[] {
  const deductions: Money[] = [];
  for (const [k, { maintenanceRate }] of rows.entries()) {
    const below = rows[k - 1];
    const jump = below?.upTo.times(maintenanceRate.minus(below.maintenanceRate));
    deductions.push(jump === undefined ? ZERO : deductions[k - 1]!.plus(jump));
  }
  return deductions;
}

function rowsOfSteps(s: z.output<typeof stepSchedule>): MarginTier[] {
  return Array.from({ length: s.rows }, (_, k) => ({
    upTo: s.base.plus(steps(k, s.step)),
    maintenanceRate: s.maintenanceRate.plus(s.perStep.times(unscaled('rate', BigInt(k), 0))),
    maintenanceDeduction: ZERO,
    initialRate: s.initialRate.plus(s.perStep.times(unscaled('rate', BigInt(k), 0))),
  }));
}

const tiers = z.union(
  [
    list(continuousRow).transform((rows): MarginTier[] => {
      const computed = continuousDeductions(rows);
      return rows.map((r, k) => ({ ...r, maintenanceDeduction: r.maintenanceDeduction ?? computed[k]! }));
    }),
    strict({ steps: stepSchedule }).transform((form): MarginTier[] => rowsOfSteps(form.steps)),
    strict({ whole: list(wholeRow) }).transform((form): MarginTier[] =>
      form.whole.map((r) => ({ ...r, maintenanceDeduction: ZERO })),
    ),
  ],
  { error: (issue) => unionMessage(issue) },
);

/** The complaint of the branch that the author meant: a list, `steps` or `whole`. */
function unionMessage(issue: z.core.$ZodRawIssue): string {
  const input = issue.input as object | undefined;
  const branch = Array.isArray(input)
    ? 0
    : input !== null && typeof input === 'object' && 'whole' in input
      ? 2
      : 1;
  const inner = (issue as { errors?: readonly (readonly { message: string; path: PropertyKey[] }[])[] })
    .errors;
  const first = inner?.[branch]?.[0];
  return first === undefined
    ? 'not a tier table'
    : `${first.path.join('.')}: ${first.message}`.replace(/^: /, '');
}

const basis = strict({ window: positiveDuration, sample: positiveDuration }).transform((b) => ({
  windowUs: b.window,
  sampleUs: b.sample,
}));
const shownAs = { tick: price, rounding: word('up', 'down', 'even') };
const mark = kinds(
  strict({ kind: z.literal('medianOfThree'), ...shownAs, basis }),
  strict({
    kind: z.literal('fundingBasis'),
    ...shownAs,
    rate: word('lastStamp', 'runningInterval').default('lastStamp'),
  }),
  strict({ kind: z.literal('emaBasis'), ...shownAs, samples: whole(1, 1e6), sample: positiveDuration }),
  strict({ kind: z.literal('indexPlusBasisMean'), ...shownAs, basis }),
  strict({
    kind: z.literal('boundedEma'),
    ...shownAs,
    samples: whole(1, 1e6),
    sample: positiveDuration,
    band: share,
  }),
  strict({ kind: z.literal('indexOnly'), ...shownAs }),
  strict({ kind: z.literal('lastPrice'), ...shownAs }),
  strict({ kind: z.literal('replayed'), ...shownAs }),
).transform((rule) => {
  if (rule.kind !== 'emaBasis' && rule.kind !== 'boundedEma') return rule;
  const { sample, ...rest } = rule;
  return { ...rest, sampleUs: sample };
});

const index = strict({
  aggregator: word('weightedMean', 'equalMean', 'median', 'weightedMedian'),
  weights: byName(share).default({}),
  outlier: kinds(
    strict({ kind: z.literal('none') }),
    strict({ kind: z.literal('exclude'), band: rate }),
    strict({ kind: z.literal('clamp'), band: rate }),
    strict({ kind: z.literal('medianSwitch'), band: rate }),
  ),
  stale: strict({ after: positiveDuration, mode: word('drop', 'hold') }).transform((s) => ({
    afterUs: s.after,
    mode: s.mode,
  })),
  quorum: strict({ two: word('mean', 'hold'), one: word('use', 'hold'), zero: word('hold', 'halt') }),
});

const funding = strict({
  interval: positiveDuration,
  offset: duration,
  paymentScale: orNone(whole(0, 18)),
}).transform((f) => ({ intervalUs: f.interval, offsetUs: f.offset, paymentScale: f.paymentScale }));

const feeRow = strict({
  rate,
  from: instant.exactOptional(),
  until: instant.exactOptional(),
  mode: word('isolated', 'cross').exactOptional(),
  upTo: positiveMoney.exactOptional(),
});

const market = strict({
  tierKey: word('notional', 'qty'),
  notionalAt: word('mark', 'entry'),
  tiers,
  index,
  mark,
  funding,
  clearanceFee: list(feeRow),
  bankruptcy: strict({ feeRate: rate, rounding: word('none', 'tickAgainstUser') }),
});

const reduction = kinds(
  strict({ kind: z.literal('full') }),
  strict({
    kind: z.literal('solve'),
    buffer: strict({ kind: word('multiplicative', 'additive'), value: rate }),
  }),
  strict({ kind: z.literal('fraction'), fraction: share, above: moneyFromZero }),
  strict({ kind: z.literal('tierStepDown'), tiers: whole(1, 1000) }),
);

const takeover = z.discriminatedUnion(
  'when',
  [
    strict({ when: z.literal('atOnce') }),
    strict({ when: z.literal('markAtBankruptcy') }),
    strict({ when: z.literal('afterTries'), tries: whole(1, 1000) }),
  ],
  {
    error: () =>
      `unknown takeover${REMEDY_MARK}Write when: atOnce, markAtBankruptcy or afterTries (with tries).`,
  },
);

const fund = strict({
  name: text,
  asset: text,
  markets: list(text),
  fundingShare: share,
  injections: list(
    strict({ at: instant, amount: positiveMoney }).transform((i) => ({ atUs: i.at, amount: i.amount })),
  ),
  floor: orNone(moneyFromZero),
  clearEvery: duration,
  unwind: kinds(
    strict({ kind: z.literal('hold') }),
    strict({
      kind: z.literal('work'),
      participation: share,
      after: duration,
      limit: word('none', 'bankruptcy'),
    }),
  ).transform((u) => {
    if (u.kind === 'hold') return u;
    const { after, ...rest } = u;
    return { ...rest, afterUs: after };
  }),
  refusal: strict({
    empty: flag,
    netNotionalCap: orNone(rate),
    drawdown: orNone(
      strict({ fraction: share, window: positiveDuration, pause: positiveDuration }).transform((d) => ({
        fraction: d.fraction,
        windowUs: d.window,
        pauseUs: d.pause,
      })),
    ),
  }),
}).transform(({ clearEvery, ...rest }) => ({ ...rest, clearEveryUs: clearEvery }));

const source = strict({
  cite: text,
  confidence: word('verified', 'derived', 'recalled', 'assumed'),
  note: text.exactOptional(),
});

/** A rule file, `extends` already merged. */
export const ruleSetSchema = strict({
  id: text,
  title: text,
  venue: text,
  inForce: strict({ from: instant, until: orNone(instant) }),
  markets: byName(market),
  trigger: strict({ inclusive: flag }),
  reduction,
  order: strict({ kind: word('ioc', 'fok', 'market', 'atMark', 'atBankruptcy') }),
  takeover,
  freeze: strict({ at: word('atVerdict', 'atOrder'), grace: duration }).transform((f) => ({
    at: f.at,
    graceUs: f.grace,
  })),
  residue: word('toTrader', 'toFund'),
  victimOrder: word('mostExposed', 'byId'),
  funds: list(fund),
  adl: strict({
    ranking: word('binance', 'profitTimesLeverage', 'profitOnly', 'none'),
    triggers: list(word('fundRefuses', 'noFillAtMark')),
    ties: word('proRata', 'byId'),
    shortage: word('market', 'socialise', 'house'),
  }),
  stageOrder: list(word('mark', 'funding', 'liquidation', 'adl')),
  sources: byName(source),
});

/** What a file on disk may hold: all of the above, or `extends` and the differences. */
export const RULE_FILE_NAMES = [...Object.keys(ruleSetSchema.shape), 'extends'];
