/** Sections of the page of a comparison, each a function of the result alone. */
import { type Cell, details, type Drawn, figure, section, table } from '../components.ts';
import { count, decimals, percent } from '../format.ts';
import { type Html, html } from '../html.ts';
import { LIMITS } from '../limits.ts';
import { card } from '../sections/summary.ts';
import { bandText, changeText, levelText } from './figureText.ts';
import type { CompareResult, Finding, MetricDefinition } from './model.ts';
import {
  candidateSentence,
  drawsSentence,
  farSentence,
  isBetter,
  labelSentence,
  readingSentence,
  shortName,
} from './words.ts';

const ENTRY_WORDS = { remove: 'taken out of all worlds', topUp: 'topped up in all worlds', keep: 'kept' };

/** The first screen: the answer in words, and the picture. */
export function answerSection(result: CompareResult, picture: Drawn | null): Html {
  return section(
    'answer',
    'What would have changed',
    '',
    html`${result.candidates.map(
      (c, k) => html`<div class="card"><h3>${shortName(c.name)}</h3>
<p class="words">${candidateSentence(result, k)}</p>
<p class="note">${labelSentence(result, k)} ${farSentence(result, k)}</p></div>
`,
    )}<p class="note">${drawsSentence(result)} ${readingSentence}</p>${picture === null ? '' : figure(picture)}`,
  );
}

const LABELS: readonly (readonly [string, string])[] = [
  [
    'ROBUST',
    'the same sign in 95 % of at least 200 draws in each of 37 cells (central and 36 of the envelope)',
  ],
  ['INDICATIVE', 'the same sign in 80 % of draws, at least 50 central and 20 in each of nine cells'],
  ['PREVIEW', 'too few draws for either: a first look'],
  ['UNRESOLVED', 'the sign flips without feedback, or fewer than 80 % of draws agree'],
  ['UNSTABLE', 'a price displaced by more than 20 %, or a branching ratio of 0.9 or more: order, not size'],
];

/** The table: every metric of every candidate. */
export function tableSection(result: CompareResult): Html {
  const what = `less ${result.baseline.rules}: median [5 %, 95 %] over central draws`;
  const part = (k: number, names: readonly string[], title: string): Html =>
    table({
      caption: `${shortName(result.candidates[k]!.name)} ${what}${title}`,
      head: ['Figure', 'Baseline', 'With feedback', 'Without feedback', 'Verdict', 'Rests on'],
      numbers: [1, 2, 3],
      rows: result.findings
        .filter((f) => f.candidate === k && names.includes(f.metric))
        .map((f) => findingRow(result, f)),
    });
  const named = (keep: (m: MetricDefinition) => boolean): string[] =>
    result.metrics.filter(keep).map((m) => m.name);
  const groups = [...new Set(result.metrics.map((m) => m.group))];
  const of = (k: number): Html =>
    html`${part(
      k,
      named((m) => m.headline),
      '',
    )}${groups.map((group) => {
      const names = named((m) => m.group === group);
      const own = result.findings.filter((f) => f.candidate === k && names.includes(f.metric));
      const moved = own.filter((f) => f.feedback.sign !== 0).length;
      return details(
        `${group}: ${moved} of ${own.length} figures moved`,
        part(k, names, `: ${group.toLowerCase()}`),
      );
    })}`;
  return section(
    'figures',
    'Figure by figure',
    'Differences are taken draw by draw, then ranked; two overlapping levels may still differ surely.',
    html`${result.candidates.map((_, k) => of(k))}${details(
      'What the verdicts mean',
      html`<dl class="terms">${LABELS.map(([name, words]) => html`<dt>${name}</dt><dd>${words}</dd>`)}</dl>`,
    )}${details(
      'Definitions',
      html`<dl class="terms">${result.metrics.map(
        (m) => html`<dt>${m.title} (${m.name})</dt><dd>${m.formula}${betterWords(m)}</dd>`,
      )}</dl>`,
    )}`,
  );
}

const betterWords = ({ better, unit }: MetricDefinition): string =>
  ` [${unit}${better === '' ? '' : `; ${better} is better`}]`;

