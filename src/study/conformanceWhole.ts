/** Conformance of margin over several assets: what assets count for, equity, auto-exchange, Bybit's account rate. */
import {
  cut,
  type Money,
  money,
  ONE,
  type Price,
  price,
  product,
  quotient,
  rate,
  ZERO_RATE,
} from '../basics/exact.ts';
import { assetRates, countedValue, type Pool, soldForDeficit, unifiedRate } from '../margin/multiAsset.ts';
import { judge } from '../margin/trigger.ts';
import type { Asset, MarketId } from '../rules/market.ts';
import type { CollateralAsset } from '../rules/ruleSet.ts';
import { type Compute, type Got, type Inputs, Unread } from './conformanceCase.ts';

/** Decimal places of a quantity that a published example leaves to the reader. */
const FINE = 18;
const UNIT = 'unit';

/** Haircut of an asset, or 1 - its collateral ratio, as venues print it. */
function haircutOf(inputs: Inputs): CollateralAsset['haircut'] {
  const ratio = inputs.maybe('rate', 'collateral_ratio', 'collateral_rate', 'collateral_value_ratio');
  return ratio === null ? (inputs.maybe('rate', 'haircut') ?? ZERO_RATE) : ONE.minus(ratio);
}

/** The asset of a case or of a row of it, priced by an index of its own. */
const assetOf = (inputs: Inputs, index: MarketId): CollateralAsset => ({
  haircut: haircutOf(inputs),
  bidBuffer: inputs.maybe('rate', 'bid_buffer', 'bid_rate_buffer') ?? ZERO_RATE,
  askBuffer: inputs.maybe('rate', 'ask_buffer', 'ask_rate_buffer') ?? ZERO_RATE,
  index,
});

const INDEX = ['asset_index', 'index', 'index_price'] as const;
const indexOf = (inputs: Inputs): Price => inputs.maybe('price', ...INDEX) ?? price('1');

/** Rates of an asset, and what a balance of it counts for where the case has one. */
const rates: Compute = ({ inputs }) => {
  const asset = assetOf(inputs, UNIT);
  const index = inputs.exact('price', ...INDEX);
  const { bid, ask } = assetRates(index, asset.bidBuffer, asset.askBuffer);
  const both = { bid_rate: bid.toString(), ask_rate: ask.toString() };
  const balance = inputs.maybe('money', 'balance', 'wallet_balance', 'amount');
  if (balance === null) return both;
  const at = (): Price => index;
  const pool = poolOf({ ASSET: asset }, new Map(), at);
  const value = countedValue(
    pool,
    { asset: 'ASSET', amount: balance, what: 'balance' },
    { low: at, high: at },
  );
  return { ...both, value: value.toString(), value_usd: value.toString() };
};

/** Value sold to cover a deficit, and how much of the asset that is where the case prices it. */
const exchanged: Compute = ({ inputs }) => {
  const haircut = inputs.exact('rate', 'auto_exchange_haircut', 'haircut');
  const sold = soldForDeficit(inputs.exact('money', 'deficit').abs(), haircut);
  const index = inputs.maybe('price', 'asset_index', 'asset_price', 'index');
  const amount: Got =
    index === null ? {} : { asset_amount_sold: quotient('money', sold, index, FINE, 'up').toString() };
  return { asset_value_sold: sold.toString(), ...amount };
};

/** Equity of an account over its assets; with a total maintenance margin also its ratio and verdict. */
const equity: Compute = ({ inputs }) => {
  const rows = inputs.rows('assets');
  const names = rows.map((row, i): Asset => row.word('asset') || `asset${i}`);
  const assets = Object.fromEntries(rows.map((row, i) => [names[i]!, assetOf(row, names[i]!)]));
  const balances = new Map(
    rows.map((row, i) => [names[i]!, row.exact('money', 'balance', 'wallet_balance')]),
  );
  const index = (id: MarketId): Price => indexOf(rows[names.indexOf(id)]!);
  const pool = poolOf(assets, balances, index);
  const pocket = { legs: [], wallet: money('0'), orderMargin: money('0'), pool };
  const own = judge(pocket, () => price('1'), { inclusive: true }).equity;
  const total = own.plus(inputs.maybe('money', 'unrealized_pnl', 'upnl') ?? money('0'));
  const maintenance = inputs.maybe('money', 'total_maintenance_margin', 'maintenance_margin');
  return { equity: total.toString(), ...(maintenance === null ? {} : ratioOf(maintenance, total)) };
};

const ratioOf = (maintenance: Money, total: Money): Got => ({
  margin_ratio: total.isPositive() ? quotient('rate', maintenance, total, FINE, 'even').toString() : null,
  liquidatable: total.lte(maintenance),
});

/** Bybit's account maintenance-margin rate. */
const accountRate: Compute = ({ inputs }) => {
  const found = unifiedRate({
    totalMaintenance: inputs.exact('money', 'total_maintenance_margin', 'total_mm'),
    marginBalance: marginBalance(inputs),
    haircutLoss: inputs.maybe('money', 'haircut_loss') ?? money('0'),
    orderLoss: inputs.maybe('money', 'order_loss') ?? money('0'),
  });
  const isAtLimit = found === null || rate('1').lte(found);
  return {
    account_mm_rate: found === null ? null : cut(found, 12, 'up').toString(),
    liquidatable: isAtLimit,
  };
};

/** As stated, or wallet * collateral ratio + perpetual profit - borrow. */
function marginBalance(inputs: Inputs): Money {
  const stated = inputs.maybe('money', 'margin_balance');
  if (stated !== null) return stated;
  if (!inputs.has('wallet_value')) throw new Unread('no input margin_balance or wallet_value');
  const wallet = product<'money'>(
    'money',
    inputs.exact('money', 'wallet_value'),
    ONE.minus(haircutOf(inputs)),
  );
  const profit = inputs.maybe('money', 'perp_upnl', 'unrealized_pnl') ?? money('0');
  return wallet.plus(profit).minus(inputs.maybe('money', 'borrow') ?? money('0'));
}

const poolOf = (
  assets: Readonly<Record<Asset, CollateralAsset>>,
  balances: ReadonlyMap<Asset, Money>,
  index: (id: MarketId) => Price,
): Pool => ({
  collateral: { kind: 'multi', unit: UNIT, assets, autoExchangeBelow: null },
  portfolio: undefined,
  unit: UNIT,
  balances,
  index,
  nowUs: 0,
});

/** Kinds of this file. */
export const WHOLE_KINDS: Readonly<Record<string, Compute>> = {
  multi_asset_rates: rates,
  multi_asset_auto_exchange: exchanged,
  multi_asset_equity: equity,
  multi_asset_account_rate: accountRate,
};
