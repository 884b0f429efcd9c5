/**
 * A small run by hand: one linear market, four accounts, four beats. Everything below adds up, and
 * the arithmetic is beside it, so that tests have numbers that no program made.
 *
 * Before: A long 2 @ 10000 (margin 3000), B short 3 @ 10500 (6000), C long 1 @ 10500 (1000),
 * D long 0.5 @ 10000 (4000), fund 1000. Population net +0.5 contracts, entry values
 * 20000 - 31500 + 10500 + 5000 = 4000, so `market` is short 0.5 with entry value -4000.
 *
 * Beat 2, mark 9000
 *   A reduced 1 @ 8980: 8980 - 10000 = -1020 to market; fee 0.5 % = 44.9 to the fund
 *   C closes 0.4 @ 8980: 3592 - 4200 = -608; its share of margin is 400, so the fund pays 208
 *   fund takes over 0.2 of C @ 9500: 1900 - 2100 = -200
 *   C's last 0.4 by ADL @ 9500: 3800 - 4200 = -400; B covers 0.3: 3150 - 2850 = +300, and gives up
 *   (9500 - 9000) * 0.3 = 150; 0.1 is uncovered: 0.1 * 500 = 50
 *   fund 1000 + 44.9 - 208 = 836.9; inventory 0.2: 1800 - 1900 = -100
 *   market: contracts -0.5 + 1 + 0.4 + 0.2 - 0.2 + 0.4 - 0.3 = 1.0
 *           entry -4000 + 10000 + 4200 + 2100 - 1900 + 4200 - 3150 = 11450
 *           cash 1020 + 608 + 200 + 400 - 300 = 1928; profit 1928 + 9000 - 11450 = -522
 * Beat 3, mark 8000
 *   D pays funding 4, B gets it; fund unwinds 0.1 @ 8100: 810 - 950 = -140
 *   A closed 1 @ 8100: 8100 - 10000 = -1900; margin 3000 - 1020 - 44.9 - 1900 = 35.1, of which 5.1 fee
 *   and 30 residue; B closes 0.3 @ 8100 by itself: 3150 - 2430 = +720; house pays the fund 8
 *   fund 836.9 - 140 + 5.1 + 30 + 8 = 740; inventory 0.1: 800 - 950 = -150
 *   market: contracts 1.0 + 0.1 + 1 - 0.3 = 1.8; entry 11450 + 950 + 10000 - 3150 = 19250
 *           cash 1928 + 140 + 1900 - 720 = 3248; profit 3248 + 14400 - 19250 = -1602
 * Beat 4, mark 8500: nothing. Market's profit 3248 + 15300 - 19250 = -702; inventory 850 - 950 = -100
 */
import { money, price, qty } from '../../src/basics/exact.ts';
import { emptyOutbox } from '../../src/engine/rows.ts';
import {
  balance,
  beat,
  fill,
  leg,
  liquidation,
  order,
  transfer,
  MARKET,
  beatUs,
  type Rows,
} from './rowMakers.ts';

export { beatUs, MARKET, type Rows, START_US } from './rowMakers.ts';

function opening(): Rows {
  const rows: Rows = emptyOutbox();
  beat(rows, 1, '10000', ['9990', '10010'], '10000');
  rows.accounts.push(
    leg('before', 'A', 'long', ['2', '20000', '3000']),
    leg('before', 'B', 'short', ['3', '31500', '6000']),
    leg('before', 'C', 'long', ['1', '10500', '1000']),
    leg('before', 'D', 'long', ['0.5', '5000', '4000']),
  );
  for (const [account, amount] of [
    ['A', '3000'],
    ['B', '6000'],
    ['C', '1000'],
    ['D', '4000'],
    ['fund:main', '1000'],
    ['market', '0'],
    ['house', '0'],
    [`funding:${MARKET}`, '0'],
  ] as const)
    rows.balances.push(balance('before', account, amount));
  rows.provenance.push({ tsUs: beatUs(1), market: MARKET, constituents: 'uu', held: false });
  rows.tracked.push({
    tsUs: beatUs(1),
    account: 'D',
    market: MARKET,
    side: 'long',
    qty: qty('0.5'),
    equity: money('4000'),
    maintenanceMargin: money('25'),
    marginRatioF64: 0.00625,
    liquidationLowF64: 2010.5,
    liquidationHighF64: null,
    distanceF64: 0.79895,
    adlLights: 0,
  });
  return rows;
}

