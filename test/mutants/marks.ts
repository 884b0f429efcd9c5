/** Mutants of index, mark and made funding rates. */
import { type Mutant, mutant } from './mutant.ts';

const MARK = [
  'test/unit/mark/indexPrice.test.ts',
  'test/unit/mark/marketState.test.ts',
  'test/unit/mark/premium.test.ts',
  'test/unit/mark/fundingRates.test.ts',
];

export const MARK_MUTANTS: readonly Mutant[] = [
  // index, mark and made rates: an edge, a wait, a sign, which interval
  mutant('src/mark/outliers.ts', MARK, '? away < reach :', '? away <= reach :'),
  mutant('src/mark/outliers.ts', MARK, '> bands.waitUs', '>= bands.waitUs'),
  mutant('src/mark/outliers.ts', MARK, 'others === 1 && before.live', 'others === 1'),
  mutant('src/mark/indexPrice.ts', MARK, 'used === 2 ? current() : last', 'last'),
  mutant(
    'src/mark/aggregate.ts',
    MARK,
    'j === i ? others : others * square',
    'j !== i ? others : others * square',
  ),
  mutant('src/mark/indexFeed.ts', MARK, "since === 'change'", "since !== 'change'"),
  mutant('src/mark/basisAverage.ts', MARK, 'exp(-elapsedUs', 'exp(-2 * elapsedUs'),
  mutant('src/mark/premium.ts', MARK, 'centre.minus(ask)', 'ask.minus(centre)'),
  mutant('src/mark/premium.ts', MARK, '.plus(centre.minus(index))', '.minus(centre.minus(index))'),
  mutant(
    'src/mark/fundingRates.ts',
    MARK,
    'made.announced ? stampUs + rule.intervalUs',
    'made.announced ? stampUs',
  ),
  mutant('src/mark/fundingRates.ts', MARK, "made.weighting === 'linear'", "made.weighting !== 'linear'"),
  mutant('src/mark/marketState.ts', MARK, '(frozen && this.published !== null)', 'false'),
];
