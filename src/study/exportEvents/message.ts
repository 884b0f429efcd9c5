/** A message as a line of JSON, and the few spellings that all venues share. */
import {
  Exact,
  PRICE_SCALE,
  type Price,
  perUnit,
  quotient,
  type Unit,
  ZERO_PRICE,
} from '../../basics/exact.ts';
import type { Micros } from '../../basics/instant.ts';
import type { Happening, ToldOrder } from './happenings.ts';
import type { HeldLeg } from './holdings.ts';

/** What JSON can hold, and exact amounts: those become numbers of as many digits as they have. */
export type Json = string | number | boolean | null | Exact<Unit> | readonly Json[] | JsonFields;

/** An object; fields that are undefined are left out. */
export interface JsonFields {
  readonly [key: string]: Json | undefined;
}

export interface Message {
  readonly tsUs: Micros;
  /** Answers to a handler's own question: no fault of the stream touches them. */
  readonly snapshot: boolean;
  /** Account whose own message it is; null: everybody gets it. */
  readonly account: string | null;
  readonly body: Json;
}

/** What a venue makes of a happening: no message, one or several. */
export interface Venue {
  tell(happening: Happening): readonly Message[];
}

/** JSON text without spaces; fields that are undefined are left out, exact amounts keep every digit. */
export function jsonLine(item: Json): string {
  if (item instanceof Exact) return item.toString();
  if (Array.isArray(item)) return `[${(item as readonly Json[]).map(jsonLine).join(',')}]`;
  if (item === null || typeof item !== 'object') return JSON.stringify(item);
  const fields = Object.entries(item).flatMap(([key, part]) =>
    part === undefined ? [] : [`${JSON.stringify(key)}:${jsonLine(part)}`],
  );
  return `{${fields.join(',')}}`;
}

/** Whole milliseconds since 1970, cut downward. */
export const millis = (tsUs: Micros): number => Math.floor(tsUs / 1000);

/**
 * Average entry price of a leg: entry value / quantity, inverse: quantity * face value / entry value;
 * nearest at PRICE_SCALE, 0 for an empty leg.
 */
export function entryPrice({
  market,
  qty,
  entryValue,
}: Pick<HeldLeg, 'market' | 'qty' | 'entryValue'>): Price {
  if (qty.isZero() || entryValue.isZero()) return ZERO_PRICE;
  return market.kind === 'linear'
    ? quotient('price', entryValue, qty, PRICE_SCALE, 'even')
    : quotient('price', perUnit(qty, market.faceValue), entryValue, PRICE_SCALE, 'even');
}

/** Average price of what an order filled so far; 0 before. Settlement units per unit, nearest at PRICE_SCALE. */
export const averagePrice = ({ market, filled, value }: ToldOrder): Price =>
  entryPrice({ market, qty: filled, entryValue: value });

/** A message of the stream; `account` where it is one account's own. */
export const streamed = (tsUs: Micros, body: Json, account: string | null = null): Message => ({
  tsUs,
  snapshot: false,
  account,
  body,
});

/** A REST answer has no envelope of its own; this one names the request, the account and the time. */
export const asked = (o: { tsUs: Micros; rest: string; account?: string; response: Json }): Message => ({
  tsUs: o.tsUs,
  snapshot: true,
  account: o.account ?? null,
  body: { rest: o.rest, account: o.account, time: millis(o.tsUs), response: o.response },
});
