/**
 * Chance, as a pure function of (seed, id, field): a draw never depends on how many draws came
 * before it, so two worlds that differ in their rules see the same luck. Two rounds of a 32-bit
 * finaliser (murmur3's) on each word; integers only, so every machine draws alike.
 */
const mix = (h: number): number => {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

/** A 32-bit number of a text (FNV-1a, finalised): seeds and field names become one once, not per draw. */
export function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix(h >>> 0);
}

/**
 * Uniform in [0, 1), 53 bits.
 *
 * @param seed   `hashText(seed)` of the scenario's seed
 * @param id     whole number: an account, an order, a bucket
 * @param field  `hashText(name)` of what is drawn
 */
export function draw(seed: number, id: number, field: number): number {
  const low = id >>> 0;
  const high = Math.floor(id / 4294967296) >>> 0;
  const base = mix(mix(mix(seed ^ 0x9e3779b9) + low) ^ mix(field + Math.imul(high, 0x27d4eb2f)));
  const a = mix(base ^ 0x5bd1e995);
  const b = mix(base + 0x7f4a7c15);
  return ((a >>> 5) * 67108864 + (b >>> 6)) / 9007199254740992;
}
