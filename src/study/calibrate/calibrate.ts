/**
 * `cascade calibrate`: fits what nobody published about the accounts to what somebody published about the day.
 * Many draws of the scenario itself are replayed, those nearest to the figures are kept, and they become an
 * ensemble that comparisons and sweeps take. This file decides which worlds there are, and what becomes of them.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, sha256 } from '../../basics/digest.ts';
import { ReplayError } from '../../basics/errors.ts';
import { formatInstant, type Micros } from '../../basics/instant.ts';
import type { CalibrationResult } from '../../report/calibrate/model.ts';
import { renderCalibration } from '../../report/calibrate/page.ts';
import { asStoreError, RunFolder } from '../../results/runFolder.ts';
import type { Scenario } from '../../rules/scenario.ts';
import { codeText } from '../codeVersion.ts';
import { quantile } from '../compare/verdict.ts';
import type { Progress } from '../run.ts';
import { type ReadScenarioOptions, readScenario } from '../scenario.ts';
import { runTasks } from '../workers.ts';
import { type Kept, keepBest, lossOf } from './abc.ts';
import { type Ensemble, ensembleText } from './ensemble.ts';
import type { CalibrateJob } from './job.ts';
import jobTask, { type CalibrateJobResult } from './jobTask.ts';
import { calibrationLines } from './lines.ts';
import { calibrated, caveatsOf, held } from './posterior.ts';
import { type FreeParameter, freeParameters, type PriorDraws, priorDraws } from './prior.ts';
import { type Plan, planTargets } from './targets.ts';

export interface CalibrateOptions {
  readonly scenario: string;
  readonly overrides: readonly string[];
  readonly draws: number;
  readonly keep: number;
  /** Figures that end later are not fitted. */
  readonly fitUntil?: Micros;
  readonly from?: Micros;
  readonly until?: Micros;
  readonly seed?: string;
  readonly dataDir: string;
  readonly outDir: string;
  readonly cacheDir: string;
  /** Threads; 0: this one. Results do not depend on it. */
  readonly workers: number;
  readonly onProgress: (p: Progress) => void;
}

export interface CalibrateSummary {
  readonly folder: string;
  readonly reportPath: string;
  readonly ensemblePath: string;
  readonly result: CalibrationResult;
  readonly lines: readonly string[];
}

/** Worlds of one pass: each has a population of its own, so that this bounds the memory of a worker. */
const DRAWS_PER_JOB = 8;

/** @throws ReplayError of whatever fails; then nothing that looks like a result is left */
export async function calibrateScenario(options: CalibrateOptions): Promise<CalibrateSummary> {
  refuseEmpty(options);
  const read = readOptions(options);
  const own = await readScenario(options.scenario, read);
  const { fitUntil } = options;
  const isNarrowed = options.from !== undefined || options.until !== undefined;
  const plan = planTargets({ scenario: own, isNarrowed, ...(fitUntil === undefined ? {} : { fitUntil }) });
  const parameters = freeParameters(own);
  const prior = priorDraws({ n: options.draws, seed: own.seed, parameters });
  const folder = new RunFolder(join(options.outDir, `${own.id}+calibrate`));
  try {
    const predicted = await predictions(options, read, plan, prior);
    const fit = keptOf(plan, predicted, options.keep);
    const result = resultOf({ own, options, plan, parameters, prior, predicted, fit });
    write(folder.partial, 'calibration.json', `${JSON.stringify(result, null, 1)}\n`);
    write(folder.partial, 'draws.json', drawsText(prior, predicted, fit));
    write(folder.partial, 'ensemble.json', ensembleText(ensembleOf(result, prior, fit.kept)));
    write(folder.partial, 'report.html', await renderCalibration(result));
    folder.publish();
    const at = (name: string): string => join(folder.folder, name);
    return {
      folder: folder.folder,
      reportPath: at('report.html'),
      ensemblePath: at('ensemble.json'),
      result,
      lines: calibrationLines(result),
    };
  } catch (error) {
    folder.abandon();
    throw error;
  }
}

function refuseEmpty({ draws, keep }: CalibrateOptions): void {
  const refuse = (path: string, message: string, remedy: string): never => {
    throw new ReplayError('SCENARIO_INVALID', message, { file: 'command line', path }, remedy);
  };
  if (draws < 1) refuse('--draws', 'no draws to choose from', 'Write --draws 500.');
  if (keep < 1) refuse('--keep', 'nothing would be kept', 'Write --keep 50.');
  if (keep > draws)
    refuse('--keep', `${keep} cannot be kept of ${draws} draws`, 'Keep a tenth of the draws, or draw more.');
}

const readOptions = (o: CalibrateOptions): ReadScenarioOptions => ({
  overrides: o.overrides,
  dataDir: o.dataDir,
  ...(o.from === undefined ? {} : { from: o.from }),
  ...(o.until === undefined ? {} : { until: o.until }),
  ...(o.seed === undefined ? {} : { seed: o.seed }),
});

