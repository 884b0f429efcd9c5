/** Rule books with one thing wrong, as variants of a sound one: what `rules check` and `run` must say of each. */

export interface BrokenBook {
  readonly what: string;
  /** The file. */
  readonly text: string;
  /** Where: the path in the message. */
  readonly path: string;
  readonly says: RegExp;
  /** check: a run may go on without it (a counterfactual cites nothing); run: only a scenario shows it. */
  readonly only?: 'check' | 'run';
  /** Another code than RULES_INVALID. */
  readonly code?: string;
  /** More of the command line. */
  readonly flags?: readonly string[];
}

const book = (more: string): string =>
  `extends: binance-usdm@2021-05
id: mine
venue: mine
sources: { '': { cite: made up, confidence: assumed } }
${more}
`;
const market = (more: string): string => book(`markets: { BTCUSDT: { ${more} } }`);
const tier = (bounds: string, rate: string): string =>
  `{ ${bounds}, maintenanceRate: ${rate}, initialRate: 0.2 }`;
const scheduled = (changes: string): string => book(`schedule: [${changes}]`);

export const BOOKS: readonly BrokenBook[] = [
  {
    what: 'an unknown mechanism',
    text: book('reduction: { kind: halve }'),
    path: 'reduction.kind',
    says: /unknown kind "halve"/,
  },
  {
    what: 'a gap between tiers',
    text: market(`tiers: [${tier('upTo: 50000', '0.01')}, ${tier('from: 60000, upTo: 90000', '0.02')}]`),
    path: 'markets.BTCUSDT.tiers',
    says: /a gap between 50000 and 60000/,
  },
  {
    what: 'a gap between tiers on the whole position',
    text: market(`tiers: { whole: [${tier('from: 10, upTo: 90', '0.02')}] }`),
    path: 'markets.BTCUSDT.tiers',
    says: /a gap between 0 and 10/,
  },
  {
    what: 'a tier without a bound',
    text: market(`tiers: [${tier('upTo: 50000', '0.01')}, { maintenanceRate: 0.02, initialRate: 0.2 }]`),
    path: 'markets.BTCUSDT.tiers',
    says: /upTo/,
  },
  {
    what: 'tiers out of order',
    text: market(`tiers: [${tier('upTo: 50000', '0.01')}, ${tier('upTo: 40000', '0.02')}]`),
    path: 'markets.BTCUSDT.tiers.1.upTo',
    says: /not above the row before/,
  },
  {
    what: 'a rate that falls with size',
    text: market(`tiers: [${tier('upTo: 50000', '0.02')}, ${tier('upTo: 90000', '0.01')}]`),
    path: 'markets.BTCUSDT.tiers.1.maintenanceRate',
    says: /the rate falls from 0\.02 to 0\.01/,
  },
  {
    what: 'weights that do not sum to one',
    text: market('index: { aggregator: weightedMean, weights: { binance: 0.9 } }'),
    path: 'markets.BTCUSDT.index.weights',
    says: /weights sum to 0\.9, not 1/,
  },
  {
    what: 'a later set of weights that does not sum to one',
    text: market(
      'index: { aggregator: weightedMean, weights: { binance: 1 }, weightSets: [{ from: 2021-05-19, weights: { binance: 1.0, kraken: 0.2 } }] }',
    ),
    path: 'markets.BTCUSDT.index.weightSets.0.weights',
    says: /weights sum to 1\.2, not 1/,
  },
  {
    what: 'slots that do not go together',
    text: book('order: { kind: fok }'),
    path: 'order',
    says: /order \(fok\) and reduction \(solve\) do not go together/,
  },
  {
    what: 'a value without a source',
    text: book('')
      .replace(/sources: .*/, 'sources: {}')
      .replace('id: mine', 'id: mine\nresidue: toFund'),
    path: 'residue',
    says: /no source for toFund/,
    only: 'check',
  },
  {
    what: 'a source for nothing',
    text: book('').replace('sources: {', 'sources: { residu: { cite: x, confidence: assumed },'),
    path: 'sources.residu',
    says: /a path that does not exist/,
    only: 'check',
  },
  {
    what: 'dates that another book of the venue claims',
    text: book('').replace('venue: mine', 'venue: binance'),
    path: 'inForce',
    says: /binance-usdm@2021-05 is in force too/,
    only: 'check',
  },
  {
    what: 'a fund of an unknown market',
    text: book(
      'funds: [{ name: f, asset: USDT, markets: [BTCUSDC], fundingShare: 0, injections: [], floor: none, clearEvery: 0s, unwind: { kind: hold }, refusal: { empty: true, netNotionalCap: none, drawdown: none } }]',
    ),
    path: 'funds.0.markets',
    says: /unknown market BTCUSDC/,
  },
  {
    what: 'a parent that is not there',
    text: 'extends: binance-usdm@2021-50\nid: mine\n',
    path: '',
    says: /no such rule set: binance-usdm@2021-50/,
  },
  {
    what: 'a scheduled change of nothing',
    text: scheduled('{ at: 2021-05-19T12:05Z, path: trigger.inclusiv.x, value: false }'),
    path: 'schedule.0.path',
    says: /unknown path|not a map|inclusiv/,
  },
  {
    what: 'a scheduled change without a value',
    text: scheduled('{ at: 2021-05-19T12:05Z, path: residue }'),
    path: 'schedule.0.value',
    says: /missing: a value/,
  },
  {
    what: 'a scheduled change to something unsound',
    text: scheduled('{ at: 2021-05-19T12:05Z, path: order, value: { kind: fok } }'),
    path: 'schedule.0',
    says: /after this change order: order \(fok\) and reduction \(solve\) do not go together/,
  },
  {
    what: 'a schedule that goes back in time',
    text: scheduled(
      '{ at: 2021-05-19T12:05Z, path: residue, value: toFund }, { at: 2021-05-19T12:04Z, path: residue, value: toTrader }',
    ),
    path: 'schedule.1.at',
    says: /is before the change above it/,
  },
  {
    what: 'a schedule that changes what the book is',
    text: scheduled('{ at: 2021-05-19T12:05Z, path: venue, value: other }'),
    path: 'schedule.0.path',
    says: /venue cannot change inside a run/,
  },
  {
    what: 'a contract of another kind',
    text: 'extends: bybit-inverse@2021-05\nid: mine\nsources: {}\n',
    path: 'markets.BTCUSDT.contract',
    says: /is for inverse BTC contracts, and BTCUSDT of the scenario is linear USDT/,
    only: 'run',
  },
  {
    what: 'a market that nobody listed',
    text: 'extends: binance-usdm@2021-05\nid: mine\nsources: {}\n',
    flags: ['--market', 'BTCUSDT=BTCUSDX'],
    path: 'BTCUSDX',
    says: /mine has no market BTCUSDX[\s\S]*Did you mean BTCUSDT\?/,
    only: 'run',
    code: 'SCENARIO_INVALID',
  },
  {
    what: 'dates that do not hold on the day',
    text: book('inForce: { from: 2020-01-01, until: 2021-05-19T12:05Z }'),
    path: 'inForce',
    says: /mine was in force 2020-01-01T00:00:00Z \.\. 2021-05-19T12:05:00Z, the window is/,
    only: 'run',
    code: 'RULES_NOT_IN_FORCE',
  },
];
