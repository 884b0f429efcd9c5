/** A comparison on one screen of text. */
import { bandText, levelText } from '../../report/compare/figureText.ts';
import type { CompareResult, Finding } from '../../report/compare/model.ts';
import { drawsSentence, farSentence, isSame } from '../../report/compare/words.ts';

const [NAME, LEVEL, BAND, WIDTH] = [28, 12, 36, 118];

const padded = (cells: readonly [string, string, string, string, string]): string =>
  [cells[0].padEnd(NAME), cells[1].padEnd(LEVEL), cells[2].padEnd(BAND), cells[3].padEnd(BAND), cells[4]]
    .join('')
    .replaceAll('\u00a0', ' ');

/** The headline of every candidate: baseline, difference with feedback and without, verdict. */
export function compareLines(result: CompareResult): string[] {
  const many = result.candidates.length === 1 ? 'another' : `${result.candidates.length} others`;
  const lines = [result.title, `rules ${result.baseline.rules} beside ${many}`, drawsSentence(result)];
  for (const caveat of result.caveats.slice(0, 2)) lines.push(`! ${caveat}`.slice(0, WIDTH));
  for (const k of result.candidates.keys()) lines.push('', ...candidateLines(result, k));
  const { accounts, policy } = result.entries.find((e) => e.policy === result.entry)!;
  if (accounts > 0)
    lines.push('', `accounts that some rules would liquidate at the first mark: ${accounts} (${policy})`);
  return lines;
}

function candidateLines(result: CompareResult, k: number): string[] {
  const headline = result.findings.filter(
    (f) => f.candidate === k && result.metrics.find((m) => m.name === f.metric)!.headline,
  );
  const worst = result.stability.filter((s) => s.candidate === k);
  const branching = Math.max(...worst.map((s) => s.branching)).toFixed(2);
  const displaced = (Math.max(...worst.map((s) => s.displacement)) * 100).toFixed(2);
  const far = farSentence(result, k);
  return [
    result.candidates[k]!.name.slice(0, WIDTH),
    padded(['  figure', 'baseline', 'with feedback', 'without', 'verdict']),
    ...headline.map((f) => row(result, f)),
    `  branching ratio up to ${branching}, price displaced by up to ${displaced} %`,
    ...(far === '' ? [] : [`  ${far}`.replaceAll('\u00a0', ' ')]),
  ];
}

function row(result: CompareResult, f: Finding): string {
  const metric = result.metrics.find((m) => m.name === f.metric)!;
  return padded([
    `  ${metric.title}`,
    levelText(f.baseline, metric, ''),
    bandText(f.feedback, metric, ''),
    bandText(f.accounting, metric, ''),
    isSame(f) ? `${f.label}, no change` : `${f.label}, ${(f.feedback.sameSign * 100).toFixed(0)} % one sign`,
  ]);
}
