/**
 * What a stressed day differs in, as a user writes it: `depth=1.5`, `gap=-10%@TIME`, `liquidity=0.3`,
 * `outage=matching@FROM..UNTIL`, `constituent=NAME@FROM..UNTIL:stale`. A shock is an assumption: it is read
 * here, listed with the assumptions, and done to a copy of the frames in applyShocks.ts.
 */
import { nearest, ReplayError } from '../../basics/errors.ts';
import { type Micros, parseInstant } from '../../basics/instant.ts';
import type { Outage } from '../../clock/frames.ts';

export interface Interval {
  readonly fromUs: Micros;
  readonly untilUs: Micros;
}

/** One shock; `text` is as the user wrote it. Factors are float64: they scale recorded prices, no money. */
export type Shock = { readonly text: string } & (
  | { readonly kind: 'depth'; readonly factor: number }
  | { readonly kind: 'gap'; readonly factor: number; readonly atUs: Micros }
  | { readonly kind: 'liquidity'; readonly factor: number }
  | ({ readonly kind: 'outage'; readonly part: Outage['part'] } & Interval)
  /** `factor` null: the constituent stands still and grows old; else its price is wrong by this factor. */
  | ({ readonly kind: 'constituent'; readonly name: string; readonly factor: number | null } & Interval)
);

const FORMS: Readonly<Record<Shock['kind'], string>> = {
  depth: 'depth=1.5',
  gap: 'gap=-10%@2020-03-12T10:30Z',
  liquidity: 'liquidity=0.3',
  outage: 'outage=matching@2020-03-12T10:00Z..2020-03-12T10:20Z',
  constituent: 'constituent=binance@2020-03-12T10:00Z..2020-03-12T10:20Z:price*0.7',
};
const KINDS = Object.keys(FORMS) as Shock['kind'][];
const PARTS: readonly string[] = ['matching', 'engine', 'feed'];

/** Deepest and thickest that makes sense: beyond it ticks leave what float64 carries exactly. */
const FACTOR_MAX = 100;

/**
 * Reads a shock.
 *
 * @param text  `KIND=VALUE`, see FORMS
 * @throws ReplayError SCENARIO_INVALID at `--shock`, with the nearest kind or the form of this one
 */
export function parseShock(text: string): Shock {
  const [, kind, rest] = /^\s*([^=\s]+)\s*=\s*(\S+)\s*$/.exec(text) ?? [];
  if (kind === undefined || rest === undefined) throw refused(text, 'not KIND=VALUE', all());
  switch (kind) {
    case 'depth':
    case 'liquidity':
      return { text: `${kind}=${rest}`, kind, factor: factorOf(text, kind, rest) };
    case 'gap':
      return gapOf(text, rest);
    case 'outage':
      return outageOf(text, rest);
    case 'constituent':
      return constituentOf(text, rest);
    default: {
      const best = nearest(kind, KINDS);
      throw refused(
        text,
        `unknown shock ${kind}`,
        best === null ? all() : `Did you mean ${FORMS[best as 'gap']}?`,
      );
    }
  }
}

/** Shocks in the order in which they are done. @throws ReplayError as parseShock does */
export const parseShocks = (texts: readonly string[]): Shock[] => texts.map(parseShock);

/** A complaint about a shock, placed where the user wrote it. */
export const refused = (text: string, message: string, remedy: string): ReplayError =>
  new ReplayError('SCENARIO_INVALID', message, { file: '--shock', path: text.trim() }, remedy);

const all = (): string => `Write one of: ${Object.values(FORMS).join(', ')}.`;
const form = (kind: Shock['kind']): string => `Write for example ${FORMS[kind]}.`;

const DECIMAL = /^[+-]?\d+(\.\d+)?$/;

function factorOf(text: string, kind: Shock['kind'], value: string): number {
  const factor = DECIMAL.test(value) ? Number(value) : Number.NaN;
  if (!(factor >= 0 && factor <= FACTOR_MAX))
    throw refused(text, `not a factor from 0 to ${FACTOR_MAX}: ${value}`, form(kind));
  return factor;
}

/** `-10%@TIME` or `-0.1@TIME`: prices times 1 - 0.1 from there on. */
function gapOf(text: string, rest: string): Shock {
  const [, share, unit, at] = /^([+-]?\d+(?:\.\d+)?)(%?)@(.+)$/.exec(rest) ?? [];
  if (share === undefined || at === undefined) throw refused(text, 'not SHARE@TIME', form('gap'));
  const factor = unit === '%' ? (100 + Number(share)) / 100 : 1 + Number(share);
  if (!(factor > 0 && factor <= FACTOR_MAX))
    throw refused(text, `a price can neither vanish nor grow by more than ${FACTOR_MAX} times`, form('gap'));
  return { text: `gap=${rest}`, kind: 'gap', factor, atUs: instantOf(text, at, 'gap') };
}

function outageOf(text: string, rest: string): Shock {
  const [, part, span] = /^([^@]+)@(.+)$/.exec(rest) ?? [];
  if (part === undefined || span === undefined) throw refused(text, 'not PART@FROM..UNTIL', form('outage'));
  if (!PARTS.includes(part)) {
    const best = nearest(part, PARTS);
    const remedy = `${best === null ? '' : `Did you mean ${best}? `}A venue's parts: ${PARTS.join(', ')}.`;
    throw refused(text, `unknown part ${part}`, remedy);
  }
  const kind = 'outage';
  return { text: `outage=${rest}`, kind, part: part as Outage['part'], ...intervalOf(text, span, kind) };
}

function constituentOf(text: string, rest: string): Shock {
  const [, name, span, , factor] = /^([^@]+)@(.+?)(:stale|:price\*([^:]*))?$/.exec(rest) ?? [];
  if (name === undefined || span === undefined)
    throw refused(text, 'not NAME@FROM..UNTIL', form('constituent'));
  const by = factor === undefined ? null : factorOf(text, 'constituent', factor);
  if (by === 0) throw refused(text, 'a price of nothing', form('constituent'));
  const kind = 'constituent';
  return { text: `constituent=${rest}`, kind, name, factor: by, ...intervalOf(text, span, kind) };
}

function intervalOf(text: string, span: string, kind: Shock['kind']): Interval {
  const [from, until, more] = span.split('..');
  if (from === undefined || until === undefined || more !== undefined)
    throw refused(text, 'not FROM..UNTIL', form(kind));
  const [fromUs, untilUs] = [instantOf(text, from, kind), instantOf(text, until, kind)];
  if (fromUs >= untilUs) throw refused(text, 'ends before it begins', 'Put the earlier instant first.');
  return { fromUs, untilUs };
}

function instantOf(text: string, instant: string, kind: Shock['kind']): Micros {
  try {
    return parseInstant(instant);
  } catch {
    throw refused(text, `not a UTC time: ${instant}`, form(kind));
  }
}
