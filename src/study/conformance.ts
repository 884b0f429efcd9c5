/**
 * Conformance: published worked examples put to the same functions that the engine uses. A kind that
 * nothing here computes is reported as unsupported, never as passed; so is a case of which only a
 * part is computed.
 */
import { canonicalJson } from '../basics/digest.ts';
import { type Money, money, product } from '../basics/exact.ts';
import {
  type Compute,
  type ConformanceCase,
  decimalText,
  type Got,
  type Json,
  readCases,
  type Tolerance,
  Unread,
} from './conformanceCase.ts';
import { ADL_KINDS } from './conformanceAdl.ts';
import { LIQUIDATION_KINDS } from './conformanceLiquidation.ts';
import { MARGIN_KINDS } from './conformanceMargin.ts';
import { MARKET_KINDS } from './conformanceMarket.ts';
import { PROCESS_KINDS } from './conformanceProcess.ts';
import { TIER_KINDS } from './conformanceTiers.ts';
import { WHOLE_KINDS } from './conformanceWhole.ts';

export interface ConformanceLine {
  readonly id: string;
  readonly venue: string;
  readonly kind: string;
  /** Canonical JSON of the expected outputs. */
  readonly expected: string;
  /** Canonical JSON of the computed outputs; '' when nothing was computed. */
  readonly got: string;
  readonly verdict: 'pass' | 'fail' | 'unsupported';
  /** Why it is unsupported or fails; '' for a pass. */
  readonly note: string;
}

const KINDS: Readonly<Record<string, Compute>> = {
  ...MARGIN_KINDS,
  ...LIQUIDATION_KINDS,
  ...TIER_KINDS,
  ...WHOLE_KINDS,
  ...MARKET_KINDS,
  ...ADL_KINDS,
  ...PROCESS_KINDS,
};

/** An output's name may end in its unit; the computed one has the name alone. */
const COIN_SUFFIX = /_(btc|xbt|eth|usd|usdt|usdc)$/;

/**
 * Outputs whose rounding the venue does not specify: printed by the source, not binding (BitMEX
 * quintile labels).
 */
const INFORMATIVE = new Set(['adl_selection.percentile']);

/**
 * Runs every case of a conformance file.
 *
 * @param text  the file's content
 * @returns     one line a case, in the file's order
 * @throws ReplayError SCENARIO_INVALID when the file is malformed
 */
export function runConformance(text: string): ConformanceLine[] {
  const cases = readCases(text);
  return cases.map((c) => {
    const { got, verdict, note } = runCase(c, cases);
    const { id, venue, kind } = c;
    return {
      id,
      venue,
      kind,
      expected: canonicalJson(c.expected),
      got: got === null ? '' : canonicalJson(got),
      verdict,
      note,
    };
  });
}

/** Exit code of a conformance run: 0 when nothing failed, 3 otherwise. Unsupported cases do not fail. */
export const conformanceExit = (lines: readonly ConformanceLine[]): 0 | 3 =>
  lines.some((line) => line.verdict === 'fail') ? 3 : 0;

type Outcome = Pick<ConformanceLine, 'verdict' | 'note'> & { readonly got: Got | null };

function runCase(c: ConformanceCase, all: readonly ConformanceCase[]): Outcome {
  const compute = Object.hasOwn(KINDS, c.kind) ? KINDS[c.kind] : undefined;
  if (compute === undefined) return { got: null, verdict: 'unsupported', note: `nothing computes ${c.kind}` };
  let got: Got;
  try {
    got = compute(c, all);
  } catch (error) {
    if (error instanceof Unread) return { got: null, verdict: 'unsupported', note: error.message };
    const note = error instanceof Error ? error.message : String(error);
    // a formula refuses by RangeError; anything else is our mistake and never what a case expects
    const isRefusal = error instanceof RangeError && Object.hasOwn(c.expected, 'error');
    return { got: { error: note }, verdict: isRefusal ? 'pass' : 'fail', note: isRefusal ? '' : note };
  }
  if (Object.hasOwn(c.expected, 'error')) return { got, verdict: 'fail', note: 'nothing refuses this' };
  const names = Object.keys(c.expected).filter((name) => !INFORMATIVE.has(`${c.kind}.${name}`));
  const keyOf = (name: string): string => (Object.hasOwn(got, name) ? name : name.replace(COIN_SUFFIX, ''));
  const missing = names.filter((name) => !Object.hasOwn(got, keyOf(name)));
  const wrong = names.filter((name) => {
    const found = got[keyOf(name)];
    return found !== undefined && !agrees(c.expected[name]!, found, c.tolerance);
  });
  if (wrong.length > 0) return { got, verdict: 'fail', note: `differs: ${wrong.join(', ')}` };
  if (missing.length === 0) return { got, verdict: 'pass', note: '' };
  return { got, verdict: 'unsupported', note: `nothing computes ${missing.join(', ')}` };
}

/** "No such price" has several spellings. */
const NONE = new Set<Json>([null, 'none', '--', '']);

/** Whether a computed output is the expected one: decimals within the tolerance, anything else alike. */
export function agrees(expected: Json, got: Json, tolerance: Tolerance): boolean {
  if (got === null || NONE.has(expected))
    return got === null && (NONE.has(expected) || decimalText(expected) === '0');
  if (Array.isArray(expected)) {
    const list = expected as readonly Json[];
    return (
      Array.isArray(got) &&
      got.length === list.length &&
      list.every((e, i) => agrees(e, (got as Json[])[i]!, tolerance))
    );
  }
  if (typeof expected === 'object') {
    if (typeof got !== 'object' || Array.isArray(got)) return false;
    const found = got as Got;
    return Object.entries(expected!).every(
      ([name, e]) => Object.hasOwn(found, name) && agrees(e, found[name]!, tolerance),
    );
  }
  const [a, b] = [decimalText(expected), decimalText(got)];
  if (a === null || b === null) return expected === got;
  return money(a)
    .minus(money(b))
    .abs()
    .lte(margin(money(a), tolerance));
}

function margin(expected: Money, { type, value }: Tolerance): Money {
  const width = money(value);
  return type === 'rel' ? product('money', expected.abs(), width) : width;
}
