/**
 * What a trading system does with the exported messages, written apart from the program: a state of
 * balances and positions per account. A snapshot replaces what is known of its account; a message of
 * the stream counts unless something newer is known. Amounts stay the texts that were sent.
 */
import { Decimal } from 'decimal.js';

/** `account asset` -> balance; `account market side` -> signed quantity, empty positions left out. */
export interface Rebuilt {
  readonly balances: Map<string, string>;
  readonly positions: Map<string, string>;
}

type Fields = ReturnType<JSON['parse']>;

/** Numbers keep the digits that were sent. */
const parse = (line: string): Fields =>
  JSON.parse(line, (_key, item: unknown, context?: { source?: string }) =>
    typeof item === 'number' && context?.source !== undefined && /[.\d]{10}/.test(context.source)
      ? new Decimal(context.source)
      : item,
  ) as Fields;

interface Put {
  readonly account: string;
  readonly what: 'balances' | 'positions';
  readonly key: string;
  readonly value: string;
  readonly at: number;
  readonly whole?: true;
}

/** One account: what is held, when each was heard of, and the time of the last snapshot of either kind. */
interface Known {
  readonly balances: Map<string, string>;
  readonly positions: Map<string, string>;
  readonly heard: Map<string, number>;
  readonly wholeAt: Map<string, number>;
}

/** Knows when it heard of what, so that late messages do not undo newer ones. */
class State {
  private readonly accounts = new Map<string, Known>();

  /** A snapshot of the account's balances or positions. */
  whole(account: string, what: 'balances' | 'positions', at: number): void {
    const known = this.of(account);
    known.wholeAt.set(what, at);
    known[what].clear();
  }

  put({ account, what, key, value, at, whole }: Put): void {
    const known = this.of(account);
    const since = known.wholeAt.get(what) ?? -1;
    if (whole !== true && (at <= since || at < (known.heard.get(key) ?? -1))) return;
    known.heard.set(key, at);
    if (what === 'positions' && Number(value) === 0) known.positions.delete(key);
    else known[what].set(key, value);
  }

  /** `account key` -> value, of all accounts. */
  all(what: 'balances' | 'positions'): [string, string][] {
    return [...this.accounts].flatMap(([account, known]) =>
      [...known[what]].map(([key, value]): [string, string] => [`${account} ${key}`, value]),
    );
  }

  private of(account: string): Known {
    const fresh = { balances: new Map(), positions: new Map(), heard: new Map(), wholeAt: new Map() };
    const known = this.accounts.get(account) ?? fresh;
    this.accounts.set(account, known);
    return known;
  }
}

const sideOf = (ps: string, amount: string): string => {
  if (ps !== 'BOTH') return ps.toLowerCase();
  return amount.startsWith('-') ? 'short' : 'long';
};

/** One-way positions go by one key whatever their side, so that a flip replaces. */
const slot = (symbol: string, ps: string): string => `${symbol} ${ps === 'BOTH' ? 'BOTH' : ps.toLowerCase()}`;

function binance(lines: Iterable<string>): State {
  const state = new State();
  for (const line of lines) {
    const { stream, data, rest, account, time, response } = parse(line);
    const at = time as number;
    if (typeof rest === 'string' && rest.endsWith('/account')) {
      state.whole(account, 'balances', at);
      for (const a of response.assets)
        state.put({ account, what: 'balances', key: a.asset, value: a.walletBalance, at, whole: true });
    } else if (typeof rest === 'string' && rest.endsWith('/positionRisk')) {
      state.whole(account, 'positions', at);
      for (const p of response)
        state.put({
          account,
          what: 'positions',
          key: slot(p.symbol, p.positionSide),
          value: p.positionAmt,
          at,
          whole: true,
        });
    } else if (data?.e === 'ACCOUNT_UPDATE') {
      for (const b of data.a.B)
        state.put({ account: stream, what: 'balances', key: b.a, value: b.wb, at: data.T });
      for (const p of data.a.P)
        state.put({ account: stream, what: 'positions', key: slot(p.s, p.ps), value: p.pa, at: data.T });
    }
  }
  return state;
}

