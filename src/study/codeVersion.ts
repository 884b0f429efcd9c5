/** Which program made a result: the version of package.json and a digest of the source files beside this one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../basics/digest.ts';

/** The program in a line: its version and the first digits of the digest of its sources. */
export function codeText(): string {
  const { version, digest } = codeVersion();
  return `${version} ${digest.slice(0, 12)}`;
}

/** Digest over the names and contents of all modules, in order of name; the same for every checkout of one build. */
export function codeVersion(): { readonly version: string; readonly digest: string } {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith(ending))
    .sort();
  const digest = sha256(files.map((name) => `${name} ${sha256(readFileSync(join(root, name)))}`).join('\n'));
  const { version } = JSON.parse(readFileSync(join(root, '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  return { version, digest };
}
