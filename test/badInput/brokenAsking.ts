/** What a user can ask for wrongly: broken scenarios, overrides, rule files and places for results. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TINY, type Tiny } from '../support/tinyScenario.ts';

export interface Broken {
  readonly what: string;
  readonly code: string;
  /** Words of the whole message: what, where. */
  readonly says: RegExp;
  /** The scenario file. */
  readonly text?: string;
  /** Done to the folder before the run. */
  readonly harm?: (tiny: Tiny) => Promise<unknown> | unknown;
  /** What was in the folder of results, and still is. */
  readonly keeps?: readonly string[];
  /** More flags; a function where they name the folder. */
  readonly flags?: readonly string[] | ((tiny: Tiny) => readonly string[]);
}

/** The sound scenario with something replaced. */
export const swap = (from: string | RegExp, to: string): string => {
  const text = TINY.replace(from, to);
  assert.notEqual(text, TINY, `${from} is in the sound scenario`);
  return text;
};
const rulesFile =
  (text: string) =>
  ({ folder }: Tiny): void =>
    writeFileSync(join(folder, 'mine.yaml'), text);
const mine = ({ folder }: Tiny): readonly string[] => ['--rules', join(folder, 'mine.yaml')];

export const SCENARIOS: readonly Broken[] = [
  { what: 'not YAML', code: 'SCENARIO_INVALID', text: 'facts: [', says: /tiny\.yaml, row 1/ },
  { what: 'empty', code: 'SCENARIO_INVALID', text: '', says: /tiny\.yaml/ },
  { what: 'a list', code: 'SCENARIO_INVALID', text: '- a\n- b\n', says: /tiny\.yaml/ },
  { what: 'a key twice', code: 'SCENARIO_INVALID', text: `${TINY}seed: 8\n`, says: /row \d+/ },
  {
    what: 'a misspelt part',
    code: 'SCENARIO_INVALID',
    text: swap('assumptions:', 'asumptions:'),
    says: /path asumptions[\s\S]*assumptions/,
  },
  {
    what: 'a misspelt stream kind',
    code: 'SCENARIO_INVALID',
    text: swap('kind: candles, role: perp', 'kind: candels, role: perp'),
    says: /path facts\.streams\.perp\.kind[\s\S]*candles/,
  },
  {
    what: 'a stream of an unknown market',
    code: 'SCENARIO_INVALID',
    text: swap('spot: { market: BTCUSDT', 'spot: { market: BTCUSD'),
    says: /path facts\.streams\.spot\.market/,
  },
  {
    what: 'a window that ends before it begins',
    code: 'SCENARIO_INVALID',
    text: swap('12:10Z]', '11:10Z]'),
    says: /path facts\.window/,
  },
  {
    what: 'a day that does not exist',
    code: 'SCENARIO_INVALID',
    text: swap('[2021-05-19T12:00Z', '[2021-02-30T12:00Z'),
    says: /path facts\.window/,
  },
  {
    what: 'too fine a beat',
    code: 'SCENARIO_INVALID',
    text: swap('beat: 1s', 'beat: 1ms'),
    says: /path facts\.beat/,
  },
  {
    what: 'a tick that is no number',
    code: 'SCENARIO_INVALID',
    text: swap('priceTick: 0.01', 'priceTick: cent'),
    says: /path facts\.markets\.BTCUSDT\.priceTick/,
  },
  {
    what: 'percent',
    code: 'SCENARIO_INVALID',
    text: swap('participation: 0.25', 'participation: 25%'),
    says: /path assumptions\.fills\.participation/,
  },
  {
    what: 'a share above one',
    code: 'SCENARIO_INVALID',
    text: swap('winnersTake: 0.3', 'winnersTake: 1.3'),
    says: /path assumptions\.winnersTake/,
  },
  {
    what: 'open interest below zero',
    code: 'SCENARIO_INVALID',
    text: swap('openInterest: { BTCUSDT: 100 }', 'openInterest: { BTCUSDT: -100 }'),
    says: /path assumptions\.population\.openInterest/,
  },
  {
    what: 'timing by a stream that is not there',
    code: 'SCENARIO_INVALID',
    text: swap('timing: perp', 'timing: pperp'),
    says: /path facts\.timing/,
  },
  {
    what: 'an unknown rule set',
    code: 'RULES_INVALID',
    text: swap('rules: binance-usdm@2021-05', 'rules: binance-usdm@2021-50'),
    says: /Did you mean binance-usdm@20/,
  },
  {
    what: 'rules of another day',
    code: 'RULES_NOT_IN_FORCE',
    text: swap('rules: binance-usdm@2021-05', 'rules: binance-usdm@2025-10'),
    says: /binance-usdm@2025-10.*in force/,
  },
  {
    what: 'inline rules with a misspelt slot',
    code: 'RULES_INVALID',
    text: swap(
      'rules: binance-usdm@2021-05',
      'rules: { extends: binance-usdm@2021-05, reducton: { kind: full } }',
    ),
    says: /reducton[\s\S]*reduction/,
  },
  {
    what: 'a population file that is not there',
    code: 'DATA_MISSING',
    text: swap(
      /population:\n[\s\S]*?restingOrderShare: 0\.2/,
      'population: { kind: file, path: people.parquet }',
    ),
    says: /people\.parquet/,
  },
  {
    what: 'named accounts that are not there',
    code: 'DATA_MISSING',
    text: `${TINY}accounts: names.yaml\n`,
    says: /names\.yaml/,
  },
  {
    what: 'named accounts without a quantity',
    code: 'DATA_SCHEMA',
    text: `${TINY}accounts: names.yaml\n`,
    harm: ({ folder }) =>
      writeFileSync(
        join(folder, 'names.yaml'),
        'accounts: [{ name: A, mode: isolated, market: BTCUSDT, side: long, entryPrice: 42000, margin: 10 }]',
      ),
    says: /names\.yaml, path accounts\.0\.qty/,
  },
];

