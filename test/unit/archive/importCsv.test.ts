/** Any CSV file, its columns mapped by options or by a YAML file. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  imported,
  importedAll as all,
  metadataIn,
  refusal,
  rowsIn,
  writeFileAs,
} from '../../support/importing.ts';
import { freshFolder } from '../../support/parquet.ts';

test('csv: a balance of a fund in satoshi, mapped by a YAML file; options go before it', async (t) => {
  const folder = freshFolder(t);
  const mapping = join(folder, 'fund.yaml');
  writeFileSync(
    mapping,
    'kind: fundBalance\nvenue: bitmex\nunit: text\nformat: "%d.%m.%Y"\ndelimiter: ";"\nskip: 1\n' +
      'columns: { time: day, balance: wallet }\ndivide: { balance: 100000000 }\nfilter: { currency: XBt }\n',
  );
  const text =
    'exported\nday;currency;wallet\n12.03.2020;XBt;3536600000000\n12.03.2020;USDt;7\n13.03.2020;XBt;3500000000001\n';
  const files = [await writeFileAs(join(folder, 'fund.csv'), text)];
  const asked = { vendor: 'csv', files, symbol: 'XBT', options: { mapping, name: 'insurance' } };
  const made = await imported({ ...asked, out: join(folder, 'out') });
  const { folder: where } = made.get('bitmex/XBT/insurance')!;
  // days 18333 and 18334
  assert.deepEqual(await rowsIn(where), [
    { time: 1583971200000000, balance: 35366 },
    { time: 1584057600000000, balance: 35000.00000001 },
  ]);
  assert.deepEqual(metadataIn(where).dropped, { 'currency is not XBt': 1 });
});

test('csv: trades with a maker flag, liquidations by side of the position, no head line', async (t) => {
  const trades = await all(t, 'x.csv', 'when,p,q,maker\n1584007200.5,7000.5,2,true\n1584007201,7001,3,0\n', {
    vendor: 'csv',
    symbol: 'BTCUSD',
    options: {
      ...{ kind: 'trades', venue: 'gate', unit: 's' },
      time: 'when',
      price: 'p',
      qty: 'q',
      buyerMaker: 'maker',
    },
  });
  assert.deepEqual(trades.get('gate/BTCUSD/trades'), [
    { time: 1584007200500000, price: 7000.5, qty: 2, side: 'sell' },
    { time: 1584007201000000, price: 7001, qty: 3, side: 'buy' },
  ]);
  const liquidations = await all(
    t,
    'x.csv',
    '1584007200000000000,LONG,5,7000,me\n1584007200000000000,SELL,5,7000,you\n',
    {
      vendor: 'csv',
      symbol: 'BTCUSD',
      options: {
        ...{ kind: 'liquidations', venue: 'gate', header: 'false', unit: 'ns' },
        ...{ time: '1', side: '2', qty: '3', price: '4', account: '5' },
      },
    },
  );
  assert.deepEqual(liquidations.get('gate/BTCUSD/liquidations'), [
    { time: 1584007200000000, side: 'sell', qty: 5, price: 7000, account: 'me' },
    { time: 1584007200000000, side: 'sell', qty: 5, price: 7000, account: 'you' },
  ]);
});

test('csv: a unit told by the size of each stamp, fractions kept', async (t) => {
  const stamps = [
    '1584007200.25',
    '1584007201000',
    '1584007201000.5',
    '1584007202000000',
    '1584007203000000999',
  ];
  for (const [unit, wanted] of [
    ['auto', [1584007200250000, 1584007201000000, 1584007201000500, 1584007202000000, 1584007203000000]],
    ['ms', [1584007201000000, 1584007201000500]],
  ] as const) {
    const lines = unit === 'ms' ? stamps.slice(1, 3) : stamps;
    const rows = await all(t, 'x.csv', `t,p\n${lines.map((one) => `${one},1`).join('\n')}\n`, {
      vendor: 'csv',
      symbol: 'X',
      options: { kind: 'mark', venue: 'v', time: 't', price: 'p', unit },
    });
    assert.deepEqual(
      rows.get('v/X/mark')!.map(({ time }) => time),
      wanted,
    );
  }
});

test('csv: bars stamped with their end', async (t) => {
  const columns = { time: 't', open: 'o', high: 'h', low: 'l', close: 'c' };
  const rows = await all(t, 'x.csv', 't,o,h,l,c\n2020-03-12T10:05:00Z,1,2,0.5,1.5\n', {
    vendor: 'csv',
    symbol: 'X',
    options: { ...{ kind: 'candles', venue: 'v', interval: '5m', stamp: 'end', unit: 'text' }, ...columns },
  });
  assert.deepEqual(rows.get('v/X/candles-5m'), [
    { time: 1584007200000000, open: 1, high: 2, low: 0.5, close: 1.5 },
  ]);
});

const BASE = { kind: 'trades', venue: 'v', time: 't', price: 'p', qty: 'q' };
const WRONG: Readonly<Record<string, [options: Record<string, string>, code: string, said: RegExp]>> = {
  'no kind': [{ venue: 'v' }, 'SCENARIO_INVALID', /kind/],
  'a column that the kind does not have': [{ ...BASE, prise: 'p' }, 'SCENARIO_INVALID', /Did you mean price/],
  'a column that the file does not have': [
    { ...BASE, price: 'pp' },
    'DATA_SCHEMA',
    /no column pp.*Did you mean p\?/,
  ],
  'a column that is missing': [
    { kind: 'trades', venue: 'v', time: 't', price: 'p' },
    'SCENARIO_INVALID',
    /need a column for qty/,
  ],
  'candles without a length': [{ ...BASE, kind: 'candles' }, 'SCENARIO_INVALID', /interval=1m/],
  'a unit that is none': [{ ...BASE, unit: 'min' }, 'SCENARIO_INVALID', /unit/],
  'a mapping that is not there': [
    { mapping: 'nowhere.yaml' },
    'DATA_MISSING',
    /nowhere\.yaml|cannot be read/,
  ],
};
for (const [what, [options, code, said]] of Object.entries(WRONG)) {
  test(`csv: ${what} is named`, async (t) => {
    const folder = freshFolder(t);
    const files = [await writeFileAs(join(folder, 'x.csv'), 't,p,q\n1584007200,1,2\n')];
    const error = await refusal({ vendor: 'csv', files, out: join(folder, 'out'), symbol: 'X', options });
    assert.equal(error.code, code, error.message);
    assert.match(`${error.message} ${error.remedy} ${error.place.path ?? ''}`, said);
  });
}
