/**
 * The money figures that every world has, stored or not: their names, units and definitions, and
 * the grid of rows they make. A Tally fills the sums from the rows of an ensemble rerun as they
 * pass, `measure` fills them by SQL from a stored run; the two must agree.
 */
import { type Exact, ONE, steps, sum, type Unit, ZERO_MONEY, ZERO_RATE } from '../basics/exact.ts';
import type { Market, MarketId, Side } from '../rules/market.ts';
import { AccountNames } from './accountNames.ts';
import type { MetricRow } from './runTables.ts';

/** How a figure is laid out, and its unit: `asset` is the settlement asset's own name. */
type Layout =
  | 'marketSideMoney' // by market and side; totals over sides, and over the markets of one asset
  | 'marketSideQty' // by market and side; contracts of two markets are never added
  | 'marketSideCount' // distinct things; a total is not the sum of its parts
  | 'marketMoney'
  | 'price'
  | 'fund'
  | 'asset';

export const HEADLINE = {
  liquidatedNotional: [
    'marketSideMoney',
    'sum of value of closes of accounts under liquidation, by order or takeover, at their prices; ADL apart',
  ],
  liquidations: ['marketSideCount', 'verdicts'],
  liquidatedAccounts: ['marketSideCount', 'distinct accounts with a verdict'],
  deficit: ['marketSideMoney', 'sum of loss beyond the margin at closure (column deficit of liquidations)'],
  clearanceFees: ['marketSideMoney', 'sum of clearance fees of liquidations'],
  adlNotional: ['marketSideMoney', "sum of value of winners' positions closed by ADL; side of the winner"],
  adlContracts: ['marketSideQty', 'sum of contracts or base units that ADL closed; side of the winner'],
  adlAccounts: ['marketSideCount', 'distinct winners closed by ADL; side of the winner'],
  adlGivenUp: ['marketSideMoney', "sum of (mark - price) * qty in the winners' favour at the moment of ADL"],
  uncovered: [
    'marketSideQty',
    'contracts or base units that no winner was left for; side of the bankrupt position',
  ],
  uncoveredMoney: ['marketSideMoney', 'loss at mark of what no winner covered'],
  markFirst: ['price', 'mark price of the first beat'],
  markLow: ['price', 'lowest mark price of all beats'],
  markHigh: ['price', 'highest mark price of all beats'],
  markLast: ['price', 'mark price of the last beat'],
  lastLow: ['price', 'lowest trade of all beats'],
  marketProfit: [
    'marketMoney',
    'wallet + value at mark - entry value of the ledger account `market` after the last beat',
  ],
  marketProfitLow: ['marketMoney', 'the same after its worst beat'],
  marketLowestCash: [
    'marketMoney',
    'lowest cash of `market` in this market: what it guaranteed without margin',
  ],
  fundFirst: ['fund', "fund's cash before the run; the column market holds the fund's name"],
  fundLow: ['fund', "fund's lowest cash after any beat"],
  fundLast: ['fund', "fund's cash after the last beat"],
  fundChange: ['fund', 'fundLast - fundFirst'],
  fundInflow: ['asset', 'money into insurance funds'],
  fundOutflow: ['asset', 'money out of insurance funds'],
  badDebt: [
    'asset',
    'negative equity made good: money to traders by reason deficit, insolvency, socialised-loss',
  ],
  housePaid: ['asset', "money out of the operator's account"],
  shortfall: ['asset', 'what funds could not pay: insolvency from the house, socialised-loss from winners'],
} as const satisfies Record<string, readonly [Layout, string]>;

export type HeadlineName = keyof typeof HEADLINE;
export type Amount = Exact<Unit>;
const SIDES: readonly (Side | '')[] = ['long', 'short', ''];
const COUNT_UNIT: Readonly<Record<string, string>> = { liquidations: 'liquidations' };
/** One figure of the grid before it becomes a row: null where it does not exist. */
interface Figure {
  readonly market: string;
  readonly side: Side | '';
  readonly unit: string;
  readonly amount: Amount | null;
}

/** Reasons by which a trader's negative equity is made good. */
export const MADE_GOOD: readonly string[] = ['deficit', 'insolvency', 'socialised-loss'];

/** true for ledger accounts that are nobody's position: market, house, funds and passage accounts. */
export const isInstitution = (account: string): boolean =>
  ['market', 'house', 'outside', 'socialised'].includes(account) ||
  account.startsWith('fund:') ||
  account.startsWith('funding:');

/** Running sums of one world. */
export class HeadlineSums {
  /** Sums and kept amounts by name, place (market, fund or asset) and side. */
  private readonly amounts = new Map<string, Amount>();
  /** Accounts by name, market and side; totals are united from them when they are asked for. */
  private readonly accounts = new Map<string, AccountNames>();
  private readonly funds = new Map<string, string>();

  /** Adds to a sum of a market and side, or of an asset (side ''). */
  add(name: HeadlineName, place: string, side: Side | '', amount: Amount): void {
    const key = `${name}|${place}|${side}`;
    const sum = this.amounts.get(key);
    this.amounts.set(key, sum === undefined ? amount : sum.plus(amount));
  }

  /** Counts one more of what comes once. */
  count(name: HeadlineName, market: MarketId, side: Side): void {
    this.add(name, market, side, ONE);
  }

