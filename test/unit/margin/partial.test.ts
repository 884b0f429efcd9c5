/** Reductions: the least that satisfies the venue's own trigger, and the step down a ladder. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, price, rate } from '../../../src/basics/exact.ts';
import { entryPart } from '../../../src/margin/leg.ts';
import {
  afterClose,
  ladderStep,
  type Reduction,
  solveReduction,
  tierStepDown,
} from '../../../src/margin/partial.ts';
import { judge } from '../../../src/margin/trigger.ts';
import { BTC, legOf, OKX, poolOf } from '../../support/pools.ts';
import { at, LINEAR, leg, pocket, rules, tiers } from './pockets.ts';

const TEN_PERCENT = rules({ tiers: tiers('1000000 0.1 0') });
/** Equity 95, maintenance 100 at mark 100. */
const SHORT_OF_FIVE: Reduction = {
  pocket: pocket('95', leg('long 10 @ 100', LINEAR, TEN_PERCENT)),
  legIndex: 0,
  marks: at('100'),
  fillPrice: price('100'),
  feeRate: rate('0'),
  trigger: { inclusive: false },
  buffer: { kind: 'multiplicative', value: rate('0') },
};
const solved = (change: Partial<Reduction>): string =>
  String(solveReduction({ ...SHORT_OF_FIVE, ...change }));

test('the least quantity: shortage / (rate * price)', () => {
  assert.equal(solved({}), '0.5'); // 5 / (0.1 * 100)
  // at 0.5 equity equals maintenance, which liquidates again
  assert.equal(solved({ trigger: { inclusive: true } }), '0.501');
});

test('slippage and fee make it more: 5 / (10 - 1 - 0.5)', () => {
  // Fill at 99, fee 0.5 % of 99: 5 / (10 - 1 - 0.495) = 0.58789..., up to the lot.
  assert.equal(solved({ fillPrice: price('99'), feeRate: rate('0.005') }), '0.588');
});

test('a buffer asks for more', () => {
  // 1.1 * 0.1 * (10 - q) * 100 = 95: q = 1.3636...; additive 2 %: (0.1 + 0.02) (10 - q) 100 = 95: q =
  // 2.08333...
  assert.equal(solved({ buffer: { kind: 'multiplicative', value: rate('0.1') } }), '1.364');
  assert.equal(solved({ buffer: { kind: 'additive', value: rate('0.02') } }), '2.084');
});

test('a fee above the maintenance rate cannot be outrun: full', () => {
  assert.equal(solved({ feeRate: rate('0.12') }), 'null');
});

test('the answer may lie in a lower tier', () => {
  // 1 % to 1000, 10 % above (deduction 90). Long 20 @ 100, margin 70: 110 asked. In the upper tier 10
  // (20 - q) - 90 = 70: q = 4.
  const own = rules({ tiers: tiers('1000 0.01 0', '100000 0.1 90') });
  const upper = pocket('70', leg('long 20 @ 100', LINEAR, own));
  assert.equal(solved({ pocket: upper }), '4');
  // Margin 5: in the lower tier (20 - q) = 5: q = 15, of a notional of 500.
  assert.equal(solved({ pocket: pocket('5', leg('long 20 @ 100', LINEAR, own)) }), '15');
});

test('one lot can only be closed whole', () => {
  assert.equal(solved({ pocket: pocket('0.0095', leg('long 0.001 @ 100', LINEAR, TEN_PERCENT)) }), 'null');
});

test('after a close the wallet has the profit of the part and lacks the fee', () => {
  const own = pocket('4300', leg('long 2 @ 43000', LINEAR, rules({})));
  const close = {
    qty: own.legs[0]!.qty.times(rate('0.2')),
    price: price('40968.46'),
    feeRate: rate('0.005'),
  };
  const rest = afterClose(own, 0, close);
  // Story one-long: 0.4 * 2031.54 = 812.616 lost, 0.005 * 16387.384 = 81.93692 paid, 3405.44708 left.
  assert.equal(rest.wallet.toString(), '3405.44708');
  assert.equal(rest.legs[0]!.qty.toString(), '1.6');
  assert.equal(rest.legs[0]!.entryValue.toString(), '68800');
  assert.equal(afterClose(own, 0, { ...close, qty: own.legs[0]!.qty }).legs.length, 0);
});

