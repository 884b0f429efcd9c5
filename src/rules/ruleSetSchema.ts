/** The form of a rule file, as in ruleSet.ts. Each group of slots has its own file. */
import { z } from 'zod';
import { collateralSchema, portfolioSchema } from './collateralSchema.ts';
import { byName, flag, instant, list, orNone, strict, text, tree, word } from './fieldSchema.ts';
import { adlSchema, fundSchema } from './fundSchema.ts';
import {
  freezeSchema,
  orderSchema,
  reductionSchema,
  speedSchema,
  takeoverSchema,
} from './liquidationSchema.ts';
import { marketSchema } from './marketSchema.ts';

const source = strict({
  cite: text,
  confidence: word('verified', 'derived', 'recalled', 'assumed'),
  note: text.exactOptional(),
});

/** A dated change; its value is written as in the rest of the file and kept as texts until it is applied. */
const change = strict({ at: instant, path: text, value: tree }).transform((c) => ({
  atUs: c.at,
  path: c.path,
  value: c.value,
}));

/** A rule file, `extends` already merged. */
export const ruleSetSchema = strict({
  id: text,
  title: text,
  venue: text,
  inForce: strict({ from: instant, until: orNone(instant) }),
  markets: byName(marketSchema),
  trigger: strict({ inclusive: flag }),
  reduction: reductionSchema,
  order: orderSchema,
  takeover: takeoverSchema,
  freeze: freezeSchema,
  residue: word('toTrader', 'toFund'),
  victimOrder: word('mostExposed', 'byId'),
  funds: list(fundSchema),
  adl: adlSchema,
  stageOrder: list(word('mark', 'funding', 'liquidation', 'adl')),
  collateral: collateralSchema.exactOptional(),
  portfolio: portfolioSchema.exactOptional(),
  speed: speedSchema.exactOptional(),
  schedule: list(change).exactOptional(),
  unverified: z
    .literal('true')
    .transform((): true => true)
    .exactOptional(),
  sources: byName(source),
});

/** What a file on disk may hold: all of the above, or `extends` and the differences. */
export const RULE_FILE_NAMES = [...Object.keys(ruleSetSchema.shape), 'extends'];
