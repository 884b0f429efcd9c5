/** Errors as people, programs and shells see them. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { type ErrorCode, ReplayError } from '../../../src/basics/errors.ts';
import { EXIT, explain } from '../../../src/cli/errorText.ts';

test('an error is its code, message, place and remedy', () => {
  const place = { file: 'data/x.parquet', row: 17, path: 'facts.streams.perp', tsUs: 1_583_971_200_000_000 };
  const { text, exit } = explain(
    new ReplayError('DATA_GAP', 'no trades for 41 min', place, 'Fetch it again.'),
  );
  assert.equal(
    text,
    // 1583971200 s is 18333 days of 86400 s: 12 March 2020, 00:00 UTC
    'DATA_GAP: no trades for 41 min (file data/x.parquet, row 17, path facts.streams.perp, time 2020-03-12T00:00:00Z)\n  Fetch it again.',
  );
  assert.equal(exit, 2);
});

test('a place that nobody knows leaves no brackets', () => {
  const { text } = explain(new ReplayError('RULES_INVALID', 'bad', {}, 'Do better.'));
  assert.equal(text, 'RULES_INVALID: bad\n  Do better.');
});

test('every code has the exit code of its family', () => {
  const families: readonly [number, readonly ErrorCode[]][] = [
    [2, ['SCENARIO_INVALID', 'RULES_INVALID', 'RULES_NOT_IN_FORCE']],
    [2, ['DATA_MISSING', 'DATA_SCHEMA', 'DATA_DISORDER', 'DATA_GAP']],
    [74, ['RESULT_STORE']],
    [3, ['RESULT_MISMATCH']],
    [70, ['INVARIANT']],
  ];
  for (const [exit, codes] of families) {
    for (const code of codes) {
      const explained = explain(new ReplayError(code, 'm', {}, 'r'));
      assert.equal(explained.exit, exit, code);
      assert.equal(explained.json.exit, exit, code);
    }
  }
});

test('an error that nobody foresaw is our bug, with its stack', () => {
  const error = new TypeError('x is not a function');
  const { text, exit } = explain(error);
  assert.equal(exit, EXIT.ourBug);
  assert.match(text, /^INVARIANT: x is not a function\n {2}This is a bug of cascade-replay/);
  assert.match(text, /errorText\.test\.ts/);
  assert.equal(explain('a thrown text').exit, EXIT.ourBug);
});

test('a disk that refuses is the store, not a bug', () => {
  let caught: unknown;
  try {
    writeFileSync('/dev/full', 'x');
  } catch (error) {
    caught = error;
  }
  const { text, exit } = explain(caught);
  assert.equal(exit, EXIT.store);
  assert.match(text, /^RESULT_STORE: ENOSPC/);
});

test('as JSON an error keeps its parts', () => {
  const { json } = explain(new ReplayError('DATA_SCHEMA', 'm', { file: 'f', row: 3 }, 'r'));
  assert.deepEqual(json, {
    error: { code: 'DATA_SCHEMA', message: 'm', place: { file: 'f', row: 3 }, remedy: 'r' },
    exit: 2,
  });
});
