/**
 * The published figures that a calibration is held against: which ones can be, how far off each may be, what is
 * done with several readings of one quantity, and which are kept aside to see how well the rest predict them.
 */
import { ReplayError } from '../../basics/errors.ts';
import { formatInstant, HOUR_US, type Micros, parseInstant } from '../../basics/instant.ts';
import { exp, log } from '../../basics/maths.ts';
import type { PublishedFigure } from '../../rules/facts.ts';
import type { Scenario } from '../../rules/scenario.ts';

/** A quantity with what was published of it. */
export interface PlannedTarget {
  readonly what: PublishedFigure['what'];
  readonly market: string;
  readonly fromUs: Micros;
  readonly untilUs: Micros;
  readonly observed: number;
  readonly unit: string;
  readonly sigmaLn: number;
  readonly tolerance: string;
  readonly sources: readonly string[];
  readonly notes: readonly string[];
  readonly role: 'fit' | 'check';
  /** Place in `facts.published` of its first reading: they share quantity, market and window. */
  readonly place: number;
}

export interface Plan {
  readonly targets: readonly PlannedTarget[];
  readonly leftOut: readonly { readonly figure: string; readonly reason: string }[];
  /** null: every figure is fitted. */
  readonly fitUntilUs: Micros | null;
}

const FITTED: readonly PublishedFigure['what'][] = [
  'liquidatedLong',
  'liquidatedShort',
  'liquidatedTotal',
  'openInterestChange',
];
/** Reported beside what the draws say, never fitted. */
const SHOWN: readonly PublishedFigure['what'][] = ['fundChange'];
const NOT_FITTED =
  'not fitted: how the engine executes decides its sign, which no choice of population could mend';

/** Tolerances where a figure states none: the first that applies. Assumed; science.md 3.5. */
const TOLERANCES: readonly {
  readonly rules: RegExp;
  readonly until: Micros;
  readonly from: Micros;
  readonly factor: number;
  readonly why: string;
}[] = [
  {
    rules: /^bitmex-/,
    from: parseInstant('2020-03-01'),
    until: parseInstant('2020-04-01'),
    factor: 1.5,
    why: 'BitMEX in March 2020: its feed exceeds its open interest',
  },
  {
    rules: /./,
    from: 0,
    until: parseInstant('2021-05-01'),
    factor: 1.3,
    why: 'feeds before May 2021 were not throttled',
  },
  { rules: /./, from: 0, until: Infinity, factor: 2, why: "vendors' totals after April 2021" },
];

/** Longest part of a window that tells when, not only how much. */
const TIMING_US = 2 * HOUR_US;

/** Whether a figure says when something happened: it covers two hours or less, and half of the day or less. */
export const tellsTiming = (
  { fromUs, untilUs }: PlannedTarget,
  day: { readonly fromUs: Micros; readonly untilUs: Micros },
): boolean => untilUs - fromUs <= Math.min(TIMING_US, (day.untilUs - day.fromUs) / 2);

/**
 * Plans what is fitted and what is checked.
 *
 *   observed = exp(mean of ln(value x ourShare)) over the readings of one quantity, market, window and unit
 *
 * @param o.isNarrowed  the window is a part of the scenario's: figures of the whole window do not apply
 * @param o.fitUntil    figures that end later are checked; undefined: the middle of the window where figures
 *                      that could be fitted lie on both sides of it, else all are fitted
 * @throws ReplayError SCENARIO_INVALID where nothing is left to fit
 */
export function planTargets(o: {
  readonly scenario: Scenario;
  readonly isNarrowed: boolean;
  readonly fitUntil?: Micros;
}): Plan {
  const { scenario, isNarrowed } = o;
  const { facts } = scenario;
  const leftOut: { figure: string; reason: string }[] = [];
  const groups = new Map<string, Reading[]>();
  for (const [place, figure] of facts.published.entries()) {
    if (!FITTED.includes(figure.what) && !SHOWN.includes(figure.what)) continue;
    const reason = unusable(figure, scenario, isNarrowed);
    if (reason !== null) {
      leftOut.push({ figure: nameOf(figure), reason });
      continue;
    }
    const value = Number(figure.value) * (figure.ourShare ?? 1);
    const fromUs = figure.fromUs ?? facts.fromUs;
    const untilUs = figure.untilUs ?? facts.untilUs;
    const key = [figure.what, figure.market, fromUs, untilUs, figure.unit, Math.sign(value)].join('|');
    groups.set(key, [...(groups.get(key) ?? []), { figure, place, value, fromUs, untilUs }]);
  }
  const readings = [...groups.values()];
  const fitUntilUs = o.fitUntil ?? middleOf(scenario, readings);
  const targets = readings.map((own) => targetOf(own, scenario, fitUntilUs));
  if (targets.some(({ role }) => role === 'fit')) return { targets, leftOut, fitUntilUs };
  throw new ReplayError(
    'SCENARIO_INVALID',
    o.fitUntil === undefined
      ? 'no published figure of the window to calibrate to'
      : `no published figure of the window ends by ${formatInstant(o.fitUntil)}`,
    { path: o.fitUntil === undefined ? 'facts.published' : '--fit-until' },
    'Widen the window, or state what was published: liquidatedLong, liquidatedShort, liquidatedTotal, openInterestChange.',
  );
}

