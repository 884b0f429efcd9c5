/** `cascade price`: liquidation and bankruptcy price of one account, with the arithmetic shown. */
import { readFileSync } from 'node:fs';
import type { Command } from '@commander-js/extra-typings';
import { type Place, ReplayError } from '../basics/errors.ts';
import type { Tree, TreeMap } from '../rules/treeSchema.ts';
import type { AccountForm } from '../study/priceSchema.ts';
import { collected } from './arguments.ts';
import { printJson } from './output.ts';
import type { Session } from './session.ts';

const EXAMPLES = `
Examples:
  $ cascade price --market BTCUSDT --side long --qty 1 --entry 80000 --mark 78500 --margin 4000
  $ cascade price --market ETHUSDT --side short --qty 20 --entry 2500 --mark 2400 --leverage 20 --velocity 30/min
  $ cascade price --rules bybit-inverse@2020-03 --side long --qty 5000 --entry 7890.08 --mark 7900 --leverage 50
  $ cascade price --cross --wallet 5000 --market BTCUSDT --side long --qty 1 --entry 43000 --mark 42500 \\
      --leg side=short,qty=0.4,entry=42900
  $ cascade price --rules bybit-uta@2023-09 --cross --balance USDT=2000 --balance BTC=0.1 --side long --qty 1 \\
      --entry 40000 --mark 40100
  $ cascade price --account account.json --rules okx-usdt@2022-06 --json

An account file (JSON or YAML, - is stdin):
  { "mode": "cross", "wallet": "5000", "legs": [
    { "market": "BTCUSDT", "side": "long", "qty": "1", "entry": "43000", "mark": "42500" } ] }

Under portfolio margin a leg may be an option or a dated future; its mark follows from the index:
  { "mode": "cross", "balances": { "BTC": "1" }, "at": "2022-06-13T00:00Z", "legs": [
    { "market": "BTC-PERPETUAL", "side": "long", "qty": "2000", "entry": "25000", "mark": "24000" },
    { "market": "PUT", "side": "long", "qty": "1", "entry": "0.05" } ],
    "contracts": { "PUT": { "derived": { "kind": "option", "underlying": "BTC-PERPETUAL", "right": "put",
      "strike": "22000", "expiry": "2022-06-24T08:00Z", "volatility": "0.9", "premium": "coin" } } } }`;

interface PriceFlags {
  readonly account?: string;
  readonly rules?: string;
  readonly override: readonly string[];
  readonly market?: string;
  readonly side?: string;
  readonly qty?: string;
  readonly entry?: string;
  readonly mark?: string;
  readonly margin?: string;
  readonly leverage?: string;
  readonly cross?: true;
  readonly wallet?: string;
  readonly balance: readonly string[];
  readonly index: readonly string[];
  readonly at?: string;
  readonly orderMargin?: string;
  readonly leg: readonly string[];
  readonly faceValue?: string;
  readonly tick?: string;
  readonly lot?: string;
  readonly settle?: string;
  readonly velocity?: string;
  readonly adlRank?: string;
  readonly adlWinners?: string;
  readonly adlScores?: string;
  readonly alertRatio: string;
  readonly alertDistance: string;
  readonly json?: true;
}

