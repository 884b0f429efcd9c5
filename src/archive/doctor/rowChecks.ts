/**
 * What a single row, or a row beside the one before it, says about itself: one pass over the series
 * counts every kind of broken row and keeps the first and the last of each.
 */
import { rowsOf } from '../../basics/duckdb.ts';
import type { CheckName } from './checks.ts';
import type { Family, Found } from './finding.ts';
import type { Series } from './seriesView.ts';

interface RowCheck {
  readonly problem: CheckName;
  readonly field: string;
  /** Condition over the row; `p_` names the row before. */
  readonly where: string;
  readonly message: string;
  readonly remedy: string;
}

const CORRECT = 'Correct or drop the rows in the source file, or fetch it again.';

/** Every kind of broken row, found in one scan. */
export const rowChecks: Family = async ({ db, series }) => {
  const checks = checksOf(series);
  const counted = checks.map(({ where }, i) => {
    const broken = `coalesce(${where}, false)`;
    return `count(*) FILTER (${broken}) AS n${i}, min({'file': file, 'row': row}) FILTER (${broken}) AS at${i},
      min(t) FILTER (${broken}) AS from${i}, max(t) FILTER (${broken}) AS last${i}`;
  });
  const before = previousOf(series).map((name) => `lag(${name}) OVER () AS p_${name}`);
  const [row] = await rowsOf<Record<string, unknown>>(
    db,
    `SELECT ${counted.join(', ')} FROM (SELECT *, ${before.join(', ')} FROM ${series.view})`,
  );
  return checks.flatMap(({ problem, field, message, remedy }, i): Found[] => {
    const count = Number(row![`n${i}`]);
    if (count === 0) return [];
    const at = row![`at${i}`] as { file: string; row: bigint };
    const instant = (name: string): number | null =>
      row![`${name}${i}`] === null ? null : Number(row![`${name}${i}`]);
    const place = { file: at.file, row: Number(at.row), fromUs: instant('from'), lastUs: instant('last') };
    return [{ problem, field, count, ...place, message, remedy }];
  });
};

const previousOf = ({ kind }: Series): string[] => (kind === 'candles' ? ['t', 'close'] : ['t']);

function checksOf(series: Series): RowCheck[] {
  const common: RowCheck[] = [
    {
      problem: 'timeUnit',
      field: 'time',
      where: `unit <> '${series.timeUnit}'`,
      message: `time is not in ${series.timeUnit} as the column says or most rows are`,
      remedy: 'Import the file with cascade import, which tells the unit row by row, or correct timeUnit.',
    },
    {
      problem: 'disorder',
      field: 'time',
      where: 't < p_t',
      message: 'a row is older than the one before',
      remedy: 'Sort the file (cascade import does), or accept: [disorder].',
    },
  ];
  return [...common, ...(OWN[series.kind]?.(series) ?? [])];
}

const OWN: Readonly<Record<string, (series: Series) => RowCheck[]>> = {
  candles: candleChecks,
  trades: tradeChecks,
  bookTop: () => [
    ...valueChecks(['bid', 'ask'], true),
    {
      problem: 'crossedBook',
      field: 'bid',
      where: 'bid > ask',
      message: 'the best bid is above the best ask',
      remedy: 'Check that the bid and ask columns are not swapped; else drop the rows.',
    },
  ],
  mark: () => valueChecks(['price'], true),
  funding: () => valueChecks(['rate'], false),
};

function valueChecks(fields: readonly string[], positive: boolean): RowCheck[] {
  const either = (test: (field: string) => string): string => `(${fields.map(test).join(' OR ')})`;
  const field = fields.length === 1 ? fields[0]! : fields.join('|');
  const missing: RowCheck = {
    problem: 'missingValue',
    field,
    where: either((name) => `${name} IS NULL OR NOT isfinite(${name})`),
    message: 'a value is missing or is no number',
    remedy: CORRECT,
  };
  const bad: RowCheck = {
    problem: 'badPrice',
    field,
    where: either((name) => `${name} <= 0`),
    message: 'a price is zero or negative',
    remedy: CORRECT,
  };
  return positive ? [missing, bad] : [missing];
}

function candleChecks({ priceType, has }: Series): RowCheck[] {
  const prices = ['open', 'high', 'low', 'close'];
  // a swapped pair would be sound the other way round; anything else is no bar at all
  const swapped = 'low > high AND low >= greatest(open, close) AND high <= least(open, close)';
  const own: RowCheck[] = [
    ...valueChecks(prices, priceType !== 'premium'),
    {
      problem: 'swappedHighLow',
      field: 'high|low',
      where: swapped,
      message: 'high and low are swapped',
      remedy: 'Map the columns the other way: columns: { high: low, low: high }; or correct the rows.',
    },
    {
      problem: 'ohlc',
      field: 'close',
      where: `(low > high OR close > high OR close < low) AND NOT (${swapped})`,
      message: 'the close is outside low .. high, or low is above high',
      remedy: CORRECT,
    },
  ];
  const volume: RowCheck[] = [
    {
      problem: 'negativeVolume',
      field: 'volume',
      where: 'volume < 0',
      message: 'a volume is negative',
      remedy: CORRECT,
    },
    {
      problem: 'rangeWithoutTrade',
      field: 'volume',
      where: 'volume = 0 AND high > low AND low > 0',
      message: 'the price moves within the bar, but the volume is 0',
      remedy: "Leave the volume out (columns: { volume: '' }), or fetch the file again.",
    },
  ];
  const bought: RowCheck = {
    problem: 'swappedVolumes',
    field: 'volume',
    where: 'buyVolume > volume * 1.000000001', // what float64 loses in a sum
    message: 'takers bought more than was traded: the volume columns are swapped or mixed up',
    remedy: 'Map the volume columns the other way.',
  };
  return [...own, ...(has('volume') ? volume : []), ...(has('volume') && has('buyVolume') ? [bought] : [])];
}

function tradeChecks(): RowCheck[] {
  return [
    ...valueChecks(['price'], true),
    {
      problem: 'negativeVolume',
      field: 'qty',
      where: 'qty < 0',
      message: 'a quantity is negative',
      remedy:
        'Where the sign is the side, map it to side and take the absolute value; else correct the rows.',
    },
  ];
}
