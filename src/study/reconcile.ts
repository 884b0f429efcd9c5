/** Published figures of the day beside ours, from the stored rows; a figure that we cannot give stays empty. */
import type { DuckDBConnection } from '../basics/duckdb.ts';
import { rowsOf, sqlText } from '../basics/duckdb.ts';
import { money } from '../basics/exact.ts';
import type { ReconciliationRow } from '../results/runTables.ts';
import type { Facts, PublishedFigure } from '../rules/facts.ts';
import { countsContracts } from './publishedSums.ts';
import type { DoneCell } from './reruns.ts';

/** Our figure for each published one, with its range over the reruns where a rerun has the same figure. */
export async function reconcile(
  connection: DuckDBConnection,
  facts: Facts,
  done: readonly DoneCell[],
  world = 0,
): Promise<ReconciliationRow[]> {
  const rows: ReconciliationRow[] = [];
  for (const [place, published] of facts.published.entries()) {
    const ours = await ourFigure(connection, facts, published, world);
    const range = rangeOf(place, facts, done, ours);
    rows.push({
      what: published.what,
      market: published.market,
      fromUs: published.fromUs,
      untilUs: published.untilUs,
      published: published.value,
      ours,
      ...range,
      unit: published.unit,
      source: published.source,
      note: published.note,
    });
  }
  return rows;
}

async function ourFigure(
  connection: DuckDBConnection,
  facts: Facts,
  p: PublishedFigure,
  world: number,
): Promise<string> {
  const from = p.fromUs ?? facts.fromUs;
  const until = p.untilUs ?? facts.untilUs;
  const inWindow = `world = ${world} AND ts_us > ${from} AND ts_us <= ${until}`;
  const ofMarket = p.market === null ? '' : ` AND market = ${sqlText(p.market)}`;
  const one = async (sql: string): Promise<string> => {
    const [row] = await rowsOf<{ v: unknown }>(connection, sql);
    return row === undefined || row.v === null ? '' : plain(String(row.v));
  };
  // USD of an inverse contract: contracts at face value; settlement value is in coin
  const inverse = countsContracts(facts, p);
  const size = inverse ? 'qty' : 'value';
  const side =
    p.what === 'liquidatedLong'
      ? ` AND side = 'long'`
      : p.what === 'liquidatedShort'
        ? ` AND side = 'short'`
        : '';
  const edge = (column: string, at: string): string =>
    `(SELECT ${column} FROM beats WHERE ${inWindow}${ofMarket} ORDER BY ts_us ${at} LIMIT 1)`;
  switch (p.what) {
    case 'liquidatedLong':
    case 'liquidatedShort':
    case 'liquidatedTotal':
      return one(
        `SELECT coalesce(sum(${size}), 0)::VARCHAR AS v FROM fills
          WHERE ${inWindow}${ofMarket}${side} AND effect = 'close' AND why IN ('liquidation', 'takeover')`,
      );
    case 'adlNotional':
      return one(
        `SELECT coalesce(sum(qty * CAST(${inverse ? '1' : 'price'} AS DECIMAL(20, 8))), 0)::VARCHAR AS v
           FROM adl WHERE ${inWindow}${ofMarket}`,
      );
    case 'markLow':
      return one(`SELECT min(mark)::VARCHAR AS v FROM beats WHERE ${inWindow}${ofMarket}`);
    case 'perpLow':
      return one(`SELECT min(low)::VARCHAR AS v FROM beats WHERE ${inWindow}${ofMarket}`);
    case 'openInterestChange': {
      const worth = inverse || !p.unit.startsWith('USD') ? '' : ` * CAST(mark AS DECIMAL(18, 4))`;
      const open = `CAST(open_interest AS DECIMAL(20, 4))${worth}`;
      return one(`SELECT (${edge(open, 'DESC')} - ${edge(open, 'ASC')})::VARCHAR AS v`);
    }
    case 'fundChange': {
      const last = (until: number): string =>
        `(SELECT sum(cash) FROM fund WHERE world = ${world} AND ts_us =
           (SELECT max(ts_us) FROM fund WHERE world = ${world} AND ts_us <= ${until}))`;
      const opening = `(SELECT sum(balance) FROM balances
         WHERE world = ${world} AND "when" = 'before' AND starts_with(account, 'fund:'))`;
      return one(`SELECT (${last(until)} - coalesce(${last(from)}, ${opening}))::VARCHAR AS v`);
    }
  }
}

/** Decimal text without trailing zeros. */
const plain = (text: string): string => money(text).toString();

/** Lows of the whole window, which a rerun has as headline figures. */
const LOWS: Partial<Record<PublishedFigure['what'], string>> = { markLow: 'markLow', perpLow: 'lastLow' };

/** Ends of our figure over this run and the reruns that have it. */
function rangeOf(
  place: number,
  facts: Facts,
  done: readonly DoneCell[],
  ours: string,
): Pick<ReconciliationRow, 'oursLow' | 'oursHigh'> {
  const p = facts.published[place]!;
  const low = LOWS[p.what];
  const whole = (p.fromUs ?? facts.fromUs) === facts.fromUs && (p.untilUs ?? facts.untilUs) === facts.untilUs;
  const reruns = done.filter(({ cell }) => cell.kind !== 'lastPrice');
  const values = reruns.flatMap(({ figures, published }) => {
    if (published[place] !== undefined) return [Number(published[place])];
    if (low === undefined || !whole) return [];
    return figures.filter((f) => f.name === low && f.market === p.market).map((f) => f.valueF64);
  });
  if (values.length === 0 || ours === '') return { oursLow: '', oursHigh: '' };
  const sorted = [...values, Number(ours)].sort((a, b) => a - b);
  return { oursLow: String(sorted[0]), oursHigh: String(sorted.at(-1)) };
}
