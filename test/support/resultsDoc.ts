/** The generated part of docs/results.md: tables and figures as the program describes them. */
import { DEFINITIONS } from '../../src/measure/definitions.ts';
import { HEADLINE } from '../../src/results/headline.ts';
import { diskColumns, TABLES } from '../../src/results/schema.ts';

export const BEGIN = '<!-- generated from src/results/schema.ts and src/measure/definitions.ts -->';
export const END = '<!-- end of the generated part -->';

const cell = (text: string): string => text.replaceAll('|', '\\|');
const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

/** Markdown between the two markers. */
export function generated(): string {
  const tables = TABLES.flatMap((table) => [
    '',
    `### ${table.name}`,
    '',
    table.meaning,
    '',
    row('Column', 'Type', 'Unit', 'Meaning'),
    row('---', '---', '---', '---'),
    ...diskColumns(table).map((c) => row(`\`${c.name}\``, c.type, c.unit, c.meaning)),
  ]);
  const figures = [
    ...Object.entries(HEADLINE).map(([name, [, definition]]) => row(`\`${name}\``, 'headline', definition)),
    ...Object.entries(DEFINITIONS).map(([name, definition]) => row(`\`${name}\``, '', definition)),
  ];
  return [
    BEGIN,
    '',
    '## Tables',
    ...tables,
    '',
    '## Figures',
    '',
    row('Name', 'Kind', 'Definition'),
    row('---', '---', '---'),
    ...figures,
    '',
    END,
  ].join('\n');
}
