/** The answer of a comparison in sentences: what each candidate changes, how surely, and how it was asked. */
import { listed, percent } from '../format.ts';
import { CREDIBLE_CHANGE } from '../limits.ts';
import { changeText } from './figureText.ts';
import type { CompareResult, Finding, Label, MetricDefinition } from './model.ts';

const NAME_LENGTH = 44;

/** A candidate's name as a heading: without the words that all overrides share, cut at 44 characters. */
export function shortName(name: string): string {
  const plain = name.replaceAll('rules.', '').replaceAll('markets.*.', '');
  return plain.length <= NAME_LENGTH ? plain : `${plain.slice(0, NAME_LENGTH - 1)}\u2026`;
}

/** Share of draws of one sign below which nothing is said of a direction. */
const AGREED = 0.8;

/** Whether no draw has any change, with feedback or without. */
export const isSame = ({ feedback, accounting }: Finding): boolean =>
  [feedback, accounting].every(({ low, median, high }) => low === 0 && median === 0 && high === 0);

/** Whether draws, or feedback and none, disagree about the direction. */
const isOpen = ({ label, feedback, accounting }: Finding): boolean =>
  label === 'UNRESOLVED' || feedback.sameSign < AGREED || feedback.sign * accounting.sign < 0;

/**
 * Whether a change is for the better; null where the metric has no better side, the median is no change, or
 * the direction is open.
 */
export function isBetter(finding: Finding, { better }: MetricDefinition): boolean | null {
  const { sign, median } = finding.feedback;
  if (better === '' || median === 0 || sign !== Math.sign(median) || isOpen(finding)) return null;
  return sign > 0 === (better === 'higher');
}

/** A change with its size, and what part of the baseline that is; without sizes where they mean nothing. */
function changeWords(
  { label, feedback, baseline }: Finding,
  metric: MetricDefinition,
  asset: string,
): string {
  const title = metric.title.toLowerCase();
  const { median } = feedback;
  if (label === 'UNSTABLE') return `${title} ${median > 0 ? 'higher' : 'lower'}`;
  const hasParts = metric.unit !== 'share' && baseline > 0;
  const part = hasParts ? ` (${percent(median / baseline, 1, true)})` : '';
  return `${title} ${changeText(median, metric, asset)}${part}`;
}

/** A metric of the headline and what was found of it. */
type Named = readonly [finding: Finding, metric: MetricDefinition];

function headlineOf(result: CompareResult, candidate: number): Named[] {
  return result.findings.flatMap((finding): Named[] => {
    const metric = result.metrics.find((m) => m.name === finding.metric)!;
    return finding.candidate === candidate && metric.headline ? [[finding, metric]] : [];
  });
}

/**
 * What a candidate changes of the headline, in sentences: medians of the paired differences with feedback. A
 * change of 0 is neither better nor worse, nor is one about whose direction the draws disagree.
 */
export function candidateSentence(result: CompareResult, candidate: number): string {
  const headline = headlineOf(result, candidate);
  if (headline.every(([f]) => isSame(f))) return 'No headline figure differs from the baseline.';
  const changes = (better: boolean): string[] =>
    headline.flatMap(([f, m]) => (isBetter(f, m) === better ? [changeWords(f, m, result.asset)] : []));
  const titles = (keep: (f: Finding) => boolean): string[] =>
    headline.flatMap(([f, m]) => (isBetter(f, m) === null && keep(f) ? [m.title.toLowerCase()] : []));
  const groups: readonly (readonly [words: string, list: string[]])[] = [
    ['Better', changes(true)],
    ['Worse', changes(false)],
    ['Open', titles((f) => isOpen(f))],
    ['No change in most draws', titles((f) => !isOpen(f) && !isSame(f))],
    ['No change in any draw', titles(isSame)],
  ];
  return groups
    .flatMap(([words, list]) => (list.length === 0 ? [] : [`${words}: ${listed(list)}.`]))
    .join(' ');
}

const LABEL_WORDS: Readonly<Record<Exclude<Label, 'UNRESOLVED'>, string>> = {
  ROBUST: 'the same sign in 95 % of draws everywhere',
  INDICATIVE: 'the same sign in 80 % of draws',
  PREVIEW: 'a first look, too few draws for a verdict',
  UNSTABLE: 'read the order, not the size',
};

/**
 * How sure the sentence is: the verdicts of what moved (what is open has none), and how far prices and chains
 * of liquidation went.
 */
export function labelSentence(result: CompareResult, candidate: number): string {
  const moved = headlineOf(result, candidate).filter(([f]) => !isSame(f));
  const labels = [...new Set(moved.map(([f]) => f.label))].filter((label) => label !== 'UNRESOLVED');
  const verdicts = labels.map((label) => {
    const titles = moved.flatMap(([f, m]) => (f.label === label ? [m.title.toLowerCase()] : []));
    return `${label}, ${LABEL_WORDS[label]}${labels.length > 1 ? `: ${listed(titles)}` : ''}. `;
  });
  const states = result.stability.filter((s) => s.candidate === candidate);
  const branching = Math.max(...states.map((s) => s.branching));
  const displaced = Math.max(...states.map((s) => s.displacement));
  return (
    `${verdicts.join('')}Branching ratio up to ${branching.toFixed(2)}, price displaced by up to ` +
    `${percent(displaced, 2)}.`
  );
}

/** What the sentences leave unsaid, once for all candidates. */
export const readingSentence =
  'Medians of paired differences with feedback; the same draw, the same accounts, the same luck in every world. ' +
  'Open (UNRESOLVED): the draws disagree, or the worlds with feedback and without. From a branching ratio of 0.9 and ' +
  'above 20 % displaced, sizes mean nothing.';

/**
 * Says of a candidate that it liquidates so much more or less than the baseline that its effect on the price is
 * less and less credible; '' where it does not.
 */
export function farSentence({ findings }: CompareResult, candidate: number): string {
  const own = findings.find((f) => f.candidate === candidate && f.metric === 'liquidatedNotional');
  if (own === undefined || own.baseline === 0) return '';
  const change = own.feedback.median / own.baseline;
  if (Math.abs(change) <= CREDIBLE_CHANGE) return '';
  return (
    `What is liquidated changes by ${percent(change, 0, true)}: beyond about ${percent(CREDIBLE_CHANGE, 0)} the ` +
    'effect on the price is less and less credible.'
  );
}

/** How many draws there are, and where. */
export function drawsSentence(result: CompareResult): string {
  const central = result.draws.filter((d) => d.cell === 'central').length;
  const cells = result.cells.filter((c) => c !== 'central').length;
  const rest = result.draws.length - central;
  const seeds = new Set(result.draws.map((d) => d.seed)).size;
  return (
    `${central} central draw${central === 1 ? '' : 's'}` +
    `${cells === 0 ? ', no cells of the envelope' : ` and ${rest} in ${cells} cells of the envelope`}, ` +
    `${seeds} population${seeds === 1 ? '' : 's'}, seed ${result.seed}.`
  );
}
