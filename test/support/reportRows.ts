/** Rows of a made-up run, by SQL: columns are named, so that a table may gain one without a change here. */
import { type DuckDBConnection, sqlName, sqlText } from '../../src/basics/duckdb.ts';
import { type Micros, SECOND_US } from '../../src/basics/instant.ts';

export interface MadeUp {
  readonly world: number;
  readonly market: string;
  readonly account: string;
  readonly fund: string;
  readonly fromUs: Micros;
  readonly beats: number;
  /** true: prices and fund only, nobody is liquidated. */
  readonly quiet: boolean;
}

type Columns = Readonly<Record<string, string>>;

/** Inserts `SELECT <columns> <from>`; values are SQL. */
async function put(
  connection: DuckDBConnection,
  table: string,
  columns: Columns,
  from: string,
): Promise<void> {
  const names = Object.keys(columns).map(sqlName).join(', ');
  await connection.run(`INSERT INTO ${table} (${names}) SELECT ${Object.values(columns).join(', ')} ${from}`);
}

/** Anchors of the index: hour of the run and price. */
const PATH: readonly (readonly [number, number])[] = [
  [0, 7900],
  [9, 7750],
  [10.4, 7300],
  [10.8, 5700],
  [12, 6150],
  [20, 5950],
  [23, 5800],
  [24.2, 5000],
  [25.5, 4500],
  [26.25, 3700],
  [26.6, 5200],
  [30, 5000],
  [37, 5500],
  [48, 5570],
];

/** Fills every table of one world. Hours are scaled, so that a short run has the same two falls. */
export async function fillWorld(connection: DuckDBConnection, o: MadeUp): Promise<void> {
  const hoursABeat = 48 / o.beats;
  const steps = PATH.slice(1).map(([h, p], k) => {
    const [h0, p0] = PATH[k]!;
    return `WHEN h <= ${h} THEN ${p0} + (h - ${h0}) / ${h - h0} * ${p - p0}`;
  });
  const noise = (beats: number): string => `(hash(i // ${beats}) % 1000) / 500.0 - 1`;
  await connection.run(`CREATE OR REPLACE TEMP TABLE prices AS
    WITH hours AS (SELECT range AS i, range * ${hoursABeat} AS h FROM range(${o.beats})),
    path AS (SELECT *, CASE ${steps.join(' ')} ELSE 5570 END AS fair,
      ${noise(7)} AS n1, ${noise(61)} AS n2, ${noise(901)} AS n3 FROM hours)
    SELECT *, round(2 * (fair + 4 * n1 + 12 * n2 + 30 * n3)) / 2 AS idx,
      CASE WHEN h BETWEEN 10.35 AND 11 OR h BETWEEN 23.5 AND 26.6 THEN 1 ELSE 0 END AS crash,
      ${o.world === 2 ? 'CASE WHEN h > 25 THEN 60 ELSE 0 END' : '0'} AS tilt FROM path`);
  await fillPrices(connection, o);
  if (o.quiet) return;
  await connection.run(`CREATE OR REPLACE TEMP TABLE hits AS
    WITH raw AS (SELECT range AS k, CASE WHEN range % 3 = 0 THEN 10.4 + (hash(range) % 1000) / 2200.0
        ELSE 23.6 + (hash(range) % 1000) / 370.0 END AS h FROM range(3000))
    SELECT raw.k, CASE WHEN raw.k % 40 = 0 THEN 'short' ELSE 'long' END AS side,
      20000 + hash(raw.k, 1) % 900000 AS qty, p.i, p.idx + p.tilt AS price
    FROM raw JOIN prices p ON p.i = (raw.h / ${hoursABeat})::BIGINT`);
  await fillLiquidations(connection, o);
  await fillTransfers(connection, o);
  await fillAdl(connection, o);
  await fillAccounts(connection, o);
}

/** Columns that every row of a table begins with. */
const common = (o: MadeUp): Columns => ({
  world: String(o.world),
  ts_us: `${o.fromUs} + (i + 1)::BIGINT * ${SECOND_US}`,
});

async function fillPrices(connection: DuckDBConnection, o: MadeUp): Promise<void> {
  const beat = {
    ...common(o),
    market: sqlText(o.market),
    last: 'round(idx + tilt - crash * (60 + 50 * n2) + 3 * n1, 1)',
    high: 'idx + tilt + 5',
    low: 'idx + tilt - 100',
    index: 'idx',
    mark: 'round(idx + tilt - crash * (14 + 4 * n2), 2)',
    mark_from: `'price1'`,
    lots: '1000',
    open_interest: `round(840e6 - 400e6 * i / ${o.beats})`,
    queue: 'i % 13',
  };
  await put(connection, 'beats', beat, 'FROM prices ORDER BY i');
  const fund = {
    ...common(o),
    fund: sqlText(o.fund),
    asset: `'XBT'`,
    cash: `35508 - 2600 * least(1, greatest(0, (h - 10) / 16.3))
      + 3500 * greatest(0, least(1, (h - 26.4) / 3))`,
    inventory_pnl: '-crash * 900 * (1 + n2)',
    inventory_notional: '120000',
    lots: '5000',
    refusing: 'false',
    adl_move_f64: 'CASE WHEN h < 10 THEN NULL ELSE 0.5 - crash * 0.42 * (1 - abs(n2) / 4) END',
  };
  await put(connection, 'fund', fund, 'FROM prices ORDER BY i');
  const states = `FROM (VALUES (1, 'uu', false), (40000, 'us', false), (50000, 'ss', true))
    AS s(i, state, held)`;
  const state = { ...common(o), market: sqlText(o.market), constituents: 'state', held: 'held' };
  await put(connection, 'provenance', state, states);
}

