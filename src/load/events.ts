/**
 * Single instants: funding rates, fund balances, observed liquidations, what accounts did. They are
 * kept row by row in side tables; decimals stay text, because the ledger reads them.
 */
import { sqlName } from '../basics/duckdb.ts';
import { parse } from '../basics/exact.ts';
import { formatInstant, type Micros } from '../basics/instant.ts';
import type {
  AccountEvent,
  FundBalance,
  FundingStamp,
  ObservedLiquidation,
  SideTables,
} from '../clock/frames.ts';
import type { StreamSpec } from '../rules/facts.ts';
import { endOfBeatUs } from '../clock/beats.ts';
import { type Judge, RowError } from './quality.ts';
import { asking, emptyWindow, locate, nameOf, type Source, type Window, windowSql } from './source.ts';
import { type StreamOptions, withConnection } from './trades.ts';
import { FLOAT_TOLERANCE, lotsOf, STEP_TOLERANCE } from './units.ts';
import { ReplayError } from '../basics/errors.ts';

/** The stamp after the window is read too: the rate of the running interval is the one that ends there. */
const FUNDING_AHEAD_US: Micros = 8 * 3_600_000_000;

export interface EventOptions extends StreamOptions {
  readonly spec: StreamSpec;
}

type Cells = Readonly<Record<string, string | null>>;

/**
 * Reads a stream of single events into its side table.
 *
 * @returns  the part of the side tables, and the number of rows read
 * @throws ReplayError DATA_SCHEMA, DATA_DISORDER, DATA_GAP, DATA_MISSING
 */
export async function loadEvents(
  options: EventOptions,
): Promise<{ side: Partial<SideTables>; rowsRead: number }> {
  const { spec, grid } = options;
  const window = { fromUs: grid.startUs, untilUs: endOfBeatUs(grid, grid.beats - 1) };
  if (spec.kind === 'funding') {
    const ahead = { fromUs: window.fromUs, untilUs: window.untilUs + FUNDING_AHEAD_US };
    const funding = await readRows(options, ahead, ['rate'], [], (cells, tsUs) => stampOf(cells, tsUs, spec));
    return { side: { funding }, rowsRead: funding.length };
  }
  if (spec.kind === 'fundBalance') {
    const fundBalances = await readRows(options, window, ['balance'], [], (cells, tsUs) =>
      balanceOf(cells, tsUs, spec),
    );
    return { side: { fundBalances }, rowsRead: fundBalances.length };
  }
  if (spec.kind === 'liquidations') {
    const names = ['side', 'qty', 'price'];
    const observedLiquidations = await readRows(options, window, names, [], (cells, tsUs) =>
      liquidationOf(cells, tsUs, options),
    );
    return { side: { observedLiquidations }, rowsRead: observedLiquidations.length };
  }
  const optional = ['market', 'side', 'price'];
  const accountEvents = await readRows(
    options,
    window,
    ['account', 'kind', 'amount'],
    optional,
    (cells, tsUs) => accountEventOf(cells, tsUs, spec),
  );
  return { side: { accountEvents }, rowsRead: accountEvents.length };
}

/** A row that is no data: `readRows` adds file and row. */
const refuse = (message: string): never => {
  throw new RowError(-1, new ReplayError('DATA_SCHEMA', message, {}, 'Correct or drop the row in the file.'));
};

function decimal(text: string | null, name: string): string {
  try {
    return parse('money', text ?? '').toString();
  } catch {
    return refuse(`${name} is no decimal number: ${JSON.stringify(text)}.`);
  }
}

function positive(text: string | null, name: string): string {
  const amount = decimal(text, name);
  return parse('money', amount).isPositive() ? amount : refuse(`${name} ${amount} is not above 0.`);
}

const stampOf = (cells: Cells, tsUs: Micros, spec: StreamSpec): FundingStamp => ({
  tsUs,
  market: spec.market,
  rate: decimal(cells.rate!, 'rate'),
});

const balanceOf = (cells: Cells, tsUs: Micros, spec: StreamSpec): FundBalance => ({
  tsUs,
  fund: spec.name,
  balance: decimal(cells.balance!, 'balance'),
});

/** Sides as venues write them: of the position, or of the order that closed it (a sell closed a long). */
const SIDES: Readonly<Record<string, 'long' | 'short'>> = {
  long: 'long',
  short: 'short',
  sell: 'long',
  buy: 'short',
};

function sideOf(text: string | null): 'long' | 'short' {
  return (
    SIDES[(text ?? '').toLowerCase()] ??
    refuse(`side ${JSON.stringify(text)} is none of ${Object.keys(SIDES).join(', ')}.`)
  );
}

