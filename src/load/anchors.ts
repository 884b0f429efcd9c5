/**
 * Anchors: the few published figures of a day for which no finer recording is at hand, one line an
 * hour, each block with its source. They are facts; the path between them is reconstructed
 * (reconstruct.ts), and every report says so.
 */
import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { parse } from '../basics/exact.ts';
import { ReplayError } from '../basics/errors.ts';
import { type Micros, parseDuration, parseInstant } from '../basics/instant.ts';
import type { DailyBar } from '../rules/facts.ts';

/** One bar as published, decimal texts; volume '' where there is none. */
export interface AnchorBar {
  readonly tsUs: Micros;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
}

export interface AnchorSeries {
  readonly source: string;
  readonly quote: string;
  /** Unit of the volumes: it differs between venues of one file. */
  readonly qtyUnit: 'base' | 'contracts' | 'quote';
  readonly bars: readonly AnchorBar[];
}

export interface Anchors {
  readonly title: string;
  readonly intervalUs: Micros;
  /** `perp`, `mark` and the venues, by name. */
  readonly series: ReadonlyMap<string, AnchorSeries>;
  readonly funding: {
    readonly source: string;
    readonly stamps: readonly { readonly tsUs: Micros; readonly rate: string }[];
  };
  /** Daily bars of the perpetual before the event. */
  readonly daily: { readonly source: string; readonly bars: readonly DailyBar[] };
}

const decimal = z.string().regex(/^-?\d+(\.\d+)?$/, 'a decimal number such as "4810.5"');
const row = z.array(z.string()).min(2).max(6);
const block = z.strictObject({
  source: z.string().min(1),
  quote: z.string().min(1),
  qtyUnit: z.enum(['base', 'contracts', 'quote']),
  bars: z.array(row).min(1),
});
const schema = z.strictObject({
  title: z.string().min(1),
  interval: z.string(),
  series: z.record(z.string(), block),
  funding: z.strictObject({ source: z.string().min(1), stamps: z.array(row) }),
  daily: z.strictObject({ source: z.string().min(1), bars: z.array(row) }),
});

/**
 * Reads a file of anchors.
 *
 * @throws ReplayError DATA_MISSING when it cannot be read, DATA_SCHEMA when it is no such file
 */
export function readAnchors(path: string): Anchors {
  const text = textOf(path);
  const known = parsed.get(path);
  if (known?.text === text) return known.anchors;
  const anchors = anchorsOf(path, text);
  parsed.set(path, { text, anchors });
  return anchors;
}

/** Files read so far: a study reads the same figures for each of its tapes, and YAML parses slowly. */
const parsed = new Map<string, { readonly text: string; readonly anchors: Anchors }>();

function anchorsOf(path: string, text: string): Anchors {
  try {
    const file = schema.parse(parseYaml(text, { schema: 'failsafe' }));
    return {
      title: file.title,
      intervalUs: parseDuration(file.interval),
      series: new Map(
        Object.entries(file.series).map(([name, s]) => [name, { ...s, bars: s.bars.map(barOf) }]),
      ),
      funding: {
        source: file.funding.source,
        stamps: file.funding.stamps.map((line) => ({
          tsUs: parseInstant(line[0]!),
          rate: decimal.parse(line[1]),
        })),
      },
      daily: { source: file.daily.source, bars: file.daily.bars.map(dailyOf) },
    };
  } catch (error) {
    throw new ReplayError(
      'DATA_SCHEMA',
      `No file of anchors: ${saying(error)}`,
      { file: path },
      'Compare it with scenarios/anchors/2020-03-12-btcusdt.yaml.',
    );
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ReplayError(
      'DATA_MISSING',
      `The file cannot be read: ${(error as Error).message}`,
      { file: path },
      'Correct the path of the stream.',
    );
  }
}

function saying(error: unknown): string {
  if (!(error instanceof z.ZodError)) return (error as Error).message;
  const issue = error.issues[0]!;
  return `${issue.path.join('.')}: ${issue.message}`;
}

function barOf(line: readonly string[]): AnchorBar {
  const [time, open, high, low, close] = line as [string, string, string, string, string];
  for (const price of line.slice(1)) decimal.parse(price);
  if (line.length < 5)
    throw new RangeError(`a bar is [time, open, high, low, close, volume?]: ${line.join(' ')}`);
  return { tsUs: parseInstant(time), open, high, low, close, volume: line[5] ?? '' };
}

function dailyOf(line: readonly string[]): DailyBar {
  const bar = barOf(line);
  const number = (text: string): number => parse('price', text).toNumber();
  return {
    tsUs: bar.tsUs,
    open: number(bar.open),
    high: number(bar.high),
    low: number(bar.low),
    close: number(bar.close),
    volume: number(bar.volume === '' ? '0' : bar.volume),
  };
}
