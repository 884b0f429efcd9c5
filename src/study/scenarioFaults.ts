/** What must hold between the parts of a scenario: names that refer, spans that fit. */
import { nearest } from '../basics/errors.ts';
import { DAY_US, formatDuration, type Micros } from '../basics/instant.ts';
import type { StreamSpec } from '../rules/facts.ts';
import type { MarketId } from '../rules/market.ts';
import type { MarketRules, RuleSet } from '../rules/ruleSet.ts';
import type { Scenario } from '../rules/scenario.ts';
import { stagesOf } from '../rules/schedule.ts';
import type { Fault } from '../rules/structure.ts';
import { derivedFaults } from './derivedMarkets.ts';
import type { ScenarioFile } from './scenarioSchema.ts';

const BEAT_MIN_US = 100_000;
const BEAT_MAX_US = 60_000_000;
/** Shortest candles of the days before: 8,640 in 30 days. */
const BUCKET_MIN_US = 300_000_000;

const fault = (path: string, message: string, remedy: string): Fault => ({ path, message, remedy });
const hint = (wrong: string, names: readonly string[]): string => {
  const best = nearest(wrong, names);
  return best === null ? `Valid: ${names.join(', ')}.` : `Did you mean ${best}?`;
};

/** Every fault of a scenario's facts, in the order of the file. */
export function factFaults(facts: ScenarioFile['facts']): Fault[] {
  const markets = Object.keys(facts.markets);
  return [
    ...timeFaults(facts),
    ...(markets.length === 0 ? [fault('facts.markets', 'no market', 'Name at least one market.')] : []),
    ...facts.streams.flatMap((s) => streamFaults(s, markets)),
    ...markets
      .filter((id) => facts.markets[id]!.derived === undefined)
      .flatMap((id) => marketFaults(id, facts.streams)),
    ...derivedFaults(facts),
    ...referenceFaults(facts, markets),
    ...bucketFaults(facts),
  ];
}

/** Candles before the start: of a file, and whole parts of a day. */
function bucketFaults({ before }: ScenarioFile['facts']): Fault[] {
  return Object.entries(before).flatMap(([id, { bucket, path }]) => {
    const at = `facts.before.${id}.bucket`;
    if (bucket === DAY_US) return [];
    if (bucket < BUCKET_MIN_US || DAY_US % bucket !== 0) {
      const message = `a bucket of ${formatDuration(bucket)}`;
      return [fault(at, message, 'Write a part of a day: 5m, 15m, 1h, or 1d.')];
    }
    return path === undefined
      ? [fault(at, 'daily candles have no shorter ones', 'Name a file of candles: path.')]
      : [];
  });
}

function timeFaults({ fromUs, untilUs, beat: beatUs, outages }: ScenarioFile['facts']): Fault[] {
  const faults: Fault[] = [];
  if (fromUs >= untilUs) faults.push(fault('facts.window', 'ends before it begins', 'Write [from, until].'));
  if (beatUs < BEAT_MIN_US || beatUs > BEAT_MAX_US) {
    faults.push(fault('facts.beat', `a beat of ${formatDuration(beatUs)}`, 'Write 100ms to 60s.'));
  } else if ((untilUs - fromUs) % beatUs !== 0 || fromUs % beatUs !== 0) {
    faults.push(
      fault('facts.beat', 'the window is no whole number of beats', 'Let both ends lie on the beat.'),
    );
  }
  for (const [k, outage] of outages.entries()) {
    if (outage.fromUs < outage.untilUs) continue;
    faults.push(fault(`facts.outages.${k}`, 'ends before it begins', 'Write until after from.'));
  }
  return faults;
}

function streamFaults(s: StreamSpec, markets: readonly MarketId[]): Fault[] {
  const at = `facts.streams.${s.id}`;
  const faults: Fault[] = [];
  if (!markets.includes(s.market))
    faults.push(fault(`${at}.market`, `unknown market ${s.market}`, hint(s.market, markets)));
  if (s.path === '')
    faults.push(fault(`${at}.path`, 'missing: a path', 'State it here or in streamDefaults.'));
  if (s.source === '')
    faults.push(fault(`${at}.source`, 'missing: a source', 'Say where the data come from.'));
  const isBar = s.kind === 'candles' || s.kind === 'mark';
  if (isBar && s.intervalUs === 0)
    faults.push(fault(`${at}.interval`, 'missing: a bar length', 'Write 1m, 5m or 1h.'));
  if (s.role === 'reference' && s.kind !== 'trades' && s.kind !== 'candles')
    faults.push(fault(`${at}.kind`, `a reference of kind ${s.kind}`, 'Use trades or candles.'));
  if (s.role === 'constituent' || s.role === 'reference') {
    if (s.name === '')
      faults.push(fault(`${at}.name`, `missing: the ${s.role}`, 'Name it as the rules do: coinbase.'));
    if (s.tick === '')
      faults.push(fault(`${at}.tick`, 'missing: a price tick', 'Write the tick of this venue: 0.01.'));
  }
  if ((s.role === 'perp' || s.role === 'constituent') && s.quote === '') {
    faults.push(fault(`${at}.quote`, 'missing: a quote currency', 'Write USD, USDT, ...'));
  }
  return faults;
}

