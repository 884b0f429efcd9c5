/**
 * Who there is: accounts, their roles and the markets and sides they stand on, before any size or
 * price. Every choice is `draw(seed, account, field)`, so it depends neither on the order of draws
 * nor on how many accounts there are.
 *
 * Account index = i * markets + home market, i = 0, 1, ...: more accounts are added at the end.
 * Fields drawn per account: shape (hedge, multi or plain), mode, liquidatable, hedger, hedgeRatio,
 * free, resting, restingPart. Fields drawn per leg, with `:<market>` appended: side, size, leverage,
 * entryDay and entryPrice (`:<market>:<second leg 0/1>:<try>` for the last three).
 */
import { draw, hashText } from '../basics/draw.ts';
import type { PopulationAssumption } from '../rules/assumptions.ts';
import type { Market } from '../rules/market.ts';
import { isHedger } from './hedgers.ts';
import { sizeQuantile } from './sizes.ts';

export type Synthetic = Extract<PopulationAssumption, { kind: 'synthetic' }>;

export interface Roster {
  readonly accounts: number;
  readonly cross: Uint8Array;
  readonly liquidatable: Uint8Array;
  readonly hedger: Uint8Array;
  readonly legStart: Uint32Array;
  readonly legMarket: readonly number[];
  readonly legSide: readonly (1 | -1)[];
  /** Relative size inside the leg's market and side. */
  readonly legWeight: Float64Array;
}

const FIELD = {
  shape: hashText('shape'),
  mode: hashText('mode'),
  liquidatable: hashText('liquidatable'),
  hedger: hashText('hedger'),
  hedgeRatio: hashText('hedgeRatio'),
};

/**
 * @param assumption  shares in 0 .. 1
 * @param seed        `hashText` of the scenario's seed
 */
export function drawRoster(assumption: Synthetic, markets: readonly Market[], seed: number): Roster {
  const accounts = assumption.accounts * markets.length;
  const hedge = assumption.hedgeShare.toNumber();
  const multi = assumption.multiMarketShare.toNumber();
  const isolated = assumption.isolatedShare.toNumber();
  const liquidatableShare = assumption.liquidatableShare.toNumber();
  const side = markets.map((market) => hashText(`side:${market.id}`));
  const size = markets.map((market) => hashText(`size:${market.id}`));
  const peers = markets.map((home) =>
    markets.flatMap((m, index) => (m.settle === home.settle ? [index] : [])),
  );
  const cross = new Uint8Array(accounts);
  const liquidatable = new Uint8Array(accounts);
  const hedger = new Uint8Array(accounts);
  const legStart = new Uint32Array(accounts + 1);
  const legMarket: number[] = [];
  const legSide: (1 | -1)[] = [];
  const legWeight: number[] = [];
  const addLeg = (market: number, onSide: 1 | -1, weight: number): void => {
    legMarket.push(market);
    legSide.push(onSide);
    legWeight.push(weight);
  };
  for (let a = 0; a < accounts; a++) {
    const home = a % markets.length;
    const shape = draw(seed, a, FIELD.shape);
    const hedged = shape < hedge;
    const multiple = !hedged && shape < hedge + multi && peers[home]!.length > 1;
    cross[a] = multiple || draw(seed, a, FIELD.mode) >= isolated ? 1 : 0;
    liquidatable[a] = draw(seed, a, FIELD.liquidatable) < liquidatableShare ? 1 : 0;
    const onSide = sideOf(a, markets.length, draw(seed, a, side[home]!));
    hedger[a] = !hedged && isHedger(onSide, draw(seed, a, FIELD.hedger)) ? 1 : 0;
    for (const m of multiple ? peers[home]! : [home]) {
      const weight = sizeQuantile(draw(seed, a, size[m]!));
      const legs = m === home ? onSide : draw(seed, a, side[m]!) < 0.5 ? 1 : -1;
      addLeg(m, legs, weight);
      if (hedged) addLeg(m, legs === 1 ? -1 : 1, weight * Math.max(0.01, draw(seed, a, FIELD.hedgeRatio)));
    }
    legStart[a + 1] = legMarket.length;
  }
  return {
    accounts,
    cross,
    liquidatable,
    hedger,
    legStart,
    legMarket,
    legSide,
    legWeight: Float64Array.from(legWeight),
  };
}

/** A fair coin, but the first account of a market is long and the second short: neither side is empty. */
function sideOf(account: number, markets: number, u: number): 1 | -1 {
  if (account < markets) return 1;
  if (account < 2 * markets) return -1;
  return u < 0.5 ? 1 : -1;
}