interface Reading {
  readonly figure: PublishedFigure;
  readonly place: number;
  readonly value: number;
  readonly fromUs: Micros;
  readonly untilUs: Micros;
}

const nameOf = ({ what, market, value, unit }: PublishedFigure): string =>
  `${what}${market === null ? '' : ` ${market}`}: ${value} ${unit}`;

/** Why a figure cannot be held against the draws; null where it can. */
function unusable(f: PublishedFigure, { facts }: Scenario, isNarrowed: boolean): string | null {
  if (Number(f.value) === 0) return 'nothing published has no logarithm';
  if (isNarrowed && (f.fromUs === null || f.untilUs === null))
    return 'covers the whole day, replayed in part';
  if ((f.fromUs ?? facts.fromUs) < facts.fromUs || (f.untilUs ?? facts.untilUs) > facts.untilUs)
    return 'outside the window';
  if (f.what === 'openInterestChange' && f.market === null) return 'open interest of no one market';
  return null;
}

function middleOf({ facts }: Scenario, readings: readonly (readonly Reading[])[]): Micros | null {
  const middle = (facts.fromUs + facts.untilUs) / 2;
  const fitted = readings.flat().filter(({ figure }) => FITTED.includes(figure.what));
  const before = fitted.some(({ untilUs }) => untilUs <= middle);
  return before && fitted.some(({ fromUs }) => fromUs >= middle) ? middle : null;
}

function targetOf(own: readonly Reading[], scenario: Scenario, fitUntilUs: Micros | null): PlannedTarget {
  const { figure, place, fromUs, untilUs, value } = own[0]!;
  const sumLn = own.reduce((total, reading) => total + log(Math.abs(reading.value)), 0);
  const mean = own.length === 1 ? Math.abs(value) : exp(sumLn / own.length);
  const isFitted = FITTED.includes(figure.what);
  const inTime = fitUntilUs === null || untilUs <= fitUntilUs;
  const widest = own
    .map((reading) => toleranceOf(reading, scenario))
    .reduce((a, b) => (b.factor > a.factor ? b : a));
  const values = own.map((reading) => reading.figure.value).join(' and ');
  return {
    what: figure.what,
    market: figure.market ?? '',
    fromUs,
    untilUs,
    observed: Math.sign(value) * mean,
    unit: figure.unit,
    sigmaLn: log(widest.factor),
    tolerance: `x ${widest.factor}: ${widest.why}, assumed`,
    sources: [...new Set(own.map((reading) => reading.figure.source))],
    notes: [
      ...(own.length > 1 ? [`geometric mean of ${own.length} readings: ${values} ${figure.unit}`] : []),
      ...own.flatMap((reading) => shareNote(reading.figure)),
      ...new Set(own.map((reading) => reading.figure.note).filter((note) => note !== '')),
      ...(isFitted ? [] : [NOT_FITTED]),
    ],
    role: isFitted && inTime ? 'fit' : 'check',
    place,
  };
}

const shareNote = ({ ourShare, value, unit }: PublishedFigure): string[] =>
  ourShare === undefined ? [] : [`${ourShare} of ${value} ${unit}: our part, assumed`];

function toleranceOf(
  { figure, untilUs, fromUs }: Reading,
  { rules }: Scenario,
): { factor: number; why: string } {
  if (figure.tolerance !== undefined) return { factor: figure.tolerance, why: 'stated by the scenario' };
  return TOLERANCES.find((t) => t.rules.test(rules.id) && fromUs >= t.from && untilUs <= t.until)!;
}
