/**
 * A made-up run as the store writes it: two days of one-second beats of an inverse market with two
 * falls, a few thousand liquidations, a fund that runs low, ADL, reruns and published figures. The
 * numbers are invented; only their shapes matter. Names can be hostile.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '../../src/basics/duckdb.ts';
import { parseInstant, SECOND_US } from '../../src/basics/instant.ts';
import type { RunFacts } from '../../src/results/manifest.ts';
import type { EnsembleRow, MetricRow, ReconciliationRow } from '../../src/results/runTables.ts';
import { Store } from '../../src/results/store.ts';

export interface FixtureOptions {
  readonly market?: string;
  readonly account?: string;
  readonly fund?: string;
  readonly title?: string;
  readonly beats?: number;
  readonly worlds?: 1 | 3;
  readonly reruns?: boolean;
  readonly quiet?: boolean;
}

export interface Fixture {
  readonly folder: string;
  remove(): void;
}

const FROM = parseInstant('2020-03-12');

export async function reportFixture(options: FixtureOptions = {}): Promise<Fixture> {
  const parent = mkdtempSync(join(tmpdir(), 'cascade-report-'));
  const folder = join(parent, 'run');
  const o = {
    market: 'XBTUSD',
    account: 'a',
    fund: 'bitmex',
    title: 'BitMEX XBTUSD, 12 and 13 March 2020',
    beats: 172_800,
    worlds: 1 as const,
    reruns: true,
    quiet: false,
    ...options,
  };
  const store = await Store.open(folder);
  const connection = await store.settle();
  for (let world = 0; world < o.worlds; world++) await fill(connection, world, o);
  await store.add({
    metrics: metricRows(o),
    ensemble: o.reruns ? ensembleRows(o) : [],
    reconciliation: o.quiet ? [] : reconciliationRows(o),
  });
  await store.finish(facts(o));
  store.publish();
  return { folder, remove: () => rmSync(parent, { recursive: true, force: true }) };
}

type Filled = Required<FixtureOptions>;
const q = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Anchors of the mark: hour of the run and price. */
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

