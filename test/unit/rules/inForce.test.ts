/** Rules of another day are refused for a baseline. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplayError } from '../../../src/basics/errors.ts';
import { DAY_US, parseInstant } from '../../../src/basics/instant.ts';
import { isInForce, rulesInForce } from '../../../src/rules/inForce.ts';
import { readRules } from '../../../src/rules/readRules.ts';

const rules = readRules('binance-usdm@2021-05'); // 2021-03-18T09:00Z .. 2021-06-22T03:30Z
const dayOf = (text: string) => ({ fromUs: parseInstant(text), untilUs: parseInstant(text) + DAY_US });

test('a window inside the dates passes, ends included', () => {
  rulesInForce(rules, dayOf('2021-05-19'));
  const whole = { fromUs: parseInstant('2021-03-18T09:00Z'), untilUs: parseInstant('2021-06-22T03:30Z') };
  assert.equal(isInForce(rules, whole), true);
  assert.equal(isInForce(rules, { ...whole, untilUs: whole.untilUs + 1 }), false);
  assert.equal(isInForce(rules, { ...whole, fromUs: whole.fromUs - 1 }), false);
});

test('rules without an end hold on', () => {
  assert.equal(isInForce(readRules('source-000'), dayOf('2026-01-01')), true);
});

test('a day outside is RULES_NOT_IN_FORCE with both dates', () => {
  assert.throws(
    () => rulesInForce(rules, dayOf('2020-03-12'), 'x.yaml'),
    (error) =>
      error instanceof ReplayError &&
      error.code === 'RULES_NOT_IN_FORCE' &&
      error.place.file === 'x.yaml' &&
      /2021-03-18T09:00:00Z .. 2021-06-22T03:30:00Z/.test(error.message) &&
      /2020-03-12T00:00:00Z/.test(error.message),
  );
});
