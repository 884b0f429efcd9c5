/** Names of accounts that have none of their own: the letter a and their number. */

export const nameOfNumber = (a: number): string => `a${a}`;

const LETTER = 'a'.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);

/** The number in such a name; -1 where it is none. By hand: it is asked of both parties of every transfer. */
export function numberOf(name: string): number {
  if (name.length < 2 || name.charCodeAt(0) !== LETTER) return -1;
  let number = 0;
  for (let i = 1; i < name.length; i++) {
    const digit = name.charCodeAt(i) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}
