/** Sentences, lists and labels made from the facts of a run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Figures, moneyHtml } from '../../../src/report/figures.ts';
import { leaves } from '../../../src/report/leaves.ts';
import type { Manifest } from '../../../src/report/manifest.ts';
import { notices, words } from '../../../src/report/words.ts';
import type { EnsembleRow, Metric } from '../../../src/report/queries.ts';

const metric = (name: string, value: number, unit: string, market = 'M', side = ''): Metric => ({
  world: 0,
  name,
  market,
  side,
  value,
  text: String(value),
  unit,
  definition: '',
});
const manifest = {
  resolutionUs: 60_000_000,
  markets: [{ id: 'M', settle: 'XBT', quote: 'USD', qtyUnit: 'contracts' }],
  worlds: [{ index: 0 }],
  streams: [],
  reconstructed: false,
  accountingOnly: false,
} as unknown as Manifest;
const plain = (list: { text: string }[]): string =>
  list
    .map((p) =>
      p.text
        .replace(/<[^>]+>/g, '')
        .replace(/\s+/g, ' ')
        .trim(),
    )
    .join('\n');

test('what happened is said from the figures, and their keys are kept', () => {
  const figures = new Figures(
    [
      metric('markLow', 3700, 'price'),
      metric('liquidatedAccounts', 1893, 'accounts', 'M', 'long'),
      metric('accounts', 2000, 'accounts', 'M', 'long'),
      metric('liquidatedNotional', 284120, 'XBT', 'M', 'long'),
      metric('adlNotional', 0, 'XBT'),
      metric('fundFirst', 35508, 'XBT', 'f'),
      metric('fundLast', 36408, 'XBT', 'f'),
      metric('fundChange', 900, 'XBT', 'f'),
    ],
    [],
    0,
  );
  const path = {
    market: 'M',
    first: 8000,
    last: 6000,
    low: 4000,
    lowUs: 1_583_000_000_000_000,
    high: 8100,
    highUs: 0,
  };
  assert.equal(
    plain(words(manifest, figures, [path], ['f'])),
    [
      'The mark price of M fell from 8,000 to 3,700 (\u221253.8 %) at 29 Feb 18:13 UTC and ended the ' +
        'window at 6,000 (\u221225.0 %).',
      'In M the engine liquidated 1,893 long accounts (2,000 at the start) with forced closes worth 284,120 XBT. No ' +
        'winner was deleveraged.',
      'The insurance fund f began with 35,508 XBT, ended with 36,408 XBT, a change of 900 XBT.',
    ].join('\n'),
  );
  assert.equal(figures.saidSoFar()['0|liquidatedNotional|M|long||XBT'], '284120');
  assert.equal(figures.saidSoFar()['0|markLow|M|||price'], '3700');
});

test('a market that rises is said to rise', () => {
  const path = { market: 'M', first: 100, last: 150, low: 95, lowUs: 0, high: 160, highUs: 0 };
  assert.match(
    plain(words(manifest, new Figures([], [], 0), [path], [])),
    /rose from 100 to 160 \(\+60\.0 %\)/,
  );
});

test('a figure that the reruns change is said as its range and never as its number', () => {
  const rerun: EnsembleRow = {
    world: 0,
    cell: 'c',
    kind: 'seed',
    what: '3',
    name: 'fundChange',
    market: 'f',
    side: '',
    unit: 'XBT',
    value: -50,
  };
  const figures = new Figures([metric('fundChange', 912.5, 'XBT', 'f')], [rerun], 0);
  const said = plain(words(manifest, figures, [], ['f']));
  assert.match(said, /\u221250 XBT to 912\.50 XBT PATH-DEPENDENT \(lowest: seed 3; highest: this run\)/);
  const alone = moneyHtml(912.5, 'XBT', [rerun]).text;
  assert.doesNotMatch(alone, /class="num"/);
});

test('no winner deleveraged is not said where a rerun deleverages', () => {
  const rerun: EnsembleRow = {
    world: 0,
    cell: 'c',
    kind: 'seed',
    what: '3',
    name: 'adlNotional',
    market: 'M',
    side: '',
    unit: 'XBT',
    value: 7,
  };
  const figures = new Figures(
    [metric('adlNotional', 0, 'XBT'), metric('liquidatedAccounts', 1, 'accounts', 'M', 'long')],
    [rerun],
    0,
  );
  const said = plain(words(manifest, figures, [], []));
  assert.doesNotMatch(said, /No winner/);
  assert.match(said, /0 XBT to 7 XBT PATH-DEPENDENT/);
});

test('notices say reconstructed, accounting only, and feedback beside none', () => {
  const titles = (m: Partial<Manifest>): string[] =>
    notices({ ...manifest, ...m } as Manifest).map((n) => n.title);
  assert.deepEqual(titles({}), []);
  assert.deepEqual(titles({ reconstructed: true, accountingOnly: true }), [
    'Data are reconstructed',
    'Accounting only',
  ]);
  const worlds = [{ feedback: false }, { feedback: true }] as unknown as Manifest['worlds'];
  assert.deepEqual(titles({ worlds }), ['With and without feedback']);
});

test('settings become lines that people can check', () => {
  const tree = {
    beatUs: 1_000_000,
    fromUs: 1_583_971_200_000_000,
    tiers: [{ upTo: '50', rate: '0.004' }],
    names: ['a', 'b'],
    deep: { cap: null, list: [{ x: { y: 1 } }] },
    gone: undefined,
  };
  assert.deepEqual(leaves(tree), [
    { path: 'beatUs', value: '1s' },
    { path: 'fromUs', value: '2020-03-12T00:00:00Z' },
    { path: 'tiers.0', value: 'upTo 50, rate 0.004' },
    { path: 'names', value: 'a, b' },
    { path: 'deep.cap', value: 'none' },
    { path: 'deep.list.0.x.y', value: '1' },
  ]);
});
