/**
 * Check 9: Hyperliquid's auto-deleveraging of 10 October 2025. Who else stood in the queue is not in the
 * data, so a replay from account data is out of reach; of one wave all 50 fills are, with the account
 * behind each. Our ranking is put to its order, and our sharing to its need. Bands were written down
 * before any value of ours was looked at.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { score, type ScoreInput } from '../../adl/ranking.ts';
import { shareOut } from '../../adl/shares.ts';
import { openDuckDb, rowsOf, sqlText } from '../../basics/duckdb.ts';
import { ReplayError } from '../../basics/errors.ts';
import { rankCorrelation } from '../../report/sweep/stats.ts';
import { type CheckRow, percent, text, verdict } from './checkRow.ts';
import type { ValidationPlaces } from './runs.ts';

const FOLDER = 'hyperliquid-20251010';
/** One wave of one coin that is complete in the sample. */
const [COIN, FILLS] = ['AVAX', 50] as const;
const ORDER_BAND = 0.9;
/** Whole lots in which a haircut is shared: millionths of a dollar. */
const LOTS = 1_000_000;

interface Fill {
  readonly size: number;
  readonly position: number;
  readonly price: number;
  readonly entry: number;
  readonly equity: number;
}

/** All rows of check 9. @throws ReplayError DATA_MISSING without the published tables */
export async function hyperliquidRows({ dataDir }: ValidationPlaces): Promise<CheckRow[]> {
  const { fills, need } = await firstWave(join(dataDir, FOLDER));
  const places = fills.map((_, i) => i);
  const rank = rankCorrelation(
    places,
    fills.map((f) => -score('hyperliquid', inputOf(f))),
  );
  const poorest = fills.reduce((least, f) => (f.equity < least.equity ? f : least));
  const profits = Float64Array.from(fills, (f) => Math.max(0, profitOf(f)) * LOTS);
  const lots = profits.map(Math.floor);
  const wanted = Math.round(need * LOTS);
  const parts = shareOut('proRataProfit', { lots, scores: profits }, wanted);
  const taken = parts.reduce((sum, part) => sum + part, 0);
  const worst = parts.reduce((most, part, i) => (part > 0 ? Math.max(most, part / lots[i]!) : most), 0);
  const over = Math.abs(taken - wanted) / wanted;
  const wave = `first wave of Hyperliquid in ${COIN}, ${fills.length} fills`;
  return [
    {
      check: '9',
      target: `${wave}: our rank of each winner against its place`,
      source: 'HyperReplay',
      ours: rank === null ? '-' : rank.toFixed(3),
      band: `Spearman at least ${ORDER_BAND}`,
      verdict: verdict(rank !== null && rank >= ORDER_BAND),
      reason: text(
        'ranking `hyperliquid`: mark over entry times position over equity. All but the last are closed whole,',
        `as a queue does; but the account with ${poorest.equity.toFixed(2)} USD of equity, first by that score, stands`,
        `${fills.indexOf(poorest) + 1}th: the order of rows within one millisecond, or the equity that the publishers`,
        'reconstructed, is not what the venue ranked by',
      ),
    },
    {
      check: '9',
      target: `the same wave: its need of ${need.toFixed(2)} USD shared by profit, nothing beyond it`,
      source: 'HyperReplay; autodeleveraging-analysis',
      ours: `${((taken - wanted) / LOTS).toFixed(2)} USD`,
      band: '1e-9 of the need',
      verdict: verdict(over <= 1e-9),
      reason: `in millionths, as \`proRataProfit\` shares lots; largest haircut ${percent(worst)} of a profit`,
    },
    {
      check: '9',
      target: 'the same event from account data: 2.103 bn USD deleveraged, share of the ten largest 47 %',
      source: 'HyperMultiAssetedADL',
      ours: '-',
      band: '10 %',
      verdict: 'not tested',
      reason: text(
        'the published tables hold who was closed, not who else stood in the queue, and waves without their',
        'accounts: a replay from them would only give back what went in',
      ),
    },
  ];
}

async function firstWave(folder: string): Promise<{ fills: Fill[]; need: number }> {
  const [sample, gaps] = ['adl_first_wave_sample', 'wave_coin_gap_per_contract'].map((name) =>
    join(folder, `${name}.parquet`),
  );
  for (const path of [sample!, gaps!]) {
    if (existsSync(path)) continue;
    const remedy = 'Name the folder with --data.';
    throw new ReplayError('DATA_MISSING', 'no such file', { file: path }, remedy);
  }
  const instance = await openDuckDb();
  const connection = await instance.connect();
  try {
    const fills = await rowsOf<Fill>(
      connection,
      `SELECT adl_size AS size, abs(position_size) AS position, adl_price AS price, entry_price AS entry,
         account_value AS equity
       FROM read_parquet(${sqlText(sample!)}) WHERE coin = '${COIN}'`,
    );
    const [row] = await rowsOf<{ need: number }>(
      connection,
      `SELECT gap_usd_x_qty AS need FROM read_parquet(${sqlText(gaps!)}) WHERE wave = 1 AND coin = '${COIN}'`,
    );
    if (fills.length !== FILLS || row === undefined) {
      const remedy = 'Fetch the data again.';
      throw new ReplayError('DATA_SCHEMA', `not the ${FILLS} fills of ${COIN}`, { file: sample! }, remedy);
    }
    return { fills, need: row.need };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Profit of the closed part of a short. */
const profitOf = ({ size, entry, price }: Fill): number => size * (entry - price);

/** All winners of the wave are short. */
function inputOf({ position, price, entry, equity }: Fill): ScoreInput<number> {
  const [value, entryValue] = [position * price, position * entry];
  const none = { wallet: 0, maintenance: 0, margin: 0, fee: 0 };
  return { ...none, profit: entryValue - value, equity, notional: value, value, entryValue, gains: false };
}
