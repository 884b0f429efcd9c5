/** Published margins beyond one rate and one deduction, as cases: each with a spoilt twin that must fail. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { runConformance } from '../../../src/study/conformance.ts';

interface Asked {
  readonly venue: string;
  readonly kind: string;
  readonly inputs: Record<string, unknown>;
  readonly expected: Record<string, string | boolean>;
}

/** Passes as it is, and fails with each expectation changed. */
function holds(asked: Asked): void {
  const verdict = (expected: Record<string, unknown>): string => {
    const tolerance = { type: 'rel', value: '1e-9' };
    return runConformance(JSON.stringify([{ ...asked, id: 'one', expected, tolerance }]))[0]!.verdict;
  };
  assert.equal(verdict(asked.expected), 'pass', JSON.stringify(asked));
  for (const [name, value] of Object.entries(asked.expected)) {
    const wrong = typeof value === 'boolean' ? !value : String(Number(value) * 1.001 + 1);
    assert.equal(verdict({ ...asked.expected, [name]: wrong }), 'fail', name);
  }
}

test('Deribit: base rate plus slope times the position', () => {
  const inputs = { index_price: '100000', position: '25', coin: 'BTC', slope_per_coin: '0.00005' };
  const expected = { rate: '0.02125', margin_coin: '0.53125', margin_quote: '53125' };
  holds({ venue: 'deribit', kind: 'initial_margin', inputs: { ...inputs, base_rate: '0.02' }, expected });
  const kept = { rate: '0.01125', margin_coin: '0.28125', margin_quote: '28125' };
  holds({
    venue: 'deribit',
    kind: 'maintenance_margin',
    inputs: { ...inputs, base_rate: '0.01' },
    expected: kept,
  });
  // the liquidation price of a long of 25 at 100,000 with 50,000: (2,500,000 - 50,000) / (25 * (1 - 0.01125))
  const long = { ...inputs, side: 'LONG', entry_price: '100000', base_rate: '0.01', margin: '50000' };
  const lp = { liquidation_price: String(2450000 / (25 * 0.98875)) };
  holds({ venue: 'deribit', kind: 'liquidation_price', inputs: long, expected: lp });
});

test('dYdX: quote quantums are rounded up, maintenance from the rounded initial margin', () => {
  // 123,456 * 0.567243 = 70,029.55 -> 70,030; * 0.6 = 42,018
  const inputs = { imf_ppm: 567243, notional_quantums: 123456, maintenance_fraction_ppm: 600000 };
  const expected = { initial_margin_quantums: '70030', maintenance_margin_quantums: '42018' };
  holds({ venue: 'dydx-v4', kind: 'initial_margin_rounding', inputs, expected });
  // at or beyond the upper cap the whole notional is asked for
  const caps = { lower_cap: '25000000000000', upper_cap: '60000000000000', oi: '60000000000000' };
  const full = { imf_ppm: 200000, notional_quantums: 500000, ...caps };
  const all = { initial_margin_quantums: '500000' };
  holds({ venue: 'dydx-v4', kind: 'oi_scaled_initial_margin', inputs: full, expected: all });
});

test('OKX: the ratio is equity over maintenance and closing fee; the margin itself is without the fee', () => {
  // 1 at 10 with 2, mark 9: equity 1; 9 * (0.01 + 0.0006) = 0.0954; 1 / 0.0954 = 10.4821...
  const inputs = {
    side: 'LONG',
    position_qty: '1',
    entry_price: '10',
    mark_price: '9',
    margin: '2',
    maintenance_margin_rate: '0.01',
    taker_fee: '0.0006',
  };
  const expected = { margin_balance: '1', margin_ratio: String(1 / 0.0954), liquidatable: false };
  holds({ venue: 'okx', kind: 'margin_ratio', inputs, expected });
  const { taker_fee: _, ...bare } = inputs;
  holds({ venue: 'okx', kind: 'maintenance_margin', inputs: bare, expected: { maintenance_margin: '0.09' } });
});