function crash(): Rows {
  const rows: Rows = emptyOutbox();
  beat(rows, 2, '9000', ['8950', '9100'], '9000');
  const verdict = { tsUs: beatUs(2), markAtVerdict: price('9000') };
  rows.orders.push(
    order({
      ...verdict,
      seq: 2,
      account: 'A',
      plan: 'reduce',
      qty: qty('1'),
      filled: qty('1'),
      averagePrice: price('8980'),
      bankruptcyPrice: price('8500'),
      fee: money('44.9'),
      cause: 1,
    }),
    order({
      ...verdict,
      seq: 7,
      account: 'C',
      plan: 'close',
      qty: qty('1'),
      filled: qty('0.4'),
      averagePrice: price('8980'),
      bankruptcyPrice: price('9500'),
      fee: money('0'),
      cause: 6,
    }),
  );
  rows.fills.push(
    fill(3, 2, ['A', 'long', 'close'], ['1', '8980', '8980', '10000'], 'liquidation', 'book', 2),
    fill(8, 2, ['C', 'long', 'close'], ['0.4', '8980', '3592', '4200'], 'liquidation', 'book', 7),
    fill(11, 2, ['C', 'long', 'close'], ['0.2', '9500', '1900', '2100'], 'takeover', 'bankruptcy', 6),
    fill(13, 2, ['fund:main', 'long', 'open'], ['0.2', '9500', '1900', '1900'], 'takeover', 'bankruptcy', 6),
    fill(15, 2, ['C', 'long', 'close'], ['0.4', '9500', '3800', '4200'], 'adl', 'bankruptcy', 14),
    fill(18, 2, ['B', 'short', 'close'], ['0.3', '9500', '2850', '3150'], 'adl', 'bankruptcy', 14),
  );
  rows.transfers.push(
    transfer(4, 2, ['A', 'market'], '1020', 'realized-pnl', 2),
    transfer(5, 2, ['A', 'fund:main'], '44.9', 'clearance-fee', 2),
    transfer(9, 2, ['C', 'market'], '608', 'realized-pnl', 7),
    transfer(10, 2, ['fund:main', 'C'], '208', 'deficit', 7),
    transfer(12, 2, ['C', 'market'], '200', 'realized-pnl', 6),
    transfer(16, 2, ['C', 'market'], '400', 'realized-pnl', 14),
    transfer(19, 2, ['market', 'B'], '300', 'realized-pnl', 14),
  );
  rows.adlRequests.push({
    seq: 14,
    tsUs: beatUs(2),
    market: MARKET,
    loser: 'C',
    side: 'long',
    qty: qty('0.4'),
    price: price('9500'),
    trigger: 'fundRefuses',
    covered: qty('0.3'),
    uncovered: qty('0.1'),
    uncoveredMoney: money('50'),
    skipped: 0,
    shortage: 'market',
  });
  rows.adl.push({
    seq: 17,
    tsUs: beatUs(2),
    market: MARKET,
    account: 'B',
    side: 'short',
    qty: qty('0.3'),
    price: price('9500'),
    mark: price('9000'),
    scoreF64: 0.7,
    rank: 1,
    lights: 5,
    loser: 'C',
    hedger: true,
    givenUp: money('150'),
    cause: 14,
  });
  rows.liquidations.push(
    liquidation({
      ...verdict,
      seq: 1,
      account: 'A',
      equity: money('1000'),
      notional: money('18000'),
      end: 'reduced',
      closedNotional: money('8980'),
      fees: money('44.9'),
      residue: money('0'),
      deficit: money('0'),
      positionsLost: 0,
      tier: 2,
    }),
    liquidation({
      ...verdict,
      seq: 6,
      account: 'C',
      equity: money('-500'),
      notional: money('9000'),
      end: 'deleveraged',
      closedNotional: money('9292'),
      fees: money('0'),
      residue: money('0'),
      deficit: money('208'),
      positionsLost: 1,
      tier: 1,
    }),
  );
  rows.decisions.push({
    seq: 1,
    tsUs: beatUs(2),
    account: 'A',
    step: 'verdict',
    market: MARKET,
    values: { mark: '9000', equity: '1000' },
  });
  return rows;
}

