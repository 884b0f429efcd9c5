/**
 * The mapping of a CSV file that no other importer knows: which column is what, and in which unit. From a
 * YAML file (`--option mapping=fund.yaml`), from options (`--option time=ts`), or both, options first.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { ReplayError } from '../../basics/errors.ts';

const name = z.string().min(1);
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

const MAPPING = z.strictObject({
  kind: z.enum([
    'trades',
    'candles',
    'mark',
    'index',
    'bookTop',
    'bookDepth',
    'funding',
    'openInterest',
    'liquidations',
    'fundBalance',
  ]),
  venue: name,
  symbol: name.optional(),
  /** Folder of the series; the kind, of candles with their interval, where it is left out. */
  name: name.optional(),
  /** Of candles: `1m`. */
  interval: name.optional(),
  /** What the time of a bar is: its opening, or its end (then the interval is taken off). */
  stamp: z.enum(['open', 'end']).default('open'),
  unit: z.enum(['s', 'ms', 'us', 'ns', 'auto', 'text']).default('auto'),
  /** Of times as text, where they are not ISO 8601: `%d.%m.%Y %H:%M`. */
  format: name.optional(),
  qtyUnit: z.enum(['base', 'contracts', 'quote']).default('base'),
  delimiter: z.string().length(1).default(','),
  /** false: columns are called 1, 2, 3, ... */
  header: flag.default(true),
  /** Lines above the head line. */
  skip: z.coerce.number().int().min(0).max(1000).default(0),
  /** Our column -> the file's. `buyerMaker` may stand for `side`. */
  columns: z.record(z.string(), name),
  /** Our column -> what it is divided by: 100000000 makes coins of satoshi. */
  divide: z.record(z.string(), z.coerce.number().positive()).default({}),
  /** Column of the file -> the text that a row must have there. */
  filter: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).default({}),
});

export type Mapping = z.infer<typeof MAPPING>;

/** Options that are words of the mapping itself; every other one names a column. */
const MAPPING_WORDS = [
  'kind',
  'venue',
  'name',
  'interval',
  'stamp',
  'unit',
  'format',
  'qtyUnit',
  'delimiter',
  'header',
  'skip',
] as const;

/**
 * Reads a mapping.
 *
 * @param extra  options: words of the mapping, `divide.x`, `filter.x`, and a column for every other name
 * @throws ReplayError SCENARIO_INVALID with the path in the mapping, DATA_MISSING when its file is not there
 */
export function readMapping(extra: Readonly<Record<string, string>>): Mapping {
  const { mapping: path, ...options } = extra;
  const stated = path === undefined ? {} : fromFile(path);
  const groups = { columns: {}, divide: {}, filter: {} } as Record<string, Record<string, string>>;
  const words: Record<string, string> = {};
  for (const [key, value] of Object.entries(options)) {
    const [group, rest] = /^(divide|filter)\.(.+)$/.exec(key)?.slice(1) ?? ['columns', key];
    if ((MAPPING_WORDS as readonly string[]).includes(key)) words[key] = value;
    else groups[group!]![rest!] = value;
  }
  const merged = Object.entries(groups).map(([group, own]) => {
    const under = stated[group];
    return [group, { ...(typeof under === 'object' ? under : {}), ...own }];
  });
  const result = MAPPING.safeParse({ ...stated, ...words, ...Object.fromEntries(merged) });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ReplayError(
    'SCENARIO_INVALID',
    `the mapping is wrong: ${issue!.message}`,
    { ...(path === undefined ? {} : { file: path }), path: issue!.path.join('.') },
    'Give kind, venue and columns, for example --option kind=trades --option venue=gate --option time=ts.',
  );
}

function fromFile(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const said = (error as Error).message;
    throw new ReplayError(
      'DATA_MISSING',
      `the mapping cannot be read: ${said}`,
      { file: path },
      'Check its path.',
    );
  }
  try {
    const data: unknown = parse(text);
    if (data !== null && typeof data === 'object' && !Array.isArray(data))
      return data as Record<string, unknown>;
    throw new Error('a list of names and values is needed');
  } catch (error) {
    const said = (error as Error).message.split('\n')[0]!;
    throw new ReplayError(
      'SCENARIO_INVALID',
      `the mapping is no YAML: ${said}`,
      { file: path },
      'Correct the file.',
    );
  }
}
