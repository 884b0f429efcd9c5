/** Every input of each decision about one account, in order, from the stored rows: `cascade explain`. */
import { type DuckDBConnection, rowsOf, sqlText } from '../basics/duckdb.ts';
import { nearest, ReplayError } from '../basics/errors.ts';
import { money } from '../basics/exact.ts';
import { formatInstant } from '../basics/instant.ts';
import { withResultsDb } from '../results/openResults.ts';

export interface ExplainedStep {
  readonly world: number;
  readonly tsUs: number;
  readonly seq: number;
  readonly step: string;
  readonly market: string | null;
  readonly values: Readonly<Record<string, string>>;
}

export interface Explained {
  readonly account: string;
  readonly steps: readonly ExplainedStep[];
  readonly text: string;
}

/**
 * @throws ReplayError RESULT_STORE without a result, SCENARIO_INVALID when no such account is in it
 */
export const explainAccount = (runFolder: string, account: string): Promise<Explained> =>
  withResultsDb(runFolder, async (db) => {
    const name = sqlText(account);
    await checkKnown(db, account);
    const decided = `SELECT world, ts_us, seq, step, market, "values" FROM decisions WHERE account = ${name}`;
    const rows = [...(await rowsOf<StepRow>(db, decided)), ...(await rowsOf<StepRow>(db, otherSteps(name)))];
    const steps = rows.map(stepOf).sort((a, b) => a.world - b.world || a.tsUs - b.tsUs || a.seq - b.seq);
    return { account, steps, text: textOf(account, steps) };
  });

interface StepRow {
  readonly world: number;
  readonly ts_us: bigint;
  readonly seq: bigint;
  readonly step: string;
  readonly market: string | null;
  readonly values: string;
}

const stepOf = (row: StepRow): ExplainedStep => ({
  world: Number(row.world),
  tsUs: Number(row.ts_us),
  seq: Number(row.seq),
  step: row.step,
  market: row.market,
  values: Object.fromEntries(
    Object.entries(JSON.parse(row.values) as Record<string, string>).map(([k, v]) => [k, plain(v)]),
  ),
});

/** A decimal as the database spells it, without the zeros that fill its column. */
const plain = (text: string): string => (/^-?\d+\.\d+$/.test(text) ? money(text).toString() : text);

async function checkKnown(db: DuckDBConnection, account: string): Promise<void> {
  const known = `SELECT DISTINCT account FROM accounts WHERE account = ${sqlText(account)}`;
  if ((await rowsOf(db, known)).length > 0) return;
  const some = 'SELECT DISTINCT account FROM liquidations ORDER BY account LIMIT 1000';
  const names = (await rowsOf<{ account: string }>(db, some)).map((row) => row.account);
  const near = nearest(account, names);
  const hint = near === null ? '' : `Did you mean ${near}? `;
  const remedy = `${hint}The table accounts lists them.`;
  throw new ReplayError('SCENARIO_INVALID', `no account ${account} in this run`, { path: account }, remedy);
}

/** What happened to the account besides decisions: fills, transfers, ADL, and the mark's parts at each verdict. */
const otherSteps = (name: string): string => `
  SELECT world, ts_us, seq, 'fill' AS step, market, to_json({side: side, effect: effect, qty: qty::VARCHAR,
    price: price::VARCHAR, entryValue: entry_value::VARCHAR, why: why, priceRule: price_rule,
    cause: cause::VARCHAR})::VARCHAR AS "values"
    FROM fills WHERE account = ${name}
  UNION ALL
  SELECT world, ts_us, seq, 'transfer', market, to_json({"from": "from", "to": "to", amount: amount::VARCHAR,
    asset: asset, reason: reason, cause: cause::VARCHAR})::VARCHAR
    FROM transfers WHERE "from" = ${name} OR "to" = ${name}
  UNION ALL
  SELECT world, ts_us, seq, 'deleveraged', market, to_json({side: side, qty: qty::VARCHAR, price: price::VARCHAR,
    mark: mark::VARCHAR, rank: rank::VARCHAR, lights: lights::VARCHAR, loser: loser,
    givenUp: given_up::VARCHAR})::VARCHAR
    FROM adl WHERE account = ${name}
  UNION ALL
  SELECT d.world, d.ts_us, d.seq, 'mark', b.market, to_json({last: b.last::VARCHAR, "index": b."index"::VARCHAR,
    mark: b.mark::VARCHAR, "from": b.mark_from, price1: coalesce(b.price1::VARCHAR, '-'),
    price2: coalesce(b.price2::VARCHAR, '-'),
    constituents: (SELECT p.constituents FROM provenance p WHERE p.world = d.world AND p.market = b.market
      AND p.ts_us <= d.ts_us ORDER BY p.ts_us DESC LIMIT 1)})::VARCHAR
    FROM decisions d JOIN beats b
      ON b.world = d.world AND b.ts_us = d.ts_us AND b.market = coalesce(d.market, b.market)
    WHERE d.account = ${name} AND d.step = 'verdict'`;

function textOf(account: string, steps: readonly ExplainedStep[]): string {
  if (steps.length === 0) return `${account}: nothing was decided about it and nothing happened to it.`;
  const lines = steps.map((s) => {
    const values = Object.entries(s.values)
      .map(([k, v]) => `${k} ${v}`)
      .join(', ');
    return `${formatInstant(s.tsUs)} #${s.seq} ${s.step}${s.market === null ? '' : ` ${s.market}`}: ${values}`;
  });
  const worlds = new Set(steps.map((s) => s.world)).size;
  return [`${account}${worlds > 1 ? ` (${worlds} worlds)` : ''}`, ...lines].join('\n');
}
