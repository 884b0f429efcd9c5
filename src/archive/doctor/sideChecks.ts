/** Sides of takers: whoever buys at market lifts the price, so buys that fall on downticks are sells. */
import { rowsOf } from '../../basics/duckdb.ts';
import { type Family, type Found, type Patient, percent, short } from './finding.ts';

/** Four standard errors of a coin: 0.4 of 400 throws, or a correlation of -0.2 over 400 bars. */
const FEWEST = 400;
const LEAST_AGREEMENT = 0.4;
const LEAST_CORRELATION = -0.2;
const REMEDY = 'Map the side the other way: columns: { buyerMaker: ... } where the flag is of the maker.';

/** Taker sides of trades by tick direction, of candles by the move of the bar. */
export const sideChecks: Family = async (patient) => {
  const { series } = patient;
  if (series.kind === 'trades' && (series.has('side') || series.has('buyerMaker'))) return ofTrades(patient);
  return series.kind === 'candles' && series.has('buyVolume') && series.bars !== null ? ofBars(patient) : [];
};

async function ofTrades({ db, series }: Patient): Promise<Found[]> {
  const [seen] = await rowsOf<Record<'n' | 'agree', bigint>>(
    db,
    `SELECT count(*) AS n, count(*) FILTER ((side = 'buy') = (price > p)) AS agree
     FROM (SELECT side, price, lag(price) OVER () AS p FROM ${series.view}) WHERE price <> p`,
  );
  const [n, agree] = [Number(seen!.n), Number(seen!.agree)];
  if (n < FEWEST || agree >= LEAST_AGREEMENT * n) return [];
  return [
    flipped(`only ${percent(agree / n)} of ${n} price changes go the way of the taker`, {
      field: 'side',
      count: series.rows,
    }),
  ];
}

async function ofBars({ db, series }: Patient): Promise<Found[]> {
  const [seen] = await rowsOf<{ n: bigint; rho: number | null }>(
    db,
    `SELECT count(*) AS n, corr(2 * b / v - 1, c / o - 1) AS rho FROM ${series.bars} WHERE v > 0 AND b IS NOT NULL AND o > 0`,
  );
  const { n, rho } = seen!;
  if (Number(n) < FEWEST || rho === null || rho > LEAST_CORRELATION) return [];
  return [
    flipped(`taker buying and the move of the bar correlate ${short(rho)}`, {
      field: 'buyVolume',
      count: series.rows,
    }),
  ];
}

const flipped = (evidence: string, place: { field: string; count: number }): Found => ({
  problem: 'flippedSides',
  ...place,
  message: `sides are flipped: ${evidence}`,
  remedy: REMEDY,
});
