/** What a scenario of a day would gain from, and the command or page that brings it. */
import type { MarketRules, RuleSet } from '../../rules/ruleSet.ts';
import { baseOf, type Choice, type Wanted } from './choose.ts';

export interface Missing {
  readonly what: string;
  /** What its absence does to a replay. */
  readonly effect: string;
  /** How to get it. */
  readonly how: string;
}

type What = 'trades' | 'funding' | 'mark' | 'book' | 'openInterest' | 'liquidations' | 'candles';

/** What the public archives hold, as `cascade download` names it; what is not named they do not have. */
const ARCHIVES: Readonly<Record<string, { name: string; kinds: Readonly<Partial<Record<What, string>>> }>> = {
  binance: {
    name: 'binance-vision',
    kinds: {
      trades: 'aggTrades',
      funding: 'fundingRate',
      mark: 'markPriceKlines',
      book: 'bookTicker',
      openInterest: 'metrics',
      candles: 'klines',
    },
  },
  bitmex: { name: 'bitmex', kinds: { trades: 'trade', book: 'quote' } },
  bybit: { name: 'bybit', kinds: { trades: 'trading' } },
};

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const DAY_MS = 86_400_000;

/** The command that fetches a kind, or that it must come from elsewhere. */
export function fetching(wanted: Wanted, what: What): string {
  const archive = ARCHIVES[wanted.venue];
  const kind = archive?.kinds[what];
  if (archive === undefined || kind === undefined)
    return `not in a public archive that cascade download knows: import a vendor's files (tardis, csv)`;
  const earlier = what === 'candles' ? 30 * DAY_MS : 0;
  const until =
    what === 'candles' ? wanted.fromMs : wanted.fromMs + Math.max(DAY_MS, wanted.untilMs - wanted.fromMs);
  const span = `--from ${day(wanted.fromMs - earlier)} --until ${day(until)}`;
  return `cascade download ${archive.name} --symbol ${wanted.symbol} ${span} --kinds ${kind}`;
}

const spotElsewhere = ({ symbol, fromMs }: Wanted): string =>
  `cascade download binance-vision --market spot --symbol ${baseOf(symbol)}USDT --from ${day(fromMs)} ` +
  '--kinds klines, or import another venue (cascade import list)';

/** Everything that is not there, worst first. */
export function missingData(
  choice: Choice,
  of: { wanted: Wanted; rules: RuleSet; marketRules: MarketRules },
): Missing[] {
  const { wanted, marketRules } = of;
  const lacks: (Missing | false)[] = [
    choice.perp === null && {
      what: `prices of ${wanted.symbol}`,
      effect: 'no replay without them',
      how: fetching(wanted, 'trades'),
    },
    choice.constituents.length === 0 && {
      what: 'spot prices of any constituent',
      effect: 'no index, so no replay',
      how: spotElsewhere(wanted),
    },
    choice.perp !== null &&
      choice.perp.intervalMs > 0 && {
        what: `trades of ${wanted.symbol} (there are bars of ${choice.perp.intervalMs / 60_000} min)`,
        effect: 'the path inside a bar is assumed, so money figures are ranges',
        how: fetching(wanted, 'trades'),
      },
    ...constituentGaps(choice, marketRules),
    choice.funding === null && {
      what: 'funding rates',
      effect: 'no funding is charged, and a mark that needs them follows the index',
      how: fetching(wanted, 'funding'),
    },
    choice.mark === null && {
      what: "the venue's own mark",
      effect: 'the recomputed mark cannot be compared',
      how: fetching(wanted, 'mark'),
    },
    choice.bookTop === null && {
      what: 'best bid and ask',
      effect: 'the last trade stands for the mid',
      how: fetching(wanted, 'book'),
    },
    choice.openInterest === null && {
      what: 'open interest',
      effect: 'the size of the population is assumed',
      how: fetching(wanted, 'openInterest'),
    },
    choice.liquidations === null && {
      what: 'observed liquidations',
      effect: 'nothing to compare ours with',
      how: fetching(wanted, 'liquidations'),
    },
    choice.daysBefore < 20 && {
      what: `candles of the 30 days before (there are ${choice.daysBefore})`,
      effect: 'calm volatility and entry prices rest on few days',
      how: fetching(wanted, 'candles'),
    },
  ];
  return lacks.filter((one) => one !== false);
}

/** Constituents that the rule book weighs and nobody has data of. */
function constituentGaps({ constituents }: Choice, { index }: MarketRules): Missing[] {
  const there = new Set(constituents.map((f) => f.venue));
  return Object.entries(index.weights)
    .filter(([name, weight]) => weight.isPositive() && !there.has(name))
    .map(([name, weight]) => ({
      what: `spot prices of ${name} (weight ${weight})`,
      effect: 'the other weights are scaled up',
      how: `import files of ${name}: cascade import list`,
    }));
}
