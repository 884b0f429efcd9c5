/**
 * Conformance of margin schedules and of what they lead to: deductions, lookups, risk limits, partial
 * closes, multi-assets.
 */
import {
  cut,
  type Money,
  MONEY_SCALE,
  max,
  money,
  ONE,
  type Price,
  price,
  product,
  qty,
  quotient,
  type Rate,
  rate,
  ZERO_MONEY,
  ZERO_RATE,
} from '../basics/exact.ts';
import type { Leg } from '../margin/leg.ts';
import {
  deductions,
  initialMargin,
  legMaintenance,
  maintenanceMargin,
  scaledInitialRate,
  tierIndex,
} from '../margin/maintenance.ts';
import { ladderStep, solveReduction } from '../margin/partial.ts';
import type { MarginTier } from '../rules/ruleSet.ts';
import { type Compute, type ConformanceCase, type Got, type Inputs, Unread } from './conformanceCase.ts';
import { marketOf, oneTier, rulesOf } from './conformanceMargin.ts';

/** Above every published bound; the last tier serves everywhere beyond its floor. */
const NO_BOUND = money('1e30');

function scheduleRates(inputs: Inputs): Rate[] {
  if (inputs.has('maintenance_margin_rates')) return inputs.list('rate', 'maintenance_margin_rates');
  if (inputs.word('mmr').replaceAll(' ', '') !== '1/(2*maxleverage)')
    throw new Unread('no input maintenance_margin_rates');
  return inputs.list('rate', 'max_leverage').map((l) => quotient('rate', ONE, l.plus(l), 18, 'even'));
}

const table: Compute = ({ inputs }) => {
  const rates = scheduleRates(inputs);
  return {
    maintenance_amounts: deductions(inputs.list('money', 'floors'), rates).map(String),
    maintenance_margin_rates: rates.map(String),
  };
};

/** One step of the recursion: what the tier above adds to the deduction of the tier below. */
const amount: Compute = ({ inputs }) => {
  const floors = [ZERO_MONEY, inputs.exact('money', 'floor')];
  const step = deductions(floors, [inputs.exact('rate', 'mmr_prev'), inputs.exact('rate', 'mmr_n')]);
  return { maintenance_amount: String(step[1]!.plus(inputs.exact('money', 'amount_prev'))) };
};

/** Tiers from floors and rates: each ends where the next begins. */
function continuous(floors: readonly Money[], rates: readonly Rate[]): MarginTier[] {
  const cums = deductions(floors, rates);
  return rates.map((maintenanceRate, k) => ({
    upTo: floors[k + 1] ?? NO_BOUND,
    maintenanceRate,
    maintenanceDeduction: cums[k]!,
    initialRate: ONE,
  }));
}

function decided(floors: readonly (Money | null)[]): Money[] {
  if (floors.includes(null)) throw new Unread('a tier has neither amt nor min');
  return floors.map((floor) => floor!);
}

/** The schedule of a lookup: given in full, or as the id of a table case in the same file. */
function scheduleOf(c: ConformanceCase, all: readonly ConformanceCase[]): MarginTier[] {
  if (c.inputs.has('tiers')) {
    const rows = c.inputs.rows('tiers');
    const rates = rows.map((row) => row.exact('rate', 'mmr', 'maintenance_margin_rate'));
    const amounts = rows.map((row) => row.maybe('money', 'amt', 'cum', 'maintenance_amount'));
    const floors = rows.map((row) => row.maybe('money', 'min', 'floor'));
    if (amounts.includes(null)) return continuous(decided(floors), rates);
    return rows.map((row, k) => ({
      upTo: row.maybe('money', 'max', 'cap', 'up_to') ?? floors[k + 1] ?? NO_BOUND,
      maintenanceRate: rates[k]!,
      maintenanceDeduction: amounts[k]!,
      initialRate: ONE,
    }));
  }
  const words = c.inputs.word('table').split(/\s+/);
  const source = all.find(
    (other) => other.kind === 'maintenance_amount_table' && words.includes(other.id.toLowerCase()),
  );
  if (source === undefined) throw new Unread('no input tiers, and no table of that name in the file');
  return continuous(source.inputs.list('money', 'floors'), scheduleRates(source.inputs));
}

