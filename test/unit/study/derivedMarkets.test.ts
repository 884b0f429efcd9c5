/** A scenario with markets without streams and an account of several assets: read, run, verified; and what is refused. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cascade } from '../../support/cli.ts';
import { TINY, tinyScenario } from '../../support/tinyScenario.ts';

const MARKETS = `    BTCUSDT: { kind: linear, settle: USDT, priceTick: 0.01, qtyStep: 0.001 }
    DATED:
      kind: linear
      settle: USDT
      priceTick: 0.01
      qtyStep: 0.001
      derived: { kind: future, underlying: BTCUSDT, expiry: 2021-06-25T08:00Z, basis: 0.01 }
    PUT:
      kind: linear
      settle: USDT
      priceTick: 0.01
      qtyStep: 0.001
      derived:
        kind: option
        underlying: BTCUSDT
        expiry: 2021-06-25T08:00Z
        right: put
        strike: 40000
        volatility: 1.1
        premium: quote`;
const RULES = `rules:
  extends: binance-usdm@2021-05
  collateral:
    kind: multi
    unit: USDT
    assets:
      USDT: { haircut: 0, bidBuffer: 0, askBuffer: 0, index: none }
      BTC: { haircut: 0.05, bidBuffer: 0.01, askBuffer: 0.01, index: BTCUSDT }
    autoExchangeBelow: 10000
  portfolio:
    kind: okx
    spotShocks: [0, 0.05, 0.1, 0.15]
    volShocks: [0.25]
    extreme: { move: 0.3, share: 0.5 }
    basisCharge: 0.0075
    minimumCharge: 0.0025
    initialFactor: 1.3
  sources:
    collateral: { cite: made up, confidence: assumed }
    portfolio: { cite: made up, confidence: assumed }`;
const scenarioText = (over: (text: string) => string = (text) => text): string =>
  over(
    TINY.replace('    BTCUSDT: { kind: linear, settle: USDT, priceTick: 0.01, qtyStep: 0.001 }', MARKETS)
      .replace('rules: binance-usdm@2021-05', RULES)
      .concat('accounts: named.yaml\n'),
  );
/** Long two perpetuals against a dated future and a put; the coins alone carry it until they do not. */
const ACCOUNTS = `accounts:
  - { name: hedged, mode: cross, market: BTCUSDT, side: long, qty: "2", entryPrice: "42000", balances: { BTC: "0.2", USDT: "0" } }
  - { name: hedged, mode: cross, market: DATED, side: short, qty: "1", entryPrice: "42420", balances: { BTC: "0.2", USDT: "0" } }
  - { name: hedged, mode: cross, market: PUT, side: long, qty: "1", entryPrice: "4000", balances: { BTC: "0.2", USDT: "0" } }
`;

test('a run with a dated future, an option and coins as margin verifies', async (t) => {
  const tiny = await tinyScenario(t, scenarioText());
  writeFileSync(join(tiny.folder, 'named.yaml'), ACCOUNTS);
  const ran = await cascade('run', ...tiny.flags);
  assert.equal(ran.exit, 0, ran.err);
  const verified = await cascade('verify', join(tiny.out, 'tiny'));
  assert.equal(verified.exit, 0, verified.out);
});

test('explain names every balance of the account', async (t) => {
  const tiny = await tinyScenario(t, scenarioText());
  // 0.05 coins count 0.05 x 42 000 x 0.9405 = 1 975; the requirement is some 6 000: it fails at once
  writeFileSync(join(tiny.folder, 'named.yaml'), ACCOUNTS.replaceAll('"0.2"', '"0.05"'));
  assert.equal((await cascade('run', ...tiny.flags)).exit, 0);
  const told = await cascade('explain', join(tiny.out, 'tiny'), 'hedged');
  assert.equal(told.exit, 0, told.err);
  assert.match(told.out, /balance\.BTC/);
  assert.match(told.out, /unit/);
});

test('what a derived market and an account of several assets may not be', async (t) => {
  const refusedAs = async (message: RegExp, text: string, accounts = ACCOUNTS): Promise<void> => {
    const tiny = await tinyScenario(t, text);
    writeFileSync(join(tiny.folder, 'named.yaml'), accounts);
    const ran = await cascade('run', ...tiny.flags);
    assert.notEqual(ran.exit, 0);
    assert.match(ran.err, message);
  };
  const changed = (from: string | RegExp, to: string): string =>
    scenarioText((text) => text.replace(from, to));
  await refusedAs(
    /^SCENARIO_INVALID: .*expires inside the window/,
    changed('2021-06-25T08:00Z', '2021-05-19T12:05Z'),
  );
  await refusedAs(
    /^SCENARIO_INVALID: ETHUSDT is no market with streams/,
    changed('underlying: BTCUSDT', 'underlying: ETHUSDT'),
  );
  await refusedAs(
    /^SCENARIO_INVALID: DATED is derived/,
    changed(
      'perp: { market: BTCUSDT',
      'more: { market: DATED, kind: candles, role: perp, path: perp.parquet }\n    perp: { market: BTCUSDT',
    ),
  );
  await refusedAs(/^SCENARIO_INVALID: .*bull/, changed('right: put', 'right: bull'));
  await refusedAs(
    /^SCENARIO_INVALID: .* counts no DOGE of account hedged/,
    scenarioText(),
    ACCOUNTS.replaceAll('USDT: "0"', 'DOGE: "1"'),
  );
  await refusedAs(
    /^DATA_SCHEMA: .*both a wallet and balances/,
    scenarioText(),
    ACCOUNTS.replaceAll('balances:', 'wallet: "1", balances:'),
  );
  await refusedAs(
    /^DATA_SCHEMA: .*balances of an isolated account/,
    scenarioText(),
    ACCOUNTS.replaceAll('mode: cross', 'mode: isolated, margin: "1"'),
  );
  await refusedAs(/^DATA_SCHEMA: .*two wallets/, scenarioText(), ACCOUNTS.replace('"0.2"', '"0.3"'));
  const single = scenarioText((text) => text.replace(RULES, 'rules: binance-usdm@2021-05'));
  await refusedAs(/^SCENARIO_INVALID: account hedged holds several assets/, single);
});
