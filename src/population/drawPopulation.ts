/**
 * A synthetic population: nobody published who held what, so it is drawn, and every choice is a
 * stated assumption (docs/method.md (Population), in the form that 30 daily candles allow). A draw is a pure
 * function of (seed, account, field); rules touch only leverage limits and the spare margin at the
 * start, never the luck. The other fields' names are listed in roster.ts.
 *
 *   sizes       lognormal with a Pareto tail, capped at 3 %; longs = shorts = open interest, in lots
 *   entries     day by volume and turnover, price inside the day's range; or bars of hours or minutes (renewal.ts)
 *   leverage    published mix, less for large positions, at most what the tier allows
 *   collateral  margin = entry value / leverage; free collateral ~ Exp(0.6 margin) beside it; outside
 *               the liquidatable share whatever keeps the position solvent from 25 % to 400 %
 *   history     a liquidatable position must have survived the lows or highs since its entry day and
 *               be sound at the first mark (legs.ts)
 *   behaviour   stops and top-ups on the way to liquidation, arrivals and departures by traded volume
 *               (behaviour.ts), where the assumption has any
 */
import { draw, hashText } from '../basics/draw.ts';
import { ReplayError } from '../basics/errors.ts';
import { as, wholeSteps } from '../basics/exact.ts';
import type { Population } from '../ledger/population.ts';
import type { DailyBar, Facts } from '../rules/facts.ts';
import type { Market, MarketId } from '../rules/market.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import { withReactions } from './behaviour.ts';
import type { During } from './buckets.ts';
import { freeCollateral, termsOf } from './collateral.ts';
import { assetsOf, columnUp } from './columns.ts';
import { inventoryOf } from './inventory.ts';
import { ENTRY_TRIES, type OpenedLegs, type Setting, openLegs } from './legs.ts';
import { meanLogWeight, mixOf, sizeTilt } from './leverage.ts';
import { renewalOf } from './renewal.ts';
import { type Roster, type Synthetic, drawRoster } from './roster.ts';
import { apportion, capWeights } from './sizes.ts';

export interface DrawRequest {
  readonly assumption: Synthetic;
  readonly facts: Pick<Facts, 'markets'>;
  readonly rules: RuleSet;
  /** Mark at the start, float64, every market. */
  readonly firstMarkF64: Readonly<Record<MarketId, number>>;
  /** Daily candles before the start, oldest first: `facts.before`. */
  readonly before: Readonly<Record<MarketId, readonly DailyBar[]>>;
  /** Shorter candles of the same days, where there are any: `facts.burnIn`. */
  readonly burnIn?: Facts['burnIn'] | undefined;
  /** What was traded during the event; needed where the assumption has a turnover. */
  readonly during?: During;
  readonly seed: string;
}

/** The population and what its conditioning had to do, for the report. */
export interface DrawnPopulation extends Population {
  /** Entries drawn again because the position would have been liquidated before the start. */
  readonly entriesRedrawn: number;
  /** Liquidatable legs whose margin was raised until they were sound. */
  readonly marginsRaised: number;
  /** 1 where the account belongs to the liquidatable share. */
  readonly liquidatable: Uint8Array;
}

/**
 * Draws the accounts of every market in `facts.markets`.
 *
 * @returns lots of longs and of shorts sum exactly to open interest (whole lots, cut down) per market
 * @throws ReplayError SCENARIO_INVALID without open interest or with more positions than lots;
 *   DATA_MISSING without daily candles; RULES_INVALID when the rules leave a market out
 * @throws RangeError when a first mark is not above 0, or without `during` where there is a turnover
 */
export function drawPopulation(request: DrawRequest): DrawnPopulation {
  const all = Object.values(request.facts.markets);
  const markets = all.filter((market) => market.derived === undefined); // nobody said who holds the others
  const settings = markets.map((market) => settingOf(request, market));
  const seed = hashText(request.seed);
  const roster = drawRoster(request.assumption, markets, seed);
  const { lots, tilt } = sizeLegs(roster, settings);
  const mix = mixOf(request.assumption);
  const legs = openLegs({ roster, settings, lots, tilt, seed, mix });
  const resting = request.assumption.restingOrderShare.toNumber();
  const { wallet, orderMargin } = fillWallets({ roster, legs, seed, resting });
  const assets = assetsOf(all);
  const opening: DrawnPopulation = {
    accounts: roster.accounts,
    markets: all.map((market) => market.id),
    names: new Map(),
    tracked: new Uint8Array(roster.accounts),
    cross: roster.cross,
    asset: Uint8Array.from(roster.cross, (_, a) => assets.indexOf(markets[a % markets.length]!.settle)),
    assets,
    wallet,
    orderMargin,
    hedger: roster.hedger,
    legStart: roster.legStart,
    legMarket: Uint8Array.from(roster.legMarket, (m) => all.indexOf(markets[m]!)),
    legSide: Int8Array.from(roster.legSide),
    legLots: lots,
    legEntryValue: legs.entryValue,
    legMargin: legs.margin.map((margin, leg) => (roster.cross[legs.account[leg]!] === 1 ? 0n : margin)),
    legLeverage: legs.leverage,
    draws: roster.accounts,
    entriesRedrawn: legs.redrawn,
    marginsRaised: legs.raised,
    liquidatable: roster.liquidatable,
  };
  const { assumption, during } = request;
  return withReactions({ opening, settings, legs, assumption, during, seed, mix });
}

