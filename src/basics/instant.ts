/**
 * Time is a whole number of microseconds since 1970 UTC, held in a float64 (exact until the year
 * 2255). Nothing here reads a clock: text comes in, text goes out.
 */
export type Micros = number;

export const SECOND_US = 1_000_000;
export const MINUTE_US = 60 * SECOND_US;
export const HOUR_US = 60 * MINUTE_US;
export const DAY_US = 24 * HOUR_US;

const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?Z)?$/;

/**
 * Reads a UTC instant: `2020-03-12`, `2020-03-12T10:00Z`, `2020-03-12T10:00:00.5Z`.
 *
 * @throws RangeError when it is no such text or no such day
 */
export function parseInstant(text: string): Micros {
  const m = ISO.exec(text);
  if (m === null) throw new RangeError(`not a UTC instant: ${JSON.stringify(text)}`);
  const [year, month, day, hour, minute, second] = m.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const back = new Date(ms);
  if (
    back.getUTCMonth() !== month - 1 ||
    back.getUTCDate() !== day ||
    hour > 23 ||
    minute > 59 ||
    second > 59
  ) {
    throw new RangeError(`no such day or hour: ${JSON.stringify(text)}`);
  }
  return ms * 1000 + Number((m[7] ?? '').padEnd(6, '0'));
}

/** `2020-03-12T10:00:00Z`, with the fraction only where there is one. */
export function formatInstant(tsUs: Micros): string {
  const fraction = ((tsUs % SECOND_US) + SECOND_US) % SECOND_US;
  const iso = new Date((tsUs - fraction) / 1000).toISOString().slice(0, 19);
  return fraction === 0 ? `${iso}Z` : `${iso}.${String(fraction).padStart(6, '0').replace(/0+$/, '')}Z`;
}

const UNIT_US: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1000,
  s: SECOND_US,
  m: MINUTE_US,
  h: HOUR_US,
  d: DAY_US,
};

/** Reads a duration: `100ms`, `1s`, `5m`, `8h`, `20d`. @throws RangeError otherwise */
export function parseDuration(text: string): Micros {
  const m = /^(\d+)(us|ms|s|m|h|d)$/.exec(text);
  if (m === null) throw new RangeError(`not a duration such as 1s, 5m, 8h: ${JSON.stringify(text)}`);
  return Number(m[1]) * UNIT_US[m[2]!]!;
}

/** The shortest of `90s -> 90s`, `120s -> 2m`, `3600s -> 1h`. */
export function formatDuration(us: Micros): string {
  for (const unit of ['d', 'h', 'm', 's', 'ms'] as const) {
    if (us >= UNIT_US[unit]! && us % UNIT_US[unit]! === 0) return `${us / UNIT_US[unit]!}${unit}`;
  }
  return `${us}us`;
}
