/** Metric rows of one world: a name, its definition, a value and where it applies. */
import { quotient } from '../basics/exact.ts';
import type { Amount } from '../results/headline.ts';
import type { MetricRow } from '../results/runTables.ts';
import { DEFINITIONS, type MetricName } from './definitions.ts';

/** Where a figure applies; '' where it covers all. */
export interface Where {
  readonly market?: string;
  readonly side?: string;
  readonly bucket?: string;
  readonly unit: string;
}

/** A metric row; null: the figure does not exist (a share of nothing). */
export function metric(
  world: number,
  name: MetricName,
  value: Amount | number | null,
  where: Where,
): MetricRow {
  const valueF64 = value === null ? Number.NaN : typeof value === 'number' ? value : value.toNumber();
  return {
    world,
    name,
    market: where.market ?? '',
    side: where.side ?? '',
    bucket: where.bucket ?? '',
    value: value === null ? '' : String(value),
    valueF64,
    unit: where.unit,
    definition: DEFINITIONS[name],
  };
}

/** part / whole to 12 decimal places; null of nothing. */
export const share = (part: Amount, whole: Amount): Amount | null =>
  whole.isZero() ? null : quotient('rate', part, whole, 12, 'even');
