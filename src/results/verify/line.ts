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
    const expected = `${this.total} of ${this.total} agree`;
    const got =
      this.differing === 0 ? expected : `${this.differing} of ${this.total} differ, first ${this.first}`;
    return { check: this.check, expected, got, ok: this.differing === 0 };
  }
}
