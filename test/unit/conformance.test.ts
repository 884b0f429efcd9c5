/** The conformance runner: what it passes, that it can fail, and what it refuses to claim. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { ReplayError } from '../../src/basics/errors.ts';
import { type ConformanceLine, conformanceExit, runConformance } from '../../src/study/conformance.ts';

const FILE = new URL('../../../shared/conformance/cases.json', import.meta.url);
const skip = !existsSync(FILE) && 'the published cases are not beside this project';

interface RawCase {
  id: string;
  venue: string;
  kind: string;
  inputs: Record<string, unknown>;
  expected: Record<string, unknown>;
  tolerance: { type: string; value: string };
}

const EXACT = { type: 'exact', value: '0' };
const raw = (part: Partial<RawCase>): RawCase => ({
  id: 'one',
  venue: 'generic',
  kind: 'liquidation_price',
  inputs: {},
  expected: { liquidation_price: '1' },
  tolerance: EXACT,
  ...part,
});
const run = (...cases: Partial<RawCase>[]): ConformanceLine[] =>
  runConformance(JSON.stringify(cases.map(raw)));
const verdict = (part: Partial<RawCase>): string => run(part)[0]!.verdict;

test('published cases: all 91 pass', { skip }, () => {
  const lines = runConformance(readFileSync(FILE, 'utf8'));
  for (const { id, verdict: said, note, expected, got } of lines) {
    assert.equal(said, 'pass', `${id}: ${note}, expected ${expected}, got ${got}`);
  }
  assert.equal(lines.length, 91);
  assert.equal(conformanceExit(lines), 0);
});

/** The same expectation, off by one per cent and one unit; null where it holds no number. */
function spoilt(item: unknown): unknown {
  if (typeof item === 'string' && /^-?\d+(\.\d+)?$/.test(item)) return String(Number(item) * 1.01 + 1);
  if (typeof item === 'boolean') return !item;
  if (Array.isArray(item)) return item.map(spoilt);
  return item;
}

test('every passing case fails when what it expects is spoilt', { skip }, () => {
  const cases = JSON.parse(readFileSync(FILE, 'utf8')) as RawCase[];
  const passed = new Set(
    runConformance(JSON.stringify(cases))
      .filter((l) => l.verdict === 'pass')
      .map((l) => l.id),
  );
  for (const c of cases) {
    if (!passed.has(c.id)) continue;
    for (const [name, item] of Object.entries(c.expected)) {
      const wrong = spoilt(item);
      if (JSON.stringify(wrong) === JSON.stringify(item) || name === 'percentile') continue;
      const others = cases.map((o) =>
        o.id === c.id ? { ...c, expected: { ...c.expected, [name]: wrong } } : o,
      );
      const line = runConformance(JSON.stringify(others)).find((l) => l.id === c.id)!;
      assert.equal(line.verdict, 'fail', `${c.id} with ${name} = ${JSON.stringify(wrong)}`);
    }
  }
});

test('coin-margined: LP = (B MMR + B) / (WB / CM + B / EP), and none for a covered short', () => {
  // 100.4 / (0.05 / 100 + 100 / 25000) = 22311.1111...; short with 0.5 BTC: -99.6 / (0.005 - 0.004) is
  // below 0.
  const inputs = {
    margin_mode: 'isolated',
    side: 'LONG',
    contracts: '100',
    contract_size_usd: '100',
    entry_price: '25000',
    wallet_balance: '0.05',
    maintenance_margin_rate: '0.004',
    maintenance_amount: '0',
  };
  const tolerance = { type: 'abs', value: '0.005' };
  const coin = { venue: 'binance-coinm', tolerance };
  assert.equal(verdict({ ...coin, inputs, expected: { liquidation_price: '22311.11' } }), 'pass');
  const short = { ...inputs, side: 'SHORT', wallet_balance: '0.5' };
  assert.equal(verdict({ ...coin, inputs: short, expected: { liquidation_price: null } }), 'pass');
  assert.equal(verdict({ ...coin, inputs: short, expected: { liquidation_price: '0' } }), 'pass');
  assert.equal(verdict({ ...coin, inputs: short, expected: { liquidation_price: '5' } }), 'fail');
});