const lookup: Compute = (c, all) => {
  const tiers = scheduleOf(c, all);
  const one = c.inputs.maybe('money', 'notional');
  const notionals = one === null ? c.inputs.list('money', 'notionals') : [one];
  const requirements = notionals.map((notional) => String(maintenanceMargin(notional, tiers)));
  const found = notionals.map((notional) => tiers[tierIndex(rulesOf({ tiers }), notional, qty('0'))]!);
  const rates = found.map((tier) => String(tier.maintenanceRate));
  const amounts = found.map((tier) => String(tier.maintenanceDeduction));
  return one === null
    ? { maintenance_margin_rates: rates, maintenance_amounts: amounts, maintenance_margins: requirements }
    : {
        maintenance_margin_rate: rates[0]!,
        maintenance_amount: amounts[0]!,
        maintenance_margin: requirements[0]!,
      };
};

/**
 * BitMEX risk limits: steps = max(0, ceil((value - base) / step)), each adding the base maintenance
 * rate to both rates.
 */
const riskLimit: Compute = ({ inputs }) => {
  const values = inputs.list('money', 'position_values');
  const base = inputs.exact('money', 'base_risk_limit');
  const step = inputs.exact('money', 'risk_step');
  const [baseMm, baseIm] = [inputs.exact('rate', 'base_mm'), inputs.exact('rate', 'base_im')];
  const most = values.reduce((a, b) => max(a, b), base);
  if (!step.isPositive() || step.times(MOST_STEPS).lt(most.minus(base)))
    throw new RangeError(`too many steps of ${step} from ${base} to ${most}`);
  const tiers: MarginTier[] = [];
  let [upTo, maintenanceRate, initialRate] = [base, baseMm, baseIm];
  for (;;) {
    tiers.push({ upTo, maintenanceRate, initialRate, maintenanceDeduction: ZERO_MONEY });
    if (values.every((v) => v.lte(upTo))) break;
    [upTo, maintenanceRate, initialRate] = [
      upTo.plus(step),
      maintenanceRate.plus(baseMm),
      initialRate.plus(baseMm),
    ];
  }
  const places = values.map((v) => tierIndex(rulesOf({ tiers }), v, qty('0')));
  const found = places.map((place) => tiers[place]!);
  return {
    steps: places.map(String),
    risk_limits: found.map((tier) => String(tier.upTo)),
    mm_rates: found.map((tier) => String(tier.maintenanceRate)),
    im_rates: found.map((tier) => String(tier.initialRate)),
    mm_xbt: values.map((v) => String(maintenanceMargin(v, tiers))),
    im_xbt: values.map((v, k) => String(v.times(found[k]!.initialRate))),
    mm_xbt_first: String(maintenanceMargin(values[0]!, tiers)),
    im_xbt_first: String(values[0]!.times(found[0]!.initialRate)),
  };
};

/** A schedule of more steps than any venue publishes is a slip in the case. */
const MOST_STEPS = rate('10000');

/** OKX 2019-20: a position of tier 3 or more comes down to the top of tier 1; below that it is closed. */
const stepDown: Compute = (c) => {
  const { inputs } = c;
  const tier = Number(inputs.exact('qty', 'tier').toString());
  const position = inputs.exact('qty', 'position');
  // Only the first bound matters: the tiers between are evenly spread up to the position's own.
  const first = inputs.exact('money', 'tier1_max');
  const span = Math.max(1, tier - 1);
  const width = max(ZERO_MONEY, money(String(position)).minus(first));
  const tiers = Array.from({ length: tier }, (_, k): MarginTier => {
    const upTo = first.plus(
      quotient('money', product('money', width, rate(String(k))), rate(String(span)), 9, 'up'),
    );
    return { upTo, maintenanceRate: ZERO_RATE, maintenanceDeduction: ZERO_MONEY, initialRate: ONE };
  });
  const market = { ...marketOf(c), qtyStep: qty('1') };
  const rules = rulesOf({ tierKey: 'qty', tiers });
  const leg: Leg = { market, rules, side: 'long', qty: position, entryValue: ZERO_MONEY };
  const pocket = { legs: [leg], wallet: ZERO_MONEY, orderMargin: ZERO_MONEY };
  const part = ladderStep(pocket, 0, () => price('1'), { tiers: 'toFirst', fromTier: 3 });
  return { close_qty: String(part ?? position) };
};

