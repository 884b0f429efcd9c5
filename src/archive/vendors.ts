/** The vendors whose files can be imported. A new one is a file in importers/ and a line here. */
import { nearest, ReplayError } from '../basics/errors.ts';
import { binanceVision } from './importers/binanceVision.ts';
import { bitmex } from './importers/bitmex.ts';
import { cryptoDataDownload } from './importers/cryptoDataDownload.ts';
import { kraken } from './importers/kraken.ts';
import { tardis } from './importers/tardis.ts';
import type { Vendor } from './layout.ts';

export const VENDORS: readonly Vendor[] = [binanceVision, bitmex, tardis, kraken, cryptoDataDownload];

/** The vendor of a name. @throws ReplayError SCENARIO_INVALID with the nearest */
export function vendorNamed(name: string): Vendor {
  const found = VENDORS.find((vendor) => vendor.name === name);
  if (found !== undefined) return found;
  const names = VENDORS.map((vendor) => vendor.name);
  const best = nearest(name, names);
  const remedy = `${best === null ? '' : `Did you mean ${best}? `}Known: ${names.join(', ')}.`;
  throw new ReplayError('SCENARIO_INVALID', `unknown vendor ${name}`, {}, remedy);
}
