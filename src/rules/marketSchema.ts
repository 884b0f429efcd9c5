/**
 * The form of a market's rules, as in marketRules.ts. Tiers may be written in three ways: a list
 * (continuous; a left-out deduction is computed), `steps` (BitMEX: base, step and what each adds) or
 * `whole` (each row's rate on the whole position). What comes out is one list of rows.
 */
import { z } from 'zod';
import { type Money, money as amount, steps, unscaled } from '../basics/exact.ts';
import { contractSchema } from './contractSchema.ts';
import type { MarginTier } from './marketRules.ts';
import {
  byName,
  duration,
  flag,
  instant,
  inUs,
  kinds,
  list,
  moneyFromZero,
  orNone,
  positiveDuration,
  positiveMoney,
  price,
  rate,
  share,
  signedRate,
  strict,
  whole,
  word,
} from './fieldSchema.ts';
import { REMEDY_MARK } from './treeSchema.ts';

const row = {
  /** The row's lower bound may be stated as the venue prints it: it must be the upper one of the row before. */
  from: moneyFromZero.exactOptional(),
  upTo: positiveMoney,
  maintenanceRate: rate,
  initialRate: rate,
};
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

type Bounds = { readonly from?: Money | undefined; readonly upTo: Money };

/** A stated lower bound is where the row before ends, 0 in the first: else sizes in between have no rate, or two. */
function withoutGaps({ value: rows, issues }: z.core.ParsePayload<readonly Bounds[]>): void {
  for (const [k, { from }] of rows.entries()) {
    const below = k === 0 ? ZERO : rows[k - 1]!.upTo;
    if (from === undefined || from.eq(below)) continue;
    const what = below.lt(from) ? 'a gap' : 'an overlap';
    const message = `${what} between ${below} and ${from}${REMEDY_MARK}Write from: ${below}, or leave from out.`;
    issues.push({ code: 'custom', message, path: [k, 'from'], input: rows });
  }
}

const tiers = z.union(
  [
    list(continuousRow)
      .check(withoutGaps)
      .transform((rows): MarginTier[] => {
        const computed = continuousDeductions(rows);
        return rows.map(({ from: _, ...r }, k) => ({
          ...r,
          maintenanceDeduction: r.maintenanceDeduction ?? computed[k]!,
        }));
      }),
    strict({ steps: stepSchedule }).transform((form): MarginTier[] => rowsOfSteps(form.steps)),
    strict({ whole: list(wholeRow).check(withoutGaps) }).transform((form): MarginTier[] =>
      form.whole.map(({ from: _, ...r }) => ({ ...r, maintenanceDeduction: ZERO })),
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

const basis = strict({ window: positiveDuration, sample: positiveDuration }).transform(
  inUs('window', 'sample'),
);
const shownAs = {
  tick: price,
  rounding: word('up', 'down', 'even'),
  every: positiveDuration.exactOptional(),
};
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
    markBand: strict({ below: share, above: share }).exactOptional(),
  }),
  strict({
    kind: z.literal('oracleMedian'),
    ...shownAs,
    ema: positiveDuration,
    bookEma: positiveDuration,
    references: byName(rate).default({}),
  }),
  strict({ kind: z.literal('clampedLast'), ...shownAs, band: share }),
  strict({ kind: z.literal('indexOnly'), ...shownAs }),
  strict({ kind: z.literal('lastPrice'), ...shownAs }),
  strict({ kind: z.literal('replayed'), ...shownAs }),
).transform(inUs('every', 'sample', 'ema', 'bookEma'));

const readmit = z.union(
  [
    z.literal('never'),
    strict({ medianBand: rate, indexBand: rate, wait: duration }).transform(({ wait, ...rest }) => ({
      ...rest,
      waitUs: wait,
    })),
  ],
  { error: () => `not a way back${REMEDY_MARK}Write never, or { medianBand, indexBand, wait }.` },
);
const orHold = <const N extends readonly [string, ...string[]], T extends z.ZodType>(names: N, beyond: T) =>
  z.union([word(...names), beyond], {
    error: () => `unknown quorum${REMEDY_MARK}Write ${names.join(', ')} or { holdBeyond: 0.1 }.`,
  });
const index = strict({
  aggregator: word('weightedMean', 'equalMean', 'median', 'weightedMedian', 'inverseSquare'),
  weights: byName(share).default({}),
  weightSets: list(
    strict({ from: instant, weights: byName(share) }).transform((set) => ({
      fromUs: set.from,
      weights: set.weights,
    })),
  ).exactOptional(),
  every: positiveDuration.exactOptional(),
  outlier: kinds(
    strict({ kind: z.literal('none') }),
    strict({ kind: z.literal('exclude'), band: rate, readmit: readmit.exactOptional() }),
    strict({ kind: z.literal('clamp'), band: rate }),
    strict({ kind: z.literal('medianSwitch'), band: rate }),
  ),
  stale: strict({
    after: positiveDuration,
    mode: word('drop', 'hold'),
    since: word('observation', 'change').exactOptional(),
  }).transform(inUs('after')),
  quorum: strict({
    two: orHold(
      ['mean', 'hold'],
      strict({ holdBeyond: rate, of: word('current', 'median').default('current') }),
    ),
    one: orHold(['use', 'hold'], strict({ holdBeyond: rate })),
    zero: word('hold', 'halt'),
  }),
}).transform(inUs('every'));

const fundingRate = kinds(
  strict({
    kind: z.literal('clamped'),
    sample: positiveDuration,
    weighting: word('equal', 'linear'),
    interest: signedRate,
    damper: orNone(rate),
    cap: orNone(rate),
    changeCap: orNone(rate),
    period: positiveDuration,
    announced: flag,
    against: word('index', 'mark').exactOptional(),
    impactNotional: positiveMoney,
  }),
  strict({ kind: z.literal('dampened'), sample: positiveDuration, damper: rate, period: positiveDuration }),
).transform(inUs('sample', 'period'));
const funding = strict({
  interval: positiveDuration,
  offset: duration,
  paymentScale: orNone(whole(0, 18)),
  rate: fundingRate.exactOptional(),
}).transform(inUs('interval', 'offset'));

const feeRow = strict({
  rate,
  from: instant.exactOptional(),
  until: instant.exactOptional(),
  mode: word('isolated', 'cross').exactOptional(),
  upTo: positiveMoney.exactOptional(),
});

/** The form of `markets.<id>`. */
export const marketSchema = strict({
  tierKey: word('notional', 'qty'),
  notionalAt: word('mark', 'entry'),
  tiers,
  sizeSlope: strict({ maintenance: rate, initial: rate }).exactOptional(),
  closingFee: share.exactOptional(),
  requirementScale: whole(0, 18).exactOptional(),
  index,
  mark,
  funding,
  clearanceFee: list(feeRow),
  bankruptcy: strict({ feeRate: rate, rounding: word('none', 'tickAgainstUser') }),
  contract: contractSchema.exactOptional(),
});
