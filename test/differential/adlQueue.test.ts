/**
 * The queue of winners, scored in float64 from columns and ordered lazily, against every position
 * scored exactly from the books and sorted: same members, same order, same scores.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { compareExact, type ExactScore, exactScore, isRanked } from '../../src/adl/ranking.ts';
import { chargedView } from '../../src/engine/pocketView.ts';
import type { World } from '../../src/engine/world.ts';
import { marginShares } from '../../src/margin/bankruptcy.ts';
import { unrealizedPnl, valueAt } from '../../src/margin/leg.ts';
import { judge } from '../../src/margin/trigger.ts';
import type { Market, Side } from '../../src/rules/market.ts';
import { tinyWorld } from '../support/tinyWorld.ts';
import { randomVenue } from './venues.ts';

/** Leg rows of the winners of one side with their exact scores, best first. */
function winners(world: World, market: Market, side: Side): { row: number; score: ExactScore }[] {
  const { book, clocks } = world.desk;
  const marks = (id: string) => world.prices[book.marketIndex(id)]!.mark;
  const { rules } = world.input;
  const found: { row: number; score: ExactScore }[] = [];
  for (let a = 0; a < book.population.accounts; a++) {
    const account = book.read(a);
    for (const leg of account.legs) {
      const pocket = book.pocketOf(leg.row);
      if (leg.market !== market || leg.side !== side || leg.lots === 0 || account.frozen.has(pocket))
        continue;
      const view = chargedView(book, clocks, account, pocket);
      const { equity, maintenance, notional } = judge(view, marks, rules.trigger);
      const profit = unrealizedPnl(leg, marks(market.id));
      const { wallet } = view;
      const { entryValue } = leg;
      const value = valueAt(market, leg.qty, marks(market.id));
      const score = exactScore(rules.adl.ranking, {
        profit,
        wallet,
        maintenance,
        equity,
        notional,
        entryValue,
        value,
        margin: marginShares(view, marks)[view.legs.indexOf(leg)]!,
        fee: value.times(leg.rules.bankruptcy.feeRate),
        gains: (leg.side === 'long') === (market.kind === 'linear'),
      });
      const closed =
        rules.adl.eligible === 'anySolvent'
          ? equity.isPositive()
          : profit.isPositive() && score.over.isPositive();
      if (closed) found.push({ row: leg.row, score });
    }
  }
  return found.sort((x, y) => compareExact(x.score, y.score) || x.row - y.row);
}

test('the queue is what sorting everybody exactly gives', () => {
  let [compared, ranked] = [0, 0];
  for (let n = 0; n < 160; n++) {
    const { world, frames } = tinyWorld(randomVenue(n));
    for (let beat = 0; beat < frames.beats; beat++) {
      const prices = world.price(beat);
      if (prices === null) continue; // a market has no price yet
      world.act(beat, prices);
      if (beat % 7 !== 6) continue;
      world.deleverage.forget();
      for (const market of world.desk.book.markets) {
        for (const side of ['long', 'short'] as const) {
          const expected = winners(world, market, side);
          const queue = [...world.deleverage.queueOf(market, side)];
          assert.deepEqual(
            queue.map((c) => c.row),
            expected.map((w) => w.row),
            `venue ${n} beat ${beat} ${market.id} ${side}`,
          );
          for (const [i, { scoreF64 }] of queue.entries()) {
            const { over, under } = expected[i]!.score;
            const exact = over.toNumber() / under.toNumber();
            assert.ok(Math.abs(scoreF64 - exact) <= 1e-10 * Math.abs(exact), `${scoreF64} for ${exact}`);
            compared++;
            if (isRanked(world.input.rules.adl.ranking)) ranked++;
          }
        }
      }
      world.deleverage.forget();
    }
  }
  assert.ok(ranked > 2000 && compared > ranked, `${compared} scores compared, ${ranked} of them ranks`);
});
