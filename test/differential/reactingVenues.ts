/** Random venues whose owners act by themselves: the venues of venues.ts with behaviours drawn on top. */
import type { Side } from '../../src/rules/market.ts';
import {
  SECOND,
  type Tiny,
  type TinyAccount,
  type TinyBeat,
  type TinyLeg,
  tinyOwners,
} from '../support/tinyWorld.ts';
import { Luck, randomVenue } from './venues.ts';

/** The same venue with owners who stop their losses, add margin, come and go; now and then matching is down. */
export function reactingVenue(n: number): Tiny {
  const venue = randomVenue(n);
  const luck = new Luck(n + 500_000);
  const { markets, side } = venue as Required<Tiny>;
  const beats = (venue.beats as Readonly<Record<string, readonly TinyBeat[]>>)[markets[0]!.id]!.length;
  const reacting = (leg: TinyLeg): TinyLeg => {
    const away = leg.side === 'long' ? -1 : 1;
    return {
      ...leg,
      ...(luck.chance(0.4) ? { stop: 1 + away * luck.between(-0.005, 0.04) } : {}),
      ...(luck.chance(0.3) ? { topUp: 1 + away * luck.between(-0.005, 0.03) } : {}),
      ...(luck.chance(0.3) ? { departs: Math.floor(luck.next() * beats) } : {}),
    };
  };
  const arrivals = Array.from({ length: 12 }, (_, i): TinyAccount => {
    const market = luck.pick(markets);
    const lots = 1 + Math.floor(luck.next() * (market.kind === 'inverse' ? 40000 : 2500));
    const arrives = {
      beat: Math.floor(luck.next() * beats),
      qty: String(market.kind === 'inverse' ? lots : lots / 1000),
      leverage: luck.between(2, luck.pick([40, 150])),
      free: luck.pick([0, luck.next()]),
    };
    const leg = {
      market: market.id,
      side: luck.pick<Side>(['long', 'short']),
      qty: '0',
      entry: '1',
      arrives,
    };
    return { name: `late${i}`, cross: luck.chance(0.5), legs: [reacting(leg)] };
  });
  const outages = luck.chance(0.3)
    ? [{ fromUs: 6 * SECOND, untilUs: 9 * SECOND, part: 'matching' as const }]
    : [];
  return {
    ...venue,
    accounts: [...venue.accounts.map((a) => ({ ...a, legs: a.legs.map(reacting) })), ...arrivals],
    assumptions: { ...venue.assumptions, population: tinyOwners(luck.pick(['reject', 'scale'])) },
    side: { ...side, outages },
  };
}
