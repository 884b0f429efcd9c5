/**
 * HTML that cannot be broken by its content: the `html` template escapes every value that is not
 * itself `Html`, so a hostile account or symbol name stays text wherever it appears.
 */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Value = Html | string | number | null | undefined | readonly Value[];

/** Text made safe between tags and inside double or single quotes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function written(value: Value): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return escapeHtml(String(value));
  return value.map(written).join('');
}

/** Template tag: literal parts are trusted, values are escaped, lists are joined without a separator. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(parts.map((part, i) => (i === 0 ? part : written(values[i - 1]) + part)).join(''));
}

/** Text that is markup already: our own style, script and SVG, never anything read from a file of results. */
export const trusted = (text: string): Html => new Html(text);

/** A JSON block that scripts read and nothing runs: `<` is escaped, so no text can close the element. */
export function jsonBlock(id: string, value: unknown): Html {
  const text = JSON.stringify(value).replaceAll('<', '\\u003c');
  return new Html(`<script type="application/json" id="${escapeHtml(id)}">${text}</script>`);
}