  /** Counts an account once in its market and side, and in the totals over them. */
  countAccount(name: HeadlineName, market: MarketId, side: Side, account: string): void {
    const key = `${name}|${market}|${side}`;
    const known = this.accounts.get(key) ?? new AccountNames();
    this.accounts.set(key, known);
    known.add(account);
  }

  /** Keeps one amount of a market or fund: the first, the latest, the lowest or the highest. */
  keep(
    which: 'first' | 'latest' | 'lowest' | 'highest',
    name: HeadlineName,
    place: string,
    amount: Amount,
  ): void {
    const key = `${name}|${place}|`;
    const known = this.amounts.get(key);
    const wins =
      known === undefined ||
      which === 'latest' ||
      (which === 'lowest' && amount.lt(known)) ||
      (which === 'highest' && known.lt(amount));
    if (wins) this.amounts.set(key, amount);
  }

  /** Names a fund and its asset, so that it has its rows. */
  fund(name: string, asset: string): void {
    this.funds.set(name, asset);
  }

  /** Every headline figure of the world, zero or empty where nothing happened. */
  rows(world: number, markets: ReadonlyMap<MarketId, Market>): MetricRow[] {
    const list = [...markets.values()];
    return (Object.keys(HEADLINE) as HeadlineName[]).flatMap((name) =>
      this.figures(name, list).map(({ market, side, unit, amount }) => ({
        world,
        name,
        market,
        side,
        bucket: '',
        value: amount?.toString() ?? '',
        valueF64: amount?.toNumber() ?? Number.NaN,
        unit,
        definition: HEADLINE[name][1],
      })),
    );
  }

  private figures(name: HeadlineName, markets: readonly Market[]): Figure[] {
    const assets = [...new Set([...markets.map((m) => m.settle), ...this.funds.values()])].sort();
    switch (HEADLINE[name][0]) {
      case 'marketSideMoney':
        return [...this.bySide(name, markets, null), ...this.totals(name, markets, assets)];
      case 'marketSideQty':
        return this.bySide(name, markets, 'contracts');
      case 'marketSideCount':
        return ['', ...markets.map((m) => m.id)].flatMap((market) =>
          SIDES.map((side) => ({
            market,
            side,
            unit: COUNT_UNIT[name] ?? 'accounts',
            amount: this.counted(name, market === '' ? markets.map((m) => m.id) : [market], side),
          })),
        );
      case 'marketMoney':
        return markets.map((m) => ({
          market: m.id,
          side: '',
          unit: m.settle,
          amount: this.kept(name, m.id),
        }));
      case 'price':
        return markets.map((m) => ({ market: m.id, side: '', unit: 'price', amount: this.kept(name, m.id) }));
      case 'fund':
        return [...this.funds]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([fund, asset]) => ({
            market: fund,
            side: '',
            unit: asset,
            amount: name === 'fundChange' ? this.fundChange(fund) : this.kept(name, fund),
          }));
      case 'asset':
        return assets.map((asset) => ({
          market: '',
          side: '',
          unit: asset,
          amount: this.sum(name, asset, ''),
        }));
    }
  }

  private bySide(name: HeadlineName, markets: readonly Market[], unit: string | null): Figure[] {
    return markets.flatMap((m) =>
      SIDES.map((side) => ({
        market: m.id,
        side,
        unit: unit ?? m.settle,
        amount: this.sumOfSides(name, m.id, side),
      })),
    );
  }

  private totals(name: HeadlineName, markets: readonly Market[], assets: readonly string[]): Figure[] {
    return assets.flatMap((asset) =>
      SIDES.map((side) => ({
        market: '',
        side,
        unit: asset,
        amount: markets
          .filter((m) => m.settle === asset)
          .reduce<Amount>((total, m) => total.plus(this.sumOfSides(name, m.id, side)), ZERO_MONEY),
      })),
    );
  }

  private sum(name: HeadlineName, place: string, side: Side | ''): Amount {
    return this.amounts.get(`${name}|${place}|${side}`) ?? ZERO_MONEY;
  }

  private sumOfSides(name: HeadlineName, market: MarketId, side: Side | ''): Amount {
    return side === ''
      ? this.sum(name, market, 'long').plus(this.sum(name, market, 'short'))
      : this.sum(name, market, side);
  }

  private kept(name: HeadlineName, place: string): Amount | null {
    return this.amounts.get(`${name}|${place}|`) ?? null;
  }

  private fundChange(fund: string): Amount | null {
    const [first, last] = [this.kept('fundFirst', fund), this.kept('fundLast', fund)];
    return first === null || last === null ? null : last.minus(first);
  }

  /** What was counted in a market or all markets ('') and a side or both (''); an account once. */
  private counted(name: HeadlineName, markets: readonly MarketId[], side: Side | ''): Amount {
    const sides = side === '' ? (['long', 'short'] as const) : [side];
    const keys = markets.flatMap((market) => sides.map((s) => `${name}|${market}|${s}`));
    if (name === 'liquidations') return sum(keys.map((key) => this.amounts.get(key) ?? ZERO_RATE));
    const sets = keys.map((key) => this.accounts.get(key)).filter((set) => set !== undefined);
    return steps(AccountNames.united(sets), ONE);
  }
}
