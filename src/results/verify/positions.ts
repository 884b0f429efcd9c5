/**
 * Positions beat by beat, from the legs before the run and the fills alone. `market` takes the other
 * side of everything, so its contracts, entry value and profit follow without its own rows; they are
 * held against what the engine wrote into `beats` and `fund`.
 *
 * Values of `market` are taken at 18 decimal places, as the engine states them; values of a fund's
 * lots are cut lot by lot at the venue's unit, so an inverse market is allowed one unit a lot.
 */
import type { DuckDBConnection } from '../../basics/duckdb.ts';
import {
  as,
  type Exact,
  max,
  MONEY_SCALE,
  type Price,
  type Unit,
  unscaled,
  ZERO_MONEY,
} from '../../basics/exact.ts';
import type { Market, MarketId } from '../../rules/market.ts';
import { allRows, type Cell, readRows } from '../readRows.ts';
import { signedProfit } from '../valuation.ts';
import { Agreement, type VerifyLine } from './line.ts';

type Amount = Exact<Unit>;

/** Change of holdings in one beat, all amounts signed (long above 0). */
interface Change {
  readonly ts_us: number;
  readonly market: MarketId;
  /** '' the population, else a fund's ledger account. */
  readonly holder: string;
  readonly long: Amount;
  readonly short: Amount;
  readonly entry: Amount;
  /** Signed value at the fills' own prices; for the second bookkeeping. */
  readonly value: Amount;
  readonly opened: number;
}

interface Beat {
  readonly ts_us: number;
  readonly market: MarketId;
  readonly mark: Price;
  readonly open_interest: Amount;
  readonly net: Amount;
  readonly market_profit: Amount;
}

interface FundBeat {
  readonly ts_us: number;
  readonly fund: string;
  readonly asset: string;
  readonly inventory_pnl: Amount;
}

interface Holding {
  long: Amount;
  short: Amount;
  entry: Amount;
}

const flat = (): Holding => ({ long: ZERO_MONEY, short: ZERO_MONEY, entry: ZERO_MONEY });

/** What one market has come to at a beat. */
class Book {
  readonly market: Market;
  readonly holders = new Map<string, Holding>([['', flat()]]);
  /** Signed entry value of `market` with each fill at its own value. */
  fillValue: Amount = ZERO_MONEY;
  /** Money of `market` in this market: all of it, and what came as realized profit. */
  cash: Amount = ZERO_MONEY;
  realized: Amount = ZERO_MONEY;
  opened = 0;

  constructor(market: Market) {
    this.market = market;
  }

  take(c: Change): void {
    const held = this.holders.get(c.holder) ?? flat();
    held.long = held.long.plus(c.long);
    held.short = held.short.plus(c.short);
    held.entry = held.entry.plus(c.entry);
    this.holders.set(c.holder, held);
    this.fillValue = this.fillValue.minus(c.value);
    this.opened += c.opened;
  }

  /** Signed contracts of `market`: what the others lack to 0. */
  get net(): Amount {
    return this.total((h) => h.long.plus(h.short)).neg();
  }

  /** Signed entry value of `market`. */
  get entry(): Amount {
    return this.total((h) => h.entry).neg();
  }

  /** Long contracts of everybody. */
  get openInterest(): Amount {
    return this.total((h) => h.long).plus(max(this.net, ZERO_MONEY as Amount));
  }

  private total(of: (h: Holding) => Amount): Amount {
    let total: Amount = ZERO_MONEY;
    for (const h of this.holders.values()) total = total.plus(of(h));
    return total;
  }
}

const signed = (column: string): string => `CASE side WHEN 'long' THEN ${column} ELSE -${column} END`;
const change = (column: string): string =>
  `CASE WHEN (side = 'long') = (effect = 'open') THEN ${column} ELSE -${column} END`;

