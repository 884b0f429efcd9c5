/**
 * BitMEX's own marks of one moment against ours: index * (1 + rate * time to funding / 8 h), cut to the
 * places in which BitMEX printed the mark. The answer of its public instrument endpoint, 22 July 2021.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { carried, type Price, price, unscaled } from '../../src/basics/exact.ts';
import { HOUR_US, parseInstant } from '../../src/basics/instant.ts';
import { markPrice } from '../../src/mark/markPrice.ts';
import { NO_SHARED_DATA, SHARED_DATA } from '../support/facts.ts';

interface Instrument {
  readonly symbol: string;
  readonly fairMethod?: string;
  readonly timestamp: string;
  readonly fundingTimestamp: string;
  readonly fundingRate: number;
  readonly indicativeSettlePrice: number;
  readonly fairBasis: number;
  readonly markPrice: number;
}

const placesOf = (p: Price): number => (p.toString().split('.')[1] ?? '').length;

/** The mark that the engine's rule makes, and BitMEX's. */
function compared(row: Instrument): { symbol: string; ours: string; theirs: string; basis: string } {
  const index = carried<'price'>('price', row.indicativeSettlePrice);
  const theirs = carried<'price'>('price', row.markPrice);
  const tick = unscaled<'price'>('price', 1n, Math.max(placesOf(index), placesOf(theirs)));
  const { mark } = markPrice(
    { kind: 'fundingBasis', tick, rounding: 'even' },
    {
      index,
      last: index,
      bid: index,
      ask: index,
      fundingRate: carried('rate', row.fundingRate),
      leftUs: parseInstant(row.fundingTimestamp) - parseInstant(row.timestamp),
      intervalUs: 8 * HOUR_US,
      basis: null,
      recorded: null,
      bookAverage: null,
      reference: null,
    },
  );
  const basis = mark.minus(index).toString();
  return { symbol: row.symbol, ours: mark.toString(), theirs: theirs.toString(), basis };
}

function perpetuals(): Instrument[] {
  const file = join(SHARED_DATA, 'contract-specs/BITMEX_instruments.json.gz');
  const [answer] = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as [{ body: Instrument[] }];
  return answer.body.filter((row) => row.fairMethod === 'FundingRate');
}

test('XBTUSD: basis 2.17, mark 32 184.89, exactly', { skip: NO_SHARED_DATA }, () => {
  const row = perpetuals().find((one) => one.symbol === 'XBTUSD')!;
  assert.deepEqual(compared(row), {
    symbol: 'XBTUSD',
    ours: '32184.89',
    theirs: '32184.89',
    basis: String(row.fairBasis),
  });
});

test('all 18 perpetuals at the rate of 0.01 % are exact, of the five others two', {
  skip: NO_SHARED_DATA,
}, () => {
  const all = perpetuals();
  assert.equal(all.length, 23);
  const off = all
    .map((row) => ({ ...compared(row), rate: row.fundingRate }))
    .filter((r) => r.ours !== r.theirs);
  assert.equal(all.filter((row) => row.fundingRate === 0.0001).length, 18);
  // one printed unit higher than the formula gives; why, BitMEX does not say
  assert.deepEqual(
    off.map((row) => [row.symbol, row.rate, price(row.theirs).minus(price(row.ours)).toString()]),
    [
      ['XRPUSD', 0.000113, '0.00001'],
      ['ADAUSDT', 0.000693, '0.000001'],
      ['ETHUSD', 0.000551, '0.01'],
    ],
  );
});