async function fill(connection: DuckDBConnection, world: number, o: Filled): Promise<void> {
  const m = q(o.market);
  const base = `${world}, ${FROM} + (i + 1) * ${SECOND_US}`;
  const scale = 48 / o.beats;
  const steps = PATH.slice(1).map(([h, p], k) => {
    const [h0, p0] = PATH[k]!;
    return `WHEN h <= ${h} THEN ${p0} + (h - ${h0}) / ${h - h0} * ${p - p0}`;
  });
  // hash noise, repeatable; the last price overshoots the index where it falls fastest
  await connection.run(`CREATE OR REPLACE TEMP TABLE path AS SELECT i, h, CASE ${steps.join(' ')} ELSE 5570 END AS fair,
    (hash(i // 7) % 1000) / 500.0 - 1 AS n1, (hash(i // 61) % 1000) / 500.0 - 1 AS n2, (hash(i // 901) % 1000) / 500.0 - 1 AS n3
    FROM (SELECT range AS i, range * ${scale} AS h FROM range(${o.beats}))`);
  await connection.run(`CREATE OR REPLACE TEMP TABLE prices AS SELECT i, h, round(2 * (fair + 4 * n1 + 12 * n2 + 30 * n3)) / 2 AS idx,
    CASE WHEN h BETWEEN 10.35 AND 11 OR h BETWEEN 23.5 AND 26.6 THEN 1 ELSE 0 END AS crash, n1, n2, fair,
    ${world === 2 ? 'CASE WHEN h > 25 THEN 60 ELSE 0 END' : '0'} AS tilt FROM path`);
  await connection.run(`INSERT INTO beats SELECT ${base}, ${m}, round(idx + tilt - crash * (60 + 50 * n2) + 3 * n1, 1), idx + tilt + 5, idx + tilt - 100, idx, round(idx + tilt - crash * (14 + 4 * n2), 2),
    'price1', 1000, round(840e6 - 400e6 * i / ${o.beats}), 1000, 'long', 12.5 + i / 1e4, (i % 13), 3, 1, false FROM prices ORDER BY i`);
  await connection.run(`INSERT INTO fund SELECT ${base}, ${q(o.fund)}, 'XBT', 35508 - 2600 * least(1, greatest(0, (h - 10) / 16.3)) + 3500 * greatest(0, least(1, (h - 26.4) / 3)),
    -crash * 900 * (1 + n2), 120000, 5000, false, 0, 0, 10, 50, 0, 0, 0, 0, CASE WHEN h < 10 THEN NULL ELSE 0.5 - crash * 0.42 * (1 - abs(n2) / 4) END FROM prices ORDER BY i`);
  if (o.quiet) return;
  const account = `${q(o.account)} || (k * 7 % 4000)`;
  await connection.run(`CREATE OR REPLACE TEMP TABLE hits AS SELECT k, CASE WHEN k % 3 = 0 THEN 10.4 + (hash(k) % 1000) / 2200.0 ELSE 23.6 + (hash(k) % 1000) / 370.0 END AS h,
    CASE WHEN k % 40 = 0 THEN 'short' ELSE 'long' END AS side, 20000 + hash(k, 1) % 900000 AS qty FROM (SELECT range AS k FROM range(3000))`);
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE hit AS SELECT hits.k, hits.side, hits.qty, p.i, p.idx + p.tilt AS price FROM hits JOIN prices p ON p.i = (hits.h / ${scale})::BIGINT`,
  );
  await connection.run(
    `INSERT INTO orders SELECT ${world}, k * 10 + 1, ${FROM} + (i + 1) * ${SECOND_US}, ${m}, ${account}, side, 'ioc', 'close', 1, qty, qty, price, price, price, price, price - 20, 0.1, 1, 2.5, k * 10 FROM hit ORDER BY i, k`,
  );
  await connection.run(
    `INSERT INTO fills SELECT ${world}, k * 10 + 2, ${FROM} + (i + 1) * ${SECOND_US}, ${m}, ${account}, side, 'close', qty, price - 15, round(qty / (price - 15), 8), round(qty / 7800.0, 8), 'liquidation', 'book', k * 10 FROM hit ORDER BY i, k`,
  );
  await connection.run(
    `INSERT INTO liquidations SELECT ${world}, k * 10, ${FROM} + (i + 1) * ${SECOND_US}, ${FROM} + (i + 4) * ${SECOND_US}, ${account}, ${m}, side, 'isolated', 1, 25, 1, price, 0.4, 0.5, round(qty / price, 8), 'closed', round(qty / price, 8), 0.05, 0.1, CASE WHEN k % 9 = 0 THEN 0.3 ELSE 0 END, false, 3, 1, 1 FROM hit ORDER BY i, k`,
  );
  const fund = q(`fund:${o.fund}`);
  const moved = (from: string, to: string, amount: string, reason: string, where = 'true'): string =>
    `INSERT INTO transfers SELECT ${world}, k * 10 + 3, ${FROM} + (i + 1) * ${SECOND_US}, 'XBT', ${from}, ${to}, ${amount}, ${q(reason)}, ${m}, k * 10 FROM hit WHERE ${where} ORDER BY i, k`;
  await connection.run(
    moved(account, q('market'), 'round(qty * (1 / price - 1 / 7900.0), 8)', 'realized-pnl', 'price < 7800'),
  );
  await connection.run(moved(account, fund, '0.05', 'clearance-fee'));
  await connection.run(moved(account, fund, 'round(qty / 8e7, 8)', 'residue', 'k % 3 = 0'));
  await connection.run(moved(fund, account, '0.3 + qty / 1e6', 'deficit', 'k % 9 = 0'));
  await connection.run(moved(q('house'), fund, '7.5', 'floor-contribution', 'k % 600 = 0'));
  await connection.run(
    moved(q('market'), `'winner' || k`, 'round(qty / 1e6, 8)', 'realized-pnl', 'k % 97 = 0'),
  );
  await connection.run(
    `INSERT INTO adl SELECT ${world}, k * 10 + 4, ${FROM} + (i + 1) * ${SECOND_US}, ${m}, 'winner' || k, 'short', qty / 2, price - 40, price, 3.5, 1 + k % 50, 5 - (k // 97) % 4, ${account}, k % 2 = 0, round(qty * 40 / price / price, 8), k * 10 + 3 FROM hit WHERE k % 97 = 0 ORDER BY i, k`,
  );
  await connection.run(
    `INSERT INTO adl_requests SELECT ${world}, k * 10 + 3, ${FROM} + (i + 1) * ${SECOND_US}, ${m}, ${account}, 'long', qty, price - 40, 'fundRefuses', qty, 0, 0, 0, '-' FROM hit WHERE k % 97 = 0 ORDER BY i, k`,
  );
  for (const [when, spread] of [
    ['before', 1],
    ['after', 0.55],
  ] as const) {
    await connection.run(`INSERT INTO accounts SELECT ${world}, '${when}', ${q(o.account)} || k, 'isolated', ${m}, CASE WHEN k % 2 = 0 THEN 'long' ELSE 'short' END,
      1000 + hash(k) % 90000, (1000 + hash(k) % 90000) / 7900.0, 0.1, 25, ${spread} * (hash(k, 3) % 1000) / 1000.0,
      CASE WHEN k % 2 = 0 THEN 7900 * (0.55 + 0.43 * ((hash(k, 4) % 1000) / 1000.0)) * ${spread === 1 ? 1 : 0.6} ELSE 7900 * (1.02 + 0.5 * ((hash(k, 5) % 1000) / 1000.0)) END, false
      FROM (SELECT range AS k FROM range(${spread === 1 ? 4000 : 2500}))`);
  }
  await connection.run(
    `INSERT INTO tracked SELECT ${base}, ${q(o.account)} || 't1', ${m}, 'long', CASE WHEN h > 26 THEN 0 ELSE 100000 END, 5 - h / 10, 0.4, 0.1, fair * 0.8, NULL, 0.2 - crash * 0.15, 2 FROM prices WHERE i % 60 = 0 ORDER BY i`,
  );
  await connection.run(
    `INSERT INTO provenance VALUES (${world}, ${FROM + 1e6}, ${m}, 'uu', false), (${world}, ${FROM + 4e10}, ${m}, 'us', false), (${world}, ${FROM + 5e10}, ${m}, 'ss', true)`,
  );
}

