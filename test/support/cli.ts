/** The program in process, its words caught: `const { exit, out, err } = await cascade('rules', 'list')`. */
import { main } from '../../src/cli/main.ts';

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** @param args  what a user types after `cascade` */
export async function cascade(...args: readonly string[]): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const exit = await main(args, {
    result: (line) => out.push(line),
    note: (line) => err.push(line),
    watched: false,
    env: {},
  });
  return { exit, out: out.join('\n'), err: err.join('\n') };
}
