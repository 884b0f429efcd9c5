/** The project's own files as the tidy test reads them: text, code without comments, syntax trees. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface SourceFile {
  /** From the project's root, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly tree: ts.SourceFile;
  /** The text with the insides of comments, strings and regular expressions blanked out. */
  readonly code: string;
  readonly comments: readonly { readonly text: string; readonly row: number }[];
}

/** All TypeScript files below a folder. */
export const sourcesIn = (folder: string): SourceFile[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name).replaceAll('\\', '/'))
    .sort()
    .map(sourceFile);

function sourceFile(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true);
  const comments = commentRanges(tree, text);
  const insides = comments.map(([from, to]): readonly [number, number] => [from, to]);
  const walk = (node: ts.Node): void => {
    const blank =
      ts.isStringLiteral(node) || ts.isRegularExpressionLiteral(node) || ts.isTemplateLiteralToken(node);
    if (blank) insides.push([node.getStart(tree) + 1, node.getEnd() - 1]);
    ts.forEachChild(node, walk);
  };
  walk(tree);
  let code = text;
  for (const [from, to] of insides) {
    code = code.slice(0, from) + code.slice(from, to).replace(/[^\n]/g, ' ') + code.slice(to);
  }
  return {
    path,
    text,
    lines: text.split('\n'),
    tree,
    code,
    comments: comments.map(([from, to]) => ({ text: text.slice(from, to), row: rowAt(text, from) })),
  };
}

/** Row, from 1, of an offset. */
export const rowAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** Comments lie between tokens: before each token stand its leading and its predecessor's trailing ones. */
function commentRanges(tree: ts.SourceFile, text: string): [number, number][] {
  const found = new Map<number, number>();
  const walk = (node: ts.Node): void => {
    const children = node.getChildren(tree);
    if (children.length === 0) {
      const around = [
        ...(ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []),
        ...(ts.getTrailingCommentRanges(text, node.getEnd()) ?? []),
      ];
      for (const { pos, end } of around) found.set(pos, end);
    }
    for (const child of children) if (!ts.isJSDoc(child)) walk(child);
  };
  walk(tree);
  return [...found].sort(([a], [b]) => a - b);
}

/** Files under version control, or all but the ignored folders where there is no git. */
export function projectFiles(): string[] {
  const own = (path: string): boolean =>
    existsSync(join(ROOT, path)) && statSync(join(ROOT, path)).isFile() && path !== 'package-lock.json';
  try {
    const listed = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
    return listed.split('\n').filter((path) => path !== '' && own(path));
  } catch {
    return readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
      .map((path) => relative(ROOT, join(ROOT, path)))
      .filter((path) => !/^(node_modules|dist|reports|\.git|\.tmp|data\/frames)\//.test(path) && own(path));
  }
}

export const readText = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