const CHANGES = (w: number): string => `
  SELECT 0 AS ts_us, market, '' AS holder,
         sum(CASE side WHEN 'long' THEN qty ELSE 0 END) AS long, sum(CASE side WHEN 'short' THEN -qty
           ELSE 0 END) AS short,
         sum(${signed('entry_value')}) AS entry, sum(${signed('entry_value')}) AS value, 0 AS opened
    FROM accounts WHERE world = ${w} AND "when" = 'before' GROUP BY ALL
  UNION ALL
  SELECT ts_us, market, CASE WHEN starts_with(account, 'fund:') THEN account ELSE '' END AS holder,
         sum(CASE side WHEN 'long' THEN ${change('qty')} ELSE 0 END), sum(CASE side WHEN 'short'
           THEN ${change('qty')} ELSE 0 END),
         sum(${change('entry_value')}), sum(${change('value')}), count(*)
    FROM fills WHERE world = ${w} GROUP BY ALL
  ORDER BY ts_us, market, holder`;

/** Money of `market`; what the funding account hands over at the end comes after the last beat's row. */
const CASH = (w: number): string => `
  SELECT ts_us, market, sum(CASE "to" WHEN 'market' THEN amount ELSE -amount END) AS cash,
         sum(CASE WHEN reason <> 'realized-pnl' THEN 0 WHEN "to" = 'market' THEN amount
           ELSE -amount END) AS realized
    FROM transfers WHERE world = ${w} AND market IS NOT NULL AND 'market' IN ("from", "to") AND "from" <> "to"
     AND reason <> 'funding-rounding'
   GROUP BY ALL ORDER BY ts_us, market`;

const BEATS = (w: number): string => `
  SELECT ts_us, market, mark, open_interest, market_profit, CASE market_side WHEN 'long' THEN market_net
    ELSE -market_net END AS net
    FROM beats WHERE world = ${w} ORDER BY ts_us, market`;

interface Lines {
  readonly net: Agreement;
  readonly interest: Agreement;
  readonly profit: Agreement;
  readonly twice: Agreement;
  readonly inventory: Agreement;
  readonly wealth: Agreement;
}

/** All checks of positions, over all worlds. */
export async function checkPositions(
  connection: DuckDBConnection,
  markets: ReadonlyMap<MarketId, Market>,
  worlds: readonly number[],
): Promise<VerifyLine[]> {
  const lines: Lines = {
    net: new Agreement('beats: contracts of all parties sum to 0 after every beat'),
    interest: new Agreement('beats: open interest = long contracts of all parties'),
    profit: new Agreement(
      'beats: profit of `market` = cash + value at mark - entry value, entry values summing to 0',
    ),
    twice: new Agreement(
      'beats: realized profit of `market` = the same counted fill by fill, qty * (mark - price)',
    ),
    inventory: new Agreement('fund: inventory at mark = its fills at mark'),
    wealth: new Agreement('beats and fund: unrealized profit of all parties sums to 0 at every mark'),
  };
  for (const world of worlds) {
    await checkWorld(
      connection,
      world,
      new Map([...markets].map(([id, market]) => [id, new Book(market)])),
      lines,
    );
  }
  return Object.values(lines).map((agreement: Agreement) => agreement.line());
}

async function checkWorld(
  connection: DuckDBConnection,
  world: number,
  books: ReadonlyMap<MarketId, Book>,
  lines: Lines,
): Promise<void> {
  const changes = await cursor<Change>(connection, CHANGES(world));
  const cash = await cursor<{ ts_us: number; market: MarketId; cash: Amount; realized: Amount }>(
    connection,
    CASH(world),
  );
  const funds = await cursor<FundBeat>(
    connection,
    `SELECT ts_us, fund, asset, inventory_pnl FROM fund WHERE world = ${world} ORDER BY ts_us, fund`,
  );
  let beats: Beat[] = [];
  const end = (): void => {
    if (beats.length === 0) return;
    const tsUs = beats[0]!.ts_us;
    for (const c of changes(tsUs)) books.get(c.market)!.take(c);
    for (const c of cash(tsUs)) {
      const book = books.get(c.market)!;
      book.cash = book.cash.plus(c.cash);
      book.realized = book.realized.plus(c.realized);
    }
    checkBeat(`world ${world} at ${tsUs}`, books, { beats, funds: funds(tsUs) }, lines);
    beats = [];
  };
  for await (const beat of readRows<{ [F in keyof Beat]: Beat[F] }>(connection, BEATS(world))) {
    if (beats.length > 0 && beats[0]!.ts_us !== beat.ts_us) end();
    beats.push(beat);
  }
  end();
}

