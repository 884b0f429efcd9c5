/** A calibration as a terminal shows it; the page and the docs use the same words. */
import { formatInstant } from '../../basics/instant.ts';
import type { CalibrationResult, CalibrationTarget, Quantiles } from '../../report/calibrate/model.ts';
import { placedTitle, timesText } from '../../report/calibrate/words.ts';
import { amount, percent } from '../../report/format.ts';

const THREE = (x: number): string => String(Number(x.toPrecision(3)));
const three = ({ low, median, high }: Quantiles): string => `${THREE(low)} ${THREE(median)} ${THREE(high)}`;

/** The lines of a result, in order of importance. */
export function calibrationLines(result: CalibrationResult): string[] {
  const { draws, kept, fitUntilUs, parameters, targets, loss } = result;
  const until = fitUntilUs === null ? 'all figures fitted' : `fitted until ${formatInstant(fitUntilUs)}`;
  return [
    `${result.title}: ${draws} draws, the nearest ${kept} kept, ${until}`,
    `loss: nearest ${loss.best.toFixed(2)}, last kept ${loss.last.toFixed(2)}, median of all ${loss.median.toFixed(2)}`,
    'parameter: prior 5 50 95 % -> posterior 5 50 95 %, shrinkage of the 90 % interval',
    ...parameters.map(
      (p) =>
        `  ${p.title} (${p.law}): ${three(p.prior)} -> ${three(p.posterior)}, ${percent(p.shrinkage, 0)}` +
        (p.identified ? '' : '  NOT IDENTIFIED'),
    ),
    ...group(
      'in sample',
      targets.filter(({ role }) => role === 'fit'),
    ),
    ...group(
      'out of sample or not fitted',
      targets.filter(({ role }) => role === 'check'),
    ),
    ...result.leftOut.map(({ figure, reason }) => `left out: ${figure} (${reason})`),
    ...result.caveats.map((text) => `caveat: ${text}`),
  ];
}

const group = (title: string, targets: readonly CalibrationTarget[]): string[] =>
  targets.length === 0
    ? []
    : [
        `${title}: published; kept draws: median [5 %, 95 %], median over published, inside or outside the band`,
        ...targets.flatMap(told),
      ];

function told(t: CalibrationTarget): string[] {
  const { low, median, high } = t.predicted;
  return [
    `  ${placedTitle(t)}: ${amount(t.observed)} ${t.unit} (${t.tolerance}); ` +
      `${amount(median)} [${amount(low)}, ${amount(high)}], ${timesText(t)}`,
    `    ${[...t.sources, ...t.notes].join('; ')}`,
  ];
}
