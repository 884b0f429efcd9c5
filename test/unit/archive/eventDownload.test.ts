/** From nothing but an address to a scenario that runs: download, import, choose, replay. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { archiveServer, withSum, zipped } from '../../support/archiveServer.ts';
import { cascade } from '../../support/cli.ts';

const work = mkdtempSync(join(tmpdir(), 'cascade-event-download-'));
after(() => rmSync(work, { recursive: true, force: true }));

const MINUTE = 60_000;
const DAY = Date.UTC(2021, 4, 19);

/** Rows of a kline file: a triangle wave about 40,000 that falls by `drop` in the second half of the day. */
function klines(fromMs: number, bars: number, lengthMs: number, { drop = 0, at = 40_000 } = {}): string {
  const rows = Array.from({ length: bars }, (_, i) => {
    const base = at + (i % 20) - (i >= bars / 2 ? drop : 0);
    const [open, high, low, close] = [base, base + 8, base - 8, base + 1].map((p) => p.toFixed(2));
    const time = fromMs + i * lengthMs;
    return [
      time,
      open,
      high,
      low,
      close,
      '100.000',
      time + lengthMs - 1,
      '4000000',
      50,
      '50.000',
      '2000000',
      0,
    ].join();
  });
  return `${rows.join('\n')}\n`;
}

async function filesOf(day: string): Promise<[string, Buffer][]> {
  const texts: [string, string][] = [
    [`futures/um/daily/klines/BTCUSDT/1m/BTCUSDT-1m-${day}`, klines(DAY, 1440, MINUTE, { drop: 3000 })],
    [
      `futures/um/daily/markPriceKlines/BTCUSDT/1m/BTCUSDT-1m-${day}`,
      klines(DAY, 1440, MINUTE, { drop: 3000, at: 40_001 }),
    ],
    [`spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-${day}`, klines(DAY, 1440, MINUTE, { drop: 3000, at: 40_002 })],
    [
      'futures/um/monthly/fundingRate/BTCUSDT/BTCUSDT-fundingRate-2021-05',
      `${DAY + 3},8,0.0001\n${DAY + 480 * MINUTE},8,0.0002\n${DAY + 960 * MINUTE},8,0.0003\n`,
    ],
    ...['16', '17', '18'].map((d): [string, string] => [
      `futures/um/daily/klines/BTCUSDT/1h/BTCUSDT-1h-2021-05-${d}`,
      klines(Date.UTC(2021, 4, Number(d)), 24, 60 * MINUTE),
    ]),
  ];
  const files: [string, Buffer][] = [];
  for (const [path, text] of texts)
    files.push(...withSum(`data/${path}.zip`, await zipped(`data/${path}.zip`, text)));
  return files;
}

test('event new --download: from an archive to a scenario that runs, and again without fetching twice', async () => {
  const server = await archiveServer({ files: await filesOf('2021-05-19') });
  try {
    const data = join(work, 'data');
    const ask = ['event', 'new', '2021-05-19', '--venue', 'binance', '--symbol', 'BTCUSDT', '--data', data];
    const online = ['--download', '--base-url', server.url];
    const file = join(work, 'day.yaml');
    const made = await cascade(...ask, ...online, '--out', file);
    assert.equal(made.exit, 0, made.err);
    assert.match(made.out, /not in the archive: .*aggTrades/);
    assert.match(made.out, /binance-um\/BTCUSDT\/candles-1m: 1440 rows/);
    assert.match(made.out, /under binance-usdm@2021-05, 1 spot venues/);
    const out = join(work, 'runs');
    const hour = ['--from', '2021-05-19T11:30Z', '--until', '2021-05-19T16:30Z'];
    const ran = await cascade(
      'run',
      file,
      '--data',
      data,
      '--out',
      out,
      '--cache',
      join(work, 'c'),
      '--no-reruns',
      ...hour,
    );
    assert.equal(ran.exit, 0, ran.err);
    assert.ok(existsSync(join(out, '2021-05-19-binance-btcusdt', 'report.html')));
    const before = server.log.filter((one) => one.path.endsWith('.zip') && one.status === 200).length;
    const again = await cascade(...ask, ...online, '--out', join(work, 'again.yaml'));
    assert.equal(again.exit, 0, again.err);
    const now = server.log.filter((one) => one.path.endsWith('.zip') && one.status === 200).length;
    assert.equal(now, before, 'nothing is fetched twice');
  } finally {
    await server.close();
  }
});