/** One row a draw, one number a target. */
async function predictions(
  options: CalibrateOptions,
  read: ReadScenarioOptions,
  plan: Plan,
  { draws }: PriorDraws,
): Promise<(readonly number[])[]> {
  const { scenario, dataDir, cacheDir, workers } = options;
  const figures = plan.targets.map(({ place }) => place);
  const starts = Array.from({ length: Math.ceil(draws.length / DRAWS_PER_JOB) }, (_, i) => i * DRAWS_PER_JOB);
  const inputs = starts.map((from): CalibrateJob => {
    const some = draws.slice(from, from + DRAWS_PER_JOB);
    return { scenario, read, dataDir, cacheDir, figures, draws: some };
  });
  let done = 0;
  const tell = (): void => options.onProgress({ done, total: draws.length, what: 'draws' });
  tell();
  const results = await runTasks<CalibrateJob, CalibrateJobResult>({
    module: './jobTask',
    beside: import.meta.url,
    task: jobTask,
    inputs,
    workers,
    onDone: (_, place) => {
      done += inputs[place]!.draws.length;
      tell();
    },
  });
  return results.flatMap((result) => {
    if ('done' in result) return [...result.done];
    const { code, message, place, remedy } = result.failed;
    throw new ReplayError(code, message, place, remedy);
  });
}

interface Fit {
  readonly kept: readonly Kept[];
  /** Of every draw. */
  readonly losses: readonly number[];
}

function keptOf({ targets }: Plan, predicted: readonly (readonly number[])[], keep: number): Fit {
  const places = targets.flatMap(({ role }, k) => (role === 'fit' ? [k] : []));
  const fitted = places.map((k) => targets[k]!);
  const rows = predicted.map((row) => places.map((k) => row[k]!));
  return {
    kept: keepBest({ predicted: rows, targets: fitted, keep }),
    losses: rows.map((row) => lossOf(row, fitted)),
  };
}

function resultOf(o: {
  readonly own: Scenario;
  readonly options: CalibrateOptions;
  readonly plan: Plan;
  readonly parameters: readonly FreeParameter[];
  readonly prior: PriorDraws;
  readonly predicted: readonly (readonly number[])[];
  readonly fit: Fit;
}): CalibrationResult {
  const { own, options, plan, prior, predicted, fit } = o;
  const kept = fit.kept.map(({ index }) => index);
  const { values } = prior;
  const column = (rows: readonly (readonly number[])[], k: number): number[] => rows.map((row) => row[k]!);
  const parameters = o.parameters.map((parameter, k) => calibrated(parameter, column(values, k), kept));
  const targets = plan.targets.map((target, k) => held(target, column(predicted, k), kept));
  const body = {
    title: own.title,
    scenario: own.id,
    fromUs: own.facts.fromUs,
    untilUs: own.facts.untilUs,
    seed: own.seed,
    code: codeText(),
    rules: own.rules.id,
    overrides: options.overrides,
    draws: options.draws,
    kept: kept.length,
    fitUntilUs: plan.fitUntilUs,
    parameters,
    targets,
    leftOut: plan.leftOut,
    loss: {
      best: fit.kept[0]!.loss,
      last: fit.kept.at(-1)!.loss,
      median: quantile(
        fit.losses.toSorted((a, b) => a - b),
        0.5,
      ),
    },
    caveats: [
      ...caveatsOf({ parameters, values, kept, targets, planned: plan.targets, day: own.facts, predicted }),
      ...own.caveats,
    ],
  };
  return { id: sha256(canonicalJson(body)).slice(0, 16), ...body };
}

function ensembleOf(result: CalibrationResult, { draws }: PriorDraws, kept: readonly Kept[]): Ensemble {
  const { scenario, rules, overrides, seed, code } = result;
  return {
    format: '1',
    ...{ scenario, rules, seed, code },
    overrides: [...overrides],
    draws: result.draws,
    targets: result.targets.map(({ before: _, fromUs, untilUs, sources, notes, ...rest }) => ({
      ...rest,
      from: formatInstant(fromUs),
      until: formatInstant(untilUs),
      sources: [...sources],
      notes: [...notes],
    })),
    parameters: result.parameters.map(({ path, law, prior, posterior, shrinkage, identified }) => ({
      ...{ path, law, prior, posterior, shrinkage, identified },
    })),
    members: kept.map(({ index, loss }) => {
      const { seed: own, overrides: more } = draws[index]!;
      return { seed: own, overrides: [...more], loss };
    }),
  };
}

/** Every draw: values, what it predicts of each target, its loss, and whether it was kept. */
function drawsText(
  { draws, values }: PriorDraws,
  predicted: readonly (readonly number[])[],
  { kept, losses }: Fit,
): string {
  const isKept = new Set(kept.map(({ index }) => index));
  const rows = draws.map(({ seed, overrides }, i) =>
    JSON.stringify({
      ...{ seed, overrides, values: values[i], predicted: predicted[i], loss: losses[i] },
      kept: isKept.has(i),
    }),
  );
  return `[\n${rows.join(',\n')}\n]\n`;
}

function write(folder: string, name: string, text: string): void {
  const file = join(folder, name);
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw asStoreError(error, file);
  }
}
