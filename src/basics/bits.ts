/** A set of small whole numbers, one bit each; grows with the largest. */
export class Bits {
  private words: Uint32Array;

  /** @param room  numbers 0 .. room - 1 need no growing */
  constructor(room = 0) {
    this.words = new Uint32Array((room + 31) >>> 5);
  }

  has(n: number): boolean {
    return (this.words[n >>> 5]! & (1 << (n & 31))) !== 0;
  }

  add(n: number): void {
    const word = n >>> 5;
    if (word >= this.words.length) {
      const wider = new Uint32Array(Math.max(word + 1, this.words.length * 2));
      wider.set(this.words);
      this.words = wider;
    }
    this.words[word]! |= 1 << (n & 31);
  }

  /** How many numbers are in any of some sets. */
  static united(sets: readonly Bits[]): number {
    const most = Math.max(0, ...sets.map((set) => set.words.length));
    let size = 0;
    for (let word = 0; word < most; word++) {
      let all = 0;
      for (const { words } of sets) all |= words[word] ?? 0;
      for (; all !== 0; all &= all - 1) size++; // each turn drops the lowest bit
    }
    return size;
  }
}
