/** What each figure beyond the headline means; the headline's are in results/headline.ts. */
export const DEFINITIONS = {
  accounts: 'accounts with a position of the side before the run',
  markLowAtUs: 'end of the first beat with the lowest mark price',
  liquidatedNotional:
    'the headline figure, by hour of the fill, or by margin tier or leverage at the verdict',
  liquidatedAccounts: 'the headline figure, by hour, tier or leverage at the verdict',
  adlNotional: 'the headline figure, by hour',
  liquidatedShare:
    'liquidatedNotional / (open interest of the first beat at its mark); positions that came later count above ' +
    'the line alone, so that it may exceed 1',
  firstTouchShare:
    'quantity of positions held before the run that closes of liquidatedNotional ended / open interest of the ' +
    'first beat',
  partialRate:
    'accounts that lost a part by force and hold something of the pocket under verdict at the end / ' +
    'liquidatedAccounts',
  traderFees: 'clearance fees of liquidations',
  traderResidue: 'margin left at closure that the fund kept',
  traderSlippage:
    'sum over forced closes (by order, takeover or ADL) of side * (value at the mark of the verdict - value at the ' +
    'fill)',
  traderCost:
    'traderFees + traderResidue + traderSlippage - deficit: margin lost beyond the loss at the mark of the verdict',
  fundInflow: 'money into insurance funds, by reason',
  fundOutflow: 'money out of insurance funds, by reason',
  fundDrawdown:
    'max over beats of (highest cash so far - cash) / cash before the run; cash before counts as a peak',
  fundDrawdownAtMark: 'the same with inventory at mark',
  fundLowAtMark: "fund's lowest cash + inventory at mark",
  adlGini: 'Gini coefficient of adlNotional over the accounts closed by ADL: 0 equal, towards 1 one account',
  adlTop10Share: 'share of the ten largest accounts in adlNotional',
  adlRequested: 'contracts or base units that ADL was asked to close; side of the bankrupt position',
  multiLossAccounts: 'accounts that wholly lost more than one position in one beat',
  queueDepth: 'most accounts under liquidation at the end of a beat',
  queueWait: 'longest time from a verdict to a forced order',
  dislocated:
    'time in beats with |last / mark - 1| > 0.5 %; wave n before: since the wave before it ended; ' +
    'wave n: from its first forced order to its last; after: since the last wave',
  waveStartUs: 'end of the beat of the first forced order of the wave; a gap of more than 60 s ends a wave',
  waveEndUs: 'end of the beat of its last forced order',
  waveOrders: 'forced orders in the wave',
  waveAccounts: 'distinct accounts with a forced order in the wave',
  waveNotional: 'value of the fills of its orders',
  waterfall:
    'change of wealth (money + unrealized profit at mark) of all accounts of a party, first to last mark; ' +
    'deposits, top-ups and withdrawals left out; parties sum to 0',
} as const;

export type MetricName = keyof typeof DEFINITIONS;