export const OVERRIDES: readonly Broken[] = [
  {
    what: 'an override that names nothing',
    code: 'RULES_INVALID',
    flags: ['--override', 'rules.redution={kind: full}'],
    says: /rules\.redution[\s\S]*Did you mean reduction\?/,
  },
  {
    what: 'an override of facts',
    code: 'SCENARIO_INVALID',
    flags: ['--override', 'facts.beat=2s'],
    says: /facts\.beat=2s[\s\S]*never edited/,
  },
  {
    what: 'an override without a value',
    code: 'SCENARIO_INVALID',
    flags: ['--override', 'rules.reduction'],
    says: /not PATH=VALUE/,
  },
  {
    what: 'an override of the wrong type',
    code: 'RULES_INVALID',
    flags: ['--override', 'rules.trigger.inclusive=perhaps'],
    says: /rules\.trigger\.inclusive=perhaps/,
  },
  {
    what: 'a narrowed window that is empty',
    code: 'SCENARIO_INVALID',
    flags: ['--from', '2021-05-19T12:08Z', '--until', '2021-05-19T12:02Z'],
    says: /facts\.window/,
  },
  {
    what: 'a rule file that is not there',
    code: 'RULES_INVALID',
    flags: mine,
    says: /mine\.yaml/,
  },
  {
    what: 'a rule file that is no map',
    code: 'RULES_INVALID',
    harm: rulesFile('just words'),
    flags: mine,
    says: /mine\.yaml/,
  },
  {
    what: 'a rule file that extends itself',
    code: 'RULES_INVALID',
    harm: rulesFile('extends: ./mine.yaml\nid: mine\n'),
    flags: mine,
    says: /extends itself/,
  },
  {
    what: 'tiers that fall',
    code: 'RULES_INVALID',
    harm: rulesFile(
      `extends: binance-usdm@2021-05
id: mine
markets:
  BTCUSDT:
    tiers:
      - { upTo: 50000, maintenanceRate: 0.004, initialRate: 0.008 }
      - { upTo: 5000, maintenanceRate: 0.005, initialRate: 0.01 }
`,
    ),
    flags: mine,
    says: /mine\.yaml.*tiers/,
  },
];

export const STORES: readonly Broken[] = [
  {
    what: 'a file where the results should go',
    code: 'RESULT_STORE',
    harm: ({ out }) => writeFileSync(out, 'mine'),
    says: /out/,
  },
  {
    what: 'a folder of that name with other things in it',
    code: 'RESULT_STORE',
    harm: ({ out }) => {
      mkdirSync(join(out, 'tiny'), { recursive: true });
      writeFileSync(join(out, 'tiny', 'thesis.txt'), 'mine');
    },
    keeps: ['tiny'],
    says: /out\/tiny\)[\s\S]*Nothing of it is touched/,
  },
  {
    what: 'another run that writes the same result',
    code: 'RESULT_STORE',
    harm: ({ out }) => {
      mkdirSync(out);
      writeFileSync(join(out, 'tiny.lock'), '1\n'); // process 1 is always alive
    },
    says: /another run writes the same result[\s\S]*--out/,
  },
  {
    what: 'a place where nobody may write',
    code: 'RESULT_STORE',
    flags: ['--out', '/sys/nowhere'],
    says: /\/sys\/nowhere/,
  },
  {
    what: 'a file where the cache should be',
    code: 'RESULT_STORE',
    harm: ({ folder }) => writeFileSync(join(folder, 'cache'), 'mine'),
    says: /cache/,
  },
];
