/** The figures of worlds as tables: a column each, and what they mean. Of a comparison and of a sweep. */
import { type Described, float, type Table, text } from '../../results/column.ts';
import { METRICS, type MetricName, type WorldFigures } from './metrics.ts';

/** A column for each figure; NULL where a world has none. */
export const FIGURE_COLUMNS = Object.fromEntries(
  METRICS.map(({ name, unit, formula }) => [name, float(unit, formula)]),
) as unknown as Described<Record<MetricName, number>>;

/** The figures of a world as its columns. */
export const figureCells = (figures: WorldFigures): Record<MetricName, number> =>
  Object.fromEntries(METRICS.map(({ name }) => [name, figures[name as MetricName] ?? Number.NaN])) as Record<
    MetricName,
    number
  >;

interface DefinitionRow {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly better: string;
  readonly definition: string;
}

export const DEFINITIONS: Table<DefinitionRow> = {
  name: 'metrics',
  meaning: 'What the figures of `worlds` mean.',
  sortedBy: ['name'],
  perWorld: false,
  columns: {
    name: text('column of `worlds`'),
    title: text('in words'),
    unit: text('unit; money is the settlement asset of the first market'),
    better: text('lower, higher, or empty'),
    definition: text('how it is computed'),
  },
};

/** Rows of `metrics`. */
export const definitionRows = (): DefinitionRow[] =>
  METRICS.map(({ formula, name, title, unit, better }) => ({
    name,
    title,
    unit,
    better,
    definition: formula,
  }));
