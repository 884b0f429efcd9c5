/**
 * The figures of a comparison and what they mean: one table, from which the report and docs/compare.md
 * print and in whose order results are stored.
 */
import type { MetricDefinition } from '../../report/compare/model.ts';

/** Grace after a verdict before holding on is looked at, seconds. */
export const GRACE_SEC = 60;

type Row = readonly [title: string, unit: MetricDefinition['unit'], better: 'lower' | 'higher' | '', string];

const TABLE = {
  liquidatedNotional: [
    'Liquidated',
    'money',
    'lower',
    'sum of value of closes of accounts under liquidation, by order or takeover, at their prices; ADL apart',
  ],
  liquidatedLong: ['Longs liquidated', 'money', 'lower', 'the same, longs'],
  liquidatedShort: ['Shorts liquidated', 'money', 'lower', 'the same, shorts'],
  liquidatedAccounts: ['Accounts liquidated', 'accounts', 'lower', 'distinct accounts with a verdict'],
  stopSlippage: [
    'Slippage of stop-losses',
    'money',
    'lower',
    'loss at fills of stop-losses against the mark of their beats; none without any',
  ],
  partialRate: [
    'Partly liquidated',
    'share',
    '',
    'accounts all of whose liquidations ended with a position left, of all accounts with a verdict',
  ],
  traderCost: [
    'Trader cost',
    'money',
    'lower',
    'sum over liquidations of loss at fills against the mark of the verdict, fees and residue, less what others made good',
  ],
  fundInflow: ['Fund inflow', 'money', '', 'money into insurance funds'],
  fundOutflow: ['Fund outflow', 'money', 'lower', 'money out of insurance funds'],
  fundDrawdown: [
    'Fund drawdown',
    'share',
    'lower',
    'largest fall of cash of all funds from a peak, of their cash at the start',
  ],
  fundDrawdownMarked: [
    'Fund drawdown at mark',
    'share',
    'lower',
    'the same with what funds hold valued at mark',
  ],
  badDebt: ['Bad debt', 'money', 'lower', 'negative equity of traders that others made good'],
  shortfall: ['Shortfall', 'money', 'lower', 'the part of it that funds could not pay'],
  adlNotional: ['Auto-deleveraged', 'money', 'lower', "sum of value of winners' positions closed by ADL"],
  adlContracts: [
    'Contracts deleveraged',
    'contracts',
    'lower',
    'contracts or base units that ADL closed, first market',
  ],
  adlAccounts: ['Accounts deleveraged', 'accounts', 'lower', 'distinct winners closed by ADL'],
  adlTopTen: [
    'ADL on ten largest',
    'share',
    'lower',
    'part of adlNotional that fell on the ten accounts that bore most; none without ADL',
  ],
  extraDrawdown: [
    'Extra drawdown',
    'share',
    'higher',
    "lowest trade over the lowest of the baseline's day, less 1; below 0: a deeper low",
  ],
  efficiency: [
    'Capital efficiency',
    'ratio',
    'higher',
    'notional of all positions at the first mark over the initial margin that the rules ask for them then',
  ],
  needMoreMargin: [
    'Would need more margin',
    'share',
    'lower',
    'notional at the first mark of pockets whose equity is below initial margin, of all notional; before t0',
  ],
  unnecessary: [
    'Unnecessary liquidations',
    'accounts',
    'lower',
    `accounts whose pocket, held from its first verdict on the same path with funding, is sound from ${GRACE_SEC} s after it to the end`,
  ],
  unnecessaryNotional: [
    'Unnecessarily liquidated',
    'money',
    'lower',
    'notional at the verdict of those pockets',
  ],
  unnecessaryStrict: [
    'Unnecessary, strictly',
    'accounts',
    'lower',
    'those of them whose pocket, held the same way, also has equity above 0 at all times after its first verdict',
  ],
  unnecessaryLost: [
    'Lost unnecessarily',
    'money',
    'lower',
    'what forced closes of those accounts made less than at the last mark, less funding that they were spared, with fees and residue, less what others made good',
  ],
  missed: [
    'Would have gone bankrupt',
    'accounts',
    '',
    'accounts whose pocket, held the same way, has equity below 0 at some time after its first verdict',
  ],
  marketGain: [
    "Market's gain",
    'money',
    '',
    'profit of the ledger account `market`, everybody outside the population, after the last beat',
  ],
} as const satisfies Record<string, Row>;

export type MetricName = keyof typeof TABLE;
/** Figures of one world; null where a figure does not exist. */
export type WorldFigures = Readonly<Record<MetricName, number | null>>;

/** The headline panel of docs/method.md (Counterfactuals). */
const HEADLINE: readonly MetricName[] = [
  'unnecessary',
  'badDebt',
  'shortfall',
  'adlNotional',
  'traderCost',
  'extraDrawdown',
  'efficiency',
];

/** Figures of the start: no price has moved yet, so none of them is unstable. */
export const OF_THE_START: readonly string[] = ['efficiency', 'needMoreMargin'] satisfies MetricName[];

export const METRICS: readonly MetricDefinition[] = (Object.keys(TABLE) as MetricName[]).map((name) => {
  const [title, unit, better, formula] = TABLE[name];
  return { name, title, unit, better, formula, headline: HEADLINE.includes(name) };
});