function liquidationOf(cells: Cells, tsUs: Micros, { spec, units }: EventOptions): ObservedLiquidation {
  const price = Number(positive(cells.price!, 'price'));
  const exact = lotsOf(units, Number(positive(cells.qty!, 'qty')), price);
  const lots = Math.round(exact);
  if (units.wholeLots && Math.abs(exact - lots) > STEP_TOLERANCE + FLOAT_TOLERANCE * exact)
    refuse(`quantity ${cells.qty} is no whole number of lots.`);
  return {
    tsUs,
    market: spec.market,
    side: sideOf(cells.side!),
    lots,
    priceTicks: Math.round(price * units.perTick),
  };
}

const KINDS = ['deposit', 'withdraw', 'open', 'cancelOrders'] as const;

function accountEventOf(cells: Cells, tsUs: Micros, spec: StreamSpec): AccountEvent {
  const kind =
    KINDS.find((name) => name === cells.kind) ??
    refuse(`kind ${JSON.stringify(cells.kind)} is none of ${KINDS.join(', ')}.`);
  const opens = kind === 'open';
  const stated = cells.market ?? (spec.market === '' ? null : spec.market);
  return {
    tsUs,
    account: cells.account ?? refuse('account is empty.'),
    kind,
    market: stated,
    side: opens ? sideOf(cells.side ?? null) : null,
    amount: kind === 'cancelOrders' ? '0' : positive(cells.amount!, 'amount'),
    price: opens && cells.price != null ? positive(cells.price, 'price') : null,
  };
}

/** Streams rows as text, in file order, checks their order and gives every complaint its file and row. */
async function readRows<T extends object>(
  options: EventOptions,
  window: Window,
  required: readonly string[],
  optional: readonly string[],
  make: (cells: Cells, tsUs: Micros) => T,
): Promise<T[]> {
  const { instance, source, judge } = options;
  const names = [...required, ...optional.filter((name) => nameOf(source, name, true) !== null)];
  const select = [source.timeSql, ...names.map((name) => `${sqlName(nameOf(source, name)!)}::VARCHAR`)];
  const where = windowSql(source, window);
  return withConnection(instance, (db) =>
    asking({ file: source.files[0]! }, async () => {
      const reader = await db.stream(`SELECT ${select.join(', ')} FROM ${source.from} WHERE ${where}`);
      const rows: T[] = [];
      const order = new OrderCheck(judge);
      let ordinal = 0;
      try {
        for await (const part of reader.yieldRows()) {
          for (const cells of part) {
            const tsUs = cells[0] as number | null;
            if (tsUs === null) refuse('time is null.');
            const named = Object.fromEntries(names.map((name, i) => [name, cells[i + 1] as string | null]));
            const row = make(named, tsUs!);
            if (order.keeps(row, tsUs!, ordinal, options.spec.kind)) rows.push(row);
            ordinal++;
          }
        }
      } catch (error) {
        if (!(error instanceof RowError)) throw error;
        const place = await withConnection(instance, (other) => locate(other, source, where, ordinal));
        throw new ReplayError(error.error.code, error.error.message, place, error.error.remedy);
      }
      for (const met of judge.met) {
        if (met.ordinal !== null)
          met.place ??= await withConnection(instance, (other) => locate(other, source, where, met.ordinal!));
      }
      if (ordinal === 0 && !judge.accepts('beyondWindow')) await checkEmpty(db, source, window, options.spec);
      return rows;
    }),
  );
}

/** Liquidations and account events may well not happen in a window; a funding rate must. */
async function checkEmpty(
  db: Parameters<typeof emptyWindow>[0],
  source: Source,
  window: Window,
  spec: StreamSpec,
): Promise<void> {
  const error = await emptyWindow(db, source, window);
  if (error.code !== 'DATA_GAP' || spec.kind === 'funding') throw error;
}

/** Rows come oldest first; the same row twice is a duplicate (Binance writes each liquidation twice). */
class OrderCheck {
  private readonly judge: Judge;
  private previousUs = -Infinity;
  private previousText = '';

  constructor(judge: Judge) {
    this.judge = judge;
  }

  keeps(row: object, tsUs: Micros, ordinal: number, kind: string): boolean {
    const text = kind === 'funding' ? String(tsUs) : JSON.stringify(row);
    if (text === this.previousText) {
      this.judge.problem('duplicates', `the row of ${formatInstant(tsUs)} stands there twice.`, ordinal);
      return false;
    }
    if (tsUs < this.previousUs) {
      this.judge.problem(
        'disorder',
        `a row at ${formatInstant(tsUs)} follows one at ${formatInstant(this.previousUs)}.`,
        ordinal,
      );
    }
    this.previousUs = Math.max(this.previousUs, tsUs);
    this.previousText = text;
    return true;
  }
}