/** `anchors` hold perpetual and constituents in one file, so one such stream serves for both. */
function marketFaults(id: MarketId, streams: readonly StreamSpec[]): Fault[] {
  const own = streams.filter((s) => s.market === id);
  const twice = (['constituent', 'reference'] as const)
    .map((role) => own.filter((s) => s.role === role).map((s) => s.name))
    .flatMap((names) => names.filter((name, k) => names.indexOf(name) !== k))[0];
  const faults: Fault[] = [];
  if (!own.some((s) => s.role === 'perp' && s.kind !== 'bookTop')) {
    faults.push(
      fault(
        'facts.streams',
        `no price of the perpetual ${id}`,
        'Add trades, candles or anchors with role perp.',
      ),
    );
  }
  if (twice !== undefined) {
    faults.push(
      fault(
        'facts.streams',
        `two constituents or two references of ${id} are called ${twice}`,
        'Give each stream its own name.',
      ),
    );
  }
  return faults;
}

function referenceFaults(facts: ScenarioFile['facts'], markets: readonly MarketId[]): Fault[] {
  const ids = facts.streams.map((s) => s.id);
  const faults: Fault[] = [];
  if (facts.timing !== '' && !ids.includes(facts.timing)) {
    faults.push(fault('facts.timing', `unknown stream ${facts.timing}`, hint(facts.timing, ids)));
  }
  for (const [id, policy] of Object.entries(facts.quote)) {
    if (!markets.includes(id))
      faults.push(fault(`facts.quote.${id}`, `unknown market ${id}`, hint(id, markets)));
    if (policy.kind === 'convert' && !ids.includes(policy.stream)) {
      faults.push(
        fault(`facts.quote.${id}.stream`, `unknown stream ${policy.stream}`, hint(policy.stream, ids)),
      );
    }
  }
  for (const id of Object.keys(facts.before)) {
    if (!markets.includes(id))
      faults.push(fault(`facts.before.${id}`, `unknown market ${id}`, hint(id, markets)));
    const spec = facts.before[id]!;
    const given = [spec.bars, spec.anchors, spec.path].filter((one) => one !== undefined).length;
    if (given !== 1) {
      faults.push(
        fault(`facts.before.${id}`, `${given} origins of daily candles`, 'Write one of bars, anchors, path.'),
      );
    }
  }
  for (const id of markets) {
    const policy = facts.quote[id]?.kind ?? 'same';
    const quotes = new Set(
      facts.streams.filter((s) => s.market === id && s.role === 'constituent').map((s) => s.quote),
    );
    if (policy === 'same' && quotes.size > 1) {
      const remedy = `Say how they meet: facts.quote.${id}: asIs, or {kind: convert, from, to, stream}.`;
      faults.push(fault(`facts.quote.${id}`, `constituents quote in ${[...quotes].join(' and ')}`, remedy));
    }
  }
  for (const [k, figure] of facts.published.entries()) {
    if (figure.market === null || markets.includes(figure.market)) continue;
    faults.push(
      fault(`facts.published.${k}.market`, `unknown market ${figure.market}`, hint(figure.market, markets)),
    );
  }
  return faults;
}

/** Every fault between a scenario and its (fitted) rules. */
export function ruleFitFaults(
  file: Pick<ScenarioFile, 'facts'> & Pick<Scenario, 'assumptions'>,
  rules: RuleSet,
): Fault[] {
  const { population, fundOpening } = file.assumptions;
  const faults: Fault[] = [];
  for (const { name } of rules.funds) {
    if (name in fundOpening) continue;
    const given = Object.keys(fundOpening).join(', ');
    const remedy = `Write assumptions.fundOpening.${name}, or override it. Given: ${given}.`;
    faults.push(fault(`assumptions.fundOpening.${name}`, `no opening cash for the fund ${name}`, remedy));
  }
  for (const [id, market] of Object.entries(rules.markets)) {
    if (file.facts.markets[id]?.derived !== undefined) continue;
    if (population.kind === 'synthetic' && !(id in population.openInterest)) {
      const path = `assumptions.population.openInterest.${id}`;
      faults.push(
        fault(path, `no open interest for ${id}`, 'Write contracts (inverse) or base units (linear).'),
      );
    }
    faults.push(
      ...stagesOf(rules).flatMap((stage) => spanFaults(id, stage.rules.markets[id]!, file.facts.beat)),
    );
    const indexed = market.mark.kind !== 'lastPrice' && market.mark.kind !== 'replayed';
    const fed = file.facts.streams.some(
      (s) => s.market === id && (s.role === 'constituent' || s.kind === 'anchors'),
    );
    if (indexed && !fed) {
      faults.push(
        fault('facts.streams', `no constituent for the index of ${id}`, 'Add streams with role constituent.'),
      );
    }
  }
  if (population.kind === 'synthetic') {
    for (const id of Object.keys(population.openInterest)) {
      if (id in rules.markets) continue;
      const path = `assumptions.population.openInterest.${id}`;
      faults.push(fault(path, `unknown market ${id}`, hint(id, Object.keys(rules.markets))));
    }
  }
  return faults;
}

/** A rule's interval must be whole beats: a finer one cannot be replayed. */
function spanFaults(id: MarketId, { mark, funding }: MarketRules, beatUs: Micros): Fault[] {
  const spans: [string, Micros][] = [['funding.interval', funding.intervalUs]];
  if ('basis' in mark) spans.push(['mark.basis.sample', mark.basis.sampleUs]);
  if ('sampleUs' in mark) spans.push(['mark.sample', mark.sampleUs]);
  return spans
    .filter(([, us]) => us % beatUs !== 0)
    .map(([name, us]) => {
      const message = `${formatDuration(us)} is no whole number of beats of ${formatDuration(beatUs)}`;
      return fault(`rules.markets.${id}.${name}`, message, 'Choose a beat that divides it.');
    });
}
