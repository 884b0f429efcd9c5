/** A search on whole numbers that starts from a guess: exact answers where a formula is only nearly right. */

/**
 * Smallest n in [from, to] at which a condition holds that, once true, stays true up to `to`.
 * `holds(to)` is taken for granted. A guess that is off by d costs about 2 log2(d) looks.
 */
export function firstTrue(
  holds: (n: bigint) => boolean,
  range: { readonly from: bigint; readonly to: bigint; readonly guess: bigint },
): bigint {
  const { from, to } = range;
  let no = from - 1n;
  let yes = to;
  const start = range.guess < from ? from : range.guess > to ? to : range.guess;
  if (start === to || holds(start)) {
    yes = start;
    for (let step = 1n; yes > from; step *= 2n) {
      const probe = yes - step < from ? from : yes - step;
      if (!holds(probe)) {
        no = probe;
        break;
      }
      yes = probe;
    }
  } else {
    no = start;
    for (let step = 1n; ; step *= 2n) {
      const probe = no + step;
      if (probe >= to) break;
      if (holds(probe)) {
        yes = probe;
        break;
      }
      no = probe;
    }
  }
  while (yes - no > 1n) {
    const middle = no + (yes - no) / 2n;
    if (holds(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}
