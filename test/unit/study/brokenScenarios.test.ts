/** A broken scenario says what is broken, where, and what to do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplayError } from '../../../src/basics/errors.ts';
import { readScenario } from '../../../src/study/scenario.ts';
import { SOUND, written } from './soundScenario.ts';

/** What is done to the sound file, and the path and the words that must come back. */
const BROKEN: readonly [what: string, from: string | RegExp, to: string, path: string, says: RegExp][] = [
  ['a misspelt part', 'assumptions:', 'assumption:', 'assumption', /Did you mean assumptions\?/],
  [
    'a misspelt name in the population',
    'leverageMix:',
    'leverageMiks:',
    'assumptions.population.leverageMiks',
    /Did you mean leverageMix\?/,
  ],
  [
    'an unknown mix',
    'leverageMix: MID',
    'leverageMix: MIDD',
    'assumptions.population.leverageMix',
    /Did you mean MID\?/,
  ],
  ['a share above 1', 'winnersTake: 0.3', 'winnersTake: 3', 'assumptions.winnersTake', /0 to 1/],
  [
    'a percent sign',
    'participation: 0.25',
    'participation: 25%',
    'assumptions.fills.participation',
    /without %/,
  ],
  ['a beat too fine', 'beat: 1s', 'beat: 10ms', 'facts.beat', /100ms to 60s/],
  ['a beat that does not divide', 'beat: 1s', 'beat: 7s', 'facts.beat', /whole number of beats/],
  ['a window that ends before it begins', 'T13:00Z]', 'T11:00Z]', 'facts.window', /ends before/],
  ['a window of one end', /, 2021-05-19T13:00Z\]/, ']', 'facts.window', /window/],
  ['a local time', '2021-05-19T12:00Z', '2021-05-19T12:00', 'facts.window.0', /UTC instant/],
  [
    'a stream of an unknown market',
    'perp: { market: BTCUSDT',
    'perp: { market: BTCUSD',
    'facts.streams.perp.market',
    /Did you mean BTCUSDT\?/,
  ],
  [
    'an unknown kind of stream',
    'kind: candles, role: perp',
    'kind: candle, role: perp',
    'facts.streams.perp.kind',
    /Did you mean candles\?/,
  ],
  [
    'candles without a length',
    'role: perp, interval: 1m',
    'role: perp',
    'facts.streams.perp.interval',
    /bar length/,
  ],
  ['a constituent without a tick', ', tick: 0.01,', ',', 'facts.streams.coinbase.tick', /tick/],
  ['a constituent without a name', ', name: coinbase', '', 'facts.streams.coinbase.name', /constituent/],
  ['a stream without a path', 'path: candles.parquet, ', '', 'facts.streams.perp.path', /path/],
  [
    'a stream without a source',
    ', source: ours }\n  streams',
    ' }\n  streams',
    'facts.streams.perp.source',
    /source/,
  ],
  [
    'no price of the perpetual',
    'role: perp',
    'role: none',
    'facts.streams',
    /no price of the perpetual BTCUSDT/,
  ],
  ['no constituent', 'role: constituent, name: coinbase', 'role: none', 'facts.streams', /no constituent/],
  ['an unknown timing stream', 'timing: perp', 'timing: prep', 'facts.timing', /Did you mean perp\?/],
  [
    'two quote currencies without a word',
    '  timing: perp',
    '    kraken: { market: BTCUSDT, kind: trades, role: constituent, name: kraken, quote: USD, tick: 0.1 }\n  timing: perp',
    'facts.quote.BTCUSDT',
    /asIs/,
  ],
  [
    'quotes without a quote',
    'interval: 1m, quote: USDT }',
    'interval: 1m }',
    'facts.streams.perp.quote',
    /quote currency/,
  ],
  [
    'lots finer than the ledger can value',
    'qtyStep: 0.001',
    'qtyStep: 0.0000001',
    'facts.markets.BTCUSDT.qtyStep',
    /at most 6 decimal places: "0\.0000001"/,
  ],
  [
    'an outage backwards',
    'until: 2021-05-19T12:20Z',
    'until: 2021-05-19T12:05Z',
    'facts.outages.0',
    /ends before/,
  ],
  ['an unknown part of an outage', 'part: feed', 'part: fed', 'facts.outages.0.part', /Did you mean feed\?/],
  [
    'candles of the days before twice',
    'bars:',
    'path: x.parquet\n      bars:',
    'facts.before.BTCUSDT',
    /2 origins/,
  ],
  [
    'a figure of an unknown market',
    'market: BTCUSDT, value',
    'market: ETHUSDT, value',
    'facts.published.0.market',
    /unknown market/,
  ],
  [
    'no open interest',
    'openInterest: { BTCUSDT: 1000 }',
    'openInterest: {}',
    'assumptions.population.openInterest.BTCUSDT',
    /open interest/,
  ],
  [
    'open interest of another market',
    '{ BTCUSDT: 1000 }',
    '{ BTCUSDT: 1000, BTCUSD: 1 }',
    'assumptions.population.openInterest.BTCUSD',
    /unknown market/,
  ],
  ['no opening cash', 'btc-eth: 1000000', 'btceth: 1000000', 'assumptions.fundOpening.btc-eth', /btceth/],
  ['a negative fund', 'btc-eth: 1000000', 'btc-eth: -1', 'assumptions.fundOpening.btc-eth', /0 or above/],
  ['no rules', 'rules: binance-usdm@2021-05\n', '', 'rules', /missing: rules/],
  [
    'a market kind that is none',
    'kind: linear',
    'kind: liner',
    'facts.markets.BTCUSDT.kind',
    /Did you mean linear\?/,
  ],
  [
    'an inverse market without a face value',
    'kind: linear, settle: USDT',
    'kind: inverse, settle: BTC',
    'facts.markets.BTCUSDT.faceValue',
    /missing: an amount of money above 0/,
  ],
];

