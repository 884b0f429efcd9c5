/**
 * One long on a falling mark: kept, reduced, closed. The fee eats the relief of the first step.
 * Numbers of docs/architecture.md's walk, worked by hand there: tiers 0.4 % to 50 000 and 0.5 % above
 * (deduction 50), fee 0.5 %, first step 20 %, the book 0.15 % below the mark, fund 1 000.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { money, rate } from '../../src/basics/exact.ts';
import { play } from '../support/tinyWorld.ts';

test('one long: kept at 41 500, reduced and closed at 41 030', async () => {
  const { world, rows } = await play({
    rules: { reduction: { kind: 'fraction', fraction: rate('0.2'), above: money('0') } },
    accounts: [{ name: 'A', legs: [{ side: 'long', qty: '2.000', entry: '43000', margin: '4300' }] }],
    // fills are at the last price of the beat before: 40 968.46
    beats: [{ index: '43000' }, { index: '41500', last: '40968.46' }, { index: '41030', last: '40968.46' }],
  });
  assert.deepEqual(
    rows.fills.map((f) => [f.account, f.effect, f.qty.toString(), f.price.toString(), f.priceRule]),
    [
      ['A', 'close', '0.4', '40968.46', 'book'],
      ['A', 'close', '1.6', '40968.46', 'book'],
    ],
  );
  assert.deepEqual(
    rows.transfers.map((t) => [t.from, t.to, t.amount.toString(), t.reason]),
    [
      ['A', 'market', '812.616', 'realized-pnl'], // 0.4 x (43 000 - 40 968.46)
      ['A', 'fund:main', '81.93692', 'clearance-fee'], // 0.5 % of 16 387.384
      ['A', 'market', '3250.464', 'realized-pnl'], // 1.6 x 2 031.54
      ['A', 'fund:main', '154.98308', 'clearance-fee'], // 327.75 due, capped by what is left
    ],
  );
  assert.equal(world.desk.ledger.balance('fund:main', 'USDT').toString(), '1236.92');
  assert.equal(rows.liquidations[0]!.end, 'closed');
  assert.equal(rows.liquidations[0]!.equity.toString(), '360'); // 4 300 - 2 x 1 970
  assert.equal(rows.liquidations[0]!.maintenanceMargin.toString(), '360.3'); // 82 060 x 0.5 % - 50
});
