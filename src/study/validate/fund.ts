/** Checks 6 and 7: the fund of BitMEX in March 2020 under three engines, and its outage. */
import {
  type CheckRow,
  clock,
  endCash,
  fundByDay,
  millions,
  text,
  verdict,
  within,
  xbt,
} from './checkRow.ts';
import type { DrawRun, MarchRun } from './runs.ts';
import type { WorldSums } from './sums.ts';

/** The fund's cash by day, its inventory, and auto-deleveraging, under the rules of that month. */
export function fundRows({ own }: MarchRun): CheckRow[] {
  const { first, second } = fundByDay(own);
  const closeOf12 = own.cashF64[23]!;
  const trough = Math.min(...own.cashLowF64.slice(24));
  const peak = -Math.min(...own.inventoryPnlF64);
  const inventory = Math.max(...own.inventoryNotionalF64);
  const limited = text(
    "the fund works what it takes over with a limit at each lot's bankruptcy price (assumed:",
    'unwind.limit), so it can hold a loss but never take one: cash moves by profit, residue and',
    "funding only. BitMEX's fall of the 12th suggests that it did sell below",
  );
  return [
    fundRow('fund on 12 March: -1,627 XBT', first, -1627, limited),
    fundRow(
      'fund on 13 March: +2,612 XBT',
      second,
      2612,
      text(
        'what was taken over near the low is closed into the rebound: the sign. The amount is that of the',
        'inventory (the row on its unrealised loss)',
      ),
    ),
    {
      check: '6',
      target: 'lowest cash on 13 March below the close of the 12th (by up to 2,606 XBT)',
      source: 'BitMEX blog',
      ours: `${xbt(trough - closeOf12)}`,
      band: 'negative',
      verdict: verdict(trough < closeOf12),
      reason: 'cash cannot fall by selling: as on the 12th',
    },
    {
      check: '6',
      target: 'largest unrealised loss on inventory: 5,652 XBT',
      source: 'BitMEX blog',
      ours: xbt(peak),
      band: '50 %',
      verdict: within(peak, 5652, 0.5),
      reason: text(
        `inventory reaches ${xbt(inventory)}: nearly every position is in the lowest risk tier, which`,
        'is taken over whole, so almost all that is liquidated passes through the fund; it works it at',
        "25 % of the volume (the cap of every order, assumed) and stops below the lot's bankruptcy price",
      ),
    },
    {
      check: '6',
      target: 'auto-deleveraged: 0',
      source: 'BitMEX blog',
      ours: millions(own.adlF64),
      band: '0',
      verdict: verdict(own.adlF64 === 0),
      reason:
        own.adlF64 === 0
          ? 'cash plus inventory at mark stays above 0 throughout'
          : `cash plus inventory at mark is negative from ${clock(own.adlFromUs)} on: the fund refuses`,
    },
  ];
}

function fundRow(target: string, ours: number, published: number, reason: string): CheckRow {
  const ok = within(ours, published, 0.5);
  return {
    check: '6',
    target,
    source: 'btcethereum.com',
    ours: xbt(ours),
    band: 'sign, 50 %',
    verdict: ok,
    reason,
  };
}

/** The engine that sells at market, whose 13 March must be negative, and what the fund's speed does to both signs. */
export function marketRows(
  { market, marketFeedback, ownSlow, marketSlow }: MarchRun,
  draws: readonly DrawRun[],
): CheckRow[] {
  const row = (target: string, world: WorldSums, sign: 1 | -1, reason: string): CheckRow => {
    const { second } = fundByDay(world);
    return {
      check: '6',
      target,
      source: 'the list of checks',
      ours: xbt(second),
      band: sign > 0 ? 'positive' : 'negative',
      verdict: verdict(sign * second > 0),
      reason,
    };
  };
  const by = market.fundByReasonF64;
  const part = (name: string): string => xbt(by[name] ?? 0);
  const seconds = draws.map((one) => fundByDay(one.market).second);
  const lower = seconds.filter((second) => second < 0).length;
  return [
    {
      check: '6',
      target:
        'fund on 13 March when the engine sells at market (`bitmex-xbtusd@2020-03-market`), in every draw',
      source: 'the list of checks',
      ours: `${lower} of ${draws.length} (${seconds.map((second) => second.toFixed(0)).join(', ')} XBT)`,
      band: 'negative',
      verdict: verdict(lower === draws.length),
      reason: text(
        "orders sell at market until the account's equity is gone, then the fund takes the rest over and sells it at any",
        'price. What it takes over just before a rebound, or with the mark far from the trades, it sells at a profit, and',
        'one large position of that kind decides a draw. First draw:',
        `${xbt(fundByDay(market).first)} on the 12th; over both days realized profit on inventory`,
        `${part('realized-pnl')}, funding ${part('funding')}, residue ${part('residue')}, deficits ${part('deficit')}`,
      ),
    },
    row('the same with feedback', marketFeedback, -1, 'the same'),
    row(
      'the engine of that month, its fund working 5 % of the volume instead of 25 %',
      ownSlow,
      1,
      'the sign does not hang on the assumed speed',
    ),
    row('the engine that sells at market, likewise', marketSlow, -1, 'the same'),
  ];
}

/** What the stop of matching on 13 March did, over several draws. */
export function outageRows(march: readonly DrawRun[]): CheckRow[] {
  const lows = march.map(({ own, withoutOutages }) => own.lowF64 - withoutOutages.lowF64);
  const funds = march.map(({ own, withoutOutages }) => endCash(own) - endCash(withoutOutages));
  const higher = lows.filter((d) => d > 0).length;
  const better = funds.filter((d) => d > 0).length;
  const source = 'BitMEX blog (outage)';
  return [
    {
      check: '7',
      target: 'matching down 02:16 to 02:40 against not: the lowest price is higher in 95 % of draws',
      source,
      ours: `${higher} of ${march.length} (${lows.map((d) => d.toFixed(1)).join(', ')} USD)`,
      band: '95 %',
      verdict: verdict(higher >= 0.95 * march.length),
      reason: text(
        'the low of 3,596 was printed at 02:15, a minute before the outage began, and nothing that is',
        'removed afterwards can raise it. Accounting only: no flow moves the price. Three draws, not a hundred',
      ),
    },
    {
      check: '7',
      target: 'the same: the fund ends higher when frozen',
      source,
      ours: `${better} of ${march.length} (${funds.map((d) => d.toFixed(1)).join(', ')} XBT)`,
      band: 'positive',
      verdict: verdict(better === march.length),
      reason: text(
        'the tape holds the outage itself: from 02:16 to 02:30 next to nothing was traded, and of that a forced order may',
        'take a quarter in either world. What is compared is ten minutes of thin trading, in which a draw decides',
      ),
    },
  ];
}
