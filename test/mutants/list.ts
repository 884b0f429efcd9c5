/** The mutants: one sign, one rounding direction or one comparison each, and the fast tests that must notice. */
const MARGIN = [
  'test/unit/margin/bankruptcy.test.ts',
  'test/unit/margin/maintenance.test.ts',
  'test/unit/margin/partial.test.ts',
  'test/unit/margin/screen.test.ts',
  'test/unit/margin/trigger.test.ts',
];
const STORIES = [
  'test/stories/liquidation.test.ts',
  'test/stories/takeover.test.ts',
  'test/stories/deleverage.test.ts',
  'test/stories/funding.test.ts',
  'test/stories/oneLong.test.ts',
];
const ADL = [
  'test/unit/adl/queue.test.ts',
  'test/unit/adl/select.test.ts',
  'test/unit/adl/shares.test.ts',
  'test/unit/adl/price.test.ts',
  'test/stories/deleverage.test.ts',
  'test/stories/deleverageRules.test.ts',
];
const FUND = ['test/unit/ledger/insuranceFund.test.ts'];
const BOOK = ['test/unit/engine/bookAccess.test.ts', 'test/unit/impact/fillPrice.test.ts'];
const WATCH = ['test/unit/engine/watchList.test.ts'];
const PLAN = ['test/unit/engine/plan.test.ts', ...STORIES];
const PROCESS = [
  'test/unit/engine/plan.test.ts',
  'test/unit/engine/pace.test.ts',
  'test/unit/margin/clearance.test.ts',
  'test/unit/margin/fillable.test.ts',
  'test/unit/margin/partial.test.ts',
  'test/unit/margin/ramp.test.ts',
  'test/stories/processesLadder.test.ts',
  'test/stories/processesPaced.test.ts',
  'test/stories/processesChain.test.ts',
];

const MARK = [
  'test/unit/mark/indexPrice.test.ts',
  'test/unit/mark/marketState.test.ts',
  'test/unit/mark/premium.test.ts',
  'test/unit/mark/fundingRates.test.ts',
];

export interface Mutant {
  readonly file: string;
  /** Tests of which one must fail. */
  readonly tests: readonly string[];
  /** Text that occurs once in the file. */
  readonly find: string;
  readonly replace: string;
}

const mutant = (file: string, tests: readonly string[], find: string, replace: string): Mutant => ({
  file,
  tests,
  find,
  replace,
});

