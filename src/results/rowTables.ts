/** The tables that a replay fills, field by field: unit and meaning of every row of engine/rows.ts. */
import type {
  AccountRow,
  AdlRequestRow,
  AdlRow,
  BalanceRow,
  BeatRow,
  DecisionRow,
  FillRow,
  FundRow,
  LiquidationRow,
  OrderRow,
  Outbox,
  ProvenanceRow,
  TableName,
  TrackedRow,
  TransferRow,
} from '../engine/rows.ts';
import { exact, flag, float, instant, json, type Table, text, whole } from './column.ts';

const MONEY = 'settlement asset';
const QTY = 'base units or contracts';
const PRICE = 'quote units';
const SEQ = whole('-', 'number of the event in its world, from 1');
const BEAT_END = instant('end of the beat');
const MARKET = text('market');
const POSITION_SIDE = text('side of the position: long or short');

const TRANSFERS: Table<TransferRow> = {
  name: 'transfers',
  meaning: 'Every movement of money, from one ledger account to another. Balances are sums of this table.',
  sortedBy: ['seq', 'tsUs'],
  perWorld: true,
  columns: {
    seq: SEQ,
    tsUs: BEAT_END,
    asset: text('asset that moves'),
    from: text(
      'ledger account that pays: a population account, market, house, fund:<name>, funding:<market>',
    ),
    to: text('ledger account that receives'),
    amount: exact('asset', 'amount, above 0'),
    reason: text(
      'why: realized-pnl, clearance-fee, residue, deficit, funding, ...; deposit (also of an arrival), top-up: from outside',
    ),
    market: text('market that caused it; NULL where none did'),
    cause: whole('-', 'seq of the verdict, order, ADL request or funding stamp that caused it'),
  },
};

const FILLS: Table<FillRow> = {
  name: 'fills',
  meaning: 'Every change of a position. The ledger account `market` takes the other side of each row.',
  sortedBy: ['seq', 'tsUs'],
  perWorld: true,
  columns: {
    seq: SEQ,
    tsUs: BEAT_END,
    market: MARKET,
    account: text('whose position changes'),
    side: text('side of the position that changes'),
    effect: text('close: the position shrinks; open: it grows'),
    qty: exact(QTY, 'quantity'),
    price: exact(PRICE, 'price'),
    value: exact(MONEY, "quantity valued at the price, after the venue's cut"),
    entryValue: exact(MONEY, 'entry value that left (close) or came (open)'),
    why: text(
      'liquidation, winner-closes, takeover, adl, unwind or account-event; stop-loss, arrival or departure: what an owner does unasked',
    ),
    priceRule: text(
      "what fixed the price: book (inside the beat's range), impact, bankruptcy, mark, previousMark, last or event",
    ),
    cause: whole('-', 'seq of the order, verdict or ADL request behind it'),
  },
};

const ORDERS: Table<OrderRow> = {
  name: 'orders',
  meaning:
    'One forced order, from verdict to the end of the try. Where a rule set closes by increments, blocks or a ramp, an order that meets a book with nothing left is written once; that it is tried again every beat is not, until it finds something (`attempt` counts on).',
  sortedBy: ['seq', 'tsUs'],
  perWorld: true,
  columns: {
    seq: SEQ,
    tsUs: BEAT_END,
    market: MARKET,
    account: text('account under liquidation'),
    side: POSITION_SIDE,
    kind: text('order rule: ioc, fok, market, fillable, atMark or atBankruptcy'),
    plan: text('reduce: part of the position; close: all of it'),
    attempt: whole('-', 'number of the try, from 1'),
    qty: exact(QTY, 'quantity ordered'),
    filled: exact(QTY, 'quantity filled'),
    limit: exact(PRICE, 'limit price; NULL for a market order'),
    averagePrice: exact(PRICE, 'average price of the fills; NULL without a fill'),
    markAtVerdict: exact(PRICE, 'mark price at the verdict'),
    liquidationPriceF64: float(
      PRICE,
      'estimated liquidation price one beat earlier; NULL where not solvable',
    ),
    bankruptcyPrice: exact(PRICE, "price at which the pocket's equity is zero"),
    fee: exact(MONEY, 'clearance fee charged'),
    queuePlace: whole('-', 'place in the queue of forced orders, from 1'),
    queueSec: float('s', 'time from the verdict to this order'),
    cause: whole('-', 'seq of the verdict'),
  },
};

