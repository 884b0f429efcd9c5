/** Ways to spoil the hand-made run of rows.ts, and the lines of `cascade verify` that each must break. */
import { money, price, qty } from '../../src/basics/exact.ts';
import { beatUs, type Rows } from './rows.ts';

/** What is done, how, and which checks fail. */
export const tampered: readonly [
  what: string,
  tamper: (beats: Rows[]) => void,
  expected: readonly string[],
][] = [
  [
    'a negative transfer',
    (b) => {
      b[1]!.transfers[1]!.amount = money('-44.9');
    },
    [
      'transfers: amounts above 0, between two accounts',
      'balances: before + transfers in - out = after',
      'fund: cash = opening + transfers in - out, every beat',
      'liquidations: fees = transfers by reason clearance-fee, by account',
    ],
  ],
  [
    'an account that pays itself',
    (b) => {
      b[2]!.transfers[0]!.to = 'D';
    },
    ['transfers: amounts above 0, between two accounts', 'balances: before + transfers in - out = after'],
  ],
  [
    'a balance',
    (b) => {
      b[3]!.balances[1]!.balance = money('7025');
    },
    [
      'balances: before + transfers in - out = after',
      'balances: money of all accounts before = after, by asset',
    ],
  ],
  [
    'an account missing from the balances',
    (b) => {
      b[0]!.balances.splice(0, 1);
      b[3]!.balances.splice(0, 1);
    },
    [
      'balances: before + transfers in - out = after',
      'balances: money of all accounts before = after, by asset',
    ],
  ],
  [
    "the fund's cash in one beat",
    (b) => {
      b[2]!.fund[0]!.cash = money('740.000000000000000001');
    },
    ['fund: cash = opening + transfers in - out, every beat'],
  ],
  [
    "the fund's inventory",
    (b) => {
      b[2]!.fund[0]!.inventoryPnl = money('-149');
    },
    [
      'fund: inventory at mark = its fills at mark',
      'beats and fund: unrealized profit of all parties sums to 0 at every mark',
    ],
  ],
  [
    "a liquidation's fees",
    (b) => {
      b[2]!.liquidations[0]!.fees = money('5');
    },
    [
      'liquidations: fees = transfers by reason clearance-fee, by account',
      'orders: fees = fees of liquidations, by account',
    ],
  ],
  [
    "an order's fee",
    (b) => {
      b[2]!.orders[0]!.fee = money('5');
    },
    ['orders: fees = fees of liquidations, by account'],
  ],
  [
    "a liquidation's residue",
    (b) => {
      b[2]!.liquidations[0]!.residue = money('0');
    },
    ['liquidations: residue = transfers by reason residue, by account'],
  ],
  [
    "a liquidation's deficit",
    (b) => {
      b[1]!.liquidations[1]!.deficit = money('207');
    },
    ['liquidations: deficit = transfers by reason deficit, by account'],
  ],
  [
    'a fill outside its beat',
    (b) => {
      b[1]!.beats[0]!.low = price('8980.1');
    },
    ['fills: price inside the range of the beat, or fixed by a named rule'],
  ],
  [
    'a fill without a beat',
    (b) => {
      b[1]!.fills[0]!.tsUs = beatUs(2) - 1;
    },
    ['fills: price inside the range of the beat, or fixed by a named rule'],
  ],
  [
    'a rule that nobody knows',
    (b) => {
      b[1]!.fills[2]!.priceRule = 'guess' as 'mark';
    },
    ['fills: price inside the range of the beat, or fixed by a named rule'],
  ],
  [
    'a fill that claims the mark',
    (b) => {
      b[1]!.fills[2]!.priceRule = 'mark';
    },
    ['fills: price inside the range of the beat, or fixed by a named rule'],
  ],
  [
    'a fill that claims the mark before',
    (b) => {
      b[1]!.fills[2]!.priceRule = 'previousMark';
    },
    ['fills: price inside the range of the beat, or fixed by a named rule'],
  ],
  [
    "a fill's value",
    (b) => {
      b[2]!.fills[0]!.value = money('811');
    },
    [
      'fills: value = quantity at the price',
      'beats: realized profit of `market` = the same counted fill by fill, qty * (mark - price)',
    ],
  ],
  [
    "a fill's quantity",
    (b) => {
      b[2]!.fills[1]!.qty = qty('0.9');
    },
    [
      'accounts: before + fills = after, contracts and entry value of every leg',
      'orders: filled = fills of the order, no more than ordered',
      'fills: value = quantity at the price',
      'beats: contracts of all parties sum to 0 after every beat', // not open interest: A keeps the 0.1
      'beats: profit of `market` = cash + value at mark - entry value, entry values summing to 0',
      'beats: realized profit of `market` = the same counted fill by fill, qty * (mark - price)',
      'beats and fund: unrealized profit of all parties sums to 0 at every mark',
    ],
  ],
  [
    "a fill's entry value",
    (b) => {
      b[2]!.fills[2]!.entryValue = money('3151');
    },
    [
      'accounts: before + fills = after, contracts and entry value of every leg',
      'beats: profit of `market` = cash + value at mark - entry value, entry values summing to 0',
      'beats and fund: unrealized profit of all parties sums to 0 at every mark',
    ],
  ],
  [
    'a leg after the run',
    (b) => {
      b[3]!.accounts[0]!.qty = qty('2.5');
    },
    ['accounts: before + fills = after, contracts and entry value of every leg'],
  ],
  [
    'an order that filled more',
    (b) => {
      b[1]!.orders[1]!.filled = qty('0.5');
    },
    ['orders: filled = fills of the order, no more than ordered'],
  ],
  [
    'a request',
    (b) => {
      b[1]!.adlRequests[0]!.covered = qty('0.4');
    },
    ['adl_requests: covered = contracts of closed winners, covered + uncovered = asked'],
  ],
  [
    'a winner without a request',
    (b) => {
      b[1]!.adl[0]!.cause = 99;
    },
    [
      'adl_requests: covered = contracts of closed winners, covered + uncovered = asked',
      'adl: contracts = fills of the winner',
      'adl: price, side and loser of the request',
    ],
  ],
  [
    'a price that was not offered',
    (b) => {
      b[1]!.adl[0]!.price = price('9400');
    },
    ['adl: price, side and loser of the request', 'adl: given_up = profit at mark - profit at the price'],
  ],
  [
    'the lowest cash of the market',
    (b) => {
      b[1]!.beats[0]!.marketLowestCash = money('-1');
    },
    ['beats: lowest cash of `market` = lowest running sum of its transfers'],
  ],
  [
    'net contracts of a beat',
    (b) => {
      b[2]!.beats[0]!.marketSide = 'short';
    },
    ['beats: contracts of all parties sum to 0 after every beat'],
  ],
  [
    'open interest',
    (b) => {
      b[3]!.beats[0]!.openInterest = qty('2.401');
    },
    ['beats: open interest = long contracts of all parties'],
  ],
  [
    "the market's profit",
    (b) => {
      b[3]!.beats[0]!.marketProfit = money('-701.99');
    },
    [
      'beats: profit of `market` = cash + value at mark - entry value, entry values summing to 0',
      'beats: realized profit of `market` = the same counted fill by fill, qty * (mark - price)',
      'beats and fund: unrealized profit of all parties sums to 0 at every mark',
    ],
  ],
  [
    'a payment to the market that was no profit',
    (b) => {
      b[2]!.transfers[3]!.reason = 'funding';
    },
    ['beats: realized profit of `market` = the same counted fill by fill, qty * (mark - price)'],
  ],
  [
    'the mark',
    (b) => {
      b[3]!.beats[0]!.mark = price('8501');
    },
    [
      'beats: profit of `market` = cash + value at mark - entry value, entry values summing to 0',
      'beats: realized profit of `market` = the same counted fill by fill, qty * (mark - price)',
      'fund: inventory at mark = its fills at mark',
      'beats and fund: unrealized profit of all parties sums to 0 at every mark',
    ],
  ],
];