/** All rows of a query, handed out in time order: each call gives those up to an instant. */
async function cursor<Row extends { [F in keyof Row]: Cell } & { readonly ts_us: number }>(
  connection: DuckDBConnection,
  sql: string,
): Promise<(untilUs: number) => Row[]> {
  const rows = await allRows<Row>(connection, sql);
  let next = 0;
  return (untilUs) => {
    const from = next;
    while (next < rows.length && rows[next]!.ts_us <= untilUs) next++;
    return rows.slice(from, next);
  };
}

/** `market` and funds of one beat against the books. */
function checkBeat(
  where: string,
  books: ReadonlyMap<MarketId, Book>,
  at: { beats: readonly Beat[]; funds: readonly FundBeat[] },
  lines: Lines,
): void {
  const open = new Map<string, Amount>(); // unrealized profit of everybody, by asset
  const add = (asset: string, amount: Amount): void => {
    open.set(asset, (open.get(asset) ?? ZERO_MONEY).plus(amount));
  };
  const marks = new Map(at.beats.map((b) => [b.market, b.mark]));
  for (const b of at.beats) {
    const book = books.get(b.market)!;
    const fine = { ...book.market, valueScale: MONEY_SCALE };
    const text = (got: Amount, expected: Amount) => () => `${where} ${b.market}: ${got} for ${expected}`;
    lines.net.see(b.net.eq(book.net), text(b.net, book.net));
    lines.interest.see(b.open_interest.eq(book.openInterest), text(b.open_interest, book.openInterest));
    const profit = signedProfit(fine, book.net, as('money', book.entry), b.mark).plus(as('money', book.cash));
    lines.profit.see(b.market_profit.eq(profit), text(b.market_profit, profit));
    // cash + value - entry, less what did not come from fills, must be value - value of the fills
    const byFills = signedProfit(fine, book.net, as('money', book.fillValue), b.mark);
    const byCash = b.market_profit.minus(book.cash.minus(book.realized));
    lines.twice.see(byCash.eq(byFills), text(byCash, byFills));
    const population = book.holders.get('')!;
    add(
      book.market.settle,
      signedProfit(fine, population.long.plus(population.short), as('money', population.entry), b.mark),
    );
    add(book.market.settle, b.market_profit.minus(book.cash));
  }
  for (const f of at.funds) {
    const expected = inventoryAt(books, marks, `fund:${f.fund}`, f.asset);
    const off = f.inventory_pnl.minus(expected).abs();
    lines.inventory.see(
      off.lte(slack(books, f.asset)),
      () => `${where} ${f.fund}: ${f.inventory_pnl} for ${expected}`,
    );
    add(f.asset, f.inventory_pnl);
  }
  for (const [asset, total] of open) {
    lines.wealth.see(total.abs().lte(slack(books, asset)), () => `${where} ${asset}: ${total} for 0`);
  }
}

/** Unrealized profit of a fund at the beat's marks, from its fills. */
function inventoryAt(
  books: ReadonlyMap<MarketId, Book>,
  marks: ReadonlyMap<MarketId, Price>,
  holder: string,
  asset: string,
): Amount {
  let total: Amount = ZERO_MONEY;
  for (const [id, book] of books) {
    const held = book.holders.get(holder);
    const mark = marks.get(id);
    if (held === undefined || mark === undefined || book.market.settle !== asset) continue;
    total = total.plus(
      signedProfit(
        { ...book.market, valueScale: MONEY_SCALE },
        held.long.plus(held.short),
        as('money', held.entry),
        mark,
      ),
    );
  }
  return total;
}

/** What cutting may take: nothing in linear markets, one unit of the venue for each fill in inverse ones. */
function slack(books: ReadonlyMap<MarketId, Book>, asset: string): Amount {
  let total: Amount = ZERO_MONEY;
  for (const { market, opened } of books.values()) {
    if (market.kind === 'inverse' && market.settle === asset)
      total = total.plus(unscaled('money', BigInt(opened + 1), market.valueScale));
  }
  return total;
}