test('a part of the entry value is cut downward; the whole is the whole', () => {
  const third = leg('long 3 @ 1', LINEAR, rules({}));
  const odd = { ...third, entryValue: money('1') };
  assert.equal(entryPart(odd, third.qty.minus(price('2') as never)).toString(), '0.333333333333333333');
  assert.equal(entryPart(odd, third.qty).toString(), '1');
  assert.throws(() => entryPart(odd, third.qty.plus(third.qty)), RangeError);
});

test('two tiers down: 15,000 contracts to the top of tier 1 at 2,000 (OKX 2019-20)', () => {
  const own = rules({ tierKey: 'qty', tiers: tiers('2000 0.005 0', '10000 0.01 0', '50000 0.015 0') });
  const market = { ...LINEAR, qtyStep: price('1') as never };
  assert.equal(String(tierStepDown(leg('long 15000 @ 1', market, own), 2, price('1'))), '13000');
  assert.equal(tierStepDown(leg('long 15000 @ 1', market, own), 3, price('1')), null);
});

test('a step down by notional lands on the bound or a lot below it', () => {
  // 90,000: tier 2; the top of tier 1 is 50,000 = 1.6666 BTC
  const own = leg('long 3 @ 30000', LINEAR, rules({}));
  assert.equal(String(tierStepDown(own, 1, price('30000'))), '1.334');
});

test('to the first tier; from the first there is none below', () => {
  const own = rules({ tierKey: 'qty', tiers: tiers('2000 0.005 0', '10000 0.01 0', '50000 0.015 0') });
  const market = { ...LINEAR, qtyStep: price('1') as never };
  assert.equal(String(tierStepDown(leg('long 15000 @ 1', market, own), 'toFirst', price('1'))), '13000');
  assert.equal(tierStepDown(leg('long 2000 @ 1', market, own), 'toFirst', price('1')), null);
});

test('a ladder: from a tier on, and not below what the first tier asks for everything', () => {
  const own = rules({ tierKey: 'qty', tiers: tiers('2 0.005 0', '10 0.01 0', '50 0.015 0') });
  const at100 = at('100');
  const step = (wallet: string, text: string, rule: Parameters<typeof ladderStep>[3]): string =>
    String(ladderStep(pocket(wallet, leg(text, LINEAR, own)), 0, at100, rule));
  assert.equal(step('0', 'long 15 @ 100', { tiers: 'toFirst', fromTier: 3 }), '13');
  assert.equal(step('0', 'long 10 @ 100', { tiers: 'toFirst', fromTier: 3 }), 'null'); // tier 2
  // 0.5 % of 1 500 = 7.50
  assert.equal(step('7.5', 'long 15 @ 100', { tiers: 1, unlessBelowFirst: true }), '5');
  assert.equal(step('7.49', 'long 15 @ 100', { tiers: 1, unlessBelowFirst: true }), 'null');
  assert.equal(step('7.49', 'long 15 @ 100', { tiers: 1 }), '5');
});

test('a ladder in a portfolio account asks the first tier too, not the scenarios', () => {
  // 15 BTC from 100 at 100: OKX's 15 % asks 225 of an account that the first tier's 0.5 % lets go down to 7.50
  const own = legOf(BTC, 'long', '15', '100', {
    tierKey: 'qty',
    tiers: tiers('2 0.005 0', '10 0.01 0', '50 0.015 0'),
  });
  const step = (held: string): string => {
    const pool = poolOf({ portfolio: OKX, held: { USDT: held }, index: () => price('100') });
    const account = { ...pocket(held, own), pool };
    assert.ok(judge(account, at('100'), { inclusive: true }).liquidatable);
    return String(ladderStep(account, 0, at('100'), { tiers: 1, unlessBelowFirst: true }));
  };
  assert.equal(step('100'), '5');
  assert.equal(step('7.5'), '5');
  assert.equal(step('7.49'), 'null');
});

test('an additive buffer is a share of the value at mark, also where maintenance is taken at entry', () => {
  // equity 1000.03 - 10 * (200 - 100) = 0.03; a rest r must keep r * 200 * 0.004 + 0.2 * r * 100 = 20.8 r:
  // r <= 0.00144, so all but one lot of 0.001 is closed
  const atEntry = rules({ notionalAt: 'entry', tiers: tiers('1000000 0.004 0') });
  const found = solveReduction({
    ...SHORT_OF_FIVE,
    pocket: pocket('1000.03', leg('long 10 @ 200', LINEAR, atEntry)),
    buffer: { kind: 'additive', value: rate('0.2') },
  });
  assert.equal(String(found), '9.999');
});
