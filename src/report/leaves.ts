/** A tree of settings as a flat list of paths and printed values, for people to check line by line. */
import { formatDuration, formatInstant } from '../basics/instant.ts';

export interface Leaf {
  readonly path: string;
  readonly value: string;
}

/** Fields that hold an instant although their name ends like a duration. */
const INSTANT = /(^|\.)(fromUs|untilUs|atUs|from|until)$/;

/**
 * Leaves in the order of the tree. A list of plain records (margin tiers) is one leaf a record; what
 * is undefined or an empty record is left out; instants and durations are written for people.
 */
export function leaves(tree: unknown, path = ''): Leaf[] {
  if (tree === undefined) return [];
  if (Array.isArray(tree)) {
    if (tree.every((item) => typeof item !== 'object' || item === null))
      return [{ path, value: tree.map(String).join(', ') }];
    return tree.flatMap((item, i) =>
      isFlat(item) ? [{ path: `${path}.${i}`, value: inLine(item) }] : leaves(item, `${path}.${i}`),
    );
  }
  if (typeof tree === 'object' && tree !== null) {
    return Object.entries(tree).flatMap(([key, item]) => leaves(item, path === '' ? key : `${path}.${key}`));
  }
  return [{ path, value: printed(path, tree) }];
}

const isFlat = (item: unknown): item is object =>
  typeof item === 'object' &&
  item !== null &&
  Object.values(item).every((v) => typeof v !== 'object' || v === null);

const inLine = (item: object): string =>
  Object.entries(item)
    .map(([key, v]) => `${key} ${printed(key, v)}`)
    .join(', ');

function printed(path: string, value: unknown): string {
  if (value === null) return 'none';
  if (typeof value === 'number' && INSTANT.test(path)) return formatInstant(value);
  if (typeof value === 'number' && /Us$/.test(path) && value >= 0) return formatDuration(value);
  return String(value);
}