function metricRows(o: Filled): MetricRow[] {
  const rows: MetricRow[] = [];
  for (let world = 0; world < o.worlds; world++) {
    const add = (name: string, value: number, unit: string, market: string = o.market, side = ''): void => {
      rows.push({
        world,
        name,
        market,
        side,
        bucket: '',
        value: String(value),
        valueF64: value,
        unit,
        definition: `Meaning of ${name}.`,
      });
    };
    add('markFirst', 7900, 'price');
    add('markLow', 3700.5 + world * 40, 'price');
    add('markLowAtUs', FROM + 94_500 * SECOND_US, 'us UTC');
    add('markLast', 5570, 'price');
    if (o.quiet) continue;
    add('accounts', 2000, 'accounts', o.market, 'long');
    add('accounts', 2000, 'accounts', o.market, 'short');
    add('liquidatedAccounts', 1893 - 310 * world, 'accounts', o.market, 'long');
    add('liquidatedAccounts', 61, 'accounts', o.market, 'short');
    add('liquidatedNotional', 284_120.55 - 40_000 * world, 'XBT', o.market, 'long');
    add('liquidatedNotional', 7021.12, 'XBT', o.market, 'short');
    add('adlNotional', 1480.5, 'XBT');
    add('adlAccounts', 31, 'accounts');
    add('fundFirst', 35_508, 'XBT', o.fund);
    add('fundLow', 32_901.7, 'XBT', o.fund);
    add('fundLast', 36_408, 'XBT', o.fund);
    add('fundChange', 900, 'XBT', o.fund);
    add('deficit', 1204.2, 'XBT', '');
    add('housePaid', 37.5, 'XBT', '');
    add('queueWait', 412, 's');
    for (const [bucket, value] of [
      ['liquidated', -39_000.25],
      ['fund', 900.5],
      ['market', 37_600],
      ['deleveraged winners', 537.25],
      ['house', -37.5],
    ] as const) {
      rows.push({
        world,
        name: 'waterfall',
        market: '',
        side: '',
        bucket,
        value: String(value),
        valueF64: value,
        unit: 'XBT',
        definition: 'Change of wealth.',
      });
    }
  }
  return rows;
}

