#!/usr/bin/env node
// Plain JavaScript that an old Node can read: it says in one line what is missing (exit code 2, for it
// is the user's machine and not our bug) where the program itself would fail with a syntax error.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NODE_NEEDED = 24;
const built = new URL('../dist/cli/main.js', import.meta.url);

const refuse = (line) => {
  console.error(line);
  process.exit(2);
};

if (Number(process.versions.node.split('.')[0]) < NODE_NEEDED) {
  refuse(
    `cascade needs Node ${NODE_NEEDED} or newer; this is ${process.versions.node}. In a clone, use make.`,
  );
}
if (!existsSync(fileURLToPath(built))) refuse('cascade is not built yet; run: make build');

const { mainProcess } = await import(built.href);
await mainProcess();
