/**
 * The only place where an error becomes text and a number. Every failure that a user can meet is a
 * ReplayError with a code, a place and a way out; anything else is our bug and says so.
 */
import { type ErrorCode, isSystemError, type Place, ReplayError } from '../basics/errors.ts';
import { formatInstant } from '../basics/instant.ts';

/** 0 done, 2 your input, 3 a check that differs, 70 our bug, 74 disk or store, 130 interrupted. */
export const EXIT = { done: 0, input: 2, differs: 3, ourBug: 70, store: 74, interrupted: 130 } as const;

const EXIT_OF: Readonly<Record<ErrorCode, number>> = {
  SCENARIO_INVALID: EXIT.input,
  RULES_INVALID: EXIT.input,
  RULES_NOT_IN_FORCE: EXIT.input,
  DATA_MISSING: EXIT.input,
  DATA_SCHEMA: EXIT.input,
  DATA_DISORDER: EXIT.input,
  DATA_GAP: EXIT.input,
  RESULT_STORE: EXIT.store,
  RESULT_MISMATCH: EXIT.differs,
  INVARIANT: EXIT.ourBug,
};

const BUG_REMEDY = 'This is a bug of cascade-replay, not of your input. Please report it with this text.';

/** An error as a person reads it, as a program reads it, and as the shell sees it. */
export interface Explained {
  readonly text: string;
  readonly json: {
    readonly error: {
      readonly code: ErrorCode;
      readonly message: string;
      readonly place: Place;
      readonly remedy: string;
    };
    readonly exit: number;
  };
  readonly exit: number;
}

/**
 * What to print for an error, and the exit code.
 *
 *   CODE: message (file ..., row ...)
 *     remedy
 *
 * @param error  anything that was thrown; a failed system call counts as RESULT_STORE, for every file
 *               that a user names is opened where a better code is known
 */
export function explain(error: unknown): Explained {
  const { code, message, place, remedy } = coded(error);
  const said = placeText(place);
  const bug = code === 'INVARIANT' && error instanceof Error ? `\n${error.stack ?? ''}` : '';
  return {
    text: `${code}: ${message}${said === '' ? '' : ` (${said})`}\n  ${remedy}${bug}`,
    json: { error: { code, message, place, remedy }, exit: EXIT_OF[code] },
    exit: EXIT_OF[code],
  };
}

function coded(error: unknown): Pick<ReplayError, 'code' | 'message' | 'place' | 'remedy'> {
  if (error instanceof ReplayError) return error;
  if (isSystemError(error)) {
    const place = error.path === undefined ? {} : { file: error.path };
    const remedy = 'Free space there, or check the path and its permissions.';
    return { code: 'RESULT_STORE', message: error.message, place, remedy };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'INVARIANT', message, place: {}, remedy: BUG_REMEDY };
}

/** `file data/x.parquet, row 17`; instants both readable and as in the file. */
function placeText({ file, row, path, tsUs }: Place): string {
  return [
    file === undefined ? '' : `file ${file}`,
    row === undefined ? '' : `row ${row}`,
    path === undefined ? '' : `path ${path}`,
    tsUs === undefined ? '' : `time ${formatInstant(tsUs)}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}
