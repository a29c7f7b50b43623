/** Signals: at any moment the process ends with 0 within its grace, and says what it cut. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { writeNpyHeader } from '#formats/npy/header.ts';
import { outerEnvironment, startProcess } from '../process.ts';
import { head, openTo } from './socket.ts';

/** Seconds of grace, and milliseconds that a loaded machine may take beyond. */
const grace = 3;
const tolerance = 1500;

interface Line {
  msg: string;
  [member: string]: unknown;
}

function linesOf(output: string): Line[] {
  return output.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Line] : []));
}

async function startLogged(t: TestContext, settings: Record<string, string> = {}) {
  const server = await startProcess(t, { NORMA_SHUTDOWN_GRACE: String(grace), ...settings });
  let output = '';
  server.process.stdout?.on('data', (chunk: Buffer) => (output += chunk));
  return { ...server, lines: () => linesOf(output) };
}

const json = '{"normalizer":{"method":"norm"},"data":[3,4],"include":["data"]}';
const chunked = { 'transfer-encoding': 'chunked' };
const rows = 400_000;
const streamed = {
  'content-type': 'application/x-npy',
  accept: 'application/x-npy',
  'content-length': writeNpyHeader('uint8', [rows, 100]).length + rows * 100,
};

/** What a client has sent when the signal comes, and whether that is a request whose answer it loses. */
const moments: [what: string, sent: (string | Uint8Array)[], isCut: boolean][] = [
  ['nothing', [], false],
  ['one byte', ['P'], false],
  ['half a request line', ['POST /v1/norm'], false],
  ['half a header', ['POST /v1/normalize HTTP/1.1\r\nhost: no'], false],
  ['half a body', [head('/v1/normalize', { 'content-length': json.length }), json.slice(0, 20)], true],
  ['chunks without an end', [head('/v1/normalize', chunked), '14\r\n', json.slice(0, 20), '\r\n'], true],
  ['an Expect that it never fulfils', [head('/v1/normalize', { 'content-length': 99, expect: '100-continue' })], true],
  ['one request and half of the next', ['GET /v1/methods HTTP/1.1\r\nhost: n\r\n\r\nGET /v1/me'], false],
  ['bytes of TLS', [Uint8Array.of(22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3)], false],
  [
    'all, and does not read its answer',
    [
      head('/v1/normalize?method=norm', streamed),
      writeNpyHeader('uint8', [rows, 100]),
      new Uint8Array(rows * 100).fill(1),
    ],
    true,
  ],
];

describe('SIGTERM while a client has sent', { concurrency: 4 }, () => {
  for (const [what, sent, isCut] of moments) {
    test(what, async (t) => {
      const { url, process: server, ended, lines } = await startLogged(t);
      const { socket } = await openTo(url);
      socket.pause();
      for (const piece of sent) socket.write(piece);
      await wait(300);
      server.kill('SIGTERM');
      const from = performance.now();
      assert.deepEqual(await ended, [0, null]);
      const took = performance.now() - from;
      assert.ok(took < grace * 1000 + tolerance, `it took ${took} ms`);
      if (!isCut) assert.ok(took < (grace - 1) * 1000 + tolerance, `what was not accepted held it for ${took} ms`);
      socket.destroy();
      const last = lines().at(-1);
      assert.match(last?.msg ?? '', /^stopped/);
      assert.equal(last?.cut_requests, isCut ? 1 : 0);
      const requests = lines().filter(({ msg, complete }) => msg === 'request' && complete === false);
      assert.equal(requests.length, isCut ? 1 : 0);
    });
  }
});

test('the log tells the life of the process, without its secrets', async (t) => {
  const child = spawn(process.execPath, ['src/server.js'], {
    env: {
      ...outerEnvironment(),
      PORT: '0',
      HOST: '127.0.0.1',
      NORMA_WORKERS: '1',
      NORMA_STORE: 'memory:',
      NORMA_API_KEYS: `ci:read:${'a1'.repeat(32)}`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk));
  while (!output.includes('"msg":"ready"')) await wait(20);
  child.kill('SIGTERM');
  await once(child, 'close');
  const lines = linesOf(output);
  const told = lines.map(({ msg }) => msg).filter((msg) => !msg.startsWith('Server listening'));
  assert.deepEqual(told, ['starting', 'ready', 'stopping', 'drained', 'stopped']);
  const { version, settings } = lines[0] as Line & { settings: Record<string, unknown> };
  assert.match(String(version), /^\d+\.\d+\.\d+/);
  assert.deepEqual([settings.workers, settings.store, settings.apiKeys], [1, 'memory', 1]);
  assert.ok(!output.includes('a1a1'));
  assert.equal(lines.find(({ msg }) => msg === 'stopping')?.signal, 'SIGTERM');
  assert.deepEqual([lines.at(-1)?.code, lines.at(-1)?.cut_requests], [0, 0]);
});

/** A request that was accepted, and whose body has come by half. */
async function beginsSlowly(url: string) {
  const slow = await openTo(url);
  slow.write(head('/v1/normalize', { 'content-length': json.length, expect: '100-continue' }));
  while (!slow.received().includes('100 Continue')) await wait(5);
  slow.write(json.slice(0, 20));
  return slow;
}

test('a second SIGTERM, and the same SIGINT twice, change nothing: what is under way is answered', async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const { url, process: server, ended } = await startLogged(t);
    const slow = await beginsSlowly(url);
    server.kill(signal);
    await wait(100);
    server.kill(signal);
    if (signal === 'SIGTERM') {
      await wait(1200);
      server.kill(signal);
    }
    await wait(100);
    slow.write(json.slice(20));
    assert.match(await slow.ended(), /HTTP\/1.1 200 [\s\S]*\[0.6,0.8\]/);
    assert.deepEqual(await ended, [0, null]);
  }
});

