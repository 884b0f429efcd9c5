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
  multiLoss: [
    'Lost several positions at once',
    'accounts',
    'lower',
    'accounts that wholly lost more than one position in one beat',
  ],
  longShare: [
    'Longs liquidated, of open interest',
    'share',
    'lower',
    'liquidatedLong over open interest at the first mark, all markets of the asset; positions that came later count above the line alone, so that it may exceed 1',
  ],
  shortShare: ['Shorts liquidated, of open interest', 'share', 'lower', 'the same, shorts'],
  firstTouchLong: [
    'Longs of the start liquidated',
    'share',
    'lower',
    'quantity of longs of the start that closes of liquidatedLong ended, at the first mark, over open interest then: at most 1',
  ],
  firstTouchShort: ['Shorts of the start liquidated', 'share', 'lower', 'the same, shorts'],
  partialRate: [
    'Partly liquidated',
    'share',
    '',
    'accounts that lost a part by force and hold something of the pocket under verdict at the end, of all accounts with a verdict',
  ],
  traderCost: [
    'Trader cost',
    'money',
    'lower',
    'sum over liquidations of loss at fills against the mark of the verdict, fees and residue, less what others made good',
  ],
  fundInflow: ['Fund inflow', 'money', '', 'money into insurance funds, for whatever reason'],
  fundOutflow: ['Fund outflow', 'money', 'lower', 'money out of insurance funds, for whatever reason'],
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
  badDebt: [
    'Bad debt',
    'money',
    'lower',
    "negative equity of traders that others made good; a close at the bankruptcy price (takeover, ADL) leaves none: its loss is the fund's or in adlNeeded",
  ],
  shortfall: [
    'Shortfall',
    'money',
    'lower',
    'what funds could not pay of bad debt and of losses on what they had taken over: paid by the operator, or socialised',
  ],
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
  adlGini: [
    'ADL, Gini',
    'share',
    'lower',
    'Gini coefficient of adlNotional over the winners closed: 0 equal, towards 1 one account; none without ADL',
  ],
  adlNeeded: [
    'ADL needed',
    'money',
    'lower',
    'sum over closes of winners of |mark of the beat - price| times quantity',
  ],
  adlHaircut: [
    'ADL taken',
    'money',
    'lower',
    'sum over winners and waves (gaps up to 5 s) of what they would have more, at the mark when the wave ends, had they kept what was closed; never below 0 for one winner',
  ],
  adlOvershoot: ['ADL overshoot', 'money', 'lower', 'adlHaircut - adlNeeded'],
  adlOvershoot500ms: [
    'ADL overshoot, 0.5 s later',
    'money',
    'lower',
    'adlOvershoot with haircuts at the mark 0.5 s after each wave; none where no beat ends then, or the run ends before',
  ],
  adlOvershoot1s: ['ADL overshoot, 1 s later', 'money', 'lower', 'the same, 1 s after each wave'],
  adlOvershoot2s: ['ADL overshoot, 2 s later', 'money', 'lower', 'the same, 2 s after each wave'],
  adlOvershoot5s: ['ADL overshoot, 5 s later', 'money', 'lower', 'the same, 5 s after each wave'],
  adlOvershoot1h: ['ADL overshoot, 1 h later', 'money', 'lower', 'the same, 1 h after each wave'],
  adlWorstHaircut: [
    'Largest haircut',
    'share',
    'lower',
    'largest share of its profit in the position, at that mark, that a wave took from a winner; none without ADL',
  ],
  adlPtsr: [
    'Top winner over socialised loss (PTSR)',
    'ratio',
    '',
    'mean over waves of the largest profit that any position keeps after the wave, at the mark when it ends, over what the wave needed; none without ADL',
  ],
  adlPmr: [
    'Top winner over largest loss (PMR)',
    'ratio',
    '',
    'mean over waves of that profit over the largest part of what the wave needed that one bankrupt account caused; none without ADL',
  ],
  adlHedgers: ['Hedgers deleveraged', 'money', 'lower', 'the part of adlNotional that fell on hedgers'],
  adlNaked: [
    'Left naked',
    'money',
    'lower',
    'what ADL closed of hedgers at the mark of the beat: their opposite positions elsewhere stand uncovered',
  ],
  extraDrawdown: [
    'Low against history',
    'share',
    'higher',
    "lowest trade over the lowest of the baseline's day, less 1; below 0: a deeper low",
  ],
  overshoot: [
    'Price below index',
    'share',
    'lower',
    'largest (S - P) / S in beats in which forced orders or stop-losses sold: S index, P last price, first market; none without sales',
  ],
  overshootIntegral: [
    'Price below index, summed',
    'bp min',
    'lower',
    'sum of (S - P) / S over those beats, in basis points times minutes',
  ],
  recovery: [
    'Back at the index',
    'min',
    'lower',
    'from the lowest last price to the first time that |P / S - 1| stays below 10 bp for 10 minutes; none within the window',
  ],
  retrace: [
    'Half of the fall made good',
    'min',
    'lower',
    'from the lowest last price to the first one at half of the way back to the open of its hour (UTC); none within the window',
  ],
  amplification: [
    'Amplification',
    'ratio',
    'lower',
    'liquidatedNotional with feedback over that without; 1 for the baseline and without feedback',
  ],
  clustering: [
    'Clustering of verdicts',
    'ratio',
    'lower',
    '1 - 1 / sqrt(variance / mean) of verdicts in windows of 10 minutes: a crude branching ratio; 0 where the variance is no larger',
  ],
  procyclicality: [
    'Procyclicality',
    'ratio',
    'lower',
    'maintenance margin for a unit of notional of the positions of the start, highest over lowest along the marks of the first market',
  ],
  marginCall5: [
    'Margin call of 5 minutes',
    'money',
    'lower',
    'largest rise within 5 minutes of the maintenance margin of the positions of the start, along the marks of the first market; losses apart',
  ],
  marginCall60: ['Margin call of an hour', 'money', 'lower', 'the same within 60 minutes'],
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
  needMoreNotional: [
    'Open interest below initial margin',
    'money',
    'lower',
    'that notional itself: open interest that would fail initial margin at the start',
  ],
  needMoreAccounts: [
    'Accounts below initial margin',
    'accounts',
    'lower',
    'accounts that have such a pocket',
  ],
  unnecessary: [
    'Unnecessary liquidations',
    'accounts',
    'lower',
    `accounts whose pocket, held from its first verdict that closed something on the same path with funding, is sound from ${GRACE_SEC} s after it to the end; a verdict in the last ${GRACE_SEC} s of the run cannot be judged and does not count`,
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
    'those of them whose pocket, held the same way, also has equity above 0 at all times after that verdict',
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
    'accounts whose pocket, held the same way, has equity below 0 at some time after that verdict',
  ],
  gainLiquidated: [
    'Gain of liquidated traders',
    'money',
    '',
    'change of money and unrealized profit of accounts with a verdict from the first mark to the end, deposits left out',
  ],
  gainDeleveraged: ['Gain of deleveraged winners', 'money', '', 'the same of other accounts that ADL closed'],
  gainOthers: ['Gain of other holders', 'money', '', 'the same of all other accounts'],
  gainVenue: ["Venue's gain", 'money', '', 'the same of its funds, its own account and clearing'],
  marketGain: [
    "Market's gain",
    'money',
    '',
    'the same of the ledger account `market`, everybody outside the population; the five gains sum to 0',
  ],
  lossLiquidated: [
    'Loss on liquidated traders',
    'share',
    '',
    'part of liquidated traders in the losses of four parties: they, the venue, deleveraged winners, all others (holders and market as one)',
  ],
  lossVenue: ['Loss on the venue', 'share', 'lower', 'the same, of the venue'],
  lossDeleveraged: ['Loss on deleveraged winners', 'share', 'lower', 'the same, of deleveraged winners'],
  lossOthers: [
    'Loss on all others',
    'share',
    '',
    'the same, of other holders and the market, who lose by the price',
  ],
  traderLoss: [
    "Traders' losses",
    'money',
    'lower',
    'sum over accounts of the population of their falls of wealth from the first mark to the end',
  ],
  lossTopDecile: [
    'Losses of the largest tenth',
    'share',
    '',
    'part of traderLoss of the tenth of accounts with the largest notional at the first mark',
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
export const OF_THE_START: readonly string[] = [
  'efficiency',
  'needMoreMargin',
  'needMoreNotional',
  'needMoreAccounts',
] satisfies MetricName[];

/** Groups of the page, each with the first figure of it in the order of the table. */
const GROUPS: readonly (readonly [group: string, first: MetricName])[] = [
  ['Liquidations', 'liquidatedNotional'],
  ['Funds', 'fundInflow'],
  ['Winners', 'adlNotional'],
  ['Price', 'extraDrawdown'],
  ['Margin', 'procyclicality'],
  ['Needed or not', 'unnecessary'],
  ['Who gained, who lost', 'gainLiquidated'],
];

function groupOf(name: MetricName): string {
  const names = Object.keys(TABLE);
  return GROUPS.findLast(([, first]) => names.indexOf(first) <= names.indexOf(name))![0];
}

export const METRICS: readonly MetricDefinition[] = (Object.keys(TABLE) as MetricName[]).map((name) => {
  const [title, unit, better, formula] = TABLE[name];
  return { name, title, unit, better, formula, group: groupOf(name), headline: HEADLINE.includes(name) };
});
