/** What a forced close costs, and rates that grow with time: the published cases of dYdX v4 and Drift. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, rate } from '../../../src/basics/exact.ts';
import { cappedFeeRate, fundDelta, grown } from '../../../src/margin/clearance.ts';

test("dYdX's TestGetLiquidationInsuranceFundDelta", () => {
  // [value of the fill, highest fee, fill less bankruptcy, expected]
  const cases = [
    ['5610', '0.005', '510', '28.05'],
    ['5610', '0.025', '510', '140.25'],
    ['5610', '1', '510', '510'],
    ['4410', '0.005', '490', '22.05'],
    ['4410', '0.025', '490', '110.25'],
    ['4410', '1', '490', '490'],
    ['5105.1', '0.005', '5.1', '5.1'],
    ['4895.1', '0.005', '4.9', '4.9'],
    ['5100', '0.005', '0', '0'],
    ['5049', '0.005', '-51', '-51'],
    ['4949', '0.005', '-49', '-49'],
    ['0', '0.005', '4900', '0'],
  ] as const;
  for (const [value, fee, residual, expected] of cases)
    assert.equal(String(fundDelta(money(value), rate(fee), money(residual))), expected);
});

test("Drift's calculate_perp_if_fee", () => {
  const fee = (shortage: string, discount = '0.01', value = '1000', most = '0.05'): string =>
    String(
      cappedFeeRate(rate(most), {
        value: money(value),
        shortage: money(shortage),
        ratio: rate('0.05'),
        discount: rate(discount),
      }),
    );
  assert.equal(fee('20'), '0.019'); // 0.95 (0.05 - 0.01 - 0.02)
  assert.equal(fee('1'), '0.03705');
  assert.equal(fee('1000'), '0');
  assert.equal(fee('20', '0.1'), '0'); // the liquidator takes more than the ratio
  assert.equal(fee('20', '0.01', '0'), '0');
  assert.equal(fee('1', '0.01', '1000', '0.03'), '0.03'); // room for more than is asked
});

test("Drift's get_liquidation_fee: base fee in the grace, then from the first slot on, to the highest", () => {
  const by = {
    from: rate('0.02'),
    perUnit: rate('0.000001'),
    most: rate('0.05'),
    grace: rate('1500'),
  };
  const fees = ['100000', '10', '10000', '1499', '1500', '30000', '29999'].map((slots) =>
    String(grown(by, rate(slots))),
  );
  assert.deepEqual(fees, ['0.05', '0.02', '0.03', '0.02', '0.0215', '0.05', '0.049999']);
});