function second(): Rows {
  const rows: Rows = emptyOutbox();
  beat(rows, 3, '8100', ['7950', '9000'], '8000');
  const verdict = { tsUs: beatUs(3), markAtVerdict: price('8000') };
  rows.orders.push(
    order({
      ...verdict,
      seq: 25,
      account: 'A',
      plan: 'close',
      qty: qty('1'),
      filled: qty('1'),
      averagePrice: price('8100'),
      bankruptcyPrice: price('8064.9'),
      fee: money('5.1'),
      cause: 24,
    }),
  );
  rows.fills.push(
    fill(22, 3, ['fund:main', 'long', 'close'], ['0.1', '8100', '810', '950'], 'unwind', 'book', 0),
    fill(26, 3, ['A', 'long', 'close'], ['1', '8100', '8100', '10000'], 'liquidation', 'book', 25),
    fill(30, 3, ['B', 'short', 'close'], ['0.3', '8100', '2430', '3150'], 'winner-closes', 'book', 25),
  );
  rows.transfers.push(
    transfer(20, 3, ['D', `funding:${MARKET}`], '4', 'funding', 0),
    transfer(21, 3, [`funding:${MARKET}`, 'B'], '4', 'funding', 0),
    transfer(23, 3, ['fund:main', 'market'], '140', 'realized-pnl', 22),
    transfer(27, 3, ['A', 'market'], '1900', 'realized-pnl', 25),
    transfer(28, 3, ['A', 'fund:main'], '5.1', 'clearance-fee', 25),
    transfer(29, 3, ['A', 'fund:main'], '30', 'residue', 25),
    transfer(31, 3, ['market', 'B'], '720', 'realized-pnl', 25),
    transfer(32, 3, ['house', 'fund:main'], '8', 'insolvency', 0),
  );
  rows.liquidations.push(
    liquidation({
      ...verdict,
      seq: 24,
      account: 'A',
      equity: money('-64.9'),
      notional: money('8000'),
      end: 'closed',
      closedNotional: money('8100'),
      fees: money('5.1'),
      residue: money('30'),
      deficit: money('0'),
      positionsLost: 1,
      tier: 1,
    }),
  );
  return rows;
}

function closing(): Rows {
  const rows: Rows = emptyOutbox();
  beat(rows, 4, '8500', ['8000', '8600'], '8500');
  // B 6000 + 300 + 720 + 4; A and C are gone; D 4000 - 4
  rows.accounts.push(
    leg('after', 'B', 'short', ['2.4', '25200', '7024']),
    leg('after', 'D', 'long', ['0.5', '5000', '3996']),
  );
  for (const [account, amount] of [
    ['A', '0'],
    ['B', '7024'],
    ['C', '0'],
    ['D', '3996'],
    ['fund:main', '740'],
    ['market', '3248'],
    ['house', '-8'],
    [`funding:${MARKET}`, '0'],
  ] as const)
    rows.balances.push(balance('after', account, amount));
  return rows;
}

/** The four beats of the sample, fresh objects on every call. */
export const sampleBeats = (): Rows[] => [opening(), crash(), second(), closing()];