const LIQUIDATIONS: Table<LiquidationRow> = {
  name: 'liquidations',
  meaning:
    'One verdict and how it ended; written when the liquidation ends, or at the end of the run as open.',
  sortedBy: ['seq', 'tsUs'],
  perWorld: true,
  columns: {
    seq: SEQ,
    tsUs: instant('end of the beat of the verdict'),
    endUs: instant('end of the beat in which it ended'),
    account: text('account'),
    market: text('market of the largest leg'),
    side: text('side of the largest leg'),
    mode: text('isolated or cross'),
    legs: whole('-', 'legs in the pocket at the verdict'),
    leverage: float('times', 'leverage as drawn at opening'),
    tier: whole('-', 'margin tier of the largest leg, from 1'),
    markAtVerdict: exact(PRICE, 'mark price at the verdict'),
    equity: exact(MONEY, 'equity at the verdict'),
    maintenanceMargin: exact(MONEY, 'maintenance margin at the verdict'),
    notional: exact(MONEY, 'notional of all legs at the verdict'),
    end: text('reduced, closed, takenOver, deleveraged, recovered or open'),
    closedNotional: exact(MONEY, 'value of all forced closes at their prices'),
    fees: exact(MONEY, 'clearance fees paid'),
    residue: exact(MONEY, 'margin left after the last close'),
    deficit: exact(MONEY, 'loss beyond the margin'),
    openOrdersCancelled: flag('resting orders were cancelled first'),
    queueSec: float('s', 'time from the verdict to the end'),
    tries: whole('-', 'forced orders sent'),
    positionsLost: whole('-', 'legs wholly closed'),
  },
};

const ADL: Table<AdlRow> = {
  name: 'adl',
  meaning: 'One winner closed by auto-deleveraging.',
  sortedBy: ['seq', 'tsUs'],
  perWorld: true,
  columns: {
    seq: SEQ,
    tsUs: BEAT_END,
    market: MARKET,
    account: text('winner who is closed'),
    side: text("side of the winner's position"),
    qty: exact(QTY, 'quantity closed'),
    price: exact(PRICE, 'price of the close: that of the request'),
    mark: exact(PRICE, 'mark price'),
    scoreF64: float('-', 'ranking score or weight of the rule, a float screen'),
    rank: whole('-', 'place in the ranking, from 1; 1 where the rule shares'),
    lights: whole('-', 'ADL lights of the winner, 1 .. 5; 0 where the rule has no queue'),
    loser: text('account whose position it pays for'),
    hedger: flag('the winner is a hedger: the close leaves it naked'),
    givenUp: exact(MONEY, "(mark - price) * qty in the winner's favour had it not been closed"),
    cause: whole('-', 'seq of the ADL request'),
  },
};

const ADL_REQUESTS: Table<AdlRequestRow> = {
  name: 'adl_requests',
  meaning: 'One request for auto-deleveraging and how much of it the winners covered.',
  sortedBy: ['seq', 'tsUs'],
  perWorld: true,
  columns: {
    seq: SEQ,
    tsUs: BEAT_END,
    market: MARKET,
    loser: text('account whose position is to be closed'),
    side: text('side of the bankrupt position'),
    qty: exact(QTY, 'quantity asked for'),
    price: exact(PRICE, 'price offered to the winners'),
    trigger: text('fundRefuses or noFillAtMark'),
    covered: exact(QTY, 'quantity that winners were closed for'),
    uncovered: exact(QTY, 'quantity nobody was left for'),
    uncoveredMoney: exact(MONEY, 'loss at mark of the uncovered quantity'),
    skipped: whole('accounts', 'winners passed over because their equity would fall below 0'),
    shortage: text('what became of the rest: market, socialise, house or -'),
  },
};

const FUND: Table<FundRow> = {
  name: 'fund',
  meaning: 'One row a fund and beat: cash, inventory, and how far a further move would carry it.',
  sortedBy: ['tsUs', 'fund'],
  perWorld: true,
  columns: {
    tsUs: BEAT_END,
    fund: text('fund; its ledger account is fund:<name>'),
    asset: text('asset of the fund'),
    cash: exact('asset', 'cash'),
    inventoryPnl: exact('asset', 'unrealized profit of positions taken over, at mark'),
    inventoryNotional: exact('asset', 'notional of positions taken over, at mark'),
    lots: whole('lots', 'contracts held'),
    refusing: flag('the fund refuses further positions'),
    shortfall1F64: float('asset', 'money lacking after a further move of 1 % against it'),
    shortfall2F64: float('asset', 'the same after 2 %'),
    shortfall5F64: float('asset', 'the same after 5 %'),
    shortfall10F64: float('asset', 'the same after 10 %'),
    adl1F64: float(QTY, 'contracts ADL would close after a further move of 1 %'),
    adl2F64: float(QTY, 'the same after 2 %'),
    adl5F64: float(QTY, 'the same after 5 %'),
    adl10F64: float(QTY, 'the same after 10 %'),
    adlMoveF64: float('fraction', 'smallest relative move that empties the fund; NULL: none within 50 %'),
  },
};

