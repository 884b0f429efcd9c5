/**
 * Any CSV file, its columns named by the user: fund balances, liquidation feeds, trades and candles of
 * venues without an importer of their own. Nothing is guessed but the unit of a time stamp, by its size.
 */
import { sqlName, sqlText } from '../../basics/duckdb.ts';
import { nearest, ReplayError } from '../../basics/errors.ts';
import { cellsOf, columnsNamed, csv, type CsvType, type ImportOptions, type Layout } from '../layout.ts';
import { refused, secondsUs, takerSide, textTimeUs, timeUs, type Vendor } from '../layout.ts';
import { type Column, CONTRACT, intervalMs } from '../series.ts';
import type { SourceFile } from '../sourceFile.ts';
import { type Mapping, readMapping } from './mappingSchema.ts';

export const anyCsv: Vendor = {
  name: 'csv',
  about: 'any columns, named by options or a mapping: kind=trades venue=gate time=ts price=px qty=size',
  options: {
    mapping: 'a YAML file of the same words',
    kind: Object.keys(CONTRACT).join(', '),
    venue: 'folder of the venue',
    time: 'column of the time; so for every other column of the kind (price, qty, side, buyerMaker, ...)',
    unit: 's, ms, us, ns, text, or auto (by size; the default)',
    format: 'of times as text that are not ISO 8601: %d.%m.%Y %H:%M',
    interval: 'of candles: 1m',
    stamp: 'end, where a bar is stamped with its end',
    qtyUnit: 'base (default), contracts or quote',
    name: 'folder of the series, where it is not the kind',
    'divide.<column>': 'what its values are divided by: 100000000 for satoshi',
    'filter.<column of the file>': 'text that a row must have there',
    delimiter: 'comma by default',
    header: 'false: columns are 1, 2, 3, ...',
    skip: 'lines above the head line',
  },
  layoutsOf: (file, options) => {
    const mapping = readMapping(options.extra);
    if (file.head.trim() === '') return [];
    return [layout(file, mapping, options)];
  },
};

function layout(file: SourceFile, mapping: Mapping, options: ImportOptions): Layout {
  const { kind, columns, interval } = mapping;
  const names = namesOf(file, mapping);
  const length = interval === undefined ? null : intervalMs(interval);
  if (kind === 'candles' && length === null) throw invalid('candles need interval=1m or another length');
  const symbol = options.symbol ?? mapping.symbol;
  if (symbol === undefined) throw invalid('no symbol is said: give --symbol');
  const wanted = CONTRACT[kind].filter(({ name }) => columns[name] !== undefined || isSide(mapping, name));
  checkColumns(file, mapping, names);
  const types = new Map<string, CsvType>(wanted.flatMap((column) => typesOf(column, mapping)));
  const shift = options.offsetUs - (mapping.stamp === 'end' ? (length ?? 0) * 1000 : 0);
  const select = wanted.map(({ name }): [string, string] => [
    name,
    name === 'time' ? `${timeOf(mapping)} + ${shift}` : expressionOf(name, mapping),
  ]);
  const unique = UNIQUE[kind] ?? (kind === 'trades' && columns.id !== undefined ? ['id'] : null);
  return {
    series: {
      venue: mapping.venue,
      symbol,
      kind,
      name: mapping.name ?? (kind === 'candles' ? `candles-${interval}` : kind),
      intervalMs: kind === 'candles' ? length : null,
      qtyUnit: mapping.qtyUnit,
    },
    from: csv(columnsNamed(names, Object.fromEntries(types)), mapping),
    select: Object.fromEntries(select),
    unique,
    ...(columns.id === undefined ? {} : { textId: true as const }),
    drop: Object.entries(mapping.filter).map(([name, value]) => ({
      reason: `${name} is not ${value}`,
      where: `${sqlName(name)} IS DISTINCT FROM ${sqlText(value)}`,
    })),
    notes: [
      `columns as mapped: ${select.map(([name]) => `${name} = ${columns[name] ?? columns.buyerMaker}`).join(', ')}`,
    ],
  };
}

const UNIQUE: Partial<Record<Mapping['kind'], readonly string[]>> = {
  candles: ['time'],
  mark: ['time'],
  index: ['time'],
  bookDepth: ['time', 'percentage'],
  funding: ['time'],
  openInterest: ['time'],
  fundBalance: ['time'],
};

