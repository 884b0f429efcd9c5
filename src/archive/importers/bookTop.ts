/**
 * Bybit's recorded order book (ob500: a snapshot, then changes, one message a line) down to the best bid
 * and ask. The book is kept in memory, five hundred levels a side; the file is read line by line.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { refused } from '../layout.ts';
import type { SourceFile } from '../sourceFile.ts';

type Level = readonly [price: string, qty: string];

interface Message {
  readonly type: 'snapshot' | 'delta';
  readonly ts: number;
  /** Time of the matching engine, where it is told. */
  readonly cts?: number;
  readonly data: { readonly s: string; readonly b: readonly Level[]; readonly a: readonly Level[] };
}

/** One side of a book: levels in the order of their price, the best one last. */
class Side {
  private readonly sign: 1 | -1;
  private prices: number[] = [];
  private levels: Level[] = [];

  /** @param sign  1: the highest price is the best (bids), -1: the lowest (asks) */
  constructor(sign: 1 | -1) {
    this.sign = sign;
  }

  clear(): void {
    this.prices = [];
    this.levels = [];
  }

  /** A quantity of 0 takes a level away; any other replaces it. */
  set(level: Level): void {
    const key = this.sign * Number(level[0]);
    const at = this.placeOf(key);
    const there = this.prices[at] === key ? 1 : 0;
    const keep = Number(level[1]) === 0 ? 0 : 1;
    this.prices.splice(at, there, ...(keep === 1 ? [key] : []));
    this.levels.splice(at, there, ...(keep === 1 ? [level] : []));
  }

  best(): Level | undefined {
    return this.levels.at(-1);
  }

  /** Index of the first price that is not below `key`. */
  private placeOf(key: number): number {
    let [low, high] = [0, this.prices.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.prices[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * Writes `time,bid,ask,bidQty,askQty` for every message after which the top of the book is another one,
 * the figures as the file has them, the time in milliseconds.
 *
 * @returns  path of the CSV file, without a head line
 * @throws ReplayError DATA_SCHEMA with the line that is no message
 */
export async function bookTopOf(file: SourceFile): Promise<string> {
  const target = `${file.scratch}-top.csv`;
  const raw = createReadStream(file.text);
  const input = file.text.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  raw.on('error', (error) => input.destroy(error));
  await pipeline(tops(file, createInterface({ input, crlfDelay: Infinity })), createWriteStream(target));
  return target;
}

async function* tops(file: SourceFile, lines: AsyncIterable<string>): AsyncGenerator<string> {
  const [bids, asks] = [new Side(1), new Side(-1)];
  let [row, before] = [0, ''];
  for await (const line of lines) {
    row++;
    if (line.trim() === '') continue;
    const { type, ts, cts, data } = messageOf(file, line, row);
    if (type === 'snapshot') {
      bids.clear();
      asks.clear();
    }
    for (const level of data.b) bids.set(level);
    for (const level of data.a) asks.set(level);
    const [bid, ask] = [bids.best(), asks.best()];
    if (bid === undefined || ask === undefined) continue;
    const top = `${bid[0]},${ask[0]},${bid[1]},${ask[1]}`;
    if (top !== before) yield `${cts ?? ts},${top}\n`;
    before = top;
  }
}

function messageOf(file: SourceFile, line: string, row: number): Message {
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    said = null;
  }
  const message = said as Partial<Message> | null;
  const sound =
    (message?.type === 'snapshot' || message?.type === 'delta') &&
    Array.isArray(message.data?.b) &&
    Array.isArray(message.data.a);
  if (sound) return message as Message;
  const error = refused(file, 'a line that is no message of an order book');
  throw Object.assign(error, { place: { ...error.place, row } });
}
