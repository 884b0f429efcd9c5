/**
 * The data doctor: opens every series that it is shown, asks each family of checks about each series, and
 * keeps causes rather than symptoms. Statistics are DuckDB's, on one thread, so that the same files give
 * the same findings in the same order.
 */
import { type DuckDBConnection, openDuckDb } from '../../basics/duckdb.ts';
import { comparable } from './asset.ts';
import { carriedChecks } from './carriedChecks.ts';
import { CHECKS } from './checks.ts';
import { clockChecks } from './clockChecks.ts';
import { copyChecks } from './copyChecks.ts';
import { causesOnly, type Diagnosis, diagnosis, type Family, type Patient } from './finding.ts';
import { fundingChecks } from './fundingChecks.ts';
import { gridChecks } from './gridChecks.ts';
import { levelChecks } from './levelChecks.ts';
import { lossChecks } from './lossChecks.ts';
import { openFile, parquetFiles } from './openFiles.ts';
import { repeatChecks } from './repeatChecks.ts';
import { rowChecks } from './rowChecks.ts';
import { type Description, openSeries, type Series } from './seriesView.ts';
import { sideChecks } from './sideChecks.ts';
import { spikeChecks } from './spikeChecks.ts';
import { volumeChecks } from './volumeChecks.ts';
import { windowChecks } from './windowChecks.ts';

const FAMILIES: readonly Family[] = [
  rowChecks,
  lossChecks,
  repeatChecks,
  gridChecks,
  windowChecks,
  clockChecks,
  levelChecks,
  spikeChecks,
  carriedChecks,
  volumeChecks,
  sideChecks,
  fundingChecks,
  copyChecks,
];

export interface Examined {
  /** Names of the series that were looked at. */
  readonly series: readonly string[];
  readonly findings: readonly Diagnosis[];
}

/**
 * Looks through files and folders.
 *
 * @param accept  names of problems that are known and accepted; any of the keys of `CHECKS`
 * @returns       findings by series, in the order of files, each series' in the order of `CHECKS`
 * @throws ReplayError DATA_MISSING when there is no Parquet file
 */
export async function examineFiles(path: string, accept: readonly string[]): Promise<Examined> {
  const files = parquetFiles(path);
  return withDb(async (db) => {
    const refused: Diagnosis[] = [];
    const described: Description[] = [];
    for (const file of files) {
      const opened = await openFile(db, file);
      described.push(...opened.series.map((one) => ({ ...one, accept })));
      if (opened.refused !== null) {
        const { problem, message } = opened.refused;
        const remedy =
          problem === 'unreadable'
            ? 'The file is cut off or no Parquet: fetch it again, or import it with cascade import.'
            : 'Name the columns as docs/data.md says, or import the file with cascade import.';
        refused.push(diagnosis({ id: file, files: [file], accept }, { problem, message, remedy }));
      }
    }
    const { series, findings } = await examine(db, described);
    return { series, findings: [...refused, ...findings] };
  });
}

/** Looks through series that somebody else described: the streams of a scenario. */
export const examineSeries = (described: readonly Description[]): Promise<Examined> =>
  withDb((db) => examine(db, described));

async function withDb<T>(run: (db: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await openDuckDb();
  try {
    return await run(await instance.connect());
  } finally {
    instance.closeSync();
  }
}

async function examine(db: DuckDBConnection, described: readonly Description[]): Promise<Examined> {
  const all: Series[] = [];
  for (const [i, one] of described.entries()) {
    const series = await openSeries(db, one, i);
    if (series !== null) all.push(series);
  }
  const findings: Diagnosis[] = [];
  const order = Object.keys(CHECKS);
  for (const series of all) {
    const patient: Patient = { db, series, references: referencesOf(series, all), all };
    const found = [];
    for (const family of FAMILIES) found.push(...(await family(patient)));
    const kept = causesOnly(found).sort((a, b) => order.indexOf(a.problem) - order.indexOf(b.problem));
    findings.push(...kept.map((one) => diagnosis(series, one)));
  }
  return { series: all.map(({ id }) => id), findings };
}

/** Other price series of the asset: as fine as this one first, other markets before its own copies. */
function referencesOf(series: Series, all: readonly Series[]): Series[] {
  if (series.bars === null) return [];
  const coarser = ({ barUs }: Series): number => Math.max(barUs, series.barUs);
  const own = (one: Series): number => (one.venue === series.venue && one.symbol === series.symbol ? 1 : 0);
  return all
    .filter((one) => one !== series && one.bars !== null && comparable(one, series))
    .sort((a, b) => coarser(a) - coarser(b) || own(a) - own(b) || b.rows - a.rows || (a.id < b.id ? -1 : 1));
}