test('hedge mode: both legs share one price', () => {
  // (WB + cumL + cumS - L EPl + S EPs) / (L MMRl + S MMRs - L + S), with
  // L 200 @ 100, S 100 @ 99, rates 0.4 %: (300 - 20000 + 9900) / (0.8 + 0.4 - 200 + 100) = -9800 /
  // -98.8 = 99.19028...
  const inputs = {
    position_mode: 'hedge',
    wallet_balance: '300',
    long_qty: '200',
    long_entry_price: '100',
    short_qty: '100',
    short_entry_price: '99',
    maintenance_margin_rate: '0.004',
  };
  const tolerance = { type: 'rel', value: '1e-9' };
  assert.equal(
    verdict({
      venue: 'binance-usdm',
      inputs,
      expected: { liquidation_price: String(9800 / 98.8) },
      tolerance,
    }),
    'pass',
  );
});

test('a kind that nothing computes is unsupported, never passed', () => {
  const line = run({ kind: 'astrology' })[0]!;
  assert.deepEqual([line.verdict, line.got, line.note], ['unsupported', '', 'nothing computes astrology']);
  assert.equal(verdict({ kind: 'constructor' }), 'unsupported');
  assert.equal(
    verdict({
      venue: 'atlantis',
      inputs: { side: 'LONG', entry_price: '1', leverage: '2', maintenance_margin_rate: '0.1' },
    }),
    'unsupported',
  );
});

test('a case that lacks an input, or of which only a part is computed, is unsupported', () => {
  assert.match(run({ inputs: { side: 'LONG' } })[0]!.note, /^no input /);
  const known = {
    side: 'LONG',
    entry_price: '80000',
    margin: '4000',
    maintenance_margin_rate: '0.005',
    mm_basis: 'entry',
  };
  assert.equal(verdict({ venue: 'seed', inputs: known, expected: { liquidation_price: '76400' } }), 'pass');
  assert.equal(
    verdict({ venue: 'seed', inputs: known, expected: { liquidation_price: '76400', colour: 'red' } }),
    'unsupported',
  );
  assert.equal(
    verdict({ venue: 'seed', inputs: known, expected: { liquidation_price: '76401', colour: 'red' } }),
    'fail',
  );
});

test('a refusal of the formula is a failure unless it is what was expected', () => {
  const inputs = { tiers: [{ min: 0, max: 100, mmr: '0.1', amt: '0' }], notionals: ['-1'] };
  const lookup = { kind: 'tier_lookup', inputs };
  const lines = run({ ...lookup, expected: { maintenance_margin_rates: ['0.1'] } });
  assert.equal(lines[0]!.verdict, 'fail');
  assert.equal(conformanceExit(lines), 3);
  assert.equal(verdict({ ...lookup, expected: { error: 'nominal value can not be lower than 0' } }), 'pass');
});

test('tolerances: exact, absolute and relative', () => {
  const inputs = { rows: [['10', '0.0001', '2.0']] }; // 0.002
  const fees = (fee: string, type: string, value: string): string =>
    verdict({
      kind: 'funding_payment_simple',
      inputs,
      expected: { fees: [fee] },
      tolerance: { type, value },
    });
  assert.equal(fees('0.0020', 'exact', '0'), 'pass');
  assert.equal(fees('0.0020001', 'exact', '0'), 'fail');
  assert.equal(fees('0.0020001', 'abs', '1e-7'), 'pass');
  assert.equal(fees('0.0020002', 'abs', '1e-7'), 'fail');
  assert.equal(fees('0.002002', 'rel', '0.001'), 'pass');
  assert.equal(fees('0.0021', 'rel', '0.001'), 'fail');
});

