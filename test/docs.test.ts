/** The documents: links lead somewhere, and every command that they show is one that exists. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Command } from '@commander-js/extra-typings';
import { program } from '../src/cli/program.ts';
import { projectFiles, ROOT, readText } from './support/sources.ts';

const DOCS = projectFiles().filter((path) => path.endsWith('.md'));

/** The id that a heading gets on the usual hosts. */
const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
const headings = (text: string): string[] => [...text.matchAll(/^#+ (.+)$/gm)].map((m) => slug(m[1]!));

/** A document without its code blocks. */
const prose = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

test('links between documents lead somewhere', () => {
  const broken = DOCS.flatMap((path) =>
    [...prose(readText(path)).matchAll(/\]\(([^)\s]+)\)/g)]
      .map((m) => m[1]!)
      .filter((link) => !/^[a-z]+:/.test(link))
      .flatMap((link) => {
        const [file, anchor] = link.split('#') as [string, string?];
        const target = file === '' ? path : join(dirname(path), file);
        if (!existsSync(join(ROOT, target))) return [`${path}: ${link}`];
        const found =
          anchor === undefined || !target.endsWith('.md') || headings(readText(target)).includes(anchor);
        return found ? [] : [`${path}: ${link}: no such heading`];
      }),
  );
  assert.deepEqual(broken, []);
});

/** Words of a shell line, quotes taken off, a comment left out. */
const words = (line: string): string[] =>
  [...line.replace(/ #.*$/, '').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? m[3]!);

/** The command line with nothing behind it: it reads and refuses, and does nothing. */
function idle(): Command {
  const cli = program({ output: { result: () => {}, note: () => {}, watched: false, env: {} }, exit: 0 });
  const quiet = (command: Command): void => {
    for (const argument of command.registeredArguments) argument.argParser((text: string) => text);
    command.exitOverride().action(() => {});
    for (const sub of command.commands) quiet(sub as Command);
  };
  for (const sub of cli.commands) quiet(sub as Command);
  return cli;
}

/** Lines of the blocks marked sh that call this program, with their file. */
const shown = DOCS.flatMap((path) =>
  [...readText(path).matchAll(/^```sh\n([\s\S]*?)^```/gm)]
    .flatMap((m) => m[1]!.replace(/\\\n\s*/g, '').split('\n'))
    .map((line) => ({ path, line: line.replace(/^\$ /, '').trim() })),
);

test('every cascade command in the documents is one', async () => {
  const refused: string[] = [];
  for (const { path, line } of shown) {
    const called = /^(?:npx |(?:\S*node )?(?:\S*\/)?bin\/)?cascade(?:\.mjs)? (.*)$/.exec(line);
    if (called === null) continue;
    const typed = words(called[1]!.split(/ [|>] /)[0]!);
    if (typed.some((word) => ['--help', '--version'].includes(word))) continue;
    await idle()
      .parseAsync(typed, { from: 'user' })
      .catch((error: Error) => refused.push(`${path}: ${line}: ${error.message}`));
  }
  assert.deepEqual(refused, []);
});

test('every make target in the documents is one', () => {
  const targets = new Set([...readText('Makefile').matchAll(/^([a-z]+):/gm)].map((m) => m[1]!));
  const texts = DOCS.flatMap((path) =>
    [...readText(path).matchAll(/(?:^|`|&& )make ([a-z]+)(?=[`\s])/gm)].map((m) => [path, m[1]!] as const),
  );
  assert.deepEqual(
    texts.filter(([, target]) => !targets.has(target)),
    [],
  );
});

test('a command that does not exist is found', async () => {
  await assert.rejects(idle().parseAsync(['run', '--overide', 'x=1'], { from: 'user' }));
  await assert.rejects(idle().parseAsync(['verifi'], { from: 'user' }));
  await idle().parseAsync(['verify', 'reports/any'], { from: 'user' });
  assert.deepEqual(words(`run --override 'rules.reduction={kind: full}' # why`), [
    'run',
    '--override',
    'rules.reduction={kind: full}',
  ]);
});
