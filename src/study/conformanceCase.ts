/**
 * The format of a conformance file: an array of published worked examples, each with inputs, the
 * expected outputs and a tolerance. Read by hand, strictly where the frame is concerned (a malformed
 * file is the user's error, with its place) and case by case where the inputs are.
 */
import { type Exact, parse, type Unit } from '../basics/exact.ts';
import { ReplayError } from '../basics/errors.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

export interface Tolerance {
  readonly type: 'abs' | 'rel' | 'exact';
  readonly value: string;
}

export interface ConformanceCase {
  readonly id: string;
  readonly venue: string;
  readonly kind: string;
  readonly source: string;
  readonly inputs: Inputs;
  readonly expected: Readonly<Record<string, Json>>;
  readonly tolerance: Tolerance;
}

/** Outputs of a case by name: decimals as texts, null for "no such price". */
export type Got = Readonly<Record<string, Json>>;
/**
 * Computes the outputs of one case. @throws Unread when the inputs do not suffice; RangeError as the
 * functions do
 */
export type Compute = (c: ConformanceCase, all: readonly ConformanceCase[]) => Got;

/** The case asks for something that its inputs do not say, or say in words that nobody here reads. */
export class Unread extends Error {}

const isObject = (item: Json | undefined): item is { readonly [name: string]: Json } =>
  typeof item === 'object' && item !== null && !Array.isArray(item);

/** Text of a decimal, whether the file has it as a string or as a number; null otherwise. */
export function decimalText(item: Json | undefined): string | null {
  const text = (typeof item === 'number' ? String(item) : item) ?? null;
  if (typeof text !== 'string') return null;
  const whole = text.trim().replace(/^([+-]?)\./, '$10.'); // ".5" is 0.5
  return /^[+-]?\d+(\.\d*)?([eE][+-]?\d{1,3})?$/.test(whole) ? whole : null;
}

/** The inputs of one case, read by name; the first of several names that is there serves. */
export class Inputs {
  private readonly raw: Readonly<Record<string, Json>>;

  constructor(raw: Readonly<Record<string, Json>>) {
    this.raw = raw;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.raw, name);
  }

  /** Whether nested inputs stand under a name. */
  isObject(name: string): boolean {
    return this.has(name) && isObject(this.raw[name]);
  }

  json(name: string): Json {
    if (!this.has(name)) throw new Unread(`no input ${name}`);
    return this.raw[name]!;
  }

  /** A decimal that may be absent; words such as "ignored upstream" count as absent. */
  maybe<U extends Unit>(unit: U, ...names: string[]): Exact<U> | null {
    for (const name of names) {
      const text = this.has(name) ? decimalText(this.raw[name]) : null;
      if (text !== null) return parse(unit, text);
    }
    return null;
  }

  /** A decimal. @throws Unread when none of the names holds one */
  exact<U extends Unit>(unit: U, ...names: string[]): Exact<U> {
    const found = this.maybe(unit, ...names);
    if (found === null) throw new Unread(`no input ${names.join(' or ')}`);
    return found;
  }

  /** @throws Unread when it is no list of decimals */
  list<U extends Unit>(unit: U, name: string): Exact<U>[] {
    return decimals(unit, this.json(name), name);
  }

  /** Lower-case text; '' where absent. */
  word(name: string): string {
    const item = this.has(name) ? this.raw[name] : '';
    return typeof item === 'string' ? item.toLowerCase() : '';
  }

  /** Nested inputs. @throws Unread when it is no object */
  inner(name: string): Inputs {
    const item = this.json(name);
    if (!isObject(item)) throw new Unread(`input ${name} is no object`);
    return new Inputs(item);
  }

  /** Names in the file's order. */
  names(): string[] {
    return Object.keys(this.raw);
  }

  /** A list of objects. @throws Unread when it is none */
  rows(name: string): Inputs[] {
    const item = this.json(name);
    if (!Array.isArray(item) || !item.every(isObject))
      throw new Unread(`input ${name} is no list of objects`);
    return item.map((row) => new Inputs(row));
  }
}

/** @throws Unread when `item` is no list of decimals */
export function decimals<U extends Unit>(unit: U, item: Json, name: string): Exact<U>[] {
  const texts = Array.isArray(item) ? (item as readonly Json[]).map(decimalText) : [null];
  if (texts.includes(null)) throw new Unread(`input ${name} is no list of decimals`);
  return texts.map((text) => parse(unit, text!));
}

const refuse = (what: string, path: string): ReplayError =>
  new ReplayError(
    'SCENARIO_INVALID',
    `not a conformance file: ${what}`,
    path === '' ? {} : { path },
    'A case has id, venue, kind, inputs, expected and tolerance {type: abs | rel | exact, value}.',
  );

/**
 * Reads a conformance file.
 *
 * @throws ReplayError SCENARIO_INVALID, with the place of what is wrong
 */
export function readCases(text: string): ConformanceCase[] {
  let data: Json;
  try {
    data = JSON.parse(text) as Json;
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : 'no JSON', '');
  }
  if (!Array.isArray(data)) throw refuse('the top is no list of cases', '');
  const seen = new Set<string>();
  return (data as readonly Json[]).map((item, i) => {
    const found = readCase(item, `[${i}]`);
    if (seen.has(found.id)) throw refuse(`the id ${found.id} occurs twice`, `[${i}].id`);
    seen.add(found.id);
    return found;
  });
}

function readCase(item: Json, path: string): ConformanceCase {
  if (!isObject(item)) throw refuse('a case is no object', path);
  const text = (name: string): string => {
    const found = item[name];
    if (typeof found !== 'string' || found === '') throw refuse(`${name} is no text`, `${path}.${name}`);
    return found;
  };
  const object = (name: string): { readonly [name: string]: Json } => {
    const found = item[name];
    if (!isObject(found)) throw refuse(`${name} is no object`, `${path}.${name}`);
    return found;
  };
  const expected = object('expected');
  if (Object.keys(expected).length === 0) throw refuse('nothing is expected', `${path}.expected`);
  return {
    id: text('id'),
    venue: text('venue'),
    kind: text('kind'),
    source: typeof item.source === 'string' ? item.source : '',
    inputs: new Inputs(object('inputs')),
    expected,
    tolerance: readTolerance(object('tolerance'), `${path}.tolerance`),
  };
}

function readTolerance(item: { readonly [name: string]: Json }, path: string): Tolerance {
  const { type } = item;
  if (type !== 'abs' && type !== 'rel' && type !== 'exact') throw refuse('no such tolerance', `${path}.type`);
  const value = type === 'exact' ? '0' : decimalText(item.value);
  if (value === null || value.startsWith('-')) throw refuse('a tolerance is a decimal >= 0', `${path}.value`);
  return { type, value };
}