/** Columns of the file: those of its head line, or their numbers. */
function namesOf(file: SourceFile, { header, skip, delimiter }: Mapping): string[] {
  const first = file.head.split(/\r?\n/)[skip] ?? '';
  const cells = cellsOf(first, delimiter);
  return header ? cells : cells.map((_, k) => String(k + 1));
}

/** @throws ReplayError SCENARIO_INVALID for a column that neither the kind nor the file has, or that is missing */
function checkColumns(file: SourceFile, { kind, columns, filter }: Mapping, names: readonly string[]): void {
  const ours = [...CONTRACT[kind].map(({ name }) => name), ...(SIDED.includes(kind) ? ['buyerMaker'] : [])];
  for (const name of Object.keys(columns)) {
    if (ours.includes(name)) continue;
    const near = nearest(name, ours);
    throw invalid(
      `${kind} have no column ${name}`,
      `${near === null ? '' : `Did you mean ${near}? `}They have ${ours.join(', ')}.`,
    );
  }
  for (const theirs of [...Object.values(columns), ...Object.keys(filter)]) {
    if (names.includes(theirs)) continue;
    const near = nearest(theirs, names);
    throw refused(
      file,
      `no column ${theirs}; it has ${names.join(', ')}`,
      `${near === null ? '' : `Did you mean ${near}? `}Correct the mapping.`,
    );
  }
  const lacking = CONTRACT[kind].filter(
    ({ name, optional }) => optional === undefined && columns[name] === undefined,
  );
  const open = lacking.filter(({ name }) => !(name === 'side' && columns.buyerMaker !== undefined));
  if (open.length > 0) throw invalid(`${kind} need a column for ${open.map(({ name }) => name).join(', ')}`);
}

const SIDED: readonly Mapping['kind'][] = ['trades', 'liquidations'];
const isSide = ({ columns }: Mapping, name: string): boolean =>
  name === 'side' && columns.buyerMaker !== undefined;

function typesOf({ name, type }: Column, { columns, unit, format }: Mapping): [string, CsvType][] {
  const theirs = columns[name];
  if (theirs === undefined) return [[columns.buyerMaker!, 'BOOLEAN']];
  if (name !== 'time') return [[theirs, name === 'id' ? 'VARCHAR' : type]];
  if (unit === 'text' || unit === 'auto' || format !== undefined) return [[theirs, 'VARCHAR']];
  return [[theirs, unit === 'us' || unit === 'ns' ? 'BIGINT' : 'DOUBLE']]; // a fraction must not be rounded away
}

function timeOf({ columns, unit, format }: Mapping): string {
  const column = sqlName(columns.time!);
  if (format !== undefined) return `epoch_us(strptime(${column}, ${sqlText(format)}))`;
  switch (unit) {
    case 's':
      return secondsUs(column);
    case 'ms':
      return `round(${column} * 1000)::BIGINT`;
    case 'us':
      return column;
    case 'ns':
      return `${column} // 1000`;
    case 'auto':
      // whole numbers may be nanoseconds, which float64 cannot hold; fractions are of seconds or milliseconds
      return `CASE WHEN regexp_matches(${column}, '[.eE]') THEN ${timeUs(`${column}::DOUBLE`)}
        ELSE ${timeUs(`${column}::BIGINT`)} END`;
    case 'text':
      return textTimeUs(column);
  }
}

function expressionOf(name: string, { kind, columns, divide }: Mapping): string {
  const theirs = columns[name];
  if (theirs === undefined) return takerSide(sqlName(columns.buyerMaker!));
  const column = sqlName(theirs);
  if (name !== 'side') return divide[name] === undefined ? column : `${column} / ${divide[name]}`;
  // of a liquidation the side may be said of the position: a long is closed by a sell
  const position = kind === 'liquidations';
  const [buys, sells] = [
    ['buy', 'b', 'bid', ...(position ? ['short'] : [])],
    ['sell', 's', 'ask', ...(position ? ['long'] : [])],
  ];
  const is = (words: readonly string[]): string => `lower(${column}) IN (${words.map(sqlText).join()})`;
  return `CASE WHEN ${is(buys)} THEN 'buy' WHEN ${is(sells)} THEN 'sell' END`;
}

const invalid = (message: string, remedy = 'Correct the options or the mapping.'): ReplayError =>
  new ReplayError('SCENARIO_INVALID', message, {}, remedy);
