/**
 * An ensemble file: the draws of what nobody published that a calibration kept. `cascade calibrate` writes it,
 * `compare --ensemble` and a sweep's `ensemble` read it; each member can be replayed alone with `cascade run
 * --seed SEED --override ...`.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { canonicalJson } from '../../basics/digest.ts';
import { ReplayError } from '../../basics/errors.ts';
import type { Scenario } from '../../rules/scenario.ts';
import { readTree, shaped } from '../../rules/treeSchema.ts';
import { titleOf } from '../../report/calibrate/words.ts';
import { codeText } from '../codeVersion.ts';
import { type Ensemble, ensembleSchema } from './ensembleSchema.ts';

export type { Ensemble } from './ensembleSchema.ts';

/** Keys in order, one line a member: equal ensembles have equal bytes. */
export function ensembleText(ensemble: Ensemble): string {
  const parts = Object.entries(ensemble)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) =>
      Array.isArray(value) && value.length > 0
        ? ` ${JSON.stringify(name)}: [\n${value.map((item) => `  ${canonicalJson(item)}`).join(',\n')}\n ]`
        : ` ${JSON.stringify(name)}: ${canonicalJson(value)}`,
    );
  return `{\n${parts.join(',\n')}\n}\n`;
}

/**
 * Reads an ensemble file.
 *
 * @param path  written by `cascade calibrate`
 * @throws ReplayError SCENARIO_INVALID with file, path and row: no such file, another form, no members, or
 *         members that were fitted to nothing
 */
export function readEnsemble(path: string): Ensemble {
  const file = resolve(path);
  const remedy = 'Name an ensemble.json that cascade calibrate wrote.';
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch {
    throw new ReplayError('SCENARIO_INVALID', 'no such ensemble file', { file }, remedy);
  }
  const { tree, rowOf } = readTree(content, file, 'SCENARIO_INVALID');
  const ensemble = shaped(ensembleSchema, tree, { file, code: 'SCENARIO_INVALID', rowOf });
  const refuse = (at: string, message: string): never => {
    throw new ReplayError('SCENARIO_INVALID', message, { file, path: at, row: rowOf([at]) }, remedy);
  };
  if (ensemble.members.length === 0) refuse('members', 'an ensemble without members');
  if (!ensemble.targets.some(({ role }) => role === 'fit'))
    refuse('targets', 'an ensemble without a fit of its baseline: no published figure chose its members');
  return ensemble;
}

/**
 * What a reader should know of results that rest on an ensemble.
 *
 * @param file  its name in errors
 * @param own   the baseline that its members are drawn for, and the overrides that made it
 * @throws ReplayError SCENARIO_INVALID for an ensemble of another scenario, or of other rules than its own
 */
export function ensembleNotes(
  ensemble: Ensemble,
  file: string,
  own: Pick<Scenario, 'id' | 'rules'> & { readonly overrides: readonly string[] },
): string[] {
  const { scenario, rules, members, draws, targets, overrides, code } = ensemble;
  const refuse = (path: string, message: string): never => {
    const remedy = `Calibrate this one: cascade calibrate ${own.id}.`;
    throw new ReplayError('SCENARIO_INVALID', message, { file, path }, remedy);
  };
  if (scenario !== own.id) refuse('scenario', `an ensemble of ${scenario}, not of ${own.id}`);
  if (rules !== own.rules.id)
    refuse('rules', `an ensemble without this baseline: fitted under ${rules}, not under ${own.rules.id}`);
  const others = [
    ...own.overrides.filter((text) => !overrides.includes(text)),
    ...overrides.filter((text) => !own.overrides.includes(text)),
  ];
  // in their order, each as often as it stands: a factor given twice is another rule, and the last value holds
  const [fit, here] = [overrides, own.overrides].map((texts) =>
    texts.filter((text) => text.startsWith('rules')),
  );
  if (fit!.length !== here!.length || fit!.some((text, i) => text !== here![i])) {
    const told = (texts: readonly string[]): string => texts.join(', ') || 'no rules overridden';
    refuse('overrides', `an ensemble without this baseline: ${told(fit!)} in its fit, ${told(here!)} here`);
  }
  const fitted = targets.filter(({ role }) => role === 'fit').map(titleOf);
  const unknown = notIdentified(ensemble);
  return [
    `Populations are the ${members.length} of ${draws} draws that came nearest to: ${fitted.join('; ')}.`,
    ...(unknown.length === 0
      ? []
      : [`NOT IDENTIFIED by those figures: ${unknown.join(', ')}. No verdict is above INDICATIVE.`]),
    ...(overrides.length === 0 ? [] : [`The ensemble was fitted with ${overrides.join(', ')}.`]),
    ...(others.length === 0 ? [] : [`Its fit and this baseline differ in ${others.join(', ')}.`]),
    ...(code === codeText() ? [] : [`The ensemble was fitted by another build (${code}).`]),
  ];
}

/** Paths of the parameters that the published figures do not tell. */
export const notIdentified = ({ parameters }: Ensemble): string[] =>
  parameters.filter(({ identified }) => !identified).map(({ path }) => path);
