/**
 * The fields that rule files and scenarios are made of, as zod schemas over texts: exact amounts,
 * instants, durations, names from a list, strict objects. Each says what it wanted and, for a name,
 * the nearest valid one. `scalar` in the metadata tells the JSON Schema export how an editor may
 * write it (a number, a boolean), though we read the text.
 */
import { z } from 'zod';
import { nearest } from '../basics/errors.ts';
import { type Exact, MONEY_SCALE, PRICE_SCALE, parse, type Unit } from '../basics/exact.ts';
import { parseDuration, parseInstant } from '../basics/instant.ts';
import { REMEDY_MARK, type Tree } from './treeSchema.ts';

type Scalar = 'decimal' | 'boolean' | 'whole' | 'any';

const told = (message: string, remedy: string): string => message + REMEDY_MARK + remedy;
const shown = (input: unknown): string => JSON.stringify(input) ?? 'nothing';
const missing = (input: unknown, what: string, remedy: string): string =>
  told(input === undefined ? `missing: ${what}` : `not ${what}: ${shown(input)}`, remedy);

/** A text of any content. */
export const text = z.string({ error: (issue) => missing(issue.input, 'a text', 'Write a text here.') });

/** Whatever stands there, as texts: it is read later, by the schema of the place that it is put in. */
export const tree = z
  .unknown()
  .refine((input) => input !== undefined, { error: told('missing: a value', 'Write the new value here.') })
  .transform((input) => input as Tree);

/** A text that an editor may take for a number: a seed, a filter's value. */
export const anyText = text.meta({ scalar: 'any' satisfies Scalar });

/** A text that is read further; `what` and `remedy` serve both a wrong type and a wrong content. */
function read<T>(what: string, remedy: string, reader: (text: string) => T, scalar?: Scalar) {
  const base = z.string({ error: (issue) => missing(issue.input, what, remedy) });
  return (scalar === undefined ? base : base.meta({ scalar })).transform((input, context): T => {
    try {
      return reader(input);
    } catch {
      context.addIssue({ code: 'custom', message: told(`not ${what}: ${shown(input)}`, remedy) });
      return z.NEVER;
    }
  });
}

function within<T>(holds: boolean, value: T): T {
  if (!holds) throw new RangeError('out of range');
  return value;
}

const PLAIN = 'Write plain decimal digits such as 0.005, without % and thousands separators.';
const exact = <U extends Unit>(unit: U, what: string, holds: (value: Exact<U>) => boolean) =>
  read(
    what,
    PLAIN,
    (input) => {
      const value = parse(unit, input);
      return within(holds(value), value);
    },
    'decimal',
  );

export const price = exact('price', 'a price above 0', (p) => p.isPositive());
export const step = exact('qty', 'a quantity above 0', (q) => q.isPositive());
/** Finest step of a linear contract: lots times a price that is a quotient must be money that the ledger can hold. */
const LINEAR_PLACES = MONEY_SCALE - PRICE_SCALE;
/** Step of quantities whose value is quantity times price. */
export const linearStep = read(
  `a quantity above 0 with at most ${LINEAR_PLACES} decimal places`,
  `Money has ${MONEY_SCALE} places and a bankruptcy price ${PRICE_SCALE}: write a coarser step, or a larger unit.`,
  (input) => {
    const value = parse('qty', input);
    return within(value.isPositive() && value.scale <= LINEAR_PLACES, value);
  },
  'decimal',
);
export const positiveMoney = exact('money', 'an amount of money above 0', (m) => m.isPositive());
export const signedMoney = exact('money', 'an amount of money', () => true);
export const moneyFromZero = exact('money', 'an amount of money, 0 or above', (m) => !m.isNegative());
export const rate = exact('rate', 'a rate, 0 or above', (r) => !r.isNegative());
export const signedRate = exact('rate', 'a rate', () => true);
const ONE = parse('rate', '1');
export const share = exact('rate', 'a share from 0 to 1', (r) => !r.isNegative() && r.lte(ONE));
/** A decimal kept as text: a tick, a published figure. */
export const decimalText = read(
  'a decimal number',
  PLAIN,
  (input) => parse('money', input).toString(),
  'decimal',
);
/** A float64 within bounds, both included. */
export const float = (low: number, high: number) =>
  read(
    `a number from ${low} to ${high}`,
    PLAIN,
    (input) => {
      const value = parse('rate', input).toNumber();
      return within(value >= low && value <= high, value);
    },
    'decimal',
  );
