/** The process itself: how it starts, refuses to start, and stops. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { outerEnvironment, startProcess } from './process.ts';

const server = 'src/server.js';

/** Seconds that the server gives requests under way, and that a test waits for its end. */
const grace = 5;

test('SIGTERM lets the request under way finish, and no idle connection holds the process', async (t) => {
  const { url, process: child } = await start(t);
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const idle = await answerTo(request(`${url}/health/ready`, { agent }).end());
  assert.equal(idle.status, 200);

  const slow = request(`${url}/v1/normalize`, {
    method: 'POST',
    agent: new Agent({ keepAlive: true }),
    headers: { 'content-type': 'application/json', expect: '100-continue' },
  });
  const answer = answerTo(slow);
  slow.flushHeaders();
  await once(slow, 'continue');
  slow.write('{"normalizer":{"method":"minmax"},"data":[[3,5],');

  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await refusesConnections(url);
  slow.end('[6,10]]}');

  const { status, connection, body } = await answer;
  assert.equal(status, 200, body);
  assert.equal(connection, 'close');
  assert.deepEqual((JSON.parse(body) as { data: unknown }).data, [
    [0, 0],
    [1, 1],
  ]);
  const [code, signal] = (await Promise.race([
    ended,
    wait(grace * 1000, ['still running'], { ref: false }),
  ])) as unknown[];
  assert.deepEqual([code, signal], [0, null]);
});

for (const [name, value, says] of [
  ['NORMA_WORKERS', '0', 'is a number of threads, an integer from 1 to 256'],
  ['PORT', 'x', 'is a port, an integer from 0 to 65535'],
  ['NORMA_BODY_LIMIT', '1 GB', 'is a number of bytes'],
  ['NORMA_LOG_LEVEL', 'loud', '"debug"'],
]) {
  test(`${name}=${value} stops the start with one line that names it`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [server], {
      env: { ...outerEnvironment(), PORT: '0', [name]: value },
      encoding: 'utf8',
    });
    assert.notEqual(status, 0);
    assert.equal(stdout, '');
    assert.match(stderr, new RegExp(`^[^\\n]*${name}=${value}: [^\\n]*${says}[^\\n]*\\n$`));
  });
}

test('a bad NORMA_STORE stops the start with one line that names it, without the password', () => {
  for (const [value, shown] of [
    ['mysql://norma:secret@host/norma', /^Bad settings: NORMA_STORE: is sqlite:<file>, memory: or postgres:\/\/.*\n$/],
    ['sqlite:src/server.js/norma.db', /^NORMA_STORE cannot be used: .*\n$/],
    ['sqlite:src', /^NORMA_STORE cannot be used: src: unable to open database file\n$/],
  ] as const) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [server], {
      env: { ...outerEnvironment(), PORT: '0', NORMA_STORE: value },
      encoding: 'utf8',
    });
    assert.equal(status, 1);
    assert.match(stdout, /^(\{[^\n]*"msg":"starting"\}\n)?$/);
    assert.match(stderr, shown);
  }
});

function start(t: TestContext, settings: Record<string, string> = {}): ReturnType<typeof startProcess> {
  return startProcess(t, { NORMA_SHUTDOWN_GRACE: String(grace), ...settings });
}

async function answerTo(
  asked: ReturnType<typeof request>,
): Promise<{ status?: number; connection?: string; body: string }> {
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, connection: answer.headers.connection, body: await text(answer) };
}

/** Waits until the server takes no new connection, which is when it has begun to stop. */
async function refusesConnections(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const refused = await answerTo(request(`${url}/health/ready`, { agent: false }).end()).then(
      () => false,
      () => true,
    );
    if (refused) return;
    await wait(10);
  }
  assert.fail('The server still takes connections.');
}
