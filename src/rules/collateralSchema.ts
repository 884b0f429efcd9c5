/** The form of collateral and portfolio margin, as in collateralRules.ts. */
import { z } from 'zod';
import {
  byName,
  inUs,
  kinds,
  list,
  moneyFromZero,
  orNone,
  positiveDuration,
  positiveMoney,
  rate,
  share,
  signedRate,
  strict,
  text,
  whole,
  word,
} from './fieldSchema.ts';

/** The form of `collateral`. */
export const collateralSchema = strict({
  kind: z.literal('multi'),
  unit: text,
  assets: byName(strict({ haircut: share, bidBuffer: share, askBuffer: rate, index: orNone(text) })),
  autoExchangeBelow: orNone(moneyFromZero),
});

/** The form of `portfolio`. */
export const portfolioSchema = kinds(
  strict({
    kind: z.literal('okx'),
    spotShocks: list(share),
    shockOf: word('mark', 'index').exactOptional(),
    volShocks: list(rate),
    decay: positiveDuration.exactOptional(),
    extreme: strict({ move: share, share }),
    basisCharge: rate,
    perpetualBasis: rate.exactOptional(),
    depegCharge: rate.exactOptional(),
    minimumCharge: rate,
    chargeTiers: list(strict({ upTo: positiveMoney, factor: rate })).exactOptional(),
    borrowing: strict({ maintenance: rate, initial: rate }).exactOptional(),
    initialFactor: rate,
  }),
  strict({
    kind: z.literal('deribit'),
    range: share,
    buckets: whole(1, 1000),
    volUp: rate,
    volDown: rate,
    extended: list(strict({ move: signedRate, share })),
    contingency: rate,
    initialFactor: rate,
  }),
).transform(inUs('decay'));
