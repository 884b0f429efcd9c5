/** A scenario file as a person would write it: facts, rules and assumptions apart, each with what it rests on. */
import { quoteOf } from './choose.ts';
import type { Found } from './inventory.ts';
import type { EventParts } from './newEvent.ts';

/** Streams of a scenario by id. */
type Streams = readonly (readonly [id: string, found: Found, role: string, name: string])[];

/** Share of the mean daily volume that open interest is assumed to be. */
const OPEN_INTEREST_SHARE = 0.25;
/** Fund's opening cash as a share of the open interest's value. */
const FUND_SHARE = 0.05;

/** @param accept  problems that streams are allowed, by stream id */
export function scenarioText(
  parts: EventParts,
  accept: ReadonlyMap<string, readonly string[]> = new Map(),
): string {
  const { id, wanted, rules, market, choice } = parts;
  const streams = streamsOf(parts);
  const quotes = new Set(choice.constituents.map((f) => quoteOf(f.symbol)));
  return `${[
    '# yaml-language-server: $schema=schema/scenario.schema.json',
    '# Made by `cascade event new` from the data that were there; every assumption is a default, not a finding.',
    `id: ${id}`,
    `title: '${rules.title}: ${market} on ${iso(wanted.fromMs).slice(0, 10)}'`,
    'caveats:',
    ...caveats(parts).map((text) => `  - ${quoted(text)}`),
    `seed: '${iso(wanted.fromMs).slice(0, 10).replaceAll('-', '')}'`,
    'facts:',
    `  window: [${iso(wanted.fromMs)}, ${iso(wanted.untilMs)}]`,
    '  beat: 1s',
    '  markets:',
    `    ${market}: ${marketText(parts)}`,
    '  streams:',
    ...streams.flatMap((stream) => streamLines(parts, stream, accept)),
    ...(choice.timing === null ? [] : ['  timing: timing']),
    ...(quotes.size > 1 ? ['  quote:', `    ${market}: asIs`] : []),
    ...beforeLines(parts),
    ...ruleLines(parts),
    ...assumptionLines(parts),
    '',
  ].join('\n')}`;
}

/** The venue's book; where the perpetual is its own index and the book weighs by name, all weight on it. */
function ruleLines({ rules, market, marketRules, choice }: EventParts): string[] {
  const names = Object.keys(marketRules.index.weights);
  if (choice.constituents.length > 0 || names.length === 0) return [`rules: ${rules.id}`];
  const weights = [...names.map((name) => `${name}: 0`), 'perp: 1'].join(', ');
  return [
    'rules:',
    `  extends: ${rules.id}`,
    '  markets:',
    `    ${market}:`,
    '      index:',
    `        weights: { ${weights} }`,
    '        quorum: { two: mean, one: use, zero: hold }',
    '  sources:',
    `    markets.${market}.index: { cite: no spot prices are at hand, confidence: assumed }`,
  ];
}

const iso = (ms: number): string => new Date(ms).toISOString().replace(':00.000Z', 'Z');
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function caveats({ choice, rules, dayItself }: EventParts): string[] {
  const bars = (f: Found): string =>
    f.intervalMs === 0 ? 'single events' : `bars of ${f.intervalMs / 60_000} min`;
  const spot = choice.constituents.map((f) => `${f.venue} ${bars(f)}`).join(', ');
  const cited = `Rules are ${rules.id}; what it assumes is listed by cascade rules show.`;
  return [
    `The perpetual is known by ${bars(choice.perp)}; spot: ${spot}.`,
    ...(new Set(choice.constituents.map((f) => quoteOf(f.symbol))).size > 1
      ? ['Spot prices in USD and USDT stand side by side as they are.']
      : []),
    ...(choice.constituents.length === 0
      ? ['There are no spot prices: the perpetual stands for its own index, so mark and last never part.']
      : []),
    ...(dayItself === null
      ? []
      : [
          'No candles before the day are at hand: it stands for calm trading itself, so impact is overstated.',
        ]),
    'The population is synthetic: sizes, leverage, entry prices, open interest and fund are assumed.',
    cited,
  ];
}

