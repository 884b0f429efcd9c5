/** The form of insurance funds and auto-deleveraging, as in fundRules.ts. */
import { z } from 'zod';
import {
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
  rate,
  share,
  strict,
  text,
  whole,
  word,
} from './fieldSchema.ts';

/** The form of one of `funds`. */
export const fundSchema = strict({
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
      limit: word('none', 'bankruptcy', 'aggress'),
    }),
  ).transform(inUs('after')),
  refusal: strict({
    empty: flag,
    netNotionalCap: orNone(rate),
    drawdown: orNone(
      strict({
        fraction: share,
        window: positiveDuration,
        pause: duration,
        resumeAt: share.exactOptional(),
        inclusive: flag.exactOptional(),
      }).transform(inUs('window', 'pause')),
    ),
    lossPerBeat: positiveMoney.exactOptional(),
  }),
}).transform(inUs('clearEvery'));

const adlPrice = kinds(
  strict({ kind: z.literal('bankruptcy') }),
  strict({ kind: z.literal('mark') }),
  strict({ kind: z.literal('previousMark') }),
  strict({ kind: z.literal('bankruptcyWithin'), band: rate }),
);

/** The form of `adl`. */
export const adlSchema = strict({
  ranking: word(
    'binance',
    'profitTimesLeverage',
    'bitmex',
    'hyperliquid',
    'profitOnly',
    'random',
    'proRataContracts',
    'proRataProfit',
    'riskWeighted',
    'leverageDrain',
    'minMaxHaircut',
    'socialise',
    'none',
  ),
  price: adlPrice.exactOptional(),
  eligible: word('inProfit', 'anySolvent').exactOptional(),
  winnerFee: share.exactOptional(),
  maxVisits: whole(1, 1e9).exactOptional(),
  triggers: list(word('fundRefuses', 'noFillAtMark')),
  ties: word('proRata', 'byId'),
  shortage: word('market', 'socialise', 'house'),
  spread: word('profit', 'perBase').exactOptional(),
});
