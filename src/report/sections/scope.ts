/** What every section is given: the run, its rows, its figures, and the time axis of its charts. */
import type { Chart } from '../charts/chart.ts';
import type { Drawn } from '../components.ts';
import type { Figures } from '../figures.ts';
import type { Manifest } from '../manifest.ts';
import type { Source } from '../queries.ts';

export interface Scope {
  readonly source: Source;
  readonly manifest: Manifest;
  readonly figures: Figures;
  readonly time: { readonly fromUs: number; readonly untilUs: number };
}

/** Draws a chart and keeps its data for the page's script. */
export type Draw = (chart: Chart) => Promise<Drawn>;