function settingOf(request: DrawRequest, market: Market): Setting {
  const { assumption, rules, before, firstMarkF64 } = request;
  const openInterest = assumption.openInterest[market.id];
  const path = `assumptions.population.openInterest.${market.id}`;
  if (openInterest === undefined || !openInterest.isPositive()) {
    throw new ReplayError(
      'SCENARIO_INVALID',
      `no open interest for ${market.id}`,
      { path },
      'State the open interest of one side: base units, or contracts of an inverse market.',
    );
  }
  if (assumption.accounts < 2) {
    throw new ReplayError(
      'SCENARIO_INVALID',
      'a market needs two accounts, a long and a short',
      { path: 'assumptions.population.accounts' },
      'Raise accounts to 2 or more.',
    );
  }
  const marketRules = rules.markets[market.id];
  if (marketRules === undefined) {
    throw new ReplayError(
      'RULES_INVALID',
      `rule set ${rules.id} says nothing about ${market.id}`,
      { path: `markets.${market.id}` },
      'Add the market to the rule set.',
    );
  }
  const bars = before[market.id] ?? [];
  if (bars.length === 0) {
    throw new ReplayError(
      'DATA_MISSING',
      `no daily candles before the start for ${market.id}`,
      {},
      'Give facts.before about 30 daily candles: entry prices are drawn from them.',
    );
  }
  const mark = firstMarkF64[market.id] ?? Number.NaN;
  if (!(mark > 0)) throw new RangeError(`first mark of ${market.id} is not above 0: ${mark}`);
  const fields = (what: string): number[][] =>
    [0, 1].map((n) =>
      Array.from({ length: ENTRY_TRIES }, (_, k) => hashText(`${what}:${market.id}:${n}:${k}`)),
    );
  return {
    market,
    terms: termsOf(market, marketRules),
    inventories: inventoriesOf(request, market.id, openInterest.toNumber()),
    lotsOfOpenInterest: Number(wholeSteps(as('qty', openInterest), market.qtyStep, 'down')),
    firstMarkF64: mark,
    leverageField: [hashText(`leverage:${market.id}:0:0`), hashText(`leverage:${market.id}:1:0`)],
    dayField: fields('entryDay'),
    priceField: fields('entryPrice'),
  };
}

/** Of both sides: from the shorter candles where there are any, else the same from daily ones. */
function inventoriesOf(
  { assumption, before, burnIn }: DrawRequest,
  id: MarketId,
  openInterest: number,
): Setting['inventories'] {
  const churn = assumption.churn.toNumber();
  const shorter = burnIn?.[id];
  if (shorter !== undefined) return renewalOf(shorter, openInterest, churn);
  const daily = inventoryOf(before[id]!, openInterest, churn);
  return { long: daily, short: daily };
}

/** Lots of every leg, and the factor by which its size tilts its leverage. */
function sizeLegs(roster: Roster, settings: readonly Setting[]): { lots: Float64Array; tilt: Float64Array } {
  const lots = new Float64Array(roster.legMarket.length);
  const tilt = new Float64Array(roster.legMarket.length);
  const groups = settings.flatMap((setting) => [
    { setting, legs: [] as number[] },
    { setting, legs: [] as number[] },
  ]);
  for (let leg = 0; leg < lots.length; leg++) {
    groups[2 * roster.legMarket[leg]! + (roster.legSide[leg] === 1 ? 0 : 1)]!.legs.push(leg);
  }
  for (const { setting, legs } of groups) {
    if (legs.length > setting.lotsOfOpenInterest) {
      throw new ReplayError(
        'SCENARIO_INVALID',
        `open interest of ${setting.lotsOfOpenInterest} lots cannot be shared among ${legs.length} positions`,
        { path: `assumptions.population.openInterest.${setting.market.id}` },
        'Draw fewer accounts, or state a larger open interest.',
      );
    }
    const weights = Float64Array.from(legs, (leg) => roster.legWeight[leg]!);
    capWeights(weights);
    const shares = apportion(weights, setting.lotsOfOpenInterest);
    const centre = meanLogWeight(weights);
    for (const [i, leg] of legs.entries()) {
      lots[leg] = shares[i]!;
      tilt[leg] = sizeTilt(weights[i]!, centre);
    }
  }
  return { lots, tilt };
}

const FREE = hashText('free');
const RESTING = hashText('resting');
const RESTING_PART = hashText('restingPart');

interface WalletInputs {
  readonly roster: Roster;
  readonly legs: OpenedLegs;
  readonly seed: number;
  /** Share of accounts with resting orders. */
  readonly resting: number;
}

/**
 * Wallets: free collateral ~ Exp(0.6 of drawn margin) for everyone, plus the legs' margin in cross. A
 * share of accounts has locked a uniform part of its free collateral in resting orders.
 */
function fillWallets({ roster, legs, seed, resting }: WalletInputs) {
  const wallet = new BigInt64Array(roster.accounts);
  const orderMargin = new BigInt64Array(roster.accounts);
  for (let a = 0; a < roster.accounts; a++) {
    let drawn = 0;
    let margins = 0n;
    for (let leg = roster.legStart[a]!; leg < roster.legStart[a + 1]!; leg++) {
      drawn += legs.drawnF64[leg]!;
      margins += legs.margin[leg]!;
    }
    const freeF64 = freeCollateral(drawn, draw(seed, a, FREE));
    wallet[a] = columnUp(freeF64) + (roster.cross[a] === 1 ? margins : 0n);
    if (draw(seed, a, RESTING) < resting) {
      orderMargin[a] = BigInt(Math.floor(freeF64 * draw(seed, a, RESTING_PART) * 1e8));
    }
  }
  return { wallet, orderMargin };
}