/**
 * Drift: a shortage against a target ratio. The reduction is the engine's own solver on a long that
 * is large enough and short of exactly that much; the liquidator's fee is a worse fill, the fund's a
 * fee on the value at the oracle price, without the price of quote. Drift cuts the quantity down to 1e-9, and
 * closes everything where no part can help or the oracle says 0.
 */
const shortage: Compute = (c) => {
  const { inputs } = c;
  const ratio = inputs.exact('rate', 'margin_ratio');
  const short = inputs.exact('money', 'margin_shortage');
  const quote = inputs.maybe('rate', 'quote_price') ?? ONE;
  const mark: Price = inputs.exact('price', 'oracle_price').times(quote);
  const off = inputs.maybe('rate', 'liquidator_fee') ?? ZERO_RATE;
  if (!mark.isPositive() || ratio.lte(off)) return { base_qty: 'all' };
  if (short.isZero()) return { base_qty: '0' };
  const needed = quotient('qty', product('money', short, LARGE), product('money', mark, ratio), 9, 'up');
  const entryValue = product('money', needed, mark);
  const leg: Leg = {
    market: { ...marketOf(c), qtyStep: qty('1e-18') },
    rules: rulesOf({ tiers: oneTier(ratio) }),
    side: 'long',
    qty: needed,
    entryValue,
  };
  const part = solveReduction({
    pocket: { legs: [leg], wallet: entryValue.times(ratio).minus(short), orderMargin: ZERO_MONEY },
    legIndex: 0,
    marks: () => mark,
    fillPrice: mark.times(ONE.minus(off)),
    feeRate: quotient(
      'rate',
      inputs.maybe('rate', 'if_fee') ?? ZERO_RATE,
      ONE.minus(off).times(quote),
      MONEY_SCALE,
      'even',
    ),
    trigger: { inclusive: false },
    buffer: { kind: 'multiplicative', value: ZERO_RATE },
  });
  return { base_qty: part === null ? 'all' : String(cut(part, 9, 'down')) };
};

/** The long is this many times what has to go without fees: they may eat all but a millionth of the ratio. */
const LARGE = rate('1e6');

/** A rate in parts per million. */
const ofPpm = (inputs: Inputs, name: string): Rate => inputs.exact('rate', name).times(rate('1e-6'));

/**
 * dYdX: margins of a notional in quote quantums, rounded up to whole ones. Maintenance, where it is
 * asked for, is a fraction of the initial margin.
 */
function inQuantums(inputs: Inputs, initialRate: Rate): Got {
  const fraction = inputs.has('maintenance_fraction_ppm') ? ofPpm(inputs, 'maintenance_fraction_ppm') : null;
  const tiers = [{ ...oneTier(initialRate.times(fraction ?? ONE))[0]!, initialRate }];
  const market = { ...marketOf({ inputs, venue: 'dydx-v4' }), kind: 'linear' as const };
  const leg: Leg = {
    market,
    rules: rulesOf({ tiers, requirementScale: 0 }),
    side: 'long',
    qty: inputs.exact('qty', 'notional_quantums').abs(),
    entryValue: ZERO_MONEY,
  };
  return {
    initial_margin_quantums: String(initialMargin(leg, price('1'))),
    ...(fraction === null ? {} : { maintenance_margin_quantums: String(legMaintenance(leg, price('1'))) }),
  };
}

/** The same where open interest raises the initial rate, and only that. */
const openInterest: Compute = ({ inputs }) => {
  const scaled = scaledInitialRate(ofPpm(inputs, 'imf_ppm'), {
    notional: inputs.exact('money', 'oi', 'open_interest'),
    lower: inputs.exact('money', 'lower_cap'),
    upper: inputs.exact('money', 'upper_cap'),
  });
  return { ...inQuantums(inputs, scaled), imf_ppm: String(scaled.times(rate('1000000'))) };
};

export const TIER_KINDS: Readonly<Record<string, Compute>> = {
  maintenance_amount_table: table,
  maintenance_amount: amount,
  initial_margin_rounding: ({ inputs }) => inQuantums(inputs, ofPpm(inputs, 'imf_ppm')),
  oi_scaled_initial_margin: openInterest,
  tier_lookup: lookup,
  risk_limit: riskLimit,
  partial_liquidation_qty: (c, all) =>
    c.inputs.has('margin_shortage') ? shortage(c, all) : stepDown(c, all),
};