export const MUTANTS: readonly Mutant[] = [
  // margin: whose gain, which tier, which side of a bound
  mutant(
    'src/margin/leg.ts',
    MARGIN,
    "(leg.market.kind === 'linear') ? 1 : -1",
    "(leg.market.kind === 'linear') ? -1 : 1",
  ),
  mutant(
    'src/margin/trigger.ts',
    MARGIN,
    'trigger.inclusive ? equity.lte',
    '!trigger.inclusive ? equity.lte',
  ),
  mutant(
    'src/margin/trigger.ts',
    MARGIN,
    'fails && pocket.legs.length > 0',
    'fails || pocket.legs.length > 0',
  ),
  mutant('src/margin/maintenance.ts', MARGIN, 'size.lte(tier.upTo)', 'size.lt(tier.upTo)'),
  mutant(
    'src/margin/maintenance.ts',
    MARGIN,
    '.minus(tier.maintenanceDeduction)',
    '.plus(tier.maintenanceDeduction)',
  ),
  mutant('src/margin/maintenance.ts', MARGIN, 'at.tsUs < r.until', 'at.tsUs <= r.until'),
  mutant(
    'src/margin/bankruptcy.ts',
    MARGIN,
    "leg.entryValue.minus(margin), perPrice, PRICE_SCALE, 'up'",
    "leg.entryValue.minus(margin), perPrice, PRICE_SCALE, 'down'",
  ),
  mutant(
    'src/margin/bankruptcy.ts',
    MARGIN,
    "leg.entryValue.plus(margin), perPrice, PRICE_SCALE, 'down'",
    "leg.entryValue.plus(margin), perPrice, PRICE_SCALE, 'up'",
  ),
  mutant(
    'src/margin/bankruptcy.ts',
    MARGIN,
    "long ? 'up' : 'down');\n}\n\nfunction linear",
    "long ? 'down' : 'up');\n}\n\nfunction linear",
  ),
  mutant(
    'src/margin/bankruptcy.ts',
    MARGIN,
    'ONE.minus(feeRate));\n    return',
    'ONE.plus(feeRate));\n    return',
  ),
  mutant(
    'src/margin/partial.ts',
    MARGIN,
    'equity.minus(maintenance).minus(extra)',
    'equity.minus(maintenance).plus(extra)',
  ),
  mutant('src/margin/partial.ts', PLAN, 'if (goal < 0 ||', 'if (goal < 1 ||'),
  mutant(
    'src/margin/screen.ts',
    ['test/property/margin.test.ts', ...MARGIN],
    'const SLACK = 1 / 1099511627776',
    'const SLACK = -1 / 1099511627776',
  ),
  // insurance fund and takeover
  mutant(
    'src/ledger/insuranceFund.ts',
    STORIES,
    'this.rule.refusal.empty && !value.isPositive()',
    'this.rule.refusal.empty && value.isPositive()',
  ),
  mutant(
    'src/ledger/insuranceFund.ts',
    STORIES,
    'const fall = base.minus(value)',
    'const fall = value.minus(base)',
  ),
  mutant('src/ledger/insuranceFund.ts', FUND, 'limit.lte(o.fall) : limit.lt', 'limit.lt(o.fall) : limit.lte'),
  mutant(
    'src/ledger/insuranceFund.ts',
    FUND,
    'this.fallen = resumeAt !== undefined && fallsTooFar',
    'this.fallen = resumeAt === undefined || !fallsTooFar',
  ),
  mutant(
    'src/ledger/insuranceFund.ts',
    FUND,
    'limit.minus(this.lost.amount)',
    'limit.plus(this.lost.amount)',
  ),
  mutant(
    'src/engine/takeover.ts',
    ADL,
    'fund.lose(this.desk.tsUs, amount)',
    'fund.lose(this.desk.tsUs, amount.neg())',
  ),
  mutant('src/engine/takeover.ts', ADL, 'min(means, limit ?? means)', 'means'),
  mutant(
    'src/ledger/insuranceFund.ts',
    STORIES,
    "linear' ? at.minus(entryValue) : entryValue.minus(at)",
    "linear' ? entryValue.minus(at) : at.minus(entryValue)",
  ),
  mutant('src/ledger/insuranceFund.ts', STORIES, '        .lte(limit);', '        .lt(limit);'),
  mutant(
    'src/engine/takeover.ts',
    STORIES,
    "Number(wholeSteps(share, loss, 'down'))",
    "Number(wholeSteps(share, loss, 'down')) - 1",
  ),
  mutant('src/engine/takeover.ts', STORIES, 'while (lots > 0 && means.lt(', 'while (lots > 0 && !means.lt('),
  mutant(
    'src/engine/takeover.ts',
    STORIES,
    "refusal = fundLacks ? 'empty' : this.refusal(fund)",
    'refusal = this.refusal(fund)',
  ),
  mutant(
    'src/engine/takeover.ts',
    STORIES,
    'const rest = leg.lots - room',
    'const rest = leg.lots + room - leg.lots',
  ),
  mutant('src/engine/takeover.ts', STORIES, 'toFund && left.isPositive()', '!toFund && left.isPositive()'),
  mutant('src/engine/takeover.ts', STORIES, 'atUs <= sinceUs', 'atUs < sinceUs'),
  mutant(
    'src/engine/desk.ts',
    STORIES,
    'from: gains ? party : account.name,',
    'from: gains ? account.name : party,',
  ),
  mutant(
    'src/engine/liquidator.ts',
    STORIES,
    "settleRest(c, rules.residue === 'toFund')",
    "settleRest(c, rules.residue !== 'toFund')",
  ),
  mutant('src/engine/liquidator.ts', STORIES, 'c.tries >= rule.tries', 'c.tries > rule.tries'),
  mutant(
    'src/engine/liquidator.ts',
    STORIES,
    '!this.verdictOf(c).equity.isPositive()',
    'this.verdictOf(c).equity.isNegative()',
  ),
  mutant('src/engine/liquidator.ts', STORIES, 'if (busy.has(pocket)) continue', 'if (!busy) continue'),
  mutant('src/engine/liquidator.ts', STORIES, 'desk.settleFunding(c.account, c.seq);', ''),
  mutant(
    'src/engine/plan.ts',
    PLAN,
    "rule.fraction), market.qtyStep, 'up')",
    "rule.fraction), market.qtyStep, 'down')",
  ),
  mutant(
    'src/engine/plan.ts',
    PROCESS,
    "times(share), market.qtyStep, 'up')",
    "times(share), market.qtyStep, 'down')",
  ),
  mutant('src/engine/plan.ts', PROCESS, 'share.lt(rule.least) ?', 'rule.least.lt(share) ?'),
  mutant('src/engine/plan.ts', PROCESS, '!done.has(legKey(leg))', 'done.has(legKey(leg))'),
  mutant('src/engine/liquidator.ts', PROCESS, 'return equity.lt(maint', 'return !equity.lt(maint'),
  mutant('src/engine/liquidator.ts', PROCESS, 'c.tries > 0 && this.isLadder', 'this.isLadder'),
  mutant('src/engine/liquidator.ts', PROCESS, "plan.kind === 'close' && this.isLadder", 'this.isLadder'),
  mutant(
    'src/engine/liquidator.ts',
    PROCESS,
    'pauseUs !== undefined && sent.filled',
    'pauseUs !== undefined',
  ),
  mutant('src/engine/liquidator.ts', PROCESS, 'if (c.begun) return', 'if (!c.begun) return'),
  mutant(
    'src/engine/forcedOrders.ts',
    PROCESS,
    'max(ZERO_MONEY, fundDelta(value, rate, left))',
    'ZERO_MONEY',
  ),
  mutant('src/engine/forcedOrders.ts', PROCESS, 'whole: carried === wanted', 'whole: true'),
  mutant('src/engine/pace.ts', PROCESS, 'this.blocksLeft <= 1', 'this.blocksLeft <= 0'),
  mutant('src/engine/pace.ts', PROCESS, 'until(span.untilUs) - until(span.fromUs)', 'until(span.untilUs)'),
  mutant('src/engine/takeover.ts', PROCESS, 'sign(side) < 0', 'sign(side) > 0'),
  mutant(
    'src/margin/fillable.ts',
    PROCESS,
    'mark.minus(away) : mark.plus(away)',
    'mark.plus(away) : mark.minus(away)',
  ),
  mutant('src/margin/fillable.ts', PROCESS, 'min(maintenance.minus(equity)', 'max(maintenance.minus(equity)'),
  mutant('src/margin/clearance.ts', PROCESS, 'elapsed.lt(by.grace)', 'elapsed.lte(by.grace)'),
  mutant('src/margin/clearance.ts', PROCESS, 'if (!residual.isPositive())', 'if (residual.isPositive())'),
  mutant(
    'src/margin/ramp.ts',
    PROCESS,
    'shortage.lt(rule.closeAllBelow)',
    'shortage.lte(rule.closeAllBelow)',
  ),
  mutant('src/margin/ramp.ts', PROCESS, 'share).minus(freed)', 'share)'),
  mutant('src/margin/partial.ts', PROCESS, '+ 1 < (rule.fromTier', '+ 1 <= (rule.fromTier'),
  mutant('src/engine/plan.ts', PLAN, 'notional.lte(rule.above)', 'notional.lt(rule.above)'),
  mutant('src/engine/cases.ts', PLAN, 'b.exposureF64 - a.exposureF64', 'a.exposureF64 - b.exposureF64'),
  // auto-deleveraging
  mutant(
    'src/adl/ranking.ts',
    ADL,
    'Math.max(1, i.wallet)) * i.maintenance',
    'Math.max(2, i.wallet)) * i.maintenance',
  ),
  mutant(
    'src/adl/ranking.ts',
    ADL,
    "product('money', b.over, a.under).cmp(left)",
    "left.cmp(product('money', b.over, a.under))",
  ),
  mutant('src/adl/ranking.ts', ADL, '((rank - 1) * 5)', '(rank * 5)'),
  mutant('src/adl/select.ts', ADL, 'a.rest > b.rest ? -1 : 1', 'a.rest > b.rest ? 1 : -1'),
  mutant(
    'src/adl/select.ts',
    ADL,
    'if (open === 0 || rank >= maxVisits) break',
    'if (open < 0 || rank >= maxVisits) break',
  ),
  mutant('src/adl/select.ts', ADL, '{ ...candidate, rank }', '{ ...candidate, rank: rank + 1 }'),
  mutant(
    'src/adl/queue.ts',
    ADL,
    'if (scores[heap[best]!]! <= scores[heap[i]!]!) return',
    'if (scores[heap[best]!]! >= scores[heap[i]!]!) return',
  ),
  mutant(
    'src/engine/deleverage.ts',
    ADL,
    '!equity.minus(given).isNegative()',
    '!equity.plus(given).isNegative()',
  ),
  mutant('src/engine/deleverage.ts', ADL, 'done.left -= covered', 'done.left -= request.lots'),
  mutant('src/adl/select.ts', ADL, 'rank >= maxVisits', 'rank > maxVisits'),
  mutant('src/adl/ranking.ts', ADL, '(percent * backing) / size', '(percent * size) / backing'),
  mutant('src/adl/ranking.ts', ADL, 'i.value - (i.gains ? i.fee : -i.fee)', 'i.value - i.fee'),
  mutant('src/adl/price.ts', ADL, '.lt(off)', '.lte(off)'),
  mutant('src/adl/spread.ts', ADL, "scale, 'up')", "scale, 'down')"),
  mutant('src/adl/shares.ts', ADL, 'if (rests[i]! <= least) continue', 'if (rests[i]! < least) continue'),
  mutant('src/adl/shares.ts', ADL, 'Math.floor(level * weights', 'Math.ceil(level * weights'),
  mutant(
    'src/adl/shares.ts',
    ADL,
    'level * weights[i]! < lots[i]!) continue',
    'level * weights[i]! > lots[i]!) continue',
  ),
  mutant('src/adl/shareRequests.ts', ADL, 'lots[k] = lots[k]! - part', 'lots[k] = lots[k]!'),
  mutant('src/adl/shareRequests.ts', ADL, 'parts[k] = parts[k]! - part', 'parts[k] = 0'),
  mutant('src/engine/deleverage.ts', ADL, 'if (loses) carried', 'if (!loses) carried'),
  mutant('src/engine/deleverage.ts', ADL, 'amount: fee.neg()', 'amount: fee'),
  mutant(
    'src/engine/shortage.ts',
    ADL,
    "['long', 'short'] : [opposite(losing)]",
    "['long'] : [opposite(losing)]",
  ),
  mutant('src/engine/shortage.ts', ADL, 'perUnit(open, each).minus(lost)', 'perUnit(open, each)'),
  mutant(
    'src/engine/shortage.ts',
    ADL,
    'min(unrealizedPnl(leg, this.marks(market.id)), equity)',
    'unrealizedPnl(leg, this.marks(market.id))',
  ),
  // the book
  mutant(
    'src/engine/bookAccess.ts',
    BOOK,
    "closing === 'long' ? 'sell' : 'buy'",
    "closing === 'long' ? 'buy' : 'sell'",
  ),
  mutant(
    'src/engine/bookAccess.ts',
    BOOK,
    "taker === 'sell' ? 'up' : 'down'",
    "taker === 'sell' ? 'down' : 'up'",
  ),
  mutant(
    'src/engine/bookAccess.ts',
    BOOK,
    'return this.capLots - this.used',
    'return this.capLots + this.used',
  ),
  mutant('src/engine/bookAccess.ts', BOOK, 'ticks >= this.beat.lowTicks', 'ticks > this.beat.highTicks'),
  mutant(
    'src/impact/fillPrice.ts',
    BOOK,
    'Math.ceil(prevLastTicks * exp(kick))',
    'Math.floor(prevLastTicks * exp(kick))',
  ),
  mutant('src/impact/fillPrice.ts', BOOK, 'lotsBefore + lots / 2', 'lotsBefore + lots'),
  mutant(
    'src/impact/fillPrice.ts',
    BOOK,
    'fill <= limitTicks : fill >= limitTicks',
    'fill < limitTicks : fill > limitTicks',
  ),
  // watching
  mutant('src/engine/watchList.ts', WATCH, 'heap.top <= key', 'heap.top < key'),
  mutant(
    'src/engine/watchList.ts',
    WATCH,
    '-this.falls[market]!.top >= markF64',
    '-this.falls[market]!.top > markF64',
  ),
  mutant(
    'src/engine/watchList.ts',
    WATCH,
    'gen !== this.generation[pocket]',
    'gen === this.generation[pocket]',
  ),
  // funding
  mutant(
    'src/ledger/fundingClock.ts',
    STORIES,
    "total.plus(this.paymentScale === null ? each : cut(each, this.paymentScale, 'even'))",
    'total.plus(each)',
  ),
  mutant('src/engine/chargeStamp.ts', STORIES, 'each.minus(kept).neg()', 'each.neg()'),
  // index, mark and made rates: an edge, a wait, a sign, which interval
  mutant('src/mark/outliers.ts', MARK, '? away < reach :', '? away <= reach :'),
  mutant('src/mark/outliers.ts', MARK, '> bands.waitUs', '>= bands.waitUs'),
  mutant('src/mark/outliers.ts', MARK, 'others === 1 && before.live', 'others === 1'),
  mutant('src/mark/indexPrice.ts', MARK, 'used === 2 ? current() : last', 'last'),
  mutant(
    'src/mark/aggregate.ts',
    MARK,
    'j === i ? others : others * square',
    'j !== i ? others : others * square',
  ),
  mutant('src/mark/indexFeed.ts', MARK, "since === 'change'", "since !== 'change'"),
  mutant('src/mark/basisAverage.ts', MARK, 'exp(-elapsedUs', 'exp(-2 * elapsedUs'),
  mutant('src/mark/premium.ts', MARK, 'centre.minus(ask)', 'ask.minus(centre)'),
  mutant('src/mark/premium.ts', MARK, '.plus(centre.minus(index))', '.minus(centre.minus(index))'),
  mutant(
    'src/mark/fundingRates.ts',
    MARK,
    'made.announced ? stampUs + rule.intervalUs',
    'made.announced ? stampUs',
  ),
  mutant('src/mark/fundingRates.ts', MARK, "made.weighting === 'linear'", "made.weighting !== 'linear'"),
  mutant('src/mark/marketState.ts', MARK, '(frozen && this.published !== null)', 'false'),
];