const BEATS: Table<BeatRow> = {
  name: 'beats',
  meaning: 'One row a market and beat: prices, activity, open interest and the queue.',
  sortedBy: ['tsUs', 'market'],
  perWorld: true,
  columns: {
    tsUs: BEAT_END,
    market: MARKET,
    last: exact(PRICE, 'last trade'),
    high: exact(PRICE, 'highest trade inside the beat'),
    low: exact(PRICE, 'lowest trade inside the beat'),
    index: exact(PRICE, 'index price'),
    mark: exact(PRICE, 'mark price'),
    markFrom: text('which part of the mark rule won'),
    price1: exact(PRICE, 'funding part of the mark; NULL where the rule has none'),
    price2: exact(PRICE, 'moving-basis part of the mark; NULL where the rule has none'),
    lots: whole('lots', 'traded quantity'),
    openInterest: exact(QTY, "long contracts of population, fund and market's long side"),
    marketNet: exact(QTY, 'net contracts of the ledger account `market`, absolute'),
    marketSide: text('side of marketNet'),
    marketProfit: exact(MONEY, 'wallet + value at mark - entry value of `market` in this market'),
    marketLowestCash: exact(MONEY, 'lowest cash of `market` in this market so far'),
    queue: whole('accounts', 'accounts under liquidation at the end of the beat'),
    forcedSellLots: whole('lots', 'forced sells and stop-losses filled in the beat'),
    forcedBuyLots: whole('lots', 'forced buys and stop-losses filled in the beat'),
    stepLimitHit: flag('the limit of liquidation steps in one beat was reached'),
  },
};

const PROVENANCE: Table<ProvenanceRow> = {
  name: 'provenance',
  meaning: 'State of the index constituents, written when it changes.',
  sortedBy: ['tsUs', 'market'],
  perWorld: true,
  columns: {
    tsUs: BEAT_END,
    market: MARKET,
    constituents: text('one letter each: u used, x excluded, c clamped, s stale, - none yet'),
    held: flag('the index could not be formed anew and the last one was held'),
  },
};

const TRACKED: Table<TrackedRow> = {
  name: 'tracked',
  meaning: 'Tracked accounts, beat by beat.',
  sortedBy: ['tsUs', 'account', 'market', 'side'],
  perWorld: true,
  columns: {
    tsUs: BEAT_END,
    account: text('account'),
    market: MARKET,
    side: POSITION_SIDE,
    qty: exact(QTY, 'quantity held'),
    equity: exact(MONEY, 'equity of the pocket'),
    maintenanceMargin: exact(MONEY, 'maintenance margin of the pocket'),
    marginRatioF64: float('fraction', 'maintenance margin / equity; Infinity at equity <= 0'),
    liquidationLowF64: float(PRICE, "liquidation price below today's mark; NULL: none"),
    liquidationHighF64: float(PRICE, "liquidation price above today's mark; NULL: none"),
    distanceF64: float('fraction', 'distance to the nearer of both, relative to mark'),
    adlLights: whole('-', 'ADL lights, 0 flat or losing .. 5'),
  },
};

const ACCOUNTS: Table<AccountRow> = {
  name: 'accounts',
  meaning: 'One row a leg, before and after the run.',
  sortedBy: ['when', 'account', 'market', 'side'],
  perWorld: true,
  columns: {
    when: text('before or after the run'),
    account: text('account'),
    mode: text('isolated or cross'),
    market: MARKET,
    side: POSITION_SIDE,
    qty: exact(QTY, 'quantity'),
    entryValue: exact(MONEY, 'value at which the position was opened'),
    margin: exact(MONEY, "isolated margin, or the cross wallet on the account's first leg"),
    leverage: float('times', 'leverage as drawn at opening'),
    marginRatioF64: float('fraction', 'maintenance margin / equity'),
    liquidationPriceF64: float(PRICE, 'estimated liquidation price; NULL: none'),
    hedger: flag('an opposite position elsewhere'),
  },
};

const BALANCES: Table<BalanceRow> = {
  name: 'balances',
  meaning: 'Money of each ledger account: of all at the start, and at the end of those that moved.',
  sortedBy: ['when', 'account', 'asset'],
  perWorld: true,
  columns: {
    when: text('before or after the run'),
    account: text('ledger account'),
    asset: text('asset'),
    balance: exact('asset', 'money, isolated margins included'),
  },
};

const DECISIONS: Table<DecisionRow> = {
  name: 'decisions',
  meaning: 'Every input of one decision about one account.',
  sortedBy: ['seq', 'tsUs'],
  perWorld: true,
  columns: {
    seq: SEQ,
    tsUs: BEAT_END,
    account: text('account'),
    step: text('verdict, cancelOrders, plan, order, takeover, adl or end; stop-loss, top-up or arrival'),
    market: text('market; NULL where the step is about the whole pocket'),
    values: json('name -> exact text of each input'),
  },
};

type RowOf<N extends TableName> = Outbox[N][number];

/** Tables that a replay fills, by their key in the Outbox. */
export const ROW_TABLES: { readonly [N in TableName]: Table<RowOf<N>> } = {
  transfers: TRANSFERS,
  fills: FILLS,
  orders: ORDERS,
  liquidations: LIQUIDATIONS,
  adl: ADL,
  adlRequests: ADL_REQUESTS,
  fund: FUND,
  beats: BEATS,
  provenance: PROVENANCE,
  tracked: TRACKED,
  accounts: ACCOUNTS,
  balances: BALANCES,
  decisions: DECISIONS,
};
