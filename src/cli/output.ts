/**
 * Where the program's words go: results to stdout, progress and errors to stderr, so that a result
 * can be piped. Commands get this instead of `process`, which is what lets tests run them in process.
 */

export interface Output {
  /** A line of the result. */
  readonly result: (line: string) => void;
  /** A line that is not a result: an error, a hint. */
  readonly note: (line: string) => void;
  /** true: a person watches stderr, so a progress bar makes sense. */
  readonly watched: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The output of this process. */
export const processOutput = (): Output => ({
  result: (line) => void process.stdout.write(`${line}\n`),
  note: (line) => void process.stderr.write(`${line}\n`),
  watched: process.stderr.isTTY === true,
  env: process.env,
});

/** A result as JSON for programs: indented, one document. */
export const printJson = (output: Output, data: unknown): void =>
  output.result(JSON.stringify(data, null, 2));

/**
 * Rows as text in columns, the first row being the head.
 *
 * @returns  lines without trailing spaces
 */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => row[c]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, c) => cell.padEnd(widths[c]!))
      .join('  ')
      .trimEnd(),
  );
}
