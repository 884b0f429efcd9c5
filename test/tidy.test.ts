/** The style, executable: what can be said about the sources by reading them. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import { projectFiles, ROOT, readText, rowAt, type SourceFile, sourcesIn } from './support/sources.ts';

const SRC = sourcesIn('src');
const TESTS = sourcesIn('test');

/** A test that collects findings and shows all of them. */
function tidy(name: string, find: () => readonly string[]): void {
  test(name, () => {
    const findings = find();
    assert.equal(findings.length, 0, `${findings.length} findings:\n${findings.join('\n')}`);
  });
}

const FLOOR: Readonly<Record<string, number>> = {
  basics: 0,
  rules: 1,
  margin: 2,
  clock: 2,
  load: 3,
  ledger: 3,
  mark: 3,
  impact: 3,
  orders: 4,
  adl: 4,
  engine: 5,
  results: 6,
  population: 6,
  'replay.ts': 7,
  measure: 7,
  report: 7,
  study: 8,
  archive: 8,
  cli: 9,
};
const roomOf = (path: string): string => path.split('/')[1]!;

/** Specifiers of every static and dynamic import. */
const importsOf = ({ text }: SourceFile): string[] =>
  [...text.matchAll(/(?:\bfrom |\bimport\(|^import )'([^']+)'/gm)].map((m) => m[1]!);

tidy('imports only go down', () =>
  SRC.flatMap((file) =>
    importsOf(file)
      .filter((name) => name.startsWith('.'))
      .map((name) => normalize(join(dirname(file.path), name)))
      .filter((target) => target.startsWith('src/'))
      .flatMap((target) => {
        const [from, to] = [roomOf(file.path), roomOf(target)];
        if (!(from in FLOOR) || !(to in FLOOR)) return [`${file.path}: no floor for ${from} or ${to}`];
        return from === to || FLOOR[to]! < FLOOR[from]! ? [] : [`${file.path} imports ${target}`];
      }),
  ),
);

/** Package -> the only files below src that may import it. */
const WALLS: Readonly<Record<string, RegExp>> = {
  'decimal.js': /^$/,
  '@duckdb/node-api': /^src\/basics\/duckdb\.ts$/,
  '@duckdb/node-bindings': /^src\/basics\/duckdb\.ts$/,
  zod: /Schema\.ts$|^src\/rules\/readRules\.ts$|^src\/study\/(scenario|namedAccountsFile)\.ts$|^src\/load\/anchors\.ts$/,
  yaml: /Schema\.ts$|^src\/rules\/readRules\.ts$|^src\/study\/(scenario|namedAccountsFile)\.ts$|^src\/load\/anchors\.ts$/,
  '@stdlib/math-base-special-erfc': /^src\/basics\/normal\.ts$/,
  'apache-arrow': /^src\/(clock\/frameCache|archive\/importers\/feather)\.ts$/,
  lz4js: /^src\/archive\/importers\/feather\.ts$/,
  vega: /^src\/report\//,
  'vega-lite': /^src\/report\//,
  commander: /^src\/cli\//,
  '@commander-js/extra-typings': /^src\/cli\//,
  'cli-progress': /^src\/cli\//,
  piscina: /^src\/study\/workers\.ts$/,
  bullmq: /^src\/study\/sweep\/redis\w+\.ts$/,
  ioredis: /^src\/study\/sweep\/redis\w+\.ts$/,
  undici: /^src\/archive\/download\//,
  'p-retry': /^src\/archive\/download\//,
  yauzl: /^src\/archive\//,
};

tidy('packages stay behind their walls', () =>
  SRC.flatMap((file) =>
    importsOf(file)
      .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
      .filter((name) => WALLS[name]?.test(file.path) !== true)
      .map((name) => `${file.path} imports ${name}`),
  ),
);

tidy('a file opens with a docstring', () =>
  [...SRC, ...TESTS].filter((f) => !f.text.startsWith('/**')).map((f) => f.path),
);

tidy('files have at most 400 lines', () =>
  [...SRC, ...TESTS].filter((f) => f.lines.length > 401).map((f) => `${f.path}: ${f.lines.length}`),
);

/** Biome wraps code at 110 columns; what it cannot wrap, a string or a comment, may have 120. */
const WIDTH = 120;
tidy('lines have at most 120 columns', () =>
  SRC.flatMap((file) => {
    const code = file.code.split('\n');
    const quoted = (row: number): boolean => /['"`]\s{60,}|\s{60,}['"`]|^\s*$/.test(code[row]!);
    return file.lines.flatMap((line, row) =>
      line.length > WIDTH && !(quoted(row) && isText(file, row)) ? [`${file.path}:${row + 1}`] : [],
    );
  }),
);
/** Markup, SQL and sentences in templates and strings are no code to be wrapped. */
const isText = (file: SourceFile, row: number): boolean =>
  !file.comments.some((c) => row + 1 >= c.row && row + 1 < c.row + c.text.split('\n').length);

const isFunction = (node: ts.Node): node is ts.FunctionLikeDeclaration =>
  ts.isFunctionDeclaration(node) ||
  ts.isMethodDeclaration(node) ||
  ts.isArrowFunction(node) ||
  ts.isFunctionExpression(node) ||
  ts.isConstructorDeclaration(node);

tidy('functions have at most 60 lines', () =>
  SRC.flatMap((file) => {
    const found: string[] = [];
    const walk = (node: ts.Node): void => {
      if (isFunction(node)) {
        const [from, to] = [node.getStart(file.tree), node.getEnd()].map((at) => rowAt(file.text, at));
        if (to! - from! >= 60) found.push(`${file.path}:${from}: ${to! - from! + 1} lines`);
      }
      ts.forEachChild(node, walk);
    };
    walk(file.tree);
    return found;
  }),
);

interface Exported {
  readonly name: string;
  readonly node: ts.Statement;
  /** It is a function. */
  readonly calls: boolean;
}

/** What is exported by name: the name, and the statement that declares it. */
function exportsOf(file: SourceFile): readonly Exported[] {
  return file.tree.statements.flatMap((node): Exported[] => {
    const exported =
      ts.canHaveModifiers(node) && ts.getModifiers(node)?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword);
    if (!exported) return [];
    if (ts.isVariableStatement(node)) {
      return node.declarationList.declarations.map((d) => ({
        name: d.name.getText(file.tree),
        node,
        calls: d.initializer !== undefined && isFunction(d.initializer),
      }));
    }
    const name = (node as ts.DeclarationStatement).name?.getText(file.tree);
    return name === undefined ? [] : [{ name, node, calls: isFunction(node) }];
  });
}

tidy('exported functions have a docstring', () =>
  SRC.flatMap((file) =>
    exportsOf(file)
      .filter(({ node, calls }) => calls && ts.getJSDocCommentsAndTags(node).length === 0)
      .filter(({ node }) => node.getText(file.tree).includes('\n')) // a line that says all it does needs no words
      .map(({ name, node }) => `${file.path}:${rowAt(file.text, node.getStart(file.tree))} ${name}`),
  ),
);

/** A type that another export of its file is made of. */
const describesAnother = ({ text }: SourceFile, name: string, node: ts.Statement): boolean =>
  (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) &&
  (text.match(new RegExp(`\\b${name}\\b`, 'g')) ?? []).length > 1;

tidy('nothing is exported in vain', () => {
  const words = new Map([...SRC, ...TESTS].map((f) => [f.path, new Set(f.text.match(/[\w$]+/g))]));
  const started = readText('bin/cascade.mjs');
  return SRC.flatMap((file) =>
    exportsOf(file)
      .filter(({ name }) => ![...words].some(([path, set]) => path !== file.path && set.has(name)))
      .filter(({ name, node }) => !started.includes(name) && !describesAnother(file, name, node))
      .map(({ name }) => `${file.path}: ${name}`),
  );
});

/** What would make a run depend on the day, the machine or the order of luck. */
const BANNED: readonly [what: RegExp, why: string, allowedIn: RegExp][] = [
  [/\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bhrtime\b/, 'the wall clock', /^src\/cli\//],
  [/\bMath\.random\b|\brandomUUID\b|\brandomBytes\b/, 'chance without a seed', /^$/],
  [
    /\bMath\.(exp|expm1|log\w*|pow|sinh?|cosh?|tanh?|a\w+h|atan2?|asin|acos|cbrt|hypot)\b/,
    'a result that IEEE 754 does not fix',
    /^src\/(report|cli)\//,
  ],
  [/\*\*/, 'the same, by another name', /^src\/(report|cli)\//],
  [/\btoLocale\w*|\bIntl\b|\blocaleCompare\b/, 'the locale', /^src\/(report|cli)\//],
  [/\bconsole\.|\bprocess\.std(out|err)\b/, 'printing', /^src\/cli\//],
  [/\bprocess\.env\b/, 'the environment', /^src\/cli\//],
  [/@ts-(ignore|nocheck)|\bas any\b|: any\b/, 'an unchecked type', /^$/],
];
const bannedIn = (file: SourceFile): string[] =>
  BANNED.flatMap(([what, why, allowedIn]) => {
    const found = allowedIn.test(file.path) ? null : what.exec(file.code);
    return found === null ? [] : [`${file.path}:${rowAt(file.code, found.index)} ${found[0]}: ${why}`];
  });
tidy('no clock, chance, locale, environment or printing in a run', () => SRC.flatMap(bannedIn));

const UNFINISHED = /\b(TODO|FIXME|XXX|HACK)\b/;
const CODE =
  /^\s*(\/\/|\*)?\s*((const|let|import|export|return|await|throw)\s.*;|\}\s*(else.*)?|if \(.*\) \{|.*\);)\s*$/;
tidy('comments are words: nothing unfinished, no code put aside', () =>
  [...SRC, ...TESTS].flatMap((file) =>
    file.comments
      .filter(({ text }) => UNFINISHED.test(text) || (text.startsWith('//') && CODE.test(text)))
      .map(({ text, row }) => `${file.path}:${row} ${text.split('\n')[0]}`),
  ),
);

tidy('no relational operator on exact amounts', () => {
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
  const files = SRC.map((f) => join(ROOT, f.path));
  const programme = ts.createProgram(files, options);
  const checker = programme.getTypeChecker();
  const relational = new Set([
    ts.SyntaxKind.LessThanToken,
    ts.SyntaxKind.LessThanEqualsToken,
    ts.SyntaxKind.GreaterThanToken,
    ts.SyntaxKind.GreaterThanEqualsToken,
  ]);
  const isExact = (node: ts.Node): boolean => {
    const type = checker.getTypeAtLocation(node);
    return ['cmp', 'lte', 'isNegative'].every((name) => type.getProperty(name) !== undefined);
  };
  const found: string[] = [];
  const walk = (node: ts.Node, tree: ts.SourceFile): void => {
    if (ts.isBinaryExpression(node) && relational.has(node.operatorToken.kind as never)) {
      if (isExact(node.left) || isExact(node.right)) {
        found.push(`${tree.fileName}:${rowAt(tree.text, node.getStart(tree))} ${node.getText(tree)}`);
      }
    }
    ts.forEachChild(node, (child) => walk(child, tree));
  };
  for (const path of files) {
    const tree = programme.getSourceFile(path)!;
    walk(tree, tree);
  }
  return found;
});

tidy('no test stands alone or is skipped without a reason', () =>
  TESTS.flatMap((file) =>
    [...file.code.matchAll(/\.(only|todo)\(|\bonly: true|\bskip: true|\b(test|it|describe)\.skip\(/g)].map(
      (m) => `${file.path}:${rowAt(file.code, m.index)} ${m[0]}`,
    ),
  ),
);

/** Spelt so that this file does not find itself. */
const HOMES = new RegExp(`(^|[^\\w.])/(${['work', 'home', 'Users', 'root'].join('|')})/[\\w.-]`);
tidy('no file names a place on somebody’s machine', () =>
  projectFiles().flatMap((path) =>
    readText(path)
      .split('\n')
      .flatMap((line, row) => (HOMES.test(line) ? [`${path}:${row + 1} ${line.trim().slice(0, 100)}`] : [])),
  ),
);

test('the rules above find what they are for', () => {
  const bad = (code: string, path = 'src/engine/x.ts'): string[] =>
    bannedIn({ path, code, text: code, lines: [], tree: null as never, comments: [] });
  assert.equal(bad('const t = Date.now();').length, 1);
  assert.equal(bad('const y = Math.log(x) + 2 ** 3;').length, 2);
  assert.equal(bad('const y = Math.log(x);', 'src/report/x.ts').length, 0);
  assert.ok(HOMES.test(`see /${'home'}/someone/x`) && !HOMES.test('docs/work/x'));
  assert.ok(CODE.test('// const x = 1;') && !CODE.test('// the cost is small'));
  assert.ok(existsSync(join(ROOT, 'src/replay.ts')) && SRC.length > 100);
  const own = SRC.find((f) => f.path === 'src/basics/errors.ts')!;
  assert.ok(own.comments.some((c) => c.text === '// our bug, never yours'));
  assert.doesNotMatch(own.code, /our bug/);
});