/** Adds the command to the tree. */
export function addPrice(cli: Command, session: Session): void {
  cli
    .command('price')
    .description('Liquidation and bankruptcy price of one account, with the arithmetic shown.')
    .option('--account <file>', 'read the account from a file, or from stdin with -')
    .option('--rules <id|file>', 'rule set (default: binance-usdm@2021-05)')
    .option('--override <path=value>', 'change a rule (repeatable)', collected, [])
    .option('--market <id>', 'market (default: the only one of the rules)')
    .option('--side <long|short>', 'side of the position')
    .option('--qty <amount>', 'base units (linear) or contracts (inverse)')
    .option('--entry <price>', 'entry price')
    .option('--mark <price>', "today's mark")
    .option('--margin <amount>', 'isolated margin, settlement units')
    .option('--leverage <factor>', 'isolated margin as entry value / leverage')
    .option('--cross', 'one wallet behind all legs')
    .option('--wallet <amount>', 'cross wallet, settlement units')
    .option(
      '--balance <asset=amount>',
      'cross account of several assets: one of them (repeatable)',
      collected,
      [],
    )
    .option('--index <market=price>', 'index of a market (default: its mark; repeatable)', collected, [])
    .option('--at <time>', 'instant of the question (UTC), where a leg is an option')
    .option('--order-margin <amount>', 'part of the cross wallet that resting orders lock')
    .option(
      '--leg <name=value,...>',
      'a further leg: side, qty, entry, market, mark, ... (repeatable)',
      collected,
      [],
    )
    .option('--face-value <amount>', 'quote units per contract: makes the contract inverse')
    .option('--tick <price>', 'tick of the contract')
    .option('--lot <amount>', 'lot of the contract')
    .option('--settle <asset>', 'settlement asset of the contract')
    .option('--velocity <price/unit>', 'how the mark moves, per s, min or h: -120/min')
    .option('--adl-rank <n>', "place among the winners of the leg's side, from 1")
    .option('--adl-winners <n>', 'how many winners that side has')
    .option('--adl-scores <list>', 'scores of the other winners: 3,1.2,0.5')
    .option('--alert-ratio <warning,critical>', 'bands of maintenance / equity', '0.5,0.8')
    .option('--alert-distance <critical,warning>', 'bands of the distance to liquidation', '0.01,0.03')
    .option('--json', 'print the figures as JSON; errors too, on stderr')
    .addHelpText('after', EXAMPLES)
    .action((flags) => price(flags, session));
}

async function price(flags: PriceFlags, { output }: Session): Promise<void> {
  const { bandsOf, priceAccount } = await import('../study/price.ts');
  const bands = bandsOf(flags.alertRatio, flags.alertDistance);
  const { account, placeOf } =
    flags.account === undefined ? await typed(flags) : await read(flags.account, flags);
  const { rules, override: overrides } = flags;
  const asked = { account, ...(rules === undefined ? {} : { rules }), overrides, bands };
  const told = placed(() => priceAccount(asked), placeOf);
  if (flags.json === true) return printJson(output, told.json);
  for (const line of told.lines) output.result(line);
}

/** An account, and where its parts were stated. */
interface Stated {
  readonly account: AccountForm;
  readonly placeOf: (path: string) => Place;
}

async function typed(flags: PriceFlags): Promise<Stated> {
  const { readAccountForm } = await import('../study/priceSchema.ts');
  const placeOf = (path: string): Place => ({ file: COMMAND_LINE, path: flagOf(path) });
  const origin = { file: COMMAND_LINE, code: 'SCENARIO_INVALID' as const };
  return { account: placed(() => readAccountForm(treeOf(flags), origin), placeOf), placeOf };
}

async function read(file: string, flags: PriceFlags): Promise<Stated> {
  const several = (['leg', 'balance', 'index'] as const).find((flag) => flags[flag].length > 0);
  const also = TYPED.find((flag) => flags[flag] !== undefined) ?? several;
  if (also !== undefined) {
    const place = { file: COMMAND_LINE, path: `--${kebab(also)}` };
    const message = 'an account comes from a file or is typed, not both';
    throw new ReplayError('SCENARIO_INVALID', message, place, 'Leave out one of them.');
  }
  const { readAccountForm } = await import('../study/priceSchema.ts');
  const { readTree } = await import('../rules/treeSchema.ts');
  const name = file === '-' ? 'stdin' : file;
  const { tree, rowOf } = readTree(textOf(file), name, 'SCENARIO_INVALID');
  const account = readAccountForm(tree, { file: name, code: 'SCENARIO_INVALID', rowOf });
  return { account, placeOf: (path) => ({ file: name, path, row: rowOf(path.split('.')) }) };
}

const COMMAND_LINE = 'command line';

/** What is typed about an account, rather than about the question. */
const TYPED = [
  'market',
  'side',
  'qty',
  'entry',
  'mark',
  'margin',
  'leverage',
  'cross',
  'wallet',
  'at',
  'orderMargin',
  'faceValue',
  'tick',
  'lot',
  'settle',
  'velocity',
  'adlRank',
  'adlWinners',
  'adlScores',
] as const;

const refused = (message: string, path: string, remedy: string): ReplayError =>
  new ReplayError('SCENARIO_INVALID', message, { path }, remedy);

/** Names with a value. */
const present = (fields: Readonly<Record<string, Tree | undefined>>): TreeMap =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

