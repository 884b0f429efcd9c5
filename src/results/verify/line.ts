/** The lines of a verification, and two ways to come to one: row by row, or by a query. */
import { type DuckDBConnection, rowsOf } from '../../basics/duckdb.ts';

/** One line of a verification: what was checked, what should be, what is. */
export interface VerifyLine {
  readonly check: string;
  readonly expected: string;
  readonly got: string;
  readonly ok: boolean;
}

/** Two texts that must be the same. */
export const same = (check: string, expected: string, got: string): VerifyLine => ({
  check,
  expected,
  got,
  ok: expected === got,
});

const lineOf = (check: string, total: number, differing: number, first: string): VerifyLine => {
  const expected = `${total} of ${total} agree`;
  const got = differing === 0 ? expected : `${differing} of ${total} differ, first ${first}`;
  return { check, expected, got, ok: differing === 0 };
};

/**
 * The agreement of a query's rows, counted by the database.
 *
 * @param sql  gives `what` (text: the row and how it differs) and `agrees` (boolean; NULL is no)
 */
export async function agreementOf(
  connection: DuckDBConnection,
  check: string,
  sql: string,
): Promise<VerifyLine> {
  const [found] = await rowsOf<{ total: bigint; differing: bigint; first: string | null }>(
    connection,
    `SELECT count(*) AS total, count(*) FILTER (WHERE NOT ok) AS differing, min(what) FILTER (WHERE NOT ok) AS first
       FROM (SELECT what, coalesce(agrees, false) AS ok FROM (${sql}))`,
  );
  return lineOf(check, Number(found!.total), Number(found!.differing), found!.first ?? '');
}

/** Counts agreements and keeps the first difference, in words. */
export class Agreement {
  private readonly check: string;
  private total = 0;
  private differing = 0;
  private first = '';

  constructor(check: string) {
    this.check = check;
  }

  /** @param difference  what differs, asked only if it does */
  see(agrees: boolean, difference: () => string): void {
    this.total++;
    if (agrees) return;
    this.differing++;
    if (this.first === '') this.first = difference();
  }

  line(): VerifyLine {
    return lineOf(this.check, this.total, this.differing, this.first);
  }
}
