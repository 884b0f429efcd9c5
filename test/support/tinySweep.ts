/** A sweep of the ten made-up minutes, and what of its result must not depend on how it was made. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tiny } from './tinyScenario.ts';

/** Six points, two seeds, two points a pass: six passes. */
export const SWEEP = `id: small
title: A small sweep
scenario: tiny.yaml
seeds: [1, 2]
perPass: 2
fixed: { shocks: [depth=2] }
grid:
  rules.markets.*.tiers.*.maintenanceRate*: [0.5, 1, 1.5]
  fundOpening.btc-eth: [0, 100000]
`;

/** Writes the sweep beside its scenario. @returns what to type after `cascade` */
export function tinySweep(tiny: Tiny, out: string, text = SWEEP): string[] {
  const file = join(tiny.folder, 'small.yaml');
  writeFileSync(file, text);
  return [
    'sweep',
    file,
    '--data',
    tiny.folder,
    '--out',
    join(tiny.folder, out),
    '--cache',
    join(tiny.folder, 'cache'),
  ];
}

/** Digest of every file of a result but the database, whose own pages hold more than rows. */
export function resultDigest(tiny: Tiny, out: string): Record<string, string> {
  const folder = join(tiny.folder, out, 'small');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((f) =>
    /\.(json|html|parquet)$/.test(f),
  );
  const digest = (file: string): string =>
    createHash('sha256')
      .update(readFileSync(join(folder, file)))
      .digest('hex');
  return Object.fromEntries(files.sort().map((file) => [file, digest(file)]));
}
