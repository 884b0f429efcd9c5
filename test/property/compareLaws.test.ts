/**
 * Laws that accounting must obey. Without feedback, isolated, closed in full at the mark without a cap,
 * nobody reacting, and a fund that carries everything, a higher maintenance rate never liquidates
 * fewer accounts and never leaves more bad debt. Where the fund only pays deficits and whoever is
 * deleveraged cannot fail later, a larger fund never raises auto-deleveraging. Outside these premises the
 * laws need not hold: docs/validation.md says how often they do not (`UPDATE=1` writes it), and
 * test/stories/lawsBroken.test.ts works one case of each by hand.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { money, rate } from '../../src/basics/exact.ts';
import {
  anyCase,
  type Case,
  crossCase,
  laterCase,
  sureCase,
  type Totals,
  totals,
  type Venue,
  withFeedback,
} from '../support/laws.ts';

const RATES = ['0.004', '0.006', '0.01', '0.02', '0.04'];
const FUNDS = ['0', '300', '1000', '3000', '10000', '100000'];
const RICH = '1000000000';
/** Contracts so small that a fund spends its money to a cent. */
const FINE = '0.000001';
/** A fund pays for whole contracts only: what is left of it may buy some of the next account's, BTC. */
const WHOLE = 0.01;

test('a higher maintenance rate never liquidates fewer accounts nor leaves more bad debt', async () => {
  let [moved, owed] = [0, 0];
  await fc.assert(
    fc.asyncProperty(anyCase, async (one) => {
      const all: Totals[] = [];
      for (const maintenance of RATES) all.push(await totals(one, { maintenance, fund: RICH }));
      for (let k = 1; k < all.length; k++) {
        const [lower, higher] = [all[k - 1]!, all[k]!];
        assert.ok(higher.accounts >= lower.accounts, `${lower.accounts} accounts, then ${higher.accounts}`);
        assert.ok(higher.badDebt <= lower.badDebt + 1e-9, `${lower.badDebt} owed, then ${higher.badDebt}`);
      }
      if (all.at(-1)!.accounts > all[0]!.accounts) moved++;
      if (all.at(-1)!.badDebt < all[0]!.badDebt) owed++;
    }),
    { numRuns: 150, seed: 5 },
  );
  assert.ok(moved > 10 && owed > 5, `the law was tried where it matters: ${moved}, ${owed}`);
});

test('a larger fund never raises auto-deleveraging', async () => {
  let moved = 0;
  await fc.assert(
    fc.asyncProperty(sureCase, async (one) => {
      const all: number[] = [];
      for (const fund of FUNDS)
        all.push((await totals(one, { maintenance: '0.004', fund, step: FINE })).adlContracts);
      for (let k = 1; k < all.length; k++)
        assert.ok(all[k]! <= all[k - 1]! + WHOLE, `${all[k - 1]} closed, then ${all[k]}`);
      if (all[0]! > all.at(-1)! + WHOLE) moved++;
    }),
    { numRuns: 60, seed: 5 },
  );
  assert.ok(moved > 10, `the law was tried where it matters: ${moved}`);
});

const PAGE = join(import.meta.dirname, '../../docs/validation.md');
const [BEGIN, END] = ['<!-- broken laws: generated -->', '<!-- end of the broken laws -->'];
const CASES = 150;
const [LOW, HIGH] = ['0.004', '0.04'];

/** One premise of the first law dropped. */
const DROPPED: Readonly<Record<string, Omit<Venue, 'maintenance' | 'fund'> & { fund?: string }>> = {
  'orders fill up to 3 % off the mark': { off: true },
  'a clearance fee of 1 %': { fee: '0.01' },
  'a fifth is closed first, the rest if that is not enough': {
    reduction: { kind: 'fraction', fraction: rate('0.2'), above: money('0') },
  },
  'forced orders find 1 BTC a second': { volume: '1' },
  'no fund: losses go to winners': { fund: '0' },
};

/** Cases of a seed in which a higher rate gives fewer accounts, and in which it gives more bad debt. */
async function brokenByRate(
  pair: (one: Case) => Promise<readonly [Totals, Totals]>,
): Promise<[number, number]> {
  let [fewer, more] = [0, 0];
  for (const one of fc.sample(anyCase, { numRuns: CASES, seed: 7 })) {
    const [lower, higher] = await pair(one);
    if (higher.accounts < lower.accounts) fewer++;
    if (higher.badDebt > lower.badDebt + 1e-9) more++;
  }
  return [fewer, more];
}

async function brokenByFund(cases: fc.Arbitrary<Case>, step: string): Promise<number> {
  let more = 0;
  for (const one of fc.sample(cases, { numRuns: CASES, seed: 7 })) {
    const all: number[] = [];
    for (const fund of FUNDS) all.push((await totals(one, { maintenance: LOW, fund, step })).adlContracts);
    if (all.some((contracts, k) => k > 0 && contracts > all[k - 1]! + WHOLE)) more++;
  }
  return more;
}

test('docs/validation.md says how often the laws break outside their premises', async () => {
  const share = (count: number): string => `${((100 * count) / CASES).toFixed(1)} %`;
  const lines = [
    '| Premise dropped | Fewer accounts at 4 % than at 0.4 % | More bad debt |',
    '| --- | ---: | ---: |',
  ];
  const row = (name: string, [fewer, more]: [number, number]): void => {
    lines.push(`| ${name} | ${share(fewer)} | ${share(more)} |`);
  };
  row('none', await brokenByRate((one) => bothRates(one, {})));
  for (const [name, over] of Object.entries(DROPPED))
    row(name, await brokenByRate((one) => bothRates(one, over)));
  row(
    'feedback, 0.2 % of price per BTC',
    await brokenByRate(async (one) => {
      const venues = [LOW, HIGH].map((maintenance) => ({ maintenance, fund: RICH }));
      const [lower, higher] = await withFeedback(one, [venues[0]!, venues[1]!], 2e-6);
      return [lower!, higher!];
    }),
  );
  lines.push(
    '',
    '| Premise dropped | More contracts deleveraged with a larger fund |',
    '| --- | ---: |',
    `| none | ${share(await brokenByFund(sureCase, FINE))} |`,
    `| who is deleveraged may fail later, isolated | ${share(await brokenByFund(laterCase, FINE))} |`,
    `| the same in cross: profit stays as margin | ${share(await brokenByFund(crossCase, FINE))} |`,
    `| contracts of 0.1 BTC: a fund pays for whole ones only | ${share(await brokenByFund(sureCase, '0.1'))} |`,
  );
  const page = readFileSync(PAGE, 'utf8');
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  assert.ok(before >= 0 && after > before, 'the page marks where the shares stand');
  if (process.env.UPDATE === '1')
    return writeFileSync(
      PAGE,
      `${page.slice(0, before)}${BEGIN}\n\n${lines.join('\n')}\n\n${page.slice(after)}`,
    );
  assert.deepEqual(
    page
      .slice(before + BEGIN.length, after)
      .trim()
      .split('\n'),
    lines,
    'UPDATE=1 writes them',
  );
});

async function bothRates(
  one: Case,
  { fund = RICH, ...over }: (typeof DROPPED)[string],
): Promise<[Totals, Totals]> {
  const of = (maintenance: string) => totals(one, { ...over, maintenance, fund });
  return [await of(LOW), await of(HIGH)];
}
