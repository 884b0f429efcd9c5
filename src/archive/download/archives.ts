/** The archives that can be downloaded from. A new one is a file here and a line below. */
import { type Archive, check } from './archive.ts';
import { binanceVision } from './binanceVision.ts';
import { bitmex } from './bitmex.ts';
import { bybit } from './bybit.ts';

export const ARCHIVES: readonly Archive[] = [binanceVision, bitmex, bybit];

/** The archive of a name. @throws ReplayError SCENARIO_INVALID with the nearest */
export function archiveNamed(name: string): Archive {
  check(
    'archive',
    name,
    ARCHIVES.map((archive) => archive.name),
  );
  return ARCHIVES.find((archive) => archive.name === name)!;
}
