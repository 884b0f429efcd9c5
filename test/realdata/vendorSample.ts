/** What is expected of one file of the vendor samples. */
import type { ErrorCode } from '../../src/basics/errors.ts';
import type { Row } from '../support/importing.ts';

export interface Held {
  readonly rows: number;
  readonly first: Row;
  /** The same as the first where there is one row. */
  readonly last?: Row;
}

export type Sample = {
  readonly file: string;
  readonly vendor: string;
  readonly symbol?: string;
  readonly options?: Readonly<Record<string, string>>;
} & (
  | { readonly refused: readonly [code: ErrorCode, reason: RegExp] }
  | { readonly series: Readonly<Record<string, Held>> }
);
