/**
 * Slots that need each other, as a table. Mechanisms of different venues mix freely: that is what a
 * counterfactual is for. The rows here are the combinations that no engine could carry out, each with
 * the reason. docs/rules.md shows the same table.
 */
import type { FundingRateRule, RuleSet } from './ruleSet.ts';
import type { Fault } from './structure.ts';

interface Conflict {
  /** Paths of the two slots. */
  readonly slots: readonly [string, string];
  /**
   * What stands in them, in words, where they do not go together; null where they do. The path is that of
   * the first slot, or of the market in which it is found.
   */
  readonly found: (rules: RuleSet) => readonly [first: string, second: string, path?: string] | null;
  readonly because: string;
  readonly remedy: string;
}

/** Rankings that give everybody a share instead of an order. */
const SHARED = ['proRataContracts', 'proRataProfit', 'riskWeighted', 'leverageDrain', 'minMaxHaircut'];
/** Rankings that measure profit and nothing else: who has none has no place. */
const BY_PROFIT = ['profitOnly', 'proRataProfit', 'riskWeighted', 'minMaxHaircut'];
/** Rankings under which nobody is closed. */
const NOBODY = ['none', 'socialise'];

const CONFLICTS: readonly Conflict[] = [
  {
    slots: ['order', 'reduction'],
    found: ({ order, reduction }) =>
      order.kind === 'fok' && reduction.kind !== 'tierStepDown' && reduction.kind !== 'full'
        ? [order.kind, reduction.kind]
        : null,
    because: 'a fill-or-kill order needs a size that is fixed before the book is asked: a risk limit, or all',
    remedy: 'Use reduction tierStepDown or full with it, or order ioc, market or fillable.',
  },
  {
    slots: ['reduction', 'order'],
    found: ({ order, reduction }) =>
      ['increments', 'blockLimit'].includes(reduction.kind) && ['atMark', 'atBankruptcy'].includes(order.kind)
        ? [reduction.kind, order.kind]
        : null,
    because: 'pieces are small to spare the book, and an order at a given price asks no book',
    remedy: 'Use order market, ioc or fillable with it, or another reduction.',
  },
  {
    slots: ['reduction', 'markets.*.tiers'],
    found: ({ reduction, markets }) => {
      if (reduction.kind !== 'tierStepDown') return null;
      const most = Math.max(...Object.values(markets).map((market) => market.tiers.length));
      if (most === 1) return ['tierStepDown', 'one tier only'];
      const { fromTier = 1 } = reduction;
      return fromTier > most ? [`tierStepDown fromTier ${fromTier}`, `at most ${most} tiers`] : null;
    },
    because: 'there is no lower tier to step down to',
    remedy: 'Give a market several tiers, or use reduction full, solve or fraction.',
  },
  {
    slots: ['order', 'markets.*.tiers'],
    found: ({ order, markets }) => {
      if (order.kind !== 'fillable') return null;
      const free = Object.entries(markets).find(([, { tiers }]) =>
        tiers.some((tier) => tier.maintenanceRate.isZero()),
      );
      return free === undefined ? null : ['fillable', `a maintenance rate of 0 in ${free[0]}`];
    },
    because: 'the fillable price moves with equity / maintenance, which has no value without maintenance',
    remedy: 'Write rates above 0, or use order market or ioc.',
  },
  {
    slots: ['markets.*.mark.rate', 'markets.*.funding.rate'],
    found: ({ markets }) => {
      const id = Object.keys(markets).find((name) => {
        const { mark, funding } = markets[name]!;
        return mark.kind === 'fundingBasis' && mark.rate === 'runningInterval' && !isAnnounced(funding.rate);
      });
      return id === undefined
        ? null
        : ['runningInterval', 'a formula that is not announced', `markets.${id}.mark.rate`];
    },
    because: 'the rate of the running interval must be known when the interval begins',
    remedy: 'Use mark rate lastStamp, or a funding rate that is recorded or announced: true.',
  },
  {
    slots: ['adl.ranking', 'adl.triggers'],
    found: ({ adl: { ranking, triggers } }) =>
      NOBODY.includes(ranking) || triggers.includes('fundRefuses')
        ? null
        : [ranking, triggers.length === 0 ? 'none' : triggers.join(', ')],
    because: 'what the fund refuses would have no taker',
    remedy: 'Write fundRefuses among the triggers, or ranking none: then the fund refuses nothing.',
  },
  {
    slots: ['adl.maxVisits', 'adl.ranking'],
    found: ({ adl: { ranking, maxVisits } }) =>
      maxVisits !== undefined && SHARED.includes(ranking) ? [String(maxVisits), ranking] : null,
    because: 'everybody bears a share under this ranking, so there is no row of winners to cut off',
    remedy: 'Leave maxVisits out, or use a ranking that goes from one winner to the next.',
  },
  {
    slots: ['adl.eligible', 'adl.ranking'],
    found: ({ adl: { ranking, eligible } }) =>
      eligible === 'anySolvent' && BY_PROFIT.includes(ranking) ? [eligible, ranking] : null,
    because: 'the ranking measures profit, and who has none has no place in it',
    remedy: 'Use eligible inProfit, or a ranking such as random, bitmex or proRataContracts.',
  },
  {
    slots: ['collateral.assets', 'funds'],
    found: ({ collateral, funds }) => {
      if (collateral === undefined) return null;
      const fund = funds.find(({ asset }) => !(asset in collateral.assets));
      return fund === undefined
        ? null
        : [Object.keys(collateral.assets).join(', '), `${fund.name} in ${fund.asset}`];
    },
    because: 'what the markets settle in must count as collateral',
    remedy: 'List the asset under collateral.assets.',
  },
  {
    slots: ['portfolio', 'funds'],
    found: ({ portfolio, collateral, funds }) => {
      const assets = [...new Set(funds.map((fund) => fund.asset))];
      return portfolio !== undefined && collateral === undefined && assets.length > 1
        ? [portfolio.kind, assets.join(' and ')]
        : null;
    },
    because: 'margin over a whole account needs one unit of account',
    remedy: 'Write collateral, which values assets in one unit, or settle all markets in one asset.',
  },
];

const isAnnounced = (rule: FundingRateRule | undefined): boolean =>
  rule === undefined || (rule.kind === 'clamped' && rule.announced);

/**
 * Every pair of slots that do not go together, at the path of the first; empty when all do.
 *
 * @param rules  a set whose single slots are sound
 */
export function conflictsOf(rules: RuleSet): Fault[] {
  return CONFLICTS.flatMap(({ slots: [a, b], found, because, remedy }): Fault[] => {
    const words = found(rules);
    if (words === null) return [];
    const message = `${a} (${words[0]}) and ${b} (${words[1]}) do not go together: ${because}`;
    return [{ path: words[2] ?? a, message, remedy }];
  });
}