function marketText({ marketRules, choice, steps, market }: EventParts): string {
  const { tick, qtyStep } = steps.get(choice.perp)!;
  const contract = marketRules.contract;
  if (contract === undefined) {
    const settle = quoteOf(market);
    return `{ kind: linear, settle: ${settle}, priceTick: ${tick}, qtyStep: ${finer(qtyStep)} }`;
  }
  const face = `faceValue: ${contract.faceValue}`;
  const inverse = contract.kind === 'inverse' ? `, valueScale: ${contract.valueScale}` : '';
  const { kind, settle, qtyStep: lot } = contract;
  return `{ kind: ${kind}, settle: ${settle}, priceTick: ${tick}, qtyStep: ${lot}, ${face}${inverse} }`;
}

/** The lot where no book states one: what the data show, at most a thousandth of a coin. */
const COARSEST_LOT = '0.001';
const finer = (step: string | null): string =>
  step !== null && Number(step) < Number(COARSEST_LOT) ? step : COARSEST_LOT;

function streamsOf({ choice }: EventParts): Streams {
  const { perp, constituents, timing, mark, funding, liquidations, openInterest, bookTop } = choice;
  const maybe = (id: string, found: Found | null, role: string): Streams =>
    found === null ? [] : [[id, found, role, '']];
  return [
    ['perp', perp, 'perp', ''],
    ...constituents.map((f) => [`spot-${f.venue}`, f, 'constituent', f.venue] as const),
    ...(constituents.length === 0 ? ([['spot', perp, 'constituent', 'perp']] as const) : []),
    ...maybe('timing', timing, 'none'),
    ...maybe('bookTop', bookTop, 'perp'),
    ...maybe('mark', mark, 'mark'),
    ...maybe('funding', funding, 'none'),
    ...maybe('openInterest', openInterest, 'none'),
    ...maybe('liquidations', liquidations, 'none'),
  ];
}

function streamLines(
  { steps, market }: EventParts,
  [id, f, role, name]: Streams[number],
  accept: ReadonlyMap<string, readonly string[]>,
): string[] {
  const map = (entries: Readonly<Record<string, string>>): string =>
    `{ ${Object.entries(entries)
      .map(([key, value]) => `${key}: ${/^[\w.:/-]+$/.test(value) ? value : quoted(value)}`)
      .join(', ')} }`;
  const tick = role === 'mark' ? '0.00000001' : steps.get(f)?.tick;
  const priced = f.kind === 'candles' || f.kind === 'trades' || f.kind === 'bookTop';
  const accepted = accept.get(id) ?? [];
  return [
    `    ${id}:`,
    `      market: ${market}`,
    `      kind: ${f.kind}`,
    `      role: ${role}`,
    ...(name === '' ? [] : [`      name: ${name}`]),
    `      path: ${f.path}`,
    ...(Object.keys(f.columns).length === 0 ? [] : [`      columns: ${map(f.columns)}`]),
    ...(Object.keys(f.filter).length === 0 ? [] : [`      filter: ${map(f.filter)}`]),
    `      timeUnit: ${f.timeUnit}`,
    ...(f.intervalMs === 0 ? [] : [`      interval: ${f.intervalMs / 1000}s`]),
    ...(priced ? [`      quote: ${quoteOf(f.symbol)}`] : []),
    ...(f.qtyUnit === 'base' || role === 'mark' ? [] : [`      qtyUnit: ${f.qtyUnit}`]),
    ...(tick === undefined || role === 'perp' ? [] : [`      tick: ${tick}`]),
    ...(accepted.length === 0 ? [] : [`      accept: [${accepted.join(', ')}]`]),
    `      source: ${quoted(f.source)}`,
  ];
}

