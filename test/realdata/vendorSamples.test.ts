/**
 * Every original among the vendor samples imports, or is refused with a code and a reason. Expected rows
 * are typed from the original texts (first and last row in order of time), not from what was imported.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NO_SHARED_DATA, SHARED_DATA } from '../support/facts.ts';
import { imported, refusal, type Row, rowsIn } from '../support/importing.ts';
import { freshFolder } from '../support/parquet.ts';
import { SAMPLES } from './vendorSamples.ts';

const FOLDER = join(SHARED_DATA, 'vendor-samples');
const NO_SAMPLES =
  NO_SHARED_DATA === false && existsSync(FOLDER) ? false : 'no vendor samples beside the project';

test('the table has every file of the manifest', { skip: NO_SAMPLES }, () => {
  const manifest = JSON.parse(readFileSync(join(FOLDER, 'MANIFEST.json'), 'utf8')) as { file: string }[];
  assert.deepEqual(SAMPLES.map(({ file }) => file).sort(), manifest.map(({ file }) => file).sort());
  assert.equal(manifest.length, 62);
});

for (const sample of SAMPLES) {
  test(sample.file, { skip: NO_SAMPLES }, async (t) => {
    const { vendor, symbol, options } = sample;
    const out = freshFolder(t);
    const asked = {
      vendor,
      files: [join(FOLDER, sample.file)],
      out,
      ...(symbol === undefined ? {} : { symbol }),
      ...(options === undefined ? {} : { options }),
    };
    if ('refused' in sample) {
      const [code, reason] = sample.refused;
      const error = await refusal(asked);
      assert.equal(error.code, code);
      assert.match(error.message, reason);
      assert.notEqual(error.remedy, '');
      return;
    }
    const made = await imported(asked);
    assert.deepEqual([...made.keys()].sort(), Object.keys(sample.series).sort());
    for (const [key, { rows, first, last }] of Object.entries(sample.series)) {
      const found: Row[] = await rowsIn(made.get(key)!.folder);
      assert.equal(found.length, rows, key);
      assert.deepEqual(found[0], first, key);
      assert.deepEqual(found.at(-1), last ?? first, key);
    }
  });
}
