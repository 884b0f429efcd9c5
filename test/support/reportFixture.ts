/**
 * A made-up run as the store writes it: two days of one-second beats of an inverse market with two
 * falls, a few thousand liquidations, a fund that runs low, ADL, reruns and published figures. The
 * numbers are invented; only their shapes matter. Names can be hostile.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseInstant, SECOND_US } from '../../src/basics/instant.ts';
import type { RunFacts } from '../../src/results/manifest.ts';
import type { EnsembleRow, MetricRow, ReconciliationRow } from '../../src/results/runTables.ts';
import { Store } from '../../src/results/store.ts';
import { fillWorld } from './reportRows.ts';

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
  for (let world = 0; world < o.worlds; world++) await fillWorld(connection, { ...o, world, fromUs: FROM });
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
    row('fundChange', 1, '2612', '3005.5', 'XBT', 'blog.bitmex.com'),
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