function beforeLines({ choice, market, dayItself, wanted }: EventParts): string[] {
  const { before, daysBefore } = choice;
  if (dayItself !== null) {
    const { open, high, low, close, volume } = dayItself;
    const day = iso(wanted.fromMs).slice(0, 10);
    return [
      '  before:',
      `    ${market}:`,
      `      bars: [{ day: ${day}, open: ${open}, high: ${high}, low: ${low}, close: ${close}, volume: ${volume} }]`,
      "      source: 'the day itself: there are no candles before it'",
    ];
  }
  if (before === null) return [];
  const { path, columns, filter, timeUnit, source } = before;
  const flow = (entries: Readonly<Record<string, string>>): string =>
    `{ ${Object.entries(entries)
      .map(([key, value]) => `${key}: ${quoted(value)}`)
      .join(', ')} }`;
  return [
    '  before:',
    `    ${market}:`,
    `      path: ${path}`,
    ...(Object.keys(columns).length === 0 ? [] : [`      columns: ${flow(columns)}`]),
    ...(Object.keys(filter).length === 0 ? [] : [`      filter: ${flow(filter)}`]),
    `      timeUnit: ${timeUnit}`,
    `      days: ${daysBefore}`,
    `      source: ${quoted(source)}`,
  ];
}

/** Defaults of the model, sized by calm trading. */
function assumptionLines({ calm, dayItself, marketRules, rules, market, wanted }: EventParts): string[] {
  const inverse = marketRules.contract?.kind === 'inverse';
  const volume = calm?.dailyVolume ?? dayItself?.volume ?? 0;
  const held = Math.max(1, Number((volume * OPEN_INTEREST_SHARE).toPrecision(3)));
  const price = calm?.lastPrice ?? dayItself?.open ?? 1;
  const face = marketRules.contract?.faceValue.toNumber() ?? 1;
  const value = inverse ? (held * face) / Math.max(price, 1e-12) : held * price;
  const fund = Number((value * FUND_SHARE).toPrecision(3));
  const own = rules.funds.filter((one) => one.markets.includes(market));
  const mix = wanted.venue === 'bitmex' ? 'BMX2019' : wanted.venue === 'hyperliquid' ? 'HL2025' : 'MID';
  return [
    'assumptions:',
    '  timing: common',
    '  population:',
    '    kind: synthetic',
    '    accounts: 20000',
    `    openInterest: { ${market}: ${held} }`,
    '    openInterestRange: [0.5, 2]',
    `    leverageMix: ${mix}`,
    '    liquidatableShare: 0.25',
    '    isolatedShare: 0.35',
    `    hedgeShare: ${wanted.venue === 'bitmex' ? 0 : 0.05}`, // BitMEX has no hedge mode
    '    multiMarketShare: 0',
    '    restingOrderShare: 0.2',
    '    behaviour: { stopShare: 0.35, topUpShare: 0.15, turnover: 0.1 }',
    '  fills: { participation: 0.25, impact: 1, stressMax: 10, kernel: power }',
    '  feedback: { passThrough: 0.75, arbitrage: 60s }',
    `  fundOpening: { ${own.map((one) => `${one.name}: ${fund}`).join(', ')} }`,
    '  winnersTake: 0.3',
    'notes:',
    "  assumptions.timing: 'within a bar only open, high, low and close are known; the finest series times the others'",
    "  assumptions.population: 'defaults of the model, assumed'",
    `  assumptions.population.openInterest: 'assumed: ${OPEN_INTEREST_SHARE} of the mean daily volume before'`,
    "  assumptions.fills: 'assumed: a quarter of the volume; impact by the square-root law, decaying by a power'",
    "  assumptions.feedback: 'assumed: the defaults of the method'",
    `  assumptions.fundOpening: 'assumed: ${FUND_SHARE} of the value of open interest'`,
    "  assumptions.winnersTake: 'assumed: without it open interest never falls'",
    'sensitivity:',
    '  timings: [common, openHighLowClose, openLowHighClose, bySign]',
    '  overrides:',
    `    - 'assumptions.population.openInterest.${market}*=0.5'`,
    `    - 'assumptions.population.openInterest.${market}*=2'`,
    "    - 'assumptions.population.liquidatableShare=0.07'",
    "    - 'assumptions.population.liquidatableShare=0.5'",
  ];
}