test('a second SIGINT, a second later, ends the grace', async (t) => {
  const { url, process: server, ended, lines } = await startLogged(t, { NORMA_SHUTDOWN_GRACE: '60' });
  await beginsSlowly(url);
  server.kill('SIGINT');
  await wait(1200);
  server.kill('SIGINT');
  assert.deepEqual(await Promise.race([ended, wait(5000, 'it goes on', { ref: false })]), [0, null]);
  assert.equal(lines().at(-1)?.cut_requests, 1);
});

test('NORMA_SHUTDOWN_GRACE=0 ends at once, with 0', async (t) => {
  const { url, process: server, ended } = await startLogged(t, { NORMA_SHUTDOWN_GRACE: '0' });
  await beginsSlowly(url);
  server.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
});

const canUnshare = existsSync('/usr/bin/unshare') && spawnSync('unshare', ['-p', '-f', 'true']).status === 0;
const noProcessOne = !canUnshare && !process.env.NORMA_CI_STRICT && 'no process namespace can be made here';

test('as process 1, SIGTERM during the start ends it', { skip: noProcessOne }, async (t) => {
  for (const after of [20, 250, 500, 800]) {
    const child = spawn('unshare', ['-p', '-f', '--kill-child', process.execPath, 'src/server.js'], {
      env: {
        ...outerEnvironment(),
        PORT: '0',
        HOST: '127.0.0.1',
        NORMA_WORKERS: '1',
        NORMA_STORE: 'memory:',
        // Tells of the first handler: until then the process is Node's alone, which does not handle the signal either.
        NODE_OPTIONS:
          '--import=data:text/javascript,process.on(`newListener`,(name)=>name===`SIGTERM`&&process._rawDebug(1))',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    t.after(() => child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    await once(child.stderr, 'data');
    const server = childOf(child);
    await wait(after);
    process.kill(server, 'SIGTERM');
    const how = await Promise.race([ended, wait(8000, ['it runs on'], { ref: false })]);
    assert.deepEqual(how.slice(0, 1), [0], `after ${after} ms`);
  }
});

function childOf({ pid }: ChildProcess): number {
  return Number(spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' }).stdout);
}

test('npm start hands a signal on', async (t) => {
  const child = spawn('npm', ['start'], {
    env: { ...outerEnvironment(), PORT: '0', HOST: '127.0.0.1', NORMA_WORKERS: '1', NORMA_STORE: 'memory:' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk));
  while (!output.includes('"msg":"ready"')) await wait(20);
  const server = linesOf(output)[0].pid as number;
  child.kill('SIGTERM');
  await once(child, 'close');
  assert.throws(() => process.kill(server, 0), /ESRCH/);
  assert.match(output, /"msg":"stopped"/);
});

test('an unknown NORMA_ name refuses the start and tells the nearest; what Kubernetes injects is ignored', () => {
  const start = (settings: Record<string, string>) =>
    spawnSync(process.execPath, ['src/server.js'], {
      env: { ...outerEnvironment(), PORT: 'x', ...settings },
      encoding: 'utf8',
    }).stderr;
  assert.match(
    start({ NORMA_API_KEY: 'secret' }),
    /NORMA_API_KEY is not a setting; did you mean NORMA_API_KEYS\?(?!.*secret)/,
  );
  assert.match(start({ NORMA_BODYLIMIT: '1MiB' }), /did you mean NORMA_BODY_LIMIT\?/);
  assert.match(start({ NORMA_SOMETHING_ELSE_ENTIRELY: '1' }), /NORMA_SOMETHING_ELSE_ENTIRELY is not a setting;/);
  const injected = start({
    NORMA_SERVICE_HOST: '10.0.0.1',
    NORMA_SERVICE_PORT_HTTP: '80',
    NORMA_PORT: 'tcp://10.0.0.1:80',
    NORMA_PORT_80_TCP_ADDR: '10.0.0.1',
  });
  assert.match(injected, /PORT=x/);
  assert.doesNotMatch(injected, /is not a setting/);
});

test('NORMA_REQUIRE_AUTH refuses to start open', () => {
  const { status, stderr } = spawnSync(process.execPath, ['src/server.js'], {
    env: { ...outerEnvironment(), PORT: '0', NORMA_REQUIRE_AUTH: 'true' },
    encoding: 'utf8',
  });
  assert.equal(status, 1);
  assert.match(stderr, /^NORMA_REQUIRE_AUTH=true needs NORMA_API_KEYS or NORMA_JWKS.*\n$/);
});
