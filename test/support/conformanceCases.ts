/** Conformance cases as rows of a table: each must pass, with what it got in the message where it does not. */
import assert from 'node:assert/strict';
import { runConformance } from '../../src/study/conformance.ts';

export type Case = readonly [
  venue: string,
  kind: string,
  inputs: object,
  expected: object,
  tolerance?: object,
];

export const one = (...asked: Case): Case => asked;

export const EXACT = { type: 'exact', value: '0' };
export const within = (value: string) => ({ type: 'abs', value });
export const RELATIVE = { type: 'rel', value: '1e-6' };

/** Every case passes; what it got is in the message where one does not. */
export function allPass(cases: readonly Case[]): void {
  const rows = cases.map(([venue, kind, inputs, expected, tolerance], i) => ({
    ...{ id: String(i), venue, kind, inputs, expected, tolerance: tolerance ?? EXACT },
  }));
  for (const line of runConformance(JSON.stringify(rows))) {
    const { venue, kind, expected, got, note } = line;
    const told = `${line.id} ${venue} ${kind}: expected ${expected}, got ${got} (${note})`;
    assert.equal(line.verdict, 'pass', told);
  }
}