function findingRow(result: CompareResult, f: Finding): Cell[] {
  const metric = result.metrics.find((m) => m.name === f.metric)!;
  const better = isBetter(f, metric);
  const mark = better === null ? '' : better ? ' better' : ' worse';
  return [
    metric.title,
    levelText(f.baseline, metric, result.asset),
    html`${bandText(f.feedback, metric, result.asset)}<small>${mark}</small>`,
    bandText(f.accounting, metric, result.asset),
    html`<span class="tag">${f.label}</span>`,
    html`<small class="why">${f.reasons.join('; ')}</small>`,
  ];
}

/** How far each candidate left history. */
export function stabilitySection(result: CompareResult, picture: Drawn | null): Html {
  return section(
    'stability',
    'How far from history',
    'Where a liquidated lot brings down nearly another one, or prices were moved far, sizes mean nothing.',
    html`${picture === null ? '' : figure(picture)}${table({
      caption: 'Worst over the draws of a cell',
      head: [
        'Candidate',
        'Cell',
        'Draws',
        'Price displaced',
        'Branching ratio',
        'Liquidated, feedback over none',
      ],
      numbers: [2, 3, 4, 5],
      rows: result.stability.map((s) => [
        shortName(result.candidates[s.candidate]!.name),
        s.cell,
        count(s.draws),
        percent(s.displacement, 2),
        decimals(s.branching, 2),
        s.amplification === null ? '\u2013' : decimals(s.amplification, 3),
      ]),
    })}`,
  );
}

/** The headline under the three ways to treat accounts that some rules do not admit. */
export function entrySection(result: CompareResult): Html {
  const headline = result.metrics.filter((m) => m.headline);
  const rows = result.entries.flatMap((panel) =>
    result.candidates.map((c, k): Cell[] => [
      `${panel.policy}: ${ENTRY_WORDS[panel.policy]}`,
      shortName(c.name),
      count(panel.accounts),
      ...headline.map((m) => {
        const [own, other] = [panel.baseline[m.name], panel.candidates[k]![m.name]];
        if (own === null || own === undefined || other === null || other === undefined) return '\u2013';
        return changeText(other - own, m, result.asset);
      }),
    ]),
  );
  return section(
    'entry',
    'Accounts at the start',
    `Accounts that some of the compared rules would liquidate at the first mark are ${
      ENTRY_WORDS[result.entry]
    } in the tables above. Here are the differences under all three ways, from one draw (the scenario as it is) and without feedback.`,
    table({
      caption: 'Candidate less baseline, one draw, no feedback',
      head: ['Policy', 'Candidate', 'Accounts', ...headline.map((m) => m.title)],
      numbers: [2, ...headline.map((_, i) => i + 3)],
      rows,
    }),
  );
}

/** Facts, rules and assumptions apart; what was changed; the draws. */
export function basisSection(result: CompareResult): Html {
  return section(
    'basis',
    'What the numbers rest on',
    'Facts were recorded. Rules are what the venue decides. Assumptions are what nobody published; draws vary some.',
    html`${table({
      caption: 'Candidates',
      head: ['Candidate', 'Rules', 'Overrides'],
      rows: result.candidates.map((c) => [
        shortName(c.name),
        c.rules,
        html`<code>${c.overrides.join('\n')}</code>`,
      ]),
    })}
<div class="three">${card('Facts', result.facts)}${card('Rules of the baseline', result.rules)}
${card('Assumptions', result.assumptions)}</div>
${details(
  `All draws (${count(result.draws.length)})`,
  table({
    caption: 'A draw is replayed alone by cascade run with its seed and overrides, and --baseline',
    head: ['Draw', 'Cell', 'Seed', 'Overrides'],
    rows: result.draws.map((d) => [
      String(d.number),
      d.cell,
      d.seed,
      html`<code>${d.overrides.join(' ')}</code>`,
    ]),
  }),
)}`,
  );
}

const OF_A_VERDICT =
  'A verdict is about these assumptions and their stated ranges, not about ranges that nobody thought of.';

/** What the comparison cannot know. */
export function limitsSection(result: CompareResult): Html {
  const lines = [...result.caveats, ...LIMITS, OF_A_VERDICT];
  return section(
    'limits',
    'Limits',
    '',
    html`<ul class="caveats">${lines.map((line) => html`<li>${line}</li>`)}</ul>`,
  );
}
