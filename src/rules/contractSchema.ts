/** The form of a contract: what a scenario says of a market, and a rule book of the contract that it is for. */
import { z } from 'zod';
import { money } from '../basics/exact.ts';
import {
  instant,
  kinds,
  linearStep,
  positiveMoney,
  price,
  rate,
  signedRate,
  step,
  strict,
  text,
  whole,
  word,
} from './fieldSchema.ts';
import type { Market } from './market.ts';

const UNIT_VALUE = money('1');
const MONEY_PLACES = 8;

/** faceValue: size of one contract, for streams that count contracts (a quanto contract, OKX). Left out: 1. */
const linear = {
  kind: z.literal('linear'),
  settle: text,
  qtyStep: linearStep,
  faceValue: positiveMoney.exactOptional(),
};
const inverse = {
  kind: z.literal('inverse'),
  settle: text,
  qtyStep: step,
  faceValue: positiveMoney,
  valueScale: whole(0, 18),
};
const ofLinear = { faceValue: UNIT_VALUE, valueScale: MONEY_PLACES };

/** A market without streams of its own: what it is on, and what its mark is made from. */
export const derivedSchema = kinds(
  strict({ kind: z.literal('future'), underlying: text, expiry: instant, basis: signedRate }),
  strict({
    kind: z.literal('option'),
    underlying: text,
    expiry: instant,
    right: word('call', 'put'),
    strike: price,
    volatility: rate,
    premium: word('quote', 'coin'),
  }),
).transform(({ expiry, ...rest }) => ({ ...rest, expiryUs: expiry }));

/** A scenario's market: a contract and the tick of its recorded prices. */
export const scenarioMarketSchema = kinds(
  strict({
    ...linear,
    priceTick: price,
    derived: derivedSchema.exactOptional(),
    riskUnit: text.exactOptional(),
  }),
  strict({ ...inverse, priceTick: price, riskUnit: text.exactOptional() }),
).transform((m): Omit<Market, 'id'> => (m.kind === 'inverse' ? m : { ...ofLinear, ...m }));

/** A rule book's `contract`. */
export const contractSchema = kinds(strict(linear), strict(inverse)).transform((c) =>
  c.kind === 'inverse' ? c : { ...ofLinear, ...c },
);
