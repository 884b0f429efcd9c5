/**
 * What goes wrong between a venue and its reader, by seed: messages are dropped, delayed, repeated or
 * swapped with the next. Whether a message is meant is a function of (seed, its number, kind) and of
 * nothing else, so that the same faults hit the same messages in every run.
 */
import { draw, hashText } from '../../basics/draw.ts';
import { ReplayError } from '../../basics/errors.ts';
import { type Micros, parseDuration } from '../../basics/instant.ts';
import { type Message, millis } from './message.ts';

const KINDS = ['drop', 'delay', 'repeat', 'reorder'] as const;
export type FaultKind = (typeof KINDS)[number];
const FIELD = {
  drop: hashText('drop'),
  delay: hashText('delay'),
  repeat: hashText('repeat'),
  reorder: hashText('reorder'),
};

export interface FaultPlan {
  /** Probability of each kind, 0 .. 1. */
  readonly share: Readonly<Partial<Record<FaultKind, number>>>;
  readonly delayUs: Micros;
}

/** One fault that was done. */
export interface Fault {
  /** Number of the message in the complete stream, from 1. */
  readonly message: number;
  readonly kind: FaultKind;
  /** Simulated time of the message, ms. */
  readonly time: number;
  /** Delay and reorder: the message after which it was delivered. */
  readonly after?: number;
}

const refuse = (text: string, why: string): ReplayError => {
  const remedy = 'Write for example drop=0.01,delay=0.02:500ms,repeat=0.01,reorder=0.01.';
  return new ReplayError('SCENARIO_INVALID', `--faults ${text}: ${why}`, { path: '--faults' }, remedy);
};

/**
 * Reads `drop=0.01,delay=0.02:500ms,repeat=0.01,reorder=0.01`; kinds that are not named do not happen.
 *
 * @throws ReplayError SCENARIO_INVALID naming what cannot be read
 */
export function parseFaults(text: string): FaultPlan {
  const share: Partial<Record<FaultKind, number>> = {};
  let delayUs = 0;
  for (const item of text.split(',')) {
    const m = /^(\w+)=(0(?:\.\d+)?|1(?:\.0+)?)(?::(\w+))?$/.exec(item);
    const kind = KINDS.find((k) => k === m?.[1]);
    if (m === null) throw refuse(text, `${item} is no kind=share with a share of 0 to 1`);
    if (kind === undefined) throw refuse(text, `${m[1]} is none of ${KINDS.join(', ')}`);
    if (share[kind] !== undefined) throw refuse(text, `${kind} is named twice`);
    if ((kind === 'delay') !== (m[3] !== undefined))
      throw refuse(text, 'delay, and nothing else, has a time');
    share[kind] = Number(m[2]);
    if (m[3] === undefined) continue;
    try {
      delayUs = parseDuration(m[3]);
    } catch {
      throw refuse(text, `${m[3]} is no time such as 500ms or 2s`);
    }
  }
  return { share, delayUs };
}

interface Numbered {
  readonly message: Message;
  readonly number: number;
}

export class Faults {
  readonly counts: Record<FaultKind, number> = { drop: 0, delay: 0, repeat: 0, reorder: 0 };
  private readonly plan: FaultPlan;
  private readonly seed: number;
  private readonly deliver: (message: Message) => void;
  private readonly note: (fault: Fault) => void;
  private number = 0;
  /** Number of the message delivered last. */
  private lastOut = 0;
  /** In order of when they are due: a delay is the same for all. */
  private readonly delayed: (Numbered & { readonly dueUs: Micros })[] = [];
  private swapped: Numbered | null = null;

  constructor(o: {
    plan: FaultPlan;
    seed: string;
    deliver: (message: Message) => void;
    note: (fault: Fault) => void;
  }) {
    this.plan = o.plan;
    this.seed = hashText(o.seed);
    this.deliver = o.deliver;
    this.note = o.note;
  }

  /** Takes the next message of the complete stream. Snapshots pass untouched. */
  push(message: Message): void {
    const it = { message, number: ++this.number };
    this.release(message.tsUs);
    const kind = message.snapshot ? null : this.kindOf(it.number);
    if (kind === 'drop') return this.noted(it, kind);
    if (kind === 'delay') {
      this.delayed.push({ ...it, dueUs: message.tsUs + this.plan.delayUs });
      return;
    }
    if (kind === 'reorder' && this.swapped === null) {
      this.swapped = it;
      return;
    }
    if (kind === 'repeat') {
      this.noted(it, kind);
      this.deliver(message);
    }
    this.out(it);
  }

  /** Delivers what is still held back. */
  end(): void {
    this.release(Infinity);
    this.unswap();
  }

  /** The first kind, in the order of KINDS, that means a message. */
  private kindOf(number: number): FaultKind | null {
    const means = (kind: FaultKind): boolean =>
      draw(this.seed, number, FIELD[kind]) < (this.plan.share[kind] ?? 0);
    return KINDS.find(means) ?? null;
  }

  private out({ message, number }: Numbered): void {
    this.deliver(message);
    this.lastOut = number;
    this.unswap();
  }

  private unswap(): void {
    const held = this.swapped;
    this.swapped = null;
    if (held === null) return;
    this.noted(held, 'reorder', this.lastOut);
    this.deliver(held.message);
    this.lastOut = held.number;
  }

  private release(nowUs: Micros): void {
    while (this.delayed.length > 0 && this.delayed[0]!.dueUs <= nowUs) {
      const it = this.delayed.shift()!;
      this.noted(it, 'delay', this.lastOut);
      this.out(it);
    }
  }

  private noted({ message, number }: Numbered, kind: FaultKind, after?: number): void {
    this.counts[kind]++;
    const time = millis(message.tsUs);
    this.note(after === undefined ? { message: number, kind, time } : { message: number, kind, time, after });
  }
}
