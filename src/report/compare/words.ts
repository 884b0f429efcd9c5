/** The answer of a comparison in sentences: what each candidate changes, how surely, and how it was asked. */
import { listed, percent } from '../format.ts';
import { changeText } from './figureText.ts';
import type { CompareResult, Finding, MetricDefinition } from './model.ts';

const NAME_LENGTH = 44;

/** A candidate's name as a heading: without the words that all overrides share, cut at 44 characters. */
export function shortName(name: string): string {
  const plain = name.replaceAll('rules.', '').replaceAll('markets.*.', '');
  return plain.length <= NAME_LENGTH ? plain : `${plain.slice(0, NAME_LENGTH - 1)}\u2026`;
}

/** Whether a change is for the better; null where the metric has no better side or nothing changed. */
export function isBetter(finding: Finding, { better }: MetricDefinition): boolean | null {
  const { sign } = finding.feedback;
  if (sign === 0 || better === '') return null;
  return sign > 0 === (better === 'higher');
}

const sideWords = (result: CompareResult, findings: readonly Finding[], better: boolean): string[] =>
  findings.flatMap((f) => {
    const metric = result.metrics.find((m) => m.name === f.metric)!;
    if (isBetter(f, metric) !== better) return [];
    return [`${metric.title.toLowerCase()} ${changeText(f.feedback.median, metric, result.asset)}`];
  });

/** One sentence or two about a candidate: medians of the paired differences with feedback, headline only. */
export function candidateSentence(result: CompareResult, candidate: number): string {
  const headline = result.metrics.filter((m) => m.headline).map((m) => m.name);
  const findings = result.findings.filter((f) => f.candidate === candidate && headline.includes(f.metric));
  const [good, bad] = [true, false].map((better) => sideWords(result, findings, better));
  if (good!.length === 0 && bad!.length === 0) return 'No headline figure differs from the baseline.';
  const parts = [
    ...(good!.length === 0 ? [] : [`Better: ${listed(good!)}.`]),
    ...(bad!.length === 0 ? [] : [`Worse: ${listed(bad!)}.`]),
  ];
  return parts.join(' ');
}

/** How sure the sentence is: the labels of the candidate's headline, and what they rest on. */
export function labelSentence(result: CompareResult, candidate: number): string {
  const own = result.findings.filter((f) => f.candidate === candidate);
  const labels = [...new Set(own.map((f) => f.label))];
  const firm = own.filter((f) => f.feedback.sign !== 0 && f.feedback.sameSign >= 0.95).length;
  const moved = own.filter((f) => f.feedback.sign !== 0).length;
  const states = result.stability.filter((s) => s.candidate === candidate);
  const branching = Math.max(...states.map((s) => s.branching));
  const displaced = Math.max(...states.map((s) => s.displacement));
  return (
    `${listed(labels)}; ${firm} of ${moved} figures that moved have one sign in at least 95 % of draws; ` +
    `branching ratio up to ${branching.toFixed(2)}, price displaced by up to ${percent(displaced, 2)}.`
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
