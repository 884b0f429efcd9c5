/**
 * What a case does with an account that is judged as one over all its assets: exchanges before any
 * position is touched, and, once there is none left, who pays its debts.
 */
import { money } from '../basics/exact.ts';
import type { LiveAccount } from '../ledger/positionBook.ts';
import type { Marks } from '../margin/leg.ts';
import { autoExchange, type Exchange, exchangePlan } from '../margin/multiAsset.ts';
import { spotSales } from '../margin/portfolioSpot.ts';
import { isPooled } from '../margin/portfolioVerdict.ts';
import { judge } from '../margin/trigger.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import type { Case } from './cases.ts';
import type { Desk } from './desk.ts';
import { pocketView } from './pocketView.ts';

/** Added to a shortage: an inclusive trigger is false only above the requirement. */
const LEAST = money('0.00000001');

/**
 * Debts are paid from other assets; under OKX's portfolio margin inventory that hedges nothing is then sold
 * until the requirement is covered. Nothing happens to accounts of one asset.
 */
export function defend(desk: Desk, c: Case, { rules, marks }: { rules: RuleSet; marks: Marks }): void {
  const before = pocketView(desk.book, c.account, c.pocket);
  if (!isPooled(before)) return;
  exchangeAll(desk, c, exchangePlan(before.pool));
  const view = pocketView(desk.book, c.account, c.pocket);
  const verdict = judge(view, marks, rules.trigger);
  if (!isPooled(view) || rules.portfolio?.kind !== 'okx' || !verdict.liquidatable) return;
  const prices = { mark: marks, index: view.pool.index };
  const shortage = verdict.maintenance.minus(verdict.equity).plus(LEAST);
  exchangeAll(
    desk,
    c,
    spotSales(view.legs, shortage, { pool: view.pool, box: { low: prices, high: prices } }),
  );
}

/** Whether a verdict closes every position of an account, sound or not: Binance multi-assets at 100 %. */
export const closesAll = (rules: RuleSet, account: LiveAccount): boolean =>
  account.cross &&
  rules.collateral !== undefined &&
  rules.portfolio === undefined &&
  rules.reduction.kind === 'full';

function exchangeAll(desk: Desk, c: Case, plan: readonly Exchange[]): void {
  for (const x of plan) {
    const seq = desk.seq();
    desk.decide(() => ({
      seq,
      account: c.account.name,
      step: 'plan',
      market: null,
      values: {
        kind: 'exchange',
        sold: x.sold,
        amount: x.amount.toString(),
        bought: x.bought,
        proceeds: x.proceeds.toString(),
        verdict: String(c.seq),
      },
    }));
    desk.exchange(c.account, x, seq);
  }
}

/**
 * An account without legs: its debts are paid from what it has, and what is then still owed by the fund of that
 * asset, or by `house` where there is none. What is left stays with the trader: it was never one position's margin.
 */
export function settleWhole(desk: Desk, c: Case): void {
  const pool = desk.book.poolOf(c.account);
  if (pool === null) return;
  exchangeAll(desk, c, exchangePlan(pool));
  const { account, pocket } = c;
  for (const [asset, amount] of desk.book.poolOf(account)!.balances) {
    if (!amount.isNegative()) continue;
    const first = desk.fundOf(c.verdict.market);
    const fund = first.rule.asset === asset ? first : desk.funds.find((f) => f.rule.asset === asset);
    const common = { account, pocket, asset, amount: amount.neg(), market: null, cause: c.seq } as const;
    if (fund === undefined) {
      desk.credit({ ...common, party: 'house', reason: 'insolvency' });
      continue;
    }
    desk.credit({ ...common, party: fund.party, reason: 'deficit' });
    desk.keepSolvent(fund, c.seq);
    c.deficit = c.deficit.plus(amount.neg());
  }
}

/** Debts above the rule book's limit are exchanged without a verdict, for accounts that changed in this beat. */
export function exchangeDebts(desk: Desk): void {
  if (!desk.book.isPooling) return;
  for (const account of [...desk.changed]) {
    const pool = desk.book.poolOf(account);
    if (pool === null || account.frozen.size > 0) continue;
    const plan = autoExchange(pool);
    if (plan.length === 0) continue;
    const seq = desk.seq();
    for (const x of plan) desk.exchange(account, x, seq);
  }
}

/** Names the unit and every balance of an account of several assets, for `explain`. */
export function poolValues(desk: Desk, account: LiveAccount): Record<string, string> {
  const pool = desk.book.poolOf(account);
  if (pool === null) return {};
  const balances = [...pool.balances].map(([asset, amount]) => [`balance.${asset}`, amount.toString()]);
  return { unit: pool.unit, ...(Object.fromEntries(balances) as Record<string, string>) };
}
