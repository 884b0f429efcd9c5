/** A comparison on one screen of text. */
import { bandText, levelText } from '../../report/compare/figureText.ts';
import type { CompareResult, Finding } from '../../report/compare/model.ts';
import { drawsSentence } from '../../report/compare/words.ts';

const [NAME, LEVEL, BAND, WIDTH] = [26, 14, 38, 118];

/** The headline of every candidate: baseline, difference with feedback and without, verdict. */
export function compareLines(result: CompareResult): string[] {
  const lines = [
    result.title,
    `rules ${result.baseline.rules} beside ${result.candidates.length} other${result.candidates.length === 1 ? '' : 's'}`,
    drawsSentence(result),
  ];
  for (const caveat of result.caveats.slice(0, 2)) lines.push(`! ${caveat}`.slice(0, WIDTH));
  for (const [k, candidate] of result.candidates.entries()) {
    const own = result.findings.filter((f) => f.candidate === k);
    const headline = own.filter((f) => result.metrics.find((m) => m.name === f.metric)!.headline);
    lines.push('', candidate.name.slice(0, WIDTH), head());
    for (const f of headline) lines.push(row(result, f));
    const worst = result.stability.filter((s) => s.candidate === k);
    const [branching, displaced] = [
      Math.max(...worst.map((s) => s.branching)),
      Math.max(...worst.map((s) => s.displacement)),
    ];
    lines.push(
      `  branching ratio up to ${branching.toFixed(2)}, price displaced by up to ${(displaced * 100).toFixed(2)} %`,
    );
  }
  const panel = result.entries.find((e) => e.policy === result.entry)!;
  if (panel.accounts > 0)
    lines.push(
      '',
      `accounts that some rules would liquidate at the first mark: ${panel.accounts} (${result.entry})`,
    );
  return lines;
}

const head = (): string =>
  `  ${'figure'.padEnd(NAME)}${'baseline'.padEnd(LEVEL)}${'with feedback'.padEnd(BAND)}${'without'.padEnd(BAND)}verdict`;

function row(result: CompareResult, f: Finding): string {
  const metric = result.metrics.find((m) => m.name === f.metric)!;
  const plain = (text: string): string => text.replaceAll('\u00a0', ' ');
  return `  ${metric.title.padEnd(NAME)}${plain(levelText(f.baseline, metric, '')).padEnd(LEVEL)}${plain(
    bandText(f.feedback, metric, ''),
  ).padEnd(BAND)}${plain(bandText(f.accounting, metric, '')).padEnd(BAND)}${f.label}`;
}
