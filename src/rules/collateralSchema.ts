/** The form of collateral and portfolio margin, as in collateralRules.ts. */
import { z } from 'zod';
import {
  byName,
  kinds,
  list,
  moneyFromZero,
  orNone,
  rate,
  share,
  signedRate,
  strict,
  text,
  whole,
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
    volShocks: list(rate),
    extreme: strict({ move: share, share }),
    basisCharge: rate,
    minimumCharge: rate,
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
);
