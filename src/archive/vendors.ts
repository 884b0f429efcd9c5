/** The vendors whose files can be imported. A new one is a file in importers/ and a line here. */
import { nearest, ReplayError } from '../basics/errors.ts';
import { binanceVision } from './importers/binanceVision.ts';
import { bitmex } from './importers/bitmex.ts';
import { bybit } from './importers/bybit.ts';
import { cryptoDataDownload } from './importers/cryptoDataDownload.ts';
import { anyCsv } from './importers/csv.ts';
import { freqtrade } from './importers/freqtrade.ts';
import { hyperliquid } from './importers/hyperliquid.ts';
import { kraken } from './importers/kraken.ts';
import { messages } from './importers/messages.ts';
import { okx } from './importers/okx.ts';
import { tardis } from './importers/tardis.ts';
import type { Vendor } from './layout.ts';

export const VENDORS: readonly Vendor[] = [
  binanceVision,
  bitmex,
  bybit,
  okx,
  hyperliquid,
  kraken,
  tardis,
  cryptoDataDownload,
  freqtrade,
  messages,
  anyCsv,
];

/** The vendor of a name. @throws ReplayError SCENARIO_INVALID with the nearest */
export function vendorNamed(name: string): Vendor {
  const found = VENDORS.find((vendor) => vendor.name === name);
  if (found !== undefined) return found;
  const names = VENDORS.map((vendor) => vendor.name);
  throw new ReplayError('SCENARIO_INVALID', `unknown vendor ${name}`, {}, remedyOf(name, names));
}

/** @throws ReplayError SCENARIO_INVALID for an option that the vendor does not know; `csv` knows columns too */
export function checkOptions({ name, options }: Vendor, extra: Readonly<Record<string, string>>): void {
  if (name === anyCsv.name) return; // its options are checked with the columns of the kind
  const known = Object.keys(options);
  const wrong = Object.keys(extra).find((one) => !known.includes(one));
  if (wrong === undefined) return;
  const remedy = known.length === 0 ? `${name} takes none.` : remedyOf(wrong, known);
  throw new ReplayError('SCENARIO_INVALID', `${name} has no option ${wrong}`, {}, remedy);
}

function remedyOf(wrong: string, names: readonly string[]): string {
  const best = nearest(wrong, names);
  return `${best === null ? '' : `Did you mean ${best}? `}Known: ${names.join(', ')}.`;
}
