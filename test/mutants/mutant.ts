/** What a mutant is: one text in one file put in the place of another, and the tests that must notice. */
export interface Mutant {
  readonly file: string;
  /** Tests of which one must fail. */
  readonly tests: readonly string[];
  /** Text that occurs once in the file. */
  readonly find: string;
  readonly replace: string;
}

/** A mutant in one line. */
export const mutant = (file: string, tests: readonly string[], find: string, replace: string): Mutant => ({
  file,
  tests,
  find,
  replace,
});
