/** The form of the liquidation slots, as in liquidationRules.ts. */
import { z } from 'zod';
import {
  duration,
  inUs,
  kinds,
  moneyFromZero,
  orNone,
  positiveDuration,
  positiveMoney,
  rate,
  share,
  step,
  strict,
  whole,
  word,
} from './fieldSchema.ts';
import { REMEDY_MARK } from './treeSchema.ts';

const flag = z
  .literal('true')
  .transform((): true => true)
  .exactOptional();
/** What every kind of reduction may say. */
const common = { netFirst: flag };

/** The form of `reduction`. */
export const reductionSchema = kinds(
  strict({ kind: z.literal('full'), ...common }),
  strict({
    kind: z.literal('solve'),
    ...common,
    buffer: strict({ kind: word('multiplicative', 'additive'), value: rate }),
  }),
  strict({
    kind: z.literal('fraction'),
    ...common,
    fraction: share,
    above: moneyFromZero,
    cooldown: positiveDuration.exactOptional(),
  }),
  strict({
    kind: z.literal('tierStepDown'),
    ...common,
    tiers: z.union([z.literal('toFirst'), whole(1, 1000)], {
      error: () => `not a number of tiers${REMEDY_MARK}Write a whole number from 1, or toFirst.`,
    }),
    fromTier: whole(1, 1000).exactOptional(),
    unlessBelowFirst: flag,
    pause: positiveDuration.exactOptional(),
  }),
  strict({ kind: z.literal('increments'), ...common, maxQty: step, perSecond: whole(1, 1e6) }),
  strict({
    kind: z.literal('blockLimit'),
    ...common,
    share,
    least: moneyFromZero,
    accountMost: positiveMoney,
    block: positiveDuration,
  }),
  strict({
    kind: z.literal('ramp'),
    ...common,
    buffer: rate,
    closeAllBelow: moneyFromZero,
    start: share,
    perSecond: rate,
  }),
).transform(inUs('cooldown', 'pause', 'block'));

/** The form of `order`. */
export const orderSchema = kinds(
  strict({ kind: z.literal('ioc') }),
  strict({ kind: z.literal('fok') }),
  strict({ kind: z.literal('market') }),
  strict({ kind: z.literal('atMark') }),
  strict({ kind: z.literal('atBankruptcy') }),
  strict({ kind: z.literal('fillable'), spread: rate, adjustment: rate }),
);

/** The form of `speed`. */
export const speedSchema = strict({
  accountsPerSecond: orNone(whole(1, 1e9)),
  ordersPerSecond: orNone(whole(1, 1e9)),
  latency: duration,
}).transform(inUs('latency'));

/** The form of `freeze`. */
export const freezeSchema = strict({ at: word('atVerdict', 'atOrder'), grace: duration }).transform(
  inUs('grace'),
);

/** The form of `takeover`. */
export const takeoverSchema = z.discriminatedUnion(
  'when',
  [
    strict({ when: z.literal('atOnce') }),
    strict({ when: z.literal('markAtBankruptcy') }),
    strict({ when: z.literal('afterTries'), tries: whole(1, 1000) }),
    strict({ when: z.literal('equityBelow'), share }),
  ],
  {
    error: () =>
      `unknown takeover${REMEDY_MARK}Write when: atOnce, markAtBankruptcy, afterTries (with tries) or equityBelow (with share).`,
  },
);