function bybit(lines: Iterable<string>): State {
  const state = new State();
  const position = (account: string, p: Fields, at: number, whole?: true): void => {
    const side = p.positionIdx === 0 ? 'BOTH' : p.positionIdx === 1 ? 'long' : 'short';
    const value = p.side === 'Sell' && p.size !== '0' ? `-${p.size}` : p.size;
    state.put({
      account,
      what: 'positions',
      key: `${p.symbol} ${side}`,
      value,
      at,
      ...(whole ? { whole } : {}),
    });
  };
  for (const line of lines) {
    const { id, topic, creationTime, data, rest, account, time, response } = parse(line);
    if (rest === 'GET /v5/account/wallet-balance') {
      state.whole(account, 'balances', time);
      for (const c of response.list[0].coin)
        state.put({ account, what: 'balances', key: c.coin, value: c.walletBalance, at: time, whole: true });
    } else if (rest === 'GET /v5/position/list') {
      state.whole(account, 'positions', time);
      for (const p of response.list) position(account, p, time, true);
    } else if (topic === 'wallet') {
      for (const c of data[0].coin)
        state.put({
          account: id.split(':')[0],
          what: 'balances',
          key: c.coin,
          value: c.walletBalance,
          at: creationTime,
        });
    } else if (topic === 'position') for (const p of data) position(id.split(':')[0], p, creationTime);
  }
  return state;
}

/** Names of accounts by number, and assets by the venue's unit. */
const ASSETS: Fields = { XBt: ['XBT', 8], USDt: ['USDT', 6] };
const plain = (value: Decimal.Value): string => new Decimal(value).toFixed();

function bitmex(lines: Iterable<string>, numbers: Readonly<Record<string, number>>): State {
  const state = new State();
  const names = new Map(Object.entries(numbers).map(([name, n]) => [n, name]));
  const name = (n: unknown): string => names.get(Number(String(n))) ?? `a${n}`;
  for (const line of lines) {
    const { table, action, data, filter } = parse(line);
    if (table !== 'margin' && table !== 'position') continue;
    const what = table === 'margin' ? 'balances' : 'positions';
    const whole = action === 'partial';
    for (const [i, r] of (data as Fields[]).entries()) {
      const account = name(r.account ?? filter.account);
      const at = Date.parse(r.timestamp);
      if (whole && i === 0) state.whole(account, what, at);
      const [asset, scale] = ASSETS[r.currency];
      const value =
        what === 'balances'
          ? new Decimal(r.walletBalance).div(new Decimal(10).pow(scale)).toFixed()
          : plain(r.currentQty);
      const key = what === 'balances' ? asset : slot(r.symbol, r.strategy === 'OneWay' ? 'BOTH' : r.strategy);
      state.put({ account, what, key, value, at, ...(whole ? { whole: true as const } : {}) });
    }
  }
  return state;
}

/** State after all lines of a file. */
export function rebuild(
  format: 'binance' | 'bitmex' | 'bybit',
  lines: Iterable<string>,
  numbers: Readonly<Record<string, number>> = {},
): Rebuilt {
  Decimal.set({ precision: 60, toExpNeg: -60, toExpPos: 60 });
  const state =
    format === 'binance' ? binance(lines) : format === 'bybit' ? bybit(lines) : bitmex(lines, numbers);
  // a one-way slot says which side it is by its sign
  const positions = state
    .all('positions')
    .map(([key, amount]): [string, string] => [
      key.replace(/BOTH$/, sideOf('BOTH', amount)),
      amount.replace(/^-/, ''),
    ]);
  return { balances: new Map(state.all('balances')), positions: new Map(positions) };
}
