/** Every limit of the method is one line, in words that a reader of a report understands. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitsSection as ofAComparison } from '../../../src/report/compare/sections.ts';
import type { CompareResult } from '../../../src/report/compare/model.ts';
import { limitsSection as ofARun } from '../../../src/report/sections/provenance.ts';

/** What each of the nine is about, in the order of the method. */
const ABOUT = [
  /synthetic.*not observed/,
  /replayed as they were/,
  /bounded by a model.*30 %/,
  /spirals over several assets/,
  /other venues stay/,
  /damaged candles/,
  /hidden backstops.*discretion/,
  /within a tie.*rounding/,
  /Stop-losses.*come together/,
];

test('the nine limits are in the report of a run and of a comparison', () => {
  const pages = [ofARun().text, ofAComparison({ caveats: ['A caveat.'] } as unknown as CompareResult).text];
  for (const page of pages) {
    const lines = [...page.matchAll(/<li>([^<]*)<\/li>/g)].map(([, line]) => line!);
    for (const about of ABOUT)
      assert.equal(lines.filter((line) => about.test(line)).length, 1, String(about));
  }
});
