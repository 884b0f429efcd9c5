/** What is stored of the coverage experiment, and the tables of docs/validation.md that are made of it. */
import { CANDIDATES, type Covered, METRICS, type Mistake } from './twinCoverage.ts';

/** What the analyst assumes wrongly: the truth is that many times what is assumed. */
export const MISTAKES: Readonly<Record<string, Mistake>> = {
  'as assumed': { share: 1, impact: 1 },
  'liquidatable share twice as assumed': { share: 2, impact: 1 },
  'liquidatable share half of that assumed': { share: 0.5, impact: 1 },
  'impact three times as assumed': { share: 1, impact: 3 },
  'impact a third of that assumed': { share: 1, impact: 1 / 3 },
};
/** The band is one of 90 %: of 100 tapes so many may be covered. */
const BAR = [80, 97] as const;

/** Tapes of a row: the bar is set for 100, mistakes are shown on the first 25 of them. */
export const tapesOf = ({ share, impact }: Mistake): number => (share === 1 && impact === 1 ? 100 : 25);

/** Codes of the tapes of each row: a digit for each candidate and metric, 1 where the band held the truth. */
export type Stored = Record<string, string[]>;

export const codeOf = (covered: Covered): string =>
  covered.map((list) => list.map((held) => (held ? '1' : '0')).join('')).join(' ');

const held = (codes: readonly string[], candidate: number, metric: number): number =>
  codes.filter((code) => code.split(' ')[candidate]![metric] === '1').length;

/** A table for each candidate: metrics across, mistakes down; percent of tapes whose band holds the truth. */
export function coverageTables(stored: Stored): string {
  return CANDIDATES.map(({ name }, k) => {
    const rows = Object.keys(MISTAKES).map((mistake) => {
      const codes = stored[mistake]!;
      const share = METRICS.map((_, m) => Math.round((100 * held(codes, k, m)) / codes.length));
      const isBar = codes.length === 100;
      const fails = share.some((s) => s < BAR[0] || s > BAR[1]);
      const verdict = isBar ? (fails ? 'FAIL' : 'pass') : '';
      return `| ${[mistake, codes.length, ...share, verdict].join(' | ')} |`;
    });
    const head = ['Truth', 'Tapes', ...METRICS, `${BAR[0]} to ${BAR[1]} of 100`];
    const rule = head.map((_, i) => (i > 0 && i <= METRICS.length + 1 ? '---:' : '---'));
    const lines = [`| ${head.join(' | ')} |`, `| ${rule.join(' | ')} |`, ...rows];
    return `Candidate \`${name}\`:\n\n${lines.join('\n')}`;
  }).join('\n\n');
}
