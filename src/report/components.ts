/** Pieces of the page that every section uses: tables, figures with their two still pictures, notes. */
import { type Html, html, trusted } from './html.ts';
import type { Chart, KeyItem } from './charts/chart.ts';

export type Cell = Html | string | number | null;

export interface TableInput {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Places (from 0) of columns that hold numbers: right-aligned. */
  readonly numbers?: readonly number[];
}

/** A table in a region that scrolls by itself and is reached by keyboard. The first column heads its row. */
export function table(input: TableInput): Html {
  const isNumber = new Set(input.numbers ?? []);
  const style = (i: number): Html => (isNumber.has(i) ? html` class="n"` : html``);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${input.caption}"><table>
<caption><span>${input.caption}</span></caption>
<thead><tr>${input.head.map((h, i) => html`<th scope="col"${style(i)}>${h}</th>`)}</tr></thead>
<tbody>
${input.rows.map(
  (row) => html`<tr>${row.map((cell, i) =>
    i === 0
      ? html`<th
    scope="row"${style(0)}>${cell}</th>`
      : html`<td${style(i)}>${cell}</td>`,
  )}</tr>
`,
)}</tbody></table></div>`;
}

/** Content that opens on demand. */
export const details = (summary: string, content: Html): Html =>
  html`<details><summary>${summary}</summary>${content}</details>`;

/** A chart drawn twice, with the title that says what is seen, its key and its note. */
export interface Drawn {
  readonly chart: Chart;
  readonly wide: string;
  readonly narrow: string;
}

/** A drawn chart in both sizes, with its title, and what lies behind it. */
export function figure(drawn: Drawn, behind: Html = html``): Html {
  const { chart } = drawn;
  return html`<figure class="chart" data-chart="${chart.id}" aria-labelledby="${chart.id}-title">
<figcaption><h3 id="${chart.id}-title">${chart.title}</h3>${key(chart.key)}</figcaption>
<div class="picture" role="img" aria-label="${chart.alt}"><div class="wide">${trusted(drawn.wide)}</div><div
  class="narrow">${trusted(drawn.narrow)}</div></div>
${chart.note === '' ? '' : html`<p class="note">${chart.note}</p>`}${behind}</figure>`;
}

function key(items: readonly KeyItem[]): Html {
  if (items.length === 0) return html``;
  return html`<ul class="key">${items.map(
    (item) =>
      html`<li><span class="sign ${item.shape}" style="--c:${item.color}"
        aria-hidden="true"></span>${item.label}</li>`,
  )}</ul>`;
}

/** A section with its heading; `lead` says in a sentence what the section answers. */
export const section = (id: string, title: string, lead: Html | string, content: Html): Html =>
  html`<section id="${id}" aria-labelledby="${id}-h"><h2
    id="${id}-h">${title}</h2>${lead === '' ? '' : html`<p class="lead">${lead}</p>`}
${content}</section>
`;
