/**
 * Recorded messages: what a venue's websocket or API said, kept as it was. One JSON document a file or a
 * line, or the lines of a recorder such as cryptofeed (`1626993370.14: {...}`). Which series are in a
 * file is found by asking it, so one file of a recorder gives all its symbols.
 */
import { openDuckDb, rowsOf, sqlText } from '../../basics/duckdb.ts';
import {
  documents,
  type ImportOptions,
  type Layout,
  lines,
  mustBeWhole,
  refused,
  type Vendor,
} from '../layout.ts';
import type { SourceFile } from '../sourceFile.ts';
import { type MessageShape, type MessageVenue, NO_SERIES, qtyUnitOf, SHAPES } from './messageShapes.ts';

/** A recorder's line: time of receipt, then the message. Handshakes and what it sent itself begin otherwise. */
const IS_RECEIVED = `regexp_matches(line, '^[0-9]+(\\.[0-9]+)?: ?[{\\[]')`;
const WHOLE = `substr(line, strpos(line, ': ') + 2)`;
const IS_CAPTURE = /^(\d+(\.\d+)?: ?[{[]|wss?:\/\/)/m;

export const messages: Vendor = {
  name: 'messages',
  about: 'recorded websocket and API messages of Binance, BitMEX, Bybit, OKX, Kraken Futures, Hyperliquid',
  options: { market: 'of Binance: um (default), cm or spot' },
  layoutsOf: (file, options) => messagesOf(file, options, null),
};

/**
 * Series in a file of messages.
 *
 * @param venue  null: any
 * @throws ReplayError DATA_SCHEMA with what it is where it is no series
 */
export async function messagesOf(
  file: SourceFile,
  options: ImportOptions,
  venue: MessageVenue | null,
): Promise<Layout[]> {
  if (file.head.trim() === '') return [];
  mustBeWhole(file);
  const shapes = SHAPES.filter((shape) => venue === null || shape.venue === venue);
  const docs = docsOf(file);
  const { found, cut } = await seriesIn(file, docs, shapes);
  const notes = ['recorded messages: what was not recorded is missing'];
  if (cut > 0) notes.push(`${cut} lines are no whole message and were left out`);
  const wanted = found.filter(({ symbol }) => options.symbol === null || symbol === options.symbol);
  if (wanted.length > 0)
    return wanted.map(({ shape, symbol }) => layout({ shape, symbol, docs, options, notes }));
  if (found.length > 0) {
    const symbols = [...new Set(found.map(({ symbol }) => symbol))].sort();
    throw refused(file, `nothing of ${options.symbol}`, `It has ${symbols.slice(0, 12).join(', ')}.`);
  }
  const what = NO_SERIES.find(({ told }) => told.test(file.head))?.what;
  throw refused(
    file,
    what ?? `no message of a known kind${venue === null ? '' : ` of ${venue}`}`,
    'Fetch trades, candles, funding, marks or liquidations, or import the file as csv with a mapping.',
  );
}

/** The documents of a file as a relation of one column `doc`; what a stream wraps is taken out. */
function docsOf(file: SourceFile): Layout['from'] {
  if (!IS_CAPTURE.test(file.head))
    return (path) => `(SELECT ${unwrapped('json')} AS doc FROM ${documents(path)})`;
  return (path) =>
    `(SELECT ${unwrapped(`(${WHOLE})::JSON`)} AS doc FROM ${lines(path)}
       WHERE ${IS_RECEIVED} AND json_valid(${WHOLE}))`;
}

/** Binance's combined streams put a message into `data`. */
const unwrapped = (doc: string): string =>
  `coalesce(CASE WHEN json_exists(${doc}, '$.stream') THEN json_extract(${doc}, '$.data') END, ${doc})`;

/** Messages of one shape, a row each. */
function rowsOfShape({ when, rows }: MessageShape, docs: string): string {
  const list = rows.endsWith('[*]')
    ? `unnest(json_extract(doc, ${sqlText(rows)}))`
    : `json_extract(doc, ${sqlText(rows)})`;
  return `(SELECT doc, ${list} AS r FROM ${docs} WHERE ${when})`;
}

async function seriesIn(
  file: SourceFile,
  docs: Layout['from'],
  shapes: readonly MessageShape[],
): Promise<{ found: { shape: MessageShape; symbol: string }[]; cut: number }> {
  const db = await openDuckDb();
  const connection = await db.connect();
  try {
    const asked = shapes.map(
      (shape, k) => `SELECT ${k} AS shape, ${shape.symbol} AS symbol FROM ${rowsOfShape(shape, 'docs')}`,
    );
    const found = await rowsOf<{ shape: number; symbol: string | null }>(
      connection,
      `WITH docs AS MATERIALIZED (SELECT * FROM ${docs(file.text)})
       SELECT DISTINCT shape, symbol FROM (${asked.join(' UNION ALL ')}) ORDER BY 1, 2`,
    );
    const known = found.filter((row): row is { shape: number; symbol: string } => row.symbol !== null);
    const broken = `SELECT count(*) AS n FROM ${lines(file.text)} WHERE ${IS_RECEIVED} AND NOT json_valid(${WHOLE})`;
    const cut = IS_CAPTURE.test(file.head) ? await rowsOf<{ n: bigint }>(connection, broken) : [];
    return {
      found: known.map(({ shape, symbol }) => ({ shape: shapes[shape]!, symbol })),
      cut: Number(cut[0]?.n ?? 0),
    };
  } catch (error) {
    const said = (error as Error).message.split('\n')[0]!.replaceAll(file.text, file.name).slice(0, 200);
    throw refused(file, `no JSON that can be read: ${said}`);
  } finally {
    connection.closeSync();
    db.closeSync();
  }
}

function layout(o: {
  shape: MessageShape;
  symbol: string;
  docs: Layout['from'];
  options: ImportOptions;
  notes: readonly string[];
}): Layout {
  const { shape, symbol, docs, options, notes } = o;
  const market = options.extra.market ?? 'um';
  const { time, ...values } = shape.select;
  return {
    series: {
      venue: shape.venue === 'binance' ? `binance-${market}` : shape.venue,
      symbol,
      kind: shape.kind,
      name: shape.name ?? shape.kind,
      intervalMs: shape.kind === 'candles' ? 60_000 : null,
      qtyUnit: qtyUnitOf(shape.venue, symbol, market),
    },
    from: (path) =>
      `(SELECT * FROM ${rowsOfShape(shape, docs(path))} WHERE ${shape.symbol} = ${sqlText(symbol)})`,
    select: { ...values, time: `${time} + ${options.offsetUs}` },
    unique: shape.unique,
    ...(shape.textId === true ? { textId: true as const } : {}),
    ...(shape.state === true ? { keepsLast: { reason: 'an earlier message of the same instant' } } : {}),
    notes,
  };
}
