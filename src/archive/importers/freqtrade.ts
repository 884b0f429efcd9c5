/**
 * freqtrade's data folder: candles, marks, funding and trades as JSON arrays (.json, .json.gz) or feather.
 * The file name says pair, interval and kind: `BTC_USDT_USDT-1h-mark.feather`; the folder says the
 * exchange. The funding rate stands in the column `open`.
 *
 * Source: freqtrade.io (Data downloading); freqtrade/data/history/datahandlers.
 */
import { csv, type CsvColumns, documents, type ImportOptions, type Layout, mustBeWhole } from '../layout.ts';
import { columnsNamed, type CsvType, refused, timeUs, type Vendor } from '../layout.ts';
import { intervalMs, type Series } from '../series.ts';
import type { SourceFile } from '../sourceFile.ts';
import { featherToCsv } from './feather.ts';

/** `BTC_USDT_USDT-5m-futures`, `BTC_USDT-1h`, `BTC_USDT-trades`: pair, then interval and kind, or trades. */
const PAIR = '(?<base>[A-Z0-9]+)_(?<quote>[A-Z0-9]+)(?:_(?<settle>[A-Z0-9]+))?';
const KIND = '(?<interval>\\d+[smhdw])(?:-(?<kind>futures|mark|index|premiumIndex|funding_rate))?';
const FILE_NAME = new RegExp(`^${PAIR}-(?:${KIND}|(?<trades>trades))\\.(?:json|feather)$`);
const CANDLE: CsvColumns = {
  date: 'BIGINT',
  open: 'DOUBLE',
  high: 'DOUBLE',
  low: 'DOUBLE',
  close: 'DOUBLE',
  volume: 'DOUBLE',
};
const TRADE: CsvColumns = {
  timestamp: 'BIGINT',
  id: 'VARCHAR',
  type: 'VARCHAR',
  side: 'VARCHAR',
  price: 'DOUBLE',
  amount: 'DOUBLE',
  cost: 'DOUBLE',
};

export const freqtrade: Vendor = {
  name: 'freqtrade',
  about: 'candles, marks, funding and trades of its data folder: json, json.gz, feather',
  options: {
    venue: 'exchange, where no folder user_data/data/<exchange> says it',
    qtyUnit: 'base (default), contracts or quote: what volume counts',
  },
  layoutsOf: async (file, options) => {
    if (file.head === '') return [];
    const named = FILE_NAME.exec(file.name)?.groups;
    if (named === undefined) {
      const tiers = /"maintenanceMarginRate"/.test(file.head);
      throw refused(
        file,
        tiers ? 'leverage tiers: rules, no series' : 'its name does not say pair, interval and kind',
        tiers ? 'Put them into a rule set.' : "Keep freqtrade's names: BTC_USDT_USDT-1h-mark.feather.",
      );
    }
    const columns = named.trades === undefined ? CANDLE : TRADE;
    const { from, names } = await tableOf(file, columns);
    const lacking = Object.keys(columns).filter(
      (name) => !names.includes(name) && name !== 'cost' && name !== 'type',
    );
    if (lacking.length > 0) throw refused(file, `no column ${lacking.join(', ')}`);
    return [{ ...layout(file, named, options), from }];
  },
};

/** The table of a file, its columns under freqtrade's names. */
async function tableOf(
  file: SourceFile,
  columns: CsvColumns,
): Promise<{ from: Layout['from']; names: readonly string[] }> {
  if (file.name.endsWith('.feather')) {
    const { path, names } = await featherToCsv(file);
    const from = csv(columnsNamed(names, columns as Record<string, CsvType>), { header: true });
    return { from: () => from(path), names };
  }
  mustBeWhole(file);
  const cells = Object.entries(columns).map(([name, type], k) => `(json->>${k})::${type} AS ${name}`);
  return {
    from: (path) => `(SELECT ${cells.join(', ')} FROM ${documents(path)})`,
    names: Object.keys(columns),
  };
}

function layout(
  file: SourceFile,
  named: Readonly<Record<string, string | undefined>>,
  options: ImportOptions,
): Omit<Layout, 'from'> {
  const interval = named.interval ?? '';
  const at = (column: string): string => `${timeUs(column)} + ${options.offsetUs}`;
  const common = { unique: ['time'], notes: [] };
  const series = (kind: Series['kind'], name: string): Series => ({
    venue: venueOf(file, named, options),
    symbol: options.symbol ?? `${named.base}${named.quote}`,
    kind,
    name,
    intervalMs: kind === 'candles' ? intervalMs(interval) : null,
    qtyUnit: unitOf(file, options),
  });
  if (named.trades !== undefined)
    return {
      series: series('trades', 'trades'),
      select: { time: at('timestamp'), price: 'price', qty: 'amount', side: 'lower(side)', id: 'id' },
      unique: ['id'],
      textId: true,
      notes: [],
    };
  if (named.kind === 'funding_rate')
    return {
      ...common,
      series: series('funding', 'funding'),
      select: { time: at('date'), rate: 'open' },
      notes: ['the rate stands in the column open'],
    };
  const priceOf = { mark: 'mark-', index: 'index-', premiumIndex: 'premium-' }[named.kind ?? ''] ?? '';
  const prices = { time: at('date'), open: 'open', high: 'high', low: 'low', close: 'close' };
  return {
    ...common,
    series: series('candles', `${priceOf}candles-${interval}`),
    select: priceOf === '' ? { ...prices, volume: 'volume' } : prices,
  };
}

/** Name of the venue as the other importers write it. */
function venueOf(
  file: SourceFile,
  { settle, quote }: Readonly<Record<string, string | undefined>>,
  { extra }: ImportOptions,
): string {
  const folders = file.path.split('/').slice(0, -1);
  const found = folders.at(-1) === 'futures' ? folders.at(-2) : folders.at(-1);
  const exchange =
    extra.venue ?? (folders.at(folders.at(-1) === 'futures' ? -3 : -2) === 'data' ? found : undefined);
  if (exchange === undefined)
    throw refused(
      file,
      'no folder says the exchange',
      "Keep freqtrade's folders (data/binance/futures/...), or give --option venue=binance.",
    );
  if (settle === undefined) return `${exchange}-spot`;
  if (exchange !== 'binance') return exchange;
  return settle === quote ? 'binance-um' : 'binance-cm';
}

function unitOf(file: SourceFile, { extra }: ImportOptions): Series['qtyUnit'] {
  const unit = extra.qtyUnit ?? 'base';
  if (unit === 'base' || unit === 'contracts' || unit === 'quote') return unit;
  throw refused(file, `unknown qtyUnit ${unit}`, 'Write base, contracts or quote.');
}