function ensembleRows(o: Filled): EnsembleRow[] {
  const rows: EnsembleRow[] = [];
  const rerun = (kind: string, variation: string, factor: number, fund: number): void => {
    const common = {
      world: 0,
      cell: `${kind} ${variation}`,
      kind,
      variation,
      seed: kind === 'seed' ? variation : '7',
    };
    const add = (name: string, value: number, market: string, side = ''): void => {
      rows.push({ ...common, name, market, side, value: String(value), valueF64: value, unit: 'XBT' });
    };
    add('liquidatedNotional', 284_120.55 * factor, o.market, 'long');
    add('liquidatedNotional', 7021.12 * factor, o.market, 'short');
    add('fundChange', fund, o.fund);
    add('deficit', 1204.2 * factor, '');
  };
  for (let seed = 0; seed < 20; seed++) rerun('seed', String(seed), 0.9 + seed * 0.01, -600 + seed * 130);
  rerun('timing', 'openLowHighClose', 1.3, 300);
  rerun('timing', 'openHighLowClose', 0.8, -1400);
  rerun('override', 'takeover={"when":"atOnce"}', 1.6, -9100);
  return rows;
}

function reconciliationRows(o: Filled): ReconciliationRow[] {
  const day = (n: number): number => FROM + n * 86_400 * SECOND_US;
  const row = (
    what: string,
    from: number | null,
    published: string,
    ours: string,
    unit: string,
    source: string,
    note = '',
    low = '',
    high = '',
  ): ReconciliationRow => ({
    what,
    market: o.market,
    fromUs: from === null ? null : day(from),
    untilUs: from === null ? null : day(from + 1),
    published,
    ours,
    oursLow: low,
    oursHigh: high,
    unit,
    source,
    note,
  });
  return [
    row(
      'liquidatedLong',
      0,
      '1170000000',
      '822000000',
      'USD',
      'cryptoglobe.com (Datamish)',
      'sum of amended orders',
    ),
    row(
      'liquidatedLong',
      1,
      '485000000',
      '655000000',
      'USD',
      'cryptoglobe.com (Datamish)',
      'part of the day',
    ),
    row('liquidatedShort', 0, '14000000', '11000000', 'USD', 'cryptoglobe.com (Datamish)'),
    row('liquidatedShort', 1, '', '9000000', 'USD', ''),
    row('fundChange', 0, '-1627', '-2105.5', 'XBT', 'blog.bitmex.com', '', '-4800', '310'),
    row('fundChange', 1, '2612', '3005.5', 'XBT', 'blog.bitmex.com', '', '2400', '3900'),
    row('adlNotional', null, '0', '1480.5', 'XBT', 'blog.bitmex.com', '"ADL was completely prevented"'),
    row('markLow', null, '', '3700.5', 'USD', ''),
    row('openInterestChange', null, '-407000000', '-400000000', 'USD', 'delta.exchange blog'),
  ];
}

