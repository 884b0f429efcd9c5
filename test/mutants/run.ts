/**
 * Do the tests notice? Each mutant is one changed sign, rounding direction or comparison where money
 * is decided; it is put into a copy of the sources and the fast tests of its room must fail. Prints a
 * table and exits with 1 when a mutant survives or its text is no longer found.
 *
 *   node test/mutants/run.ts [part of a file name]
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MUTANTS } from './list.ts';
import type { Mutant } from './mutant.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const WORKERS = 2;
const TIMEOUT_MS = 60_000;

/** A copy of what the tests read. */
function copyOfProject(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mutants-'));
  for (const part of ['src', 'test', 'scenarios', 'package.json', 'tsconfig.json']) {
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** Whether the tests pass in a folder. An endless loop counts as a failure. */
function testsPass(folder: string, tests: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--test', ...tests], { cwd: folder, stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
    child.on('exit', (code) => {
      clearTimeout(timer);
      resolve(code === 0);
    });
  });
}

async function judge(folder: string, { file, find, replace, tests }: Mutant): Promise<string> {
  const path = join(folder, file);
  const sound = readFileSync(path, 'utf8');
  const places = sound.split(find).length - 1;
  if (places !== 1) return `text found ${places} times`;
  writeFileSync(
    path,
    sound.replace(find, () => replace),
  );
  try {
    return (await testsPass(folder, tests)) ? 'SURVIVED' : 'killed';
  } finally {
    writeFileSync(path, sound);
  }
}

const wanted = MUTANTS.filter((m) => m.file.includes(process.argv[2] ?? ''));
const verdicts = new Map<Mutant, string>();
let next = 0;
async function work(): Promise<void> {
  const folder = copyOfProject();
  try {
    while (next < wanted.length) {
      const mutant = wanted[next++]!;
      verdicts.set(mutant, await judge(folder, mutant));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const sound = copyOfProject();
const all = [...new Set(wanted.flatMap((m) => m.tests))];
const soundPass = await testsPass(sound, all);
rmSync(sound, { recursive: true });
if (!soundPass) {
  console.error('the tests fail without any mutant: nothing can be said');
  process.exit(1);
}
await Promise.all(Array.from({ length: WORKERS }, work));
for (const mutant of wanted) {
  const { file, find, replace } = mutant;
  const told = [find, replace].map((text) => text.trim().replaceAll(/\s+/g, ' '));
  console.log(`${verdicts.get(mutant)!.padEnd(9)} ${file}: ${told[0]} -> ${told[1]}`);
}
const killed = wanted.filter((m) => verdicts.get(m) === 'killed').length;
console.log(`${killed} of ${wanted.length} mutants killed`);
process.exitCode = killed === wanted.length ? 0 : 1;
