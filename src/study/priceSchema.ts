/**
 * The form of an account that `cascade price` reads: from a file, or made of what was typed. Amounts
 * stay texts until they are exact, so 0.005 is never a float64.
 */
import { z } from 'zod';
import { type Price, parse, price as exactPrice, type Rate, rate as exactRate } from '../basics/exact.ts';
import { derivedSchema } from '../rules/contractSchema.ts';
import {
  byName,
  instant,
  list,
  moneyFromZero,
  positiveMoney,
  price,
  signedMoney,
  step,
  strict,
  text,
  whole,
  word,
} from '../rules/fieldSchema.ts';
import { REMEDY_MARK, shaped, type Tree, type TreeOrigin } from '../rules/treeSchema.ts';

/** Units of time in a velocity, in seconds. */
const SECONDS = { s: '1', min: '60', h: '3600' } as const;

/** How fast a mark moves: price units in a number of seconds, signed. */
export interface Velocity {
  readonly text: string;
  /** Signed; not 0. */
  readonly move: Price;
  readonly seconds: Rate;
}

const velocity = z.string().transform((input, context): Velocity => {
  const m = /^([+-]?\d+(?:\.\d+)?)\/(s|min|h)$/.exec(input);
  const move = exactPrice(m?.[1] ?? '0');
  if (m !== null && !move.isZero())
    return { text: input, move, seconds: exactRate(SECONDS[m[2] as keyof typeof SECONDS]) };
  const remedy = 'Write price units per s, min or h, for example -120/min.';
  context.addIssue({
    code: 'custom',
    message: `not a velocity: ${JSON.stringify(input)}${REMEDY_MARK}${remedy}`,
  });
  return z.NEVER;
});

const leverage = z.string().transform((input, context): Rate => {
  try {
    const value = parse('rate', input);
    if (value.isPositive()) return value;
  } catch {
    // said below
  }
  const remedy = 'Write a number above 0, for example 20.';
  context.addIssue({
    code: 'custom',
    message: `not a leverage: ${JSON.stringify(input)}${REMEDY_MARK}${remedy}`,
  });
  return z.NEVER;
});

const score = z.string().transform((input, context): Rate => {
  try {
    return parse('rate', input);
  } catch {
    const remedy = 'Write decimal numbers, for example 3,1.2,0.5.';
    context.addIssue({
      code: 'custom',
      message: `not a score: ${JSON.stringify(input)}${REMEDY_MARK}${remedy}`,
    });
    return z.NEVER;
  }
});

const leg = strict({
  market: text.exactOptional(),
  side: word('long', 'short'),
  qty: step,
  entry: price,
  /** Left out only in a market that is priced from the index of another. */
  mark: price.exactOptional(),
  margin: moneyFromZero.exactOptional(),
  leverage: leverage.exactOptional(),
  /** Place from 1 among the winners of the side, and how many they are; or everybody else's scores. */
  adl: strict({
    rank: whole(1, 1e9).exactOptional(),
    winners: whole(1, 1e9).exactOptional(),
    scores: list(score).exactOptional(),
  }).exactOptional(),
});

const contract = strict({
  settle: text.exactOptional(),
  tick: price.exactOptional(),
  lot: step.exactOptional(),
  /** Quote units per contract: makes the contract inverse. */
  faceValue: positiveMoney.exactOptional(),
  valueScale: whole(0, 18).exactOptional(),
  /** A dated future or an option: priced from the index of the market that it is on. */
  derived: derivedSchema.exactOptional(),
});

const account = strict({
  rules: text.exactOptional(),
  mode: word('isolated', 'cross').default('isolated'),
  wallet: moneyFromZero.exactOptional(),
  /** Instead of a wallet, in a cross account of several assets: what it has of each, below 0 what it owes. */
  balances: byName(signedMoney).exactOptional(),
  /** Index by market; that of a market that is not named is its mark. */
  indexes: byName(price).default({}),
  /** The instant of the question: an option's life counts from it. */
  at: instant.exactOptional(),
  orderMargin: moneyFromZero.exactOptional(),
  legs: list(leg),
  /** By market; or `contract` and a bare velocity, those of the first leg's market. */
  contracts: byName(contract).default({}),
  contract: contract.exactOptional(),
  velocities: byName(velocity).default({}),
  velocity: velocity.exactOptional(),
});

export type AccountForm = z.output<typeof account>;
/** A leg whose market and mark are known: as stated, or the only market of the rules, or a price from its index. */
export type LegForm = AccountForm['legs'][number] & { readonly market: string; readonly mark: Price };
export type ContractForm = AccountForm['contracts'][string];

/** An account in this form. @throws ReplayError with the origin's code, file, path and row */
export const readAccountForm = (tree: Tree, origin: TreeOrigin): AccountForm => shaped(account, tree, origin);
