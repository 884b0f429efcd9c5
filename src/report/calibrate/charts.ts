/** The two pictures of a calibration: prior beside posterior, and predictions beside what was published. */
import { log } from '../../basics/maths.ts';
import { type Chart, type Row, STILL } from '../charts/chart.ts';
import { placedTitle, timesText } from './words.ts';
import type { CalibratedParameter, CalibrationResult, Quantiles } from './model.ts';

const [PRIOR, POSTERIOR, CHECK] = ['var(--muted)', 'var(--c1)', 'var(--c2)'];
const ROW_PX = 17;
const titles = { mark: { type: 'text', align: 'left', baseline: 'middle', x: 2, fill: 'var(--muted)' } };

/** Bands as lines with a dot at the median, each row of `rows` at its own height, titles of `titles` above them. */
function bandLayers(x: (field: string) => object, last: number): object[] {
  const y = {
    field: 'y',
    type: 'quantitative',
    axis: null,
    scale: { domain: [-1.2, last + 0.8], reverse: true, nice: false },
  };
  const color = { field: 'color', type: 'nominal', scale: null };
  return [
    {
      data: { name: 'rows' },
      mark: { type: 'rule', strokeWidth: 4, opacity: 0.55, clip: true },
      encoding: { x: x('low'), x2: { field: 'high' }, y, color },
    },
    {
      data: { name: 'rows' },
      mark: { type: 'point', filled: true, size: 60, opacity: 1, clip: true },
      encoding: { x: x('median'), y, color },
    },
    {
      data: { name: 'titles' },
      ...titles,
      encoding: { y, text: { field: 'title', type: 'nominal' } },
    },
  ];
}

/** Where each prior's range was cut, and how much of it the kept draws still fill. */
export function parameterChart({ parameters }: CalibrationResult): Chart {
  const placed = (p: CalibratedParameter, { low, median, high }: Quantiles): Quantiles => {
    const place = (v: number): number =>
      p.isLog ? log(v / p.from) / log(p.to / p.from) : (v - p.from) / (p.to - p.from);
    return { low: place(low), median: place(median), high: place(high) };
  };
  const rows = parameters.flatMap((p, k): Row[] => [
    { y: 4 * k, color: PRIOR!, ...placed(p, p.prior) },
    { y: 4 * k + 1, color: POSTERIOR!, ...placed(p, p.posterior) },
  ]);
  const last = 4 * parameters.length - 2;
  const x = (field: string): object => ({
    field,
    type: 'quantitative',
    title: 'place in the range drawn from (logarithmic where the law is)',
    scale: { domain: [0, 1], nice: false },
    axis: { format: '.0%', tickCount: 5 },
  });
  return {
    ...STILL,
    id: 'parameters',
    title: 'What the published figures say of each parameter',
    alt: parameters
      .map((p) => `${p.title}: ${textOf(p.prior)} before, ${textOf(p.posterior)} after`)
      .join('. '),
    unit: '',
    key: [
      { color: PRIOR!, label: 'all draws', shape: 'line' },
      { color: POSTERIOR!, label: 'kept draws', shape: 'line' },
    ],
    note: 'Line: 5 to 95 % of draws; dot: their median.',
    rows: {
      rows,
      titles: parameters.map((p, k) => ({
        y: 4 * k - 0.9,
        title: `${p.title}${p.identified ? '' : ' (NOT IDENTIFIED)'}`,
      })),
    },
    layers: bandLayers(x, last),
    height: Math.round((last + 2) * ROW_PX + 30),
  };
}

const textOf = ({ low, median, high }: Quantiles): string =>
  `${median.toPrecision(3)} (${low.toPrecision(3)} to ${high.toPrecision(3)})`;

/** Ends of the picture of predictions, in tenths and tens of the figure. */
const [LEAST, MOST] = [0.02, 10];

/** Predictions of the kept draws over each published figure. */
export function targetChart({ targets }: CalibrationResult): Chart {
  const drawn = targets.map((t) => {
    const sized = [t.predicted.low, t.predicted.median, t.predicted.high].map((v) =>
      Math.min(Math.max(v / t.observed, LEAST), MOST),
    );
    const [low, median, high] = sized.toSorted((a, b) => a - b) as [number, number, number];
    return { low, median, high };
  });
  const rows = targets.map(
    (t, k): Row => ({ y: 2.4 * k, color: t.role === 'fit' ? POSTERIOR! : CHECK!, ...drawn[k]! }),
  );
  const last = 2.4 * (targets.length - 1);
  const x = (field: string): object => ({
    field,
    type: 'quantitative',
    title: 'predicted / published',
    scale: { type: 'log', domain: [LEAST, MOST], nice: false },
    axis: { values: [0.03, 0.1, 0.3, 1, 3, 10], format: '~g' },
  });
  return {
    ...STILL,
    id: 'targets',
    title: 'Predictions over what was published',
    alt: targets.map((t) => `${placedTitle(t)}: ${timesText(t)}`).join('. '),
    unit: '',
    key: [
      { color: POSTERIOR!, label: 'draws were kept by it', shape: 'line' },
      { color: CHECK!, label: 'kept aside', shape: 'line' },
    ],
    note: 'At 1 the prediction is the published figure. What is beyond 0.02 or 10, or of the other sign, stands at the end.',
    rows: {
      rows,
      titles: targets.map((t, k) => ({ y: 2.4 * k - 0.9, title: placedTitle(t) })),
      one: [{ v: 1 }],
    },
    layers: [
      {
        data: { name: 'one' },
        mark: { type: 'rule', color: 'var(--rule)' },
        encoding: { x: x('v') },
      },
      ...bandLayers(x, last),
    ],
    height: Math.round((last + 2) * ROW_PX + 30),
  };
}
