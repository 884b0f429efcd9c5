/**
 * How numbers and times look on the page. Fixed formats, no locale: the same on every machine.
 * An instant is never printed finer than the coarsest input stream, because a finer one would
 * pretend to a knowledge that the data do not have.
 */
import { DAY_US, MINUTE_US, type Micros, SECOND_US } from '../basics/instant.ts';

const MINUS = '\u2212';

/** Digits in groups of three: `1234567.5` -> `1,234,567.5`; a true minus sign. */
function grouped(fixed: string): string {
  const [whole, part] = fixed.replace('-', '').split('.') as [string, string | undefined];
  const digits = whole.replace(/\B(?=(\d{3})+$)/g, ',') + (part === undefined ? '' : `.${part}`);
  return fixed.startsWith('-') && /[1-9]/.test(fixed) ? MINUS + digits : digits;
}

/** Fixed decimals: `decimals(1234.5, 2)` -> `1,234.50`; a dash where the number is not finite. */
export function decimals(x: number, places: number): string {
  return Number.isFinite(x) ? grouped(x.toFixed(places)) : '\u2013';
}

/** A count: whole, grouped. */
export const count = (x: number): string => decimals(x, 0);

/** An amount a person can hold in mind: `1.17 bn`, `485.2 m`, `12,864`, `40.30`, `0.0125`. */
export function amount(x: number): string {
  const size = Math.abs(x);
  if (size >= 1e9) return `${decimals(x / 1e9, 2)} bn`;
  if (size >= 1e6) return `${decimals(x / 1e6, 2)} m`;
  if (size >= 1000) return decimals(x, 0);
  if (size >= 1 || x === 0) return decimals(x, size === Math.floor(size) ? 0 : 2);
  return Number.isFinite(x) ? grouped(String(Number(x.toPrecision(3)))) : '\u2013';
}

/** Amount with its unit; no-break, so the unit never stands alone on a line. */
export const amountOf = (x: number, unit: string): string =>
  unit === '' ? amount(x) : `${amount(x)} ${unit}`.replaceAll(' ', '\u00a0');

/** A price: up to two decimals below 10,000, none of them trailing zeros only. */
export function priceText(x: number): string {
  if (!Number.isFinite(x)) return '\u2013';
  if (Math.abs(x) < 1) return grouped(String(Number(x.toPrecision(5))));
  return decimals(x, Math.abs(x) >= 10_000 || Number.isInteger(x) ? 0 : 2).replace(/\.00$/, '');
}

/** A fraction as percent: 0.0123 -> `1.2 %`; `signed` writes the plus. */
export function percent(fraction: number, places = 1, signed = false): string {
  if (!Number.isFinite(fraction)) return '\u2013';
  return `${signed && fraction > 0 ? '+' : ''}${decimals(fraction * 100, places)}\u00a0%`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Day of an instant, UTC: `12 Mar 2020`. */
export function dayText(tsUs: Micros): string {
  const iso = new Date(Math.floor(tsUs / 1000)).toISOString();
  return `${Number(iso.slice(8, 10))} ${MONTHS[Number(iso.slice(5, 7)) - 1]} ${iso.slice(0, 4)}`;
}

function clockText(tsUs: Micros, resolutionUs: Micros): string {
  const iso = new Date(Math.floor(tsUs / 1000)).toISOString();
  return iso.slice(11, resolutionUs >= MINUTE_US ? 16 : resolutionUs >= SECOND_US ? 19 : 23);
}

/**
 * An instant at a resolution: `12 Mar 10:45:03`; at 5 minutes `12 Mar 10:45\u201310:50`, the span that
 * holds it; at a day `12 Mar 2020`.
 *
 * @param resolutionUs  bar length of the coarsest stream, > 0
 */
export function timeText(tsUs: Micros, resolutionUs: Micros): string {
  const from = Math.floor(tsUs / resolutionUs) * resolutionUs;
  if (resolutionUs >= DAY_US) return dayText(from);
  const day = dayText(from).replace(/ \d{4}$/, '');
  const until = resolutionUs > MINUTE_US ? `\u2013${clockText(from + resolutionUs, resolutionUs)}` : '';
  return `${day} ${clockText(from, resolutionUs)}${until}`.replaceAll(' ', '\u00a0');
}

/** A length of time in words: `38 s`, `12 min`, `3 h 20 min`, `2 days`. */
export function spanText(us: Micros): string {
  const s = Math.round(us / SECOND_US);
  if (s < 120 && s % 60 !== 0) return `${s} s`;
  const min = Math.round(s / 60);
  if (s === 0) return '0 s';
  if (min < 120 && min % 60 !== 0) return `${min} min`;
  const h = Math.floor(min / 60);
  if (h < 48) return min % 60 === 0 ? `${h} h` : `${h} h ${min % 60} min`;
  return h % 24 === 0 ? `${h / 24} days` : `${Math.floor(h / 24)} days ${h % 24} h`;
}

/** `one of these`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  if (items.length < 2) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** `12 Mar 2020 00:00 to 14 Mar 2020 00:00`. */
export const formatWindow = (fromUs: Micros, untilUs: Micros): string =>
  [fromUs, untilUs].map((us) => `${dayText(us)} ${clockText(us, MINUTE_US)}`).join(' to ');
