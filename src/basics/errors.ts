/** Every failure a user can meet has a code, a place and a way out. `docs/errors.md` lists them. */
export type ErrorCode =
  | 'SCENARIO_INVALID'
  | 'RULES_INVALID'
  | 'RULES_NOT_IN_FORCE' // what you asked for
  | 'DATA_MISSING'
  | 'DATA_SCHEMA'
  | 'DATA_DISORDER'
  | 'DATA_GAP' // what you fed in
  | 'RESULT_STORE'
  | 'RESULT_MISMATCH' // what came out
  | 'INVARIANT'; // our bug, never yours

/** Where it happened: any of these, in the words of the user's own files. */
export interface Place {
  readonly file?: string;
  readonly row?: number;
  readonly path?: string;
  readonly tsUs?: number;
}

export class ReplayError extends Error {
  readonly code: ErrorCode;
  readonly place: Place;
  readonly remedy: string;

  constructor(code: ErrorCode, message: string, place: Place, remedy: string) {
    super(message);
    this.name = 'ReplayError';
    this.code = code;
    this.place = place;
    this.remedy = remedy;
  }
}

/** Whether the system refused a call (no space, no permission), rather than our code failing. */
export const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string';

/** States a fact the program relies on. Stays on in production: a wrong ledger is worse than none. */
export function invariant(holds: boolean, fact: string): asserts holds {
  if (!holds) {
    throw new ReplayError(
      'INVARIANT',
      `Broken invariant: ${fact}`,
      {},
      'Please report this with the run id.',
    );
  }
}

/** The nearest of `names` to `wrong` by edit distance, for "did you mean"; null when none is near. */
export function nearest(wrong: string, names: readonly string[]): string | null {
  let best: string | null = null;
  let bestCost = Math.max(2, Math.floor(wrong.length / 2)) + 1;
  for (const name of names) {
    const cost = editDistance(wrong.toLowerCase(), name.toLowerCase());
    if (cost < bestCost) [best, bestCost] = [name, cost];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
