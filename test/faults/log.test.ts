/** A log that cannot be written costs its lines, and nothing else. */
import assert from 'node:assert/strict';
import { spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createLogDestination } from '#telemetry/log-destination.ts';
import { outerEnvironment } from '../process.ts';
import { noSmallDisk, smallDisk } from './small-disk.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** A server whose log goes somewhere, ready: it cannot tell its port itself. */
async function startWithLog(t: TestContext, stdout: number | 'pipe') {
  const port = await freePort();
  const stdio: StdioOptions = ['ignore', stdout, 'ignore'];
  const child = spawn(process.execPath, ['src/server.js'], {
    env: {
      ...outerEnvironment(),
      PORT: String(port),
      HOST: '127.0.0.1',
      NORMA_WORKERS: '1',
      NORMA_STORE: 'memory:',
      NORMA_SHUTDOWN_GRACE: '3',
    },
    stdio,
  });
  t.after(() => child.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    const isReady = await fetch(`${url}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return { url, child, ended: once(child, 'exit') };
    assert.ok(tries < 1000, 'it does not start');
    await wait(20);
  }
}

/** Makes so many lines of the log, of about 4 KB each. */
async function fill(url: string, count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    const answer = await fetch(`${url}/v1/${'x'.repeat(4000)}`, { signal: AbortSignal.timeout(5000) });
    assert.equal(answer.status, 404);
    await answer.arrayBuffer();
  }
}

async function ends(child: { kill(signal: NodeJS.Signals): boolean }, ended: Promise<unknown[]>): Promise<void> {
  child.kill('SIGTERM');
  assert.deepEqual(await Promise.race([ended, wait(6000, ['it runs on'], { ref: false })]), [0, null]);
}

test('to a device that is full', { skip: !existsSync('/dev/full') && 'there is no /dev/full' }, async (t) => {
  const full = openSync('/dev/full', 'w');
  const { url, child, ended } = await startWithLog(t, full);
  closeSync(full);
  await fill(url, 50);
  await ends(child, ended);
});

test('to a pipe that nobody reads', async (t) => {
  const { url, child, ended } = await startWithLog(t, 'pipe');
  await fill(url, 100);
  await ends(child, ended);
});

test('to a disk that is full: the lines that were dropped are counted when there is room again', {
  skip: noSmallDisk,
}, async (t) => {
  const disk = smallDisk(3);
  t.after(() => disk.remove());
  const file = join(disk.folder, 'log');
  const log = openSync(file, 'a');
  const { url, child, ended } = await startWithLog(t, log);
  closeSync(log);
  disk.fill();
  // More than may wait.
  await fill(url, 400);
  disk.clear();
  await wait(1200);
  await ends(child, ended);
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const told = lines.find(({ msg }) => msg === 'log lines were dropped');
  assert.ok(Number(told?.dropped) > 100, `${told?.dropped}`);
  assert.equal(lines.at(-1)?.msg, 'stopped');
});

test('lines beyond what may wait are dropped and counted, and told of once there is room', async () => {
  const { stdin, stdout } = spawn('sh', ['-c', 'sleep 1; cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const { fd } = (stdin as unknown as { _handle: { fd: number } })._handle;
  const told: number[] = [];
  const log = createLogDestination(fd, (dropped) => told.push(dropped));
  let read = 0;
  stdout.on('data', (chunk: Buffer) => (read += chunk.toString().split('\n').length - 1));
  const line = `${'x'.repeat(1023)}\n`;
  for (let at = 0; at < 3000; at++) log.write(line);
  const dropped = log.dropped();
  assert.ok(dropped >= 1900, `${dropped}`);
  assert.equal(await log.flush(10), false);
  assert.equal(await log.flush(20_000), true);
  assert.deepEqual(told, [dropped]);
  stdin.end();
  await once(stdout, 'end');
  assert.equal(read, 3000 - dropped);
});
