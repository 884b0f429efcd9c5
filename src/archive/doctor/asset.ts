/** What a symbol is a price of: the asset, and the currency it is quoted in. Venues spell both their own way. */

/** Quotes that stay within a per cent or two of each other, so their prices can be compared. */
const DOLLARS = ['USDT', 'USDC', 'BUSD', 'FDUSD', 'TUSD', 'DAI', 'USD'];
const OTHERS = ['EUR', 'GBP', 'JPY', 'KRW', 'BTC', 'ETH'];
/** Names of one asset: Kraken and BitMEX write XBT. */
const SAME: Readonly<Record<string, string>> = { XBT: 'BTC', XXBT: 'BTC', XETH: 'ETH', XDG: 'DOGE' };

/**
 * Base and quote of a symbol: `XBTUSD` -> BTC, USD; `BTC-USDT-SWAP` -> BTC, USDT; `BTC` -> BTC, ''.
 * What comes after a known quote (PERP, SWAP, an expiry) is a kind of contract and no asset.
 */
export function assetOf(symbol: string): { base: string; quote: string } {
  const [first = '', second] = symbol
    .toUpperCase()
    .replace(/\(.*\)$/, '')
    .split(/[-_/:]/);
  const glued = [...DOLLARS, ...OTHERS].find((quote) => first.endsWith(quote) && first.length > quote.length);
  const spelt = [...DOLLARS, ...OTHERS].find((quote) => quote === second);
  const quote = spelt ?? glued ?? (second === 'PERPETUAL' ? 'USD' : '');
  const name = spelt === undefined && glued !== undefined ? first.slice(0, -glued.length) : first;
  return { base: SAME[name] ?? name, quote };
}

/** Series with one key can be compared by price. */
export const comparable = (a: { base: string; quote: string }, b: { base: string; quote: string }): boolean =>
  a.base !== '' && a.base === b.base && currency(a.quote) === currency(b.quote);

const currency = (quote: string): string => (quote === '' || DOLLARS.includes(quote) ? 'dollar' : quote);
