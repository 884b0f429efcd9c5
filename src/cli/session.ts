/** One call of the program: where it prints, and the exit code that its command leaves. */
import type { Output } from './output.ts';

export interface Session {
  readonly output: Output;
  exit: number;
}
