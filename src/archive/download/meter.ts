/**
 * How far a download is, in bytes. A file's length is known when its transfer begins; until then it is
 * taken for the mean of its like (candles are small, trades are large), so the total is an estimate
 * that gets better.
 */
import type { Wanted } from './archive.ts';

interface Alike {
  files: number;
  known: number;
  bytes: number;
}

export class Meter {
  private readonly kinds = new Map<string, Alike>();
  private readonly files = new Map<string, { have: number; length: number | null }>();
  private have = 0;
  private readonly report: (done: number, total: number) => void;

  constructor(report: (done: number, total: number) => void) {
    this.report = report;
  }

  expect(wanted: readonly Wanted[]): void {
    for (const { path, label } of wanted) {
      this.files.set(path, { have: 0, length: null });
      this.like(label).files++;
    }
  }

  /** @param length  null when it is not known */
  at({ path, label }: Wanted, have: number, length: number | null): void {
    const file = this.files.get(path)!;
    const alike = this.like(label);
    if (length !== null && file.length !== length) {
      alike.known += file.length === null ? 1 : 0;
      alike.bytes += length - (file.length ?? 0);
      file.length = length;
    }
    this.have += have - file.have;
    file.have = have;
    this.tell();
  }

  /** It will not come (any more): not in the archive, or given up. */
  drop({ path, label }: Wanted): void {
    const file = this.files.get(path)!;
    const alike = this.like(label);
    alike.files--;
    alike.known -= file.length === null ? 0 : 1;
    alike.bytes -= file.length ?? 0;
    this.have -= file.have;
    this.files.delete(path);
    this.tell();
  }

  private like(label: string): Alike {
    const found = this.kinds.get(label) ?? { files: 0, known: 0, bytes: 0 };
    this.kinds.set(label, found);
    return found;
  }

  private tell(): void {
    const all = [...this.kinds.values()];
    const known = all.reduce((sum, kind) => sum + kind.known, 0);
    if (known === 0) return;
    const mean = all.reduce((sum, kind) => sum + kind.bytes, 0) / known;
    const total = all.reduce(
      (sum, kind) => sum + (kind.known === 0 ? kind.files * mean : (kind.files * kind.bytes) / kind.known),
      0,
    );
    this.report(this.have, Math.max(Math.round(total), this.have));
  }
}
