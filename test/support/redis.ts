/** A Redis server of a test's own, with an append-only file in the test's folder. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Why tests that need Redis are skipped; false where it is installed. */
export const NO_REDIS: string | false =
  spawnSync('redis-server', ['--version']).status === 0 ? false : 'redis-server is not installed';

/** A port that nobody listens on. */
export function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(),
      );
    });
  });
}

export interface TestRedis {
  readonly url: string;
  /** Ends it without warning and starts it again on the same file. */
  readonly killAndRestart: () => Promise<void>;
  readonly stop: () => void;
}

/** Starts a server in a folder. */
export async function startRedis(folder: string): Promise<TestRedis> {
  const port = await freePort();
  const start = (): ChildProcess =>
    spawn(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes', '--save', ''],
      { stdio: 'ignore' },
    );
  let server = start();
  const ready = async (): Promise<void> => {
    for (let k = 0; k < 100; k++) {
      const { stdout } = spawnSync('redis-cli', ['-p', String(port), 'ping'], { encoding: 'utf8' });
      if (stdout.trim() === 'PONG') return;
      await sleep(50);
    }
    throw new Error('redis-server did not start');
  };
  await ready();
  return {
    url: `redis://127.0.0.1:${port}`,
    killAndRestart: async () => {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGKILL');
      await ended;
      server = start();
      await ready();
    },
    stop: () => void server.kill('SIGKILL'),
  };
}