/** What was typed, in the form of an account file. */
function treeOf(flags: PriceFlags): TreeMap {
  const { market, side, qty, entry, mark, margin, leverage, velocity } = flags;
  const { faceValue, tick, lot, settle, adlRank: rank, adlWinners: winners, adlScores } = flags;
  const scores = adlScores?.split(',').map((text) => text.trim());
  const adl = present({ rank, winners, scores });
  const first = present({
    market,
    side,
    qty,
    entry,
    mark,
    margin,
    leverage,
    adl: Object.keys(adl).length === 0 ? undefined : adl,
  });
  const contract = present({ faceValue, tick, lot, settle });
  const legs = [first, ...flags.leg.map((text, i) => furtherLeg(text, i, { market, mark }))];
  return present({
    mode: flags.cross === true ? 'cross' : 'isolated',
    wallet: flags.wallet,
    balances: pairsOf(flags.balance, 'balances'),
    indexes: pairsOf(flags.index, 'indexes'),
    at: flags.at,
    orderMargin: flags.orderMargin,
    legs,
    contract: Object.keys(contract).length === 0 ? undefined : contract,
    velocity,
  });
}

/** `BTC=0.5` and the like by name; undefined where there is none. */
function pairsOf(texts: readonly string[], part: string): TreeMap | undefined {
  const pairs = texts.map((text) => {
    const [name, amount, ...more] = text.split('=').map((piece) => piece.trim());
    if (name && amount && more.length === 0) return [name, amount] as const;
    throw refused(`not name=amount: ${text}`, part, 'Write for example BTC=0.5.');
  });
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}

/** `side=short,qty=0.4,entry=42900`; market and mark as in the first leg where they are left out. */
function furtherLeg(
  text: string,
  i: number,
  first: { readonly market: string | undefined; readonly mark: string | undefined },
): TreeMap {
  const pairs = text.split(',').map((pair) => pair.split('='));
  if (pairs.some((pair) => pair.length !== 2 || pair[0]!.trim() === ''))
    throw refused(
      `not name=value,...: ${text}`,
      `legs.${i + 1}`,
      'Write for example side=short,qty=0.4,entry=42900.',
    );
  const own = Object.fromEntries(pairs.map(([name, value]) => [name!.trim(), value!.trim()])) as TreeMap;
  const sameMarket = own.market === undefined || own.market === first.market;
  return { ...present({ market: first.market, mark: sameMarket ? first.mark : undefined }), ...own };
}

function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch {
    throw new ReplayError(
      'SCENARIO_INVALID',
      'no such account file',
      { file },
      'Name a JSON or YAML file, or - for stdin.',
    );
  }
}

/** Parts of an account: what the path of an error about one begins with. */
const PARTS = [
  ...['legs', 'contract', 'contracts', 'wallet', 'balances', 'indexes', 'at', 'orderMargin', 'mode'],
  ...['velocity', 'velocities'],
];

/** The answer; an error about a part of the account gets the place where that part was stated. */
function placed<T>(answer: () => T, placeOf: (path: string) => Place): T {
  try {
    return answer();
  } catch (error) {
    const path = error instanceof ReplayError ? error.place.path : undefined;
    if (!(error instanceof ReplayError) || path === undefined || !PARTS.includes(path.split('.')[0]!))
      throw error;
    throw new ReplayError(error.code, error.message, placeOf(path), error.remedy);
  }
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** `--qty` of `legs.0.qty`, `--leg 1 qty` of `legs.1.qty`, `--adl-rank` of `legs.0.adl.rank`. */
function flagOf(path: string): string {
  const steps = path.split('.');
  if (steps[0] === 'legs' && steps[1] !== undefined && steps[1] !== '0')
    return ['--leg', steps[1], ...steps.slice(2)].join(' ');
  if (steps[0] === 'contracts') return steps[2] === undefined ? '--tick' : `--${kebab(steps[2])}`;
  if (steps[0] === 'mode') return '--cross';
  if (steps[0] === 'balances') return '--balance';
  if (steps[0] === 'indexes') return '--index';
  const named = steps.filter((step) => !/^\d+$/.test(step) && step !== 'legs' && step !== 'contract');
  return `--${named.length === 0 ? 'side' : kebab(named.join('-'))}`;
}
