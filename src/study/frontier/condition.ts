/** What breaks at a breaking point: `adl>0`, `fundLoss>0`, `insolvency>0`, `deficit>X`, `liquidated>X`. */
import { nearest, ReplayError } from '../../basics/errors.ts';
import { type Exact, money, type Money, rate, ZERO_MONEY } from '../../basics/exact.ts';
import type { MetricRow } from '../../results/runTables.ts';

/** Name -> what is measured, settlement units; of several assets or funds the largest. */
export const MEASURES = {
  fundLoss: "how far the fund's lowest cash fell below its cash at the start",
  adl: "value of winners' positions closed by auto-deleveraging",
  insolvency: 'what funds could not pay: by the operator, or socialised',
  deficit: 'loss beyond the margin at closure',
  liquidated: 'value of closes of accounts under liquidation',
} as const;
export type MeasureName = keyof typeof MEASURES;

/** Table figure behind each but fundLoss. */
const FIGURE: Readonly<Record<Exclude<MeasureName, 'fundLoss'>, string>> = {
  adl: 'adlNotional',
  insolvency: 'shortfall',
  deficit: 'deficit',
  liquidated: 'liquidatedNotional',
};

export interface Condition {
  /** As the user wrote it. */
  readonly text: string;
  readonly name: MeasureName;
  readonly above: Exact<'money'>;
}

/** Reads `NAME>NUMBER`. @throws ReplayError SCENARIO_INVALID at `--until`, with the nearest name */
export function parseCondition(text: string): Condition {
  const [, name, above] = /^\s*([A-Za-z]+)\s*>\s*(\d+(?:\.\d+)?)\s*$/.exec(text) ?? [];
  const names = Object.keys(MEASURES);
  const known = `Write one of ${names.map((n) => `"${n}>0"`).join(', ')}.`;
  const refused = (message: string, remedy: string): ReplayError =>
    new ReplayError('SCENARIO_INVALID', message, { file: '--until', path: text }, remedy);
  if (name === undefined || above === undefined) throw refused('not NAME>NUMBER', known);
  if (!(name in MEASURES)) {
    const best = nearest(name, names);
    throw refused(`unknown condition ${name}`, best === null ? known : `Did you mean ${best}>${above}?`);
  }
  return { text: `${name}>${above}`, name: name as MeasureName, above: money(above) };
}

/**
 * What a condition measures in one world.
 *
 * @param rows  headline figures of that world
 */
export function measured(name: MeasureName, rows: readonly MetricRow[]): Money {
  const amounts = (figure: string, isTotal: (row: MetricRow) => boolean): Map<string, Money> =>
    new Map(
      rows
        .filter((row) => row.name === figure && row.value !== '' && isTotal(row))
        .map((row) => [`${row.market}|${row.unit}`, money(row.value)]),
    );
  if (name !== 'fundLoss')
    return largest(amounts(FIGURE[name], (row) => row.market === '' && row.side === '').values());
  const low = amounts('fundLow', () => true);
  const losses = [...amounts('fundFirst', () => true)].map(([fund, first]) =>
    first.minus(low.get(fund) ?? first),
  );
  return largest(losses);
}

const largest = (list: Iterable<Money>): Money =>
  [...list].reduce((most, amount) => (most.lt(amount) ? amount : most), ZERO_MONEY);

/** Whether a measured amount meets a condition. */
export const isMet = (condition: Condition, amount: Money): boolean => condition.above.lt(amount);

/** A number as typed, exactly. @throws ReplayError SCENARIO_INVALID */
export function decimalOf(flag: string, text: string): Exact<'rate'> {
  try {
    return rate(text);
  } catch {
    throw new ReplayError(
      'SCENARIO_INVALID',
      `not a number: ${text}`,
      { file: 'command line', path: flag },
      'Write a decimal number.',
    );
  }
}