/** Facts of the run; only what the report reads is there. */
function facts(o: Filled): RunFacts {
  const rules = {
    id: 'bitmex-xbtusd@2020-03',
    title: 'BitMEX',
    venue: 'BitMEX',
    inForce: { from: FROM, until: null },
    markets: {
      [o.market]: {
        tiers: [
          { upTo: '200', maintenanceRate: '0.005', maintenanceDeduction: '0', initialRate: '0.01' },
          { upTo: '300', maintenanceRate: '0.01', maintenanceDeduction: '1', initialRate: '0.015' },
        ],
        tierKey: 'notional',
        mark: { kind: 'fundingBasis', tick: '0.01', rounding: 'even' },
      },
    },
    takeover: { when: 'markAtBankruptcy' },
    funds: [{ name: o.fund, asset: 'XBT', clearEveryUs: 0 }],
    sources: {
      [`markets.${o.market}`]: { cite: 'BitMEX contract guide, archived 2020-03-10', confidence: 'verified' },
      takeover: { cite: 'assumed', confidence: 'assumed' },
    },
  };
  const assumptions = {
    timing: 'common',
    population: { kind: 'synthetic', accounts: 4000, leverageMix: 'BMX2019' },
    fills: { participation: '0.25', impact: 1 },
    winnersTake: '0.3',
  };
  const stream = (id: string, nature: string, intervalUs: number) => ({
    stream: id,
    kind: intervalUs === 0 ? 'trades' : 'candles',
    files: [{ path: `${id}.parquet`, sha256: 'ab'.repeat(32) }],
    intervalUs,
    rowsRead: 172_800,
    accepted: { gaps: 3 },
    nature,
  });
  const world = (n: number, name: string, baseline: number | null, feedback: boolean) => ({
    world: n,
    name,
    baseline,
    feedback,
    overrides: n === 0 ? [] : ['reduction={"kind":"full"}'],
    rules: n === 0 ? rules : { ...rules, id: 'full-close' },
    assumptions,
    seed: '7',
  });
  return {
    scenario: {
      id: '2020-03-12-bitmex',
      title: o.title,
      caveats: [
        'Prices between hourly anchors are reconstructed.',
        'The fund was opened at its published balance.',
      ],
      facts: {
        fromUs: FROM,
        untilUs: FROM + o.beats * SECOND_US,
        beatUs: SECOND_US,
        markets: {
          [o.market]: {
            id: o.market,
            kind: 'inverse',
            settle: 'XBT',
            priceTick: '0.5',
            qtyStep: '1',
            faceValue: '1',
            valueScale: 8,
          },
        },
        streams: [
          {
            id: 'perp',
            market: o.market,
            kind: 'candles',
            role: 'perp',
            name: '',
            quote: 'USD',
            source: 'made up for a test',
          },
        ],
        outages: [],
        published: [],
        quote: {},
        before: {},
        timingStream: '',
      },
      rules,
      assumptions,
      seed: '7',
      namedAccounts: '',
      sensitivity: { reconstructionSeeds: 20, timings: [], overrides: [] },
    },
    worlds:
      o.worlds === 1
        ? [world(0, 'scenario', null, false)]
        : [
            world(0, 'baseline', null, false),
            world(1, 'full close', 0, false),
            world(2, 'full close', 0, true),
          ],
    streams: [
      stream('perp', 'reconstructed', 60 * SECOND_US),
      stream('spot-bitstamp', 'recorded', 60 * SECOND_US),
    ],
    framesKey: 'cd'.repeat(32),
    code: { version: '0.1.0', digest: 'ef'.repeat(32) },
    recordedFund: [
      [0, '35508'],
      [1, '33881'],
      [2, '36493'],
    ].map(([n, balance]) => ({ tsUs: FROM + Number(n) * 86_400 * SECOND_US, fund: o.fund, balance })),
  } as unknown as RunFacts;
}
