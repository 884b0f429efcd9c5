/**
 * YAML as a tree of texts. Every scalar stays the text that the author wrote (the failsafe schema),
 * so 0.005 is never a float64 on its way to an exact amount. Rule files and scenarios share this
 * door: it reads, remembers the line of every path, and turns a schema's complaint into an error
 * with file, path, row and a way out.
 */
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { ZodType } from 'zod';
import { type ErrorCode, ReplayError } from '../basics/errors.ts';

/** A text, a list or a map of such. */
export type Tree = string | readonly Tree[] | { readonly [name: string]: Tree };
export type TreeMap = { readonly [name: string]: Tree };
export type TreePath = readonly (string | number)[];

/** What a file held, and where. */
export interface TreeFile {
  readonly tree: Tree;
  /** 1-based line of a path, or of its nearest ancestor that the file holds. */
  readonly rowOf: (path: TreePath) => number;
}

/** Whether a node is a map, rather than a text, a list or nothing. */
export const isTreeMap = (tree: Tree | undefined): tree is TreeMap =>
  typeof tree === 'object' && !Array.isArray(tree);

/** `a.b.0.c` of a path. */
export const pathText = (path: TreePath): string => path.join('.');

/**
 * Reads YAML text.
 *
 * @param text  one YAML document; JSON is one
 * @param file  its name in errors
 * @param code  SCENARIO_INVALID or RULES_INVALID
 * @throws ReplayError with the row when the text is no YAML or names a key twice
 */
export function readTree(text: string, file: string, code: ErrorCode): TreeFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { schema: 'failsafe', lineCounter: lines, uniqueKeys: true });
  const broken = document.errors[0];
  if (broken !== undefined) {
    const row = lines.linePos(broken.pos[0]).line;
    const message = `not readable as YAML: ${broken.message.split('\n')[0]}`;
    throw new ReplayError(
      code,
      message,
      { file, row },
      'Mend the YAML: indentation, quotes and unique names.',
    );
  }
  const rowOf = (path: TreePath): number => {
    for (let length = path.length; length >= 0; length--) {
      const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
  return { tree: plain(document.contents, document), rowOf };
}

/** The value of an override: YAML in one line. @throws ReplayError SCENARIO_INVALID */
export const readValue = (text: string, place: string): Tree =>
  readTree(text, place, 'SCENARIO_INVALID').tree;

/** The node as texts; an alias stands for what its anchor holds. */
function plain(node: unknown, document: Document): Tree {
  if (isAlias(node)) return plain(node.resolve(document), document);
  if (isMap(node)) {
    const entries = node.items.map((pair): [string, Tree] => [
      isScalar(pair.key) ? String(pair.key.value) : String(pair.key),
      plain(pair.value, document),
    ]);
    return Object.fromEntries(entries);
  }
  if (isSeq(node)) return node.items.map((item) => plain(item, document));
  return isScalar(node) && node.value !== null ? String(node.value) : '';
}

/** Where a tree came from, for the place of an error. */
export interface TreeOrigin {
  readonly file: string;
  readonly code: ErrorCode;
  readonly rowOf?: (path: TreePath) => number;
}

/**
 * The tree in the shape of a schema.
 *
 * @throws ReplayError with the origin's code, the first complaint, its path and row
 */
export function shaped<T>(schema: ZodType<T>, tree: Tree, origin: TreeOrigin): T {
  const result = schema.safeParse(tree);
  if (result.success) return result.data;
  const issues = result.error.issues;
  // A misspelt name is also a missing one: the spelling is what to say.
  const issue = issues.find((one) => one.code === 'unrecognized_keys') ?? issues[0]!;
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = [...issue.path, ...unknown].map((step) => (typeof step === 'number' ? step : String(step)));
  const [message, remedy] = issue.message.split(REMEDY_MARK) as [string, string | undefined];
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  const place = {
    file: origin.file,
    path: pathText(path),
    ...(origin.rowOf === undefined ? {} : { row: origin.rowOf(path) }),
  };
  throw new ReplayError(origin.code, message + more, place, remedy ?? 'Correct the value at this path.');
}

/** Parts a schema's message from its remedy: zod carries one text only. */
export const REMEDY_MARK = '\u0000';