const accountOf = (o: MadeUp): string => `${sqlText(o.account)} || (k * 7 % 4000)`;

async function fillLiquidations(connection: DuckDBConnection, o: MadeUp): Promise<void> {
  const who = { ...common(o), market: sqlText(o.market), account: accountOf(o), side: 'side' };
  const order = {
    ...who,
    seq: 'k * 10 + 1',
    plan: `'close'`,
    attempt: '1',
    qty: 'qty',
    filled: 'qty',
    cause: 'k * 10',
  };
  await put(connection, 'orders', order, 'FROM hits ORDER BY i, k');
  const fill = {
    ...who,
    seq: 'k * 10 + 2',
    effect: `'close'`,
    qty: 'qty',
    price: 'price - 15',
    value: 'round(qty / (price - 15), 8)',
    why: `'liquidation'`,
    cause: 'k * 10',
  };
  await put(connection, 'fills', fill, 'FROM hits ORDER BY i, k');
  const verdict = { ...who, seq: 'k * 10', end: `'closed'`, closed_notional: 'round(qty / price, 8)' };
  await put(connection, 'liquidations', verdict, 'FROM hits ORDER BY i, k');
}

async function fillTransfers(connection: DuckDBConnection, o: MadeUp): Promise<void> {
  const [trader, fund, market, house] = [accountOf(o), sqlText(`fund:${o.fund}`), `'market'`, `'house'`];
  const moves: readonly (readonly [
    from: string,
    to: string,
    amount: string,
    reason: string,
    where: string,
  ])[] = [
    [trader, market, 'round(qty * (1 / price - 1 / 7900.0), 8)', 'realized-pnl', 'price < 7800'],
    [trader, fund, '0.05', 'clearance-fee', 'true'],
    [trader, fund, 'round(qty / 8e7, 8)', 'residue', 'k % 3 = 0'],
    [fund, trader, '0.3 + qty / 1e6', 'deficit', 'k % 9 = 0'],
    [house, fund, '7.5', 'floor-contribution', 'k % 600 = 0'],
    [market, `'winner' || k`, 'round(qty / 1e6, 8)', 'realized-pnl', 'k % 97 = 0'],
  ];
  for (const [from, to, amount, reason, where] of moves) {
    const row = {
      ...common(o),
      seq: 'k * 10 + 3',
      asset: `'XBT'`,
      from,
      to,
      amount,
      reason: sqlText(reason),
    };
    await put(connection, 'transfers', row, `FROM hits WHERE ${where} ORDER BY i, k`);
  }
}

async function fillAdl(connection: DuckDBConnection, o: MadeUp): Promise<void> {
  const where = 'FROM hits WHERE k % 97 = 0 ORDER BY i, k';
  const close = {
    ...common(o),
    seq: 'k * 10 + 4',
    market: sqlText(o.market),
    account: `'winner' || k`,
    side: `'short'`,
    qty: 'qty / 2',
    price: 'price - 40',
    mark: 'price',
    rank: '1 + k % 50',
    lights: '5 - (k // 97) % 4',
    loser: accountOf(o),
    hedger: 'k % 2 = 0',
    given_up: 'round(qty * 40 / price / price, 8)',
  };
  await put(connection, 'adl', close, where);
  const request = {
    ...common(o),
    market: sqlText(o.market),
    side: `'long'`,
    qty: 'qty',
    uncovered: '0',
    skipped: '0',
  };
  await put(connection, 'adl_requests', request, where);
}

async function fillAccounts(connection: DuckDBConnection, o: MadeUp): Promise<void> {
  const share = (salt: number): string => `(hash(k, ${salt}) % 1000) / 1000.0`;
  for (const [when, ratio, fall, accounts] of [
    ['before', 1, 1, 4000],
    ['after', 0.55, 0.6, 2500],
  ] as const) {
    const leg = {
      world: String(o.world),
      when: sqlText(when),
      account: `${sqlText(o.account)} || k`,
      market: sqlText(o.market),
      side: `CASE WHEN k % 2 = 0 THEN 'long' ELSE 'short' END`,
      qty: '1000 + hash(k) % 90000',
      entry_value: '(1000 + hash(k) % 90000) / 7900.0',
      margin_ratio_f64: `${ratio} * ${share(3)}`,
      liquidation_price_f64: `CASE WHEN k % 2 = 0 THEN 7900 * (0.55 + 0.43 * ${share(4)}) * ${fall}
        ELSE 7900 * (1.02 + 0.5 * ${share(5)}) END`,
    };
    await put(connection, 'accounts', leg, `FROM (SELECT range AS k FROM range(${accounts}))`);
  }
  const followed = {
    ...common(o),
    account: `${sqlText(o.account)} || 't1'`,
    market: sqlText(o.market),
    side: `'long'`,
    qty: 'CASE WHEN h > 26 THEN 0 ELSE 100000 END',
    equity: '5 - h / 10',
    distance_f64: '0.2 - crash * 0.15',
    adl_lights: '2',
  };
  await put(connection, 'tracked', followed, 'FROM prices WHERE i % 60 = 0 ORDER BY i');
}
