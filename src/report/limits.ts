/** What no run and no comparison can say: printed in every report, after what a scenario warns of itself. */

/** Share of what the baseline liquidated beyond which a candidate's effect on the price is hardly credible. */
export const CREDIBLE_CHANGE = 0.3;

export const LIMITS: readonly string[] = [
  'Positions are synthetic unless the scenario brings account data; their level is assumed or calibrated, not observed.',
  'News, market makers and arbitrageurs are replayed as they were: they do not answer to other rules.',
  'The price effect of fewer liquidations is bounded by a model, not measured. Beyond a change of about 30 % in what the ' +
    'baseline liquidated it is less and less credible.',
  'A market is moved by its own forced orders: spirals over several assets are followed only as far as accounts hold those ' +
    'assets as collateral.',
  'Liquidations at other venues stay in the recorded prices whatever the rules here.',
  'What the record lacks or has wrong (missing trades, damaged candles, outages) is replayed as it stands; accepted gaps are ' +
    'listed with the data.',
  "Traders' fees, hidden backstops of the venue and halts at its discretion are unknown.",
  'The order of winners within a tie of the ADL ranking, and the private rounding of the venue, are unknown.',
  'Stop-losses, where the scenario has any, are drawn apart from liquidations, though in fact the two come together.',
];
