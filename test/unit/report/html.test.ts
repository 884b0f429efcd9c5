/** Escaping: whatever a name holds, it stays text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeHtml, html, jsonBlock, trusted } from '../../../src/report/html.ts';

const HOSTILE = '</script><img src=x onerror=alert(1)>"\'&';

test('values are escaped, markup of our own is not', () => {
  assert.equal(
    html`<td title="${HOSTILE}">${HOSTILE}</td>${trusted('<b>')}`.text,
    `<td title="${escapeHtml(HOSTILE)}">${escapeHtml(HOSTILE)}</td><b>`,
  );
  assert.doesNotMatch(escapeHtml(HOSTILE), /[<>"']/);
});

test('lists are joined, nothing is written for null', () => {
  assert.equal(html`${['<', html`<i>${1.5}</i>`, null, undefined]}`.text, '&lt;<i>1.5</i>');
});

test('a JSON block cannot be closed by its content and reads back', () => {
  const block = jsonBlock('x', { name: HOSTILE }).text;
  assert.equal(block.match(/<\/script>/g)?.length, 1);
  const inner = block.slice(block.indexOf('>') + 1, block.lastIndexOf('</script>'));
  assert.deepEqual(JSON.parse(inner), { name: HOSTILE });
});
