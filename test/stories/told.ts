/** Rows as the lines that a person would write down, so that a story's end reads like its telling. */
import type { FillRow, Outbox, TransferRow } from '../../src/engine/rows.ts';
import type { World } from '../../src/engine/world.ts';

/** `A -> market 812.616 realized-pnl` */
export const paid = (t: TransferRow): string => `${t.from} -> ${t.to} ${t.amount} ${t.reason}`;

/** `A close 0.4 @ 40968.46 book` */
export const filled = (f: FillRow): string => `${f.account} ${f.effect} ${f.qty} @ ${f.price} ${f.priceRule}`;

/** How each liquidation ended: `A closed`. */
export const ends = (rows: Outbox): string[] => rows.liquidations.map((l) => `${l.account} ${l.end}`);

/** Balance of a party at the end, as text. */
export const left = (world: World, party: string, asset = 'USDT'): string =>
  world.desk.ledger.balance(party, asset).toString();
