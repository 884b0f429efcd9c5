/** Messages of hand-made worlds, for tests of the export: the worlds, and what is told of them. */
import { money, rate } from '../../src/basics/exact.ts';
import { SECOND_US } from '../../src/basics/instant.ts';
import { exportEvents, type ExportRequest } from '../../src/study/exportEvents/exportEvents.ts';
import { type Tiny, tiers } from './tinyWorld.ts';

/** A message as it was read: whatever JSON holds. */
export type Fields = ReturnType<JSON['parse']>;

/** Messages of a run, in memory. */
export async function told(folder: string, over: Partial<ExportRequest>): Promise<Fields[]> {
  const lines: string[] = [];
  await exportEvents({
    run: folder,
    format: 'binance',
    out: '-',
    world: 0,
    throttle: false,
    seed: '1',
    snapshotEveryUs: 60 * SECOND_US,
    markEveryUs: 0,
    write: (line) => lines.push(line),
    ...over,
  });
  return lines.map((line) => JSON.parse(line) as Fields);
}

/** A long of 2 from 43 000 with 4 300: reduced by 0.4 and closed by 1.6 at 40 968.46, mark 41 030. */
export const oneLong: Tiny = {
  rules: { reduction: { kind: 'fraction', fraction: rate('0.2'), above: money('0') } },
  accounts: [{ name: 'A', legs: [{ side: 'long', qty: '2.000', entry: '43000', margin: '4300' }] }],
  beats: [{ index: '43000' }, { index: '41500', last: '40968.46' }, { index: '41030', last: '40968.46' }],
  side: { startUs: 0 },
};
/** The story of deleverage.test.ts: L loses 0.017 in the book, the rest to S3 (0.5) and S1 (0.483) at 42 570. */
const short = (name: string, qty: string, entry: string, margin: string) => ({
  name,
  legs: [{ side: 'short' as const, qty, entry, margin }],
});
export const deleveraged: Tiny = {
  rules: { order: { kind: 'market' } },
  marketRules: {
    BTCUSDT: { tiers: tiers([['1000000000', '0.005', '0', '0.01']]), clearanceFee: [{ rate: rate('0') }] },
  },
  assumptions: { fundOpening: { main: money('10') } },
  accounts: [
    { name: 'L', legs: [{ side: 'long', qty: '1', entry: '43000', margin: '430' }] },
    short('S1', '0.5', '45000', '2250'),
    short('S2', '0.3', '44000', '4400'),
    short('S3', '0.5', '43500', '435'),
  ],
  beats: [{ index: '43000', last: '42000' }, { index: '42600' }],
};
