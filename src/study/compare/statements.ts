/** Facts, rules and assumptions of a scenario line by line, apart, each with its source. */
import { leaves } from '../../report/leaves.ts';
import type { Statement } from '../../report/compare/model.ts';
import type { Scenario } from '../../rules/scenario.ts';
import { sourceOf } from '../../rules/sources.ts';

/** What was recorded. */
export function factLines({ facts }: Scenario): Statement[] {
  const { fromUs, untilUs, beatUs, markets, streams, outages } = facts;
  const line =
    (source: string) =>
    ({ path, value }: { path: string; value: string }): Statement => ({
      name: path,
      value,
      source,
      confidence: 'recorded',
    });
  return [
    ...leaves({ window: { fromUs, untilUs, beatUs } }).map(line('scenario')),
    ...leaves({ markets }).map(line('contract specification')),
    ...streams.map((s) => ({
      name: `streams.${s.id}`,
      value: [s.market, s.kind, s.name].filter((part) => part !== '').join(' '),
      source: s.source,
      confidence: s.kind === 'anchors' ? 'reconstructed' : 'recorded',
    })),
    ...outages.flatMap((o, i) =>
      leaves({ outages: { [i]: { ...o, source: undefined } } }).map(line(o.source)),
    ),
  ];
}

/** What the venue decided; the baseline's. */
export const ruleLines = ({ rules }: Scenario): Statement[] =>
  leaves({
    ...rules,
    sources: undefined,
    title: undefined,
    schedule: rules.schedule?.map(({ slots: _, ...change }) => change),
  }).map(({ path, value }) => {
    const source = sourceOf(rules.sources, path);
    return { name: path, value, source: source?.cite ?? '', confidence: source?.confidence ?? 'assumed' };
  });

/** What nobody published; draws change some of it. */
export const assumptionLines = ({ assumptions, seed, notes }: Scenario): Statement[] =>
  leaves({ seed, ...assumptions }).map(({ path, value }) => ({
    name: path,
    value,
    source: notes?.[`assumptions.${path}`] ?? 'assumed',
    confidence: 'assumed',
  }));
