/**
 * Binance pushes at most one liquidation order per symbol and second, the latest (since April 2021):
 * whoever adds them up understates a cascade. This is that loss, for handlers to be tested against.
 */
import { SECOND_US } from '../../basics/instant.ts';
import type { JsonFields, Message } from './message.ts';

export class Throttle {
  private readonly held = new Map<string, Message>();
  private second = -1;
  /** Messages that a later one of their second replaced. */
  replaced = 0;

  /** What leaves when a message arrives: at a new second the orders held of the last, then the message. */
  pass(message: Message): Message[] {
    const second = Math.floor(message.tsUs / SECOND_US);
    const out = second > this.second ? this.rest() : [];
    this.second = Math.max(second, this.second);
    const { stream } = message.body as JsonFields;
    if (typeof stream !== 'string' || !stream.endsWith('@forceOrder')) return [...out, message];
    if (this.held.has(stream)) this.replaced++;
    this.held.set(stream, message);
    return out;
  }

  /** Orders that are still held. */
  rest(): Message[] {
    const out = [...this.held.values()];
    this.held.clear();
    return out;
  }
}
