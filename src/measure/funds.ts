/** Insurance funds: flows by reason, and how far each fell from its peak. */
import type { DuckDBConnection } from '../basics/duckdb.ts';
import { ZERO_MONEY } from '../basics/exact.ts';
import type { Amount } from '../results/headline.ts';
import { allRows, readRows } from '../results/readRows.ts';
import type { MetricRow } from '../results/runTables.ts';
import { metric, share } from './metric.ts';

/** Peak-to-trough of one curve, from its opening value on. */
class Drawdown {
  worst: Amount = ZERO_MONEY;
  low: Amount;
  private peak: Amount;

  constructor(opening: Amount) {
    this.low = opening;
    this.peak = opening;
  }

  next(value: Amount): void {
    if (this.peak.lt(value)) this.peak = value;
    if (value.lt(this.low)) this.low = value;
    const fall = this.peak.minus(value);
    if (this.worst.lt(fall)) this.worst = fall;
  }
}

interface Curve {
  readonly asset: string;
  readonly opening: Amount;
  readonly cash: Drawdown;
  readonly atMark: Drawdown;
}

/** FF/FU by reason, FDD realised and at mark. */
export async function fundRows(connection: DuckDBConnection, world: number): Promise<MetricRow[]> {
  const rows: MetricRow[] = [];
  for (const [name, column] of [
    ['fundInflow', 'to'],
    ['fundOutflow', 'from'],
  ] as const) {
    const flows = await allRows<{ reason: string; asset: string; amount: Amount }>(
      connection,
      `SELECT reason, asset, sum(amount) AS amount FROM transfers
        WHERE world = ${world} AND starts_with("${column}", 'fund:') GROUP BY ALL ORDER BY asset, reason`,
    );
    for (const f of flows) rows.push(metric(world, name, f.amount, { bucket: f.reason, unit: f.asset }));
  }
  const opening = await allRows<{ fund: string; balance: Amount }>(
    connection,
    `SELECT account[6:] AS fund, balance FROM balances
      WHERE world = ${world} AND "when" = 'before' AND starts_with(account, 'fund:')`,
  );
  const curves = new Map<string, Curve>();
  const beats = readRows<{ fund: string; asset: string; cash: Amount; inventory_pnl: Amount }>(
    connection,
    `SELECT fund, asset, cash, inventory_pnl FROM fund WHERE world = ${world} ORDER BY fund, ts_us`,
  );
  for await (const f of beats) {
    const first = opening.find((o) => o.fund === f.fund)?.balance ?? f.cash;
    const curve = curves.get(f.fund) ?? {
      asset: f.asset,
      opening: first,
      cash: new Drawdown(first),
      atMark: new Drawdown(first),
    };
    curves.set(f.fund, curve);
    curve.cash.next(f.cash);
    curve.atMark.next(f.cash.plus(f.inventory_pnl));
  }
  for (const [market, { asset, opening: first, cash, atMark }] of curves) {
    rows.push(
      metric(world, 'fundDrawdown', share(cash.worst, first), { market, unit: 'fraction' }),
      metric(world, 'fundDrawdownAtMark', share(atMark.worst, first), { market, unit: 'fraction' }),
      metric(world, 'fundLowAtMark', atMark.low, { market, unit: asset }),
    );
  }
  return rows;
}