/** A whole number within bounds, both included. */
export const whole = (low: number, high: number) =>
  read(
    `a whole number from ${low} to ${high}`,
    'Write digits only.',
    (input) => {
      const value = /^\d{1,15}$/.test(input) ? Number(input) : Number.NaN;
      return within(value >= low && value <= high, value);
    },
    'whole',
  );

export const instant = read('a UTC instant', 'Write 2020-03-12 or 2020-03-12T10:00:00Z.', parseInstant);
export const duration = read('a duration', 'Write 100ms, 1s, 5m, 8h or 20d.', parseDuration);
export const positiveDuration = read('a duration above 0', 'Write 100ms, 1s, 5m, 8h or 20d.', (input) => {
  const value = parseDuration(input);
  return within(value > 0, value);
});

/** `true` or `false`. */
export const flag = z
  .enum(['true', 'false'], {
    error: (issue) => missing(issue.input, 'true or false', 'Write true or false.'),
  })
  .meta({ scalar: 'boolean' })
  .transform((input) => input === 'true');

/** `none` stands for null: the venue has no such number. */
export const orNone = <T extends z.ZodType>(field: T) =>
  z.union([z.literal('none').transform(() => null), field], {
    error: (issue) =>
      missing(issue.input, 'a value or none', 'Write the value, or none where there is none.'),
  });

const hint = (wrong: unknown, names: readonly string[]): string => {
  const near = typeof wrong === 'string' ? nearest(wrong, names) : null;
  return `${near === null ? '' : `Did you mean ${near}? `}Valid: ${names.join(', ')}.`;
};

/** One of a few names; a wrong one is answered with the nearest. */
export const word = <const N extends readonly [string, ...string[]]>(...names: N) =>
  z.enum(names, {
    error: (issue) =>
      issue.input === undefined
        ? told('missing: a name', hint(undefined, names))
        : told(`unknown name ${shown(issue.input)}`, hint(issue.input, names)),
  });

/** An object that knows its names: another one is an error with the nearest valid one. */
export const strict = <S extends z.ZodRawShape>(shape: S) =>
  z.strictObject(shape, {
    error: (issue) => {
      const names = Object.keys(shape);
      if (issue.code === 'unrecognized_keys') {
        const wrong = (issue.keys as string[])[0];
        return told(`unknown name ${shown(wrong)}`, hint(wrong, names));
      }
      return missing(issue.input, 'a map', `Write a map of ${names.join(', ')}.`);
    },
  });

type Kind = z.ZodObject<{ kind: z.ZodLiteral<string> }>;
/** Objects told apart by `kind`. */
export const kinds = <
  const T extends readonly [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]],
>(
  ...options: T
) =>
  z.discriminatedUnion('kind', options, {
    error: (issue) => {
      const names = (options as unknown as readonly Kind[]).map((option) => String(option.shape.kind.value));
      const input = issue.input as { kind?: unknown } | undefined;
      if (typeof input !== 'object') return missing(input, 'a map with a kind', hint(undefined, names));
      return told(
        input.kind === undefined ? 'missing: kind' : `unknown kind ${shown(input.kind)}`,
        hint(input.kind, names),
      );
    },
  });

/** A list, or an error that shows how one is written. */
export const list = <T extends z.ZodType>(item: T) =>
  z.array(item, { error: (issue) => missing(issue.input, 'a list', 'Write a list: [a, b].') });

/** A map by name, or an error that shows how one is written. */
export const byName = <T extends z.ZodType>(item: T) =>
  z.record(z.string(), item, { error: (issue) => missing(issue.input, 'a map', 'Write a map of names.') });

/** Renames durations to what the types call them: `every` becomes `everyUs`. Names that are absent stay absent. */
export const inUs =
  <const N extends string>(...names: readonly N[]) =>
  <T extends object>(object: T): InUs<T, N> =>
    Object.fromEntries(
      Object.entries(object).map(([name, value]) => [
        (names as readonly string[]).includes(name) ? `${name}Us` : name,
        value,
      ]),
    ) as InUs<T, N>;

type InUs<T, N extends string> = T extends unknown
  ? { [K in keyof T as K extends N ? `${K}Us` : K]: T[K] }
  : never;
