/**
 * What a forced order pays for moving the price: it starts from the last price of the beat before
 * and pays, on average, half of its own kick (docs/method.md (Impact): P e^(lambda q / 2)). Orders of one beat
 * queue behind each other, so an order also pays the whole kick of those before it on its side.
 */
import { exp } from '../basics/maths.ts';

export interface FillInputs {
  /** Last price of the beat before, whole ticks. */
  readonly prevLastTicks: number;
  /** Impact coefficient of this beat, log price per lot, >= 0. */
  readonly lambda: number;
  /** Lots already taken on the same side in this beat, >= 0. */
  readonly lotsBefore: number;
  /** Lots of this order, >= 0. */
  readonly lots: number;
  /** Side of the order, not of the position: a long is closed by a sell. */
  readonly taker: 'buy' | 'sell';
}

/**
 * Average price of an order, whole ticks: prevLast * e^(+-lambda (lotsBefore + lots/2)), rounded to
 * the tick that is worse for the taker (up for a buy, down for a sell, at least one tick).
 */
export function fillPriceTicks({ prevLastTicks, lambda, lotsBefore, lots, taker }: FillInputs): number {
  const kick = lambda * (lotsBefore + lots / 2);
  if (taker === 'buy') return Math.ceil(prevLastTicks * exp(kick));
  return Math.max(1, Math.floor(prevLastTicks * exp(-kick)));
}

/**
 * The most lots, at most `lots`, whose average fill is not worse than the limit; 0 when not even the
 * first is. By halves: the fill only gets worse with more lots.
 *
 * @param inputs.limitTicks  worst average price accepted, whole ticks
 */
export function lotsWithinLimit(inputs: FillInputs & { readonly limitTicks: number }): number {
  const { limitTicks, taker } = inputs;
  const within = (lots: number): boolean => {
    const fill = fillPriceTicks({ ...inputs, lots });
    return taker === 'buy' ? fill <= limitTicks : fill >= limitTicks;
  };
  if (within(inputs.lots)) return inputs.lots;
  if (!within(1)) return 0; // a price beyond the limit: the case of nearly every beat
  let [good, bad] = [1, inputs.lots];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (within(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
