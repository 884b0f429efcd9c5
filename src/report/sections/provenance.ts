/**
 * Where the data came from, what was wrong with them, how the index was formed, and what no model can
 * say.
 */
import { type Cell, details, section, table } from '../components.ts';
import { formatDuration } from '../../basics/instant.ts';
import { count } from '../format.ts';
import { type Html, html } from '../html.ts';
import { LIMITS } from '../limits.ts';
import * as queries from '../queries.ts';
import { allFigures } from './summary.ts';
import type { Scope } from './scope.ts';

/** Section: where every input comes from. */
export async function provenanceSection(scope: Scope): Promise<Html> {
  const { manifest } = scope;
  const streams = table({
    caption: 'Input streams',
    head: ['Stream', 'Kind', 'Nature', 'Bar', 'Rows read', 'Accepted problems'],
    rows: manifest.streams.map((s): Cell[] => [
      s.stream,
      s.kind,
      s.nature === 'recorded' ? 'recorded' : html`<b class="warned">${s.nature}</b>`,
      s.intervalUs === 0 ? 'events' : formatDuration(s.intervalUs),
      count(s.rowsRead),
      accepted(s.accepted),
    ]),
    numbers: [4],
  });
  const files = manifest.streams.flatMap((s) =>
    s.files.map((f): Cell[] => [s.stream, f.path, html`<code class="hash">${f.sha256}</code>`]),
  );
  const used: Html[] = [];
  for (const market of manifest.markets) {
    const rows = await queries.indexStates(scope.source, manifest.mainWorld, market.id);
    if (rows.length === 0) continue;
    used.push(
      table({
        caption:
          `${market.id}: states of the index constituents in the scenario\u2019s order (u used, ` +
          `x excluded, c clamped, s stale, - none yet) and how often each began`,
        head: ['Constituents', 'Times', 'Index held'],
        rows: rows.map((r) => [html`<code>${r.constituents}</code>`, count(r.changes), count(r.held)]),
        numbers: [1, 2],
      }),
    );
  }
  return section(
    'provenance',
    'Data and provenance',
    '',
    html`${streams}${details(
      'Files and their sha256',
      table({ caption: 'Files ' + 'read', head: ['Stream', 'File', 'sha256'], rows: files }),
    )}
${used}${allFigures(scope)}${worldList(scope)}`,
  );
}

const accepted = (problems: Readonly<Record<string, number>>): string =>
  Object.entries(problems)
    .filter(([, n]) => n > 0)
    .map(([problem, n]) => `${problem} ${count(n)}`)
    .join(', ') || 'none';

function worldList(scope: Scope): Html {
  const { manifest } = scope;
  return html`${table({
    caption: 'Worlds of this run',
    head: ['World', 'Rule set', 'Feedback', 'Overrides'],
    rows: manifest.worlds.map((w) => [
      w.label,
      html`<code>${w.rules}</code>`,
      w.baseline ? 'baseline' : w.feedback ? 'yes' : 'no',
      w.overrides.length === 0 ? 'none' : html`${w.overrides.map((o) => html`<code>${o}</code> `)}`,
    ]),
  })}
<dl class="terms"><dt>Run</dt><dd><code>${manifest.runId}</code></dd>
<dt>Scenario</dt><dd><code>${manifest.scenarioId}</code></dd>
<dt>Seed</dt><dd><code>${manifest.seed}</code></dd><dt>Program</dt><dd>version ${manifest.codeVersion},
  sources <code class="hash">${manifest.codeDigest}</code></dd>
<dt>Frames</dt><dd><code class="hash">${manifest.framesKey}</code></dd></dl>`;
}

const OF_A_RUN =
  'The rest of the market takes the other side without limit, so losses that nobody could pay are understated by ' +
  'its share.';

/** Section: what the run cannot say. */
export const limitsSection = (): Html =>
  section(
    'limits',
    'What this cannot say',
    '',
    html`<ul>${[...LIMITS, OF_A_RUN].map((l) => html`<li>${l}</li>`)}</ul>`,
  );
