/** A sweep killed with -9 at random moments and started again ends with the bytes of one that was left alone. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { draw, hashText } from '../../../../src/basics/draw.ts';
import { cascade } from '../../../support/cli.ts';
import { ROOT } from '../../../support/sources.ts';
import { tinyScenario } from '../../../support/tinyScenario.ts';
import { resultDigest, tinySweep } from '../../../support/tinySweep.ts';

const START = `const { mainProcess } = await import('${join(ROOT, 'src/cli/main.ts')}'); await mainProcess();`;

/** Runs the program as a process; killed after so many milliseconds, if it still runs. @returns its exit code */
function process9(args: readonly string[], killAfterMs: number | null): Promise<number | null> {
  const given = ['--input-type=module', '-e', START, '--', 'cascade', ...args];
  const child = spawn(process.execPath, given, { stdio: 'ignore' });
  const timer = killAfterMs === null ? null : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  return new Promise((resolve) =>
    child.once('exit', (code) => {
      if (timer !== null) clearTimeout(timer);
      resolve(code);
    }),
  );
}

test('kill -9 at random moments, then to the end', async (t) => {
  const tiny = await tinyScenario(t);
  const whole = await cascade(...tinySweep(tiny, 'whole'), '--workers', '1');
  assert.equal(whole.exit, 0, whole.err);
  const args = [...tinySweep(tiny, 'killed'), '--workers', '2'];
  const seed = hashText(String(process.pid)); // another moment every time: no moment may matter
  let killed = 0;
  for (let k = 0; k < 4; k++) {
    const code = await process9(args, 300 + Math.floor(draw(seed, k, 0) * 2500));
    if (code === 0) break;
    killed++;
  }
  t.diagnostic(`killed ${killed} times, seed ${seed}`);
  assert.equal(await process9(args, null), 0);
  assert.deepEqual(resultDigest(tiny, 'killed'), resultDigest(tiny, 'whole'));
});
