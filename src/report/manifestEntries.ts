/**
 * The manifest as one tree. `run.json` is read where it is there; what it lacks comes from the
 * `manifest` table, whose rows are leaves with dotted paths (`worlds.0.label`) or whole JSON values.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Tree = { [key: string]: unknown };

/**
 * @param runFolder  folder that may hold run.json
 * @param rows       rows of the `manifest` table
 * @returns          top-level key -> value; objects with the keys 0, 1, 2 ... have become lists
 */
export function manifestEntries(
  runFolder: string,
  rows: readonly { readonly key: string; readonly value: string }[],
): Map<string, unknown> {
  const tree: Tree = Object.create(null);
  for (const row of rows) plant(tree, row.key.split('.'), parsed(row.value));
  const entries = new Map(Object.entries(asLists(tree) as Tree));
  for (const [key, value] of Object.entries(runJson(runFolder))) entries.set(key, value);
  return entries;
}

function plant(tree: Tree, path: readonly string[], value: unknown): void {
  let node = tree;
  for (const part of path.slice(0, -1)) {
    const next = Object.hasOwn(node, part) ? node[part] : undefined;
    const child: Tree =
      typeof next === 'object' && next !== null && !Array.isArray(next)
        ? (next as Tree)
        : Object.create(null);
    node[part] = child;
    node = child;
  }
  node[path.at(-1)!] = value;
}

function asLists(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([k, v]) => [k, asLists(v)] as const);
  const isList = entries.length > 0 && entries.every(([k]) => /^\d+$/.test(k));
  if (!isList) return Object.fromEntries(entries);
  return [...entries].sort(([a], [b]) => Number(a) - Number(b)).map(([, v]) => v);
}

/** A value of the table is a text, or JSON where a whole list or object was stored. */
function parsed(value: string): unknown {
  if (!/^[[{"]|^(true|false)$/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function runJson(runFolder: string): Tree {
  const path = join(runFolder, 'run.json');
  if (!existsSync(path)) return {};
  const found: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return typeof found === 'object' && found !== null ? (found as Tree) : {};
}