for (const [what, from, to, path, says] of BROKEN) {
  test(`refuses ${what}`, async () => {
    const text = SOUND.replace(from, to);
    assert.notEqual(text, SOUND, `nothing matches ${from}`);
    const file = written(text);
    await assert.rejects(readScenario(file), (error) => {
      assert.ok(error instanceof ReplayError, String(error));
      assert.equal(error.code, 'SCENARIO_INVALID');
      assert.equal(error.place.file, file);
      assert.equal(error.place.path, path);
      assert.match(`${error.message} | ${error.remedy}`, says);
      assert.ok((error.place.row ?? 0) >= 1);
      return true;
    });
  });
}

test('whatever line is taken out, doubled or replaced, the answer is a reading or an error with a way out', async () => {
  const lines = SOUND.split('\n');
  const outcomes = { read: 0, refused: 0 };
  for (const [k, line] of lines.entries()) {
    const indent = /^ */.exec(line)![0];
    for (const instead of [
      [],
      [line, line],
      [`${indent}- x`],
      [`${indent}x: *y`],
      [line.replace(/:.*/, ': {}')],
      [line.replace(/:.*/, ': [[]]')],
    ]) {
      const file = written([...lines.slice(0, k), ...instead, ...lines.slice(k + 1)].join('\n'));
      try {
        await readScenario(file);
        outcomes.read++;
      } catch (error) {
        assert.ok(
          error instanceof ReplayError && error.remedy !== '',
          `line ${k + 1} as ${instead}: ${error}`,
        );
        assert.ok(['SCENARIO_INVALID', 'RULES_INVALID'].includes(error.code), `${error.code} at ${line}`);
        outcomes.refused++;
      }
    }
  }
  assert.ok(outcomes.read > 5 && outcomes.refused > 200, JSON.stringify(outcomes));
});
