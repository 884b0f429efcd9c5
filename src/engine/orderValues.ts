/** What `explain` tells of one forced order: its row and what it met, as exact texts. */
import type { Price } from '../basics/exact.ts';
import type { DecisionRow, OrderRow } from './rows.ts';

/** @param met  what fixed the price, the mark of the beat, and the room left in the book afterwards */
export function orderValues(
  row: OrderRow,
  met: { readonly priceRule: string; readonly mark: Price; readonly roomLots: number },
): DecisionRow['values'] {
  return {
    kind: row.kind,
    qty: row.qty.toString(),
    filled: row.filled.toString(),
    limit: String(row.limit ?? '-'),
    averagePrice: String(row.averagePrice ?? '-'),
    priceRule: row.averagePrice === null ? '-' : met.priceRule,
    mark: met.mark.toString(),
    bankruptcyPrice: row.bankruptcyPrice.toString(),
    fee: row.fee.toString(),
    roomLots: String(met.roomLots),
  };
}