test('a malformed file is refused with its place', () => {
  const refused = (text: string, path: string | undefined): void =>
    assert.throws(
      () => runConformance(text),
      (e: unknown) => {
        assert.ok(e instanceof ReplayError);
        assert.deepEqual([e.code, e.place.path], ['SCENARIO_INVALID', path]);
        return true;
      },
    );
  refused('[', undefined);
  refused('{}', undefined);
  refused('[1]', '[0]');
  refused(JSON.stringify([raw({}), { ...raw({}), id: 'two', venue: 3 }]), '[1].venue');
  refused(JSON.stringify([raw({}), raw({})]), '[1].id');
  refused(JSON.stringify([{ ...raw({}), inputs: [] }]), '[0].inputs');
  refused(JSON.stringify([raw({ expected: {} })]), '[0].expected');
  refused(JSON.stringify([raw({ tolerance: { type: 'near', value: '1' } })]), '[0].tolerance.type');
  refused(JSON.stringify([raw({ tolerance: { type: 'abs', value: 'x' } })]), '[0].tolerance.value');
  assert.deepEqual(runConformance('[]'), []);
});

test('premium: what a side cannot fill says nothing, and the limit holds on both sides', () => {
  // the cases of dYdX's own test, in its numbers
  const premium = (part: Record<string, unknown>, ppm: string): string =>
    verdict({
      kind: 'premium',
      venue: 'dydx-v4',
      inputs: { bids: [['9999.9', '1']], asks: [['10001', '1']], impact_notional: '5000', ...part },
      expected: { premium_ppm: ppm },
    });
  assert.equal(premium({ index: '9997.5' }, '240'), 'pass'); // 9999.9 / 9997.5 - 1
  assert.equal(premium({ index: '10001.9' }, '-89'), 'pass');
  assert.equal(premium({ index: '10000' }, '0'), 'pass');
  assert.equal(premium({ index: '6000', max_abs_premium_vote_ppm: '100000' }, '100000'), 'pass');
  assert.equal(premium({ index: '60000', max_abs_premium_vote_ppm: '100000' }, '-100000'), 'pass');
  assert.equal(premium({ index: '9000', bids: [['9999.9', '0.1']] }, '0'), 'pass');
  assert.equal(premium({ index: '9000', bids: [], asks: [] }, '0'), 'pass');
  assert.equal(premium({ index: '9997.5' }, '241'), 'fail');
});

test('index protection: two sources and one hold the last index, and so say the moments before', () => {
  const protectedIndex = (moments: Record<string, unknown>, expected: Record<string, unknown>): string =>
    verdict({
      kind: 'index_protection',
      venue: 'bitmex',
      inputs: { weights: 'equal', tolerance: '0.25', ...moments },
      expected,
    });
  const [all, fallen] = [
    { A: '100', B: '100' },
    { A: '100', B: '50' },
  ];
  // 75 would be the index, and both are 33 % off it
  assert.equal(
    protectedIndex({ prices_t0: all, prices_t1: fallen }, { index_price: '100', excluded: [] }),
    'pass',
  );
  assert.equal(
    protectedIndex({ prices_t0: all, prices_t1: { A: '100', B: '90' } }, { index_price: '95' }),
    'pass',
  );
  const alone = { prices_t0: { A: '100' }, prices_t1: { A: '74' } };
  assert.equal(protectedIndex(alone, { index_price: '100' }), 'pass');
  // removed for good: C is right again and still out
  const three = {
    prices_t0: { A: '100', B: '100', C: '100' },
    prices_t1: { A: '100', B: '100', C: '50' },
    prices_t2: { A: '102', B: '102', C: '102.9' },
  };
  assert.equal(protectedIndex(three, { index_price: '102', excluded: ['C'] }), 'pass');
});

test('legacy mark: one last price or several, between bid and ask, within the band', () => {
  const mark = (last: unknown, expected: unknown): string =>
    verdict({
      kind: 'mark_price_legacy',
      venue: 'deribit',
      inputs: { bid: '871', ask: '871.5', index: '870', last },
      expected: { mark: expected },
    });
  assert.equal(mark('870', '871'), 'pass');
  assert.equal(mark(['870', '871.2', '900'], ['871', '871.2', '871.5']), 'pass');
  assert.equal(mark('871.7', '871.7'), 'fail');
});
