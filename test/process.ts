import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

export interface ServerProcess {
  url: string;
  process: ChildProcess;
  /** The exit code and the signal, once it has ended. */
  ended: Promise<[number | null, NodeJS.Signals | null]>;
}

/** What a server inherits: what tests are told by NORMA_ names is no setting of it. */
export function outerEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('NORMA_')));
}

/** Milliseconds in which a server on a busy machine is ready. */
const patience = 60_000;

/** What `npm start` runs; NORMA_TEST_SERVER=dist/server.js, after `npm run build`, tests what the image runs. */
const sources = process.env.NORMA_TEST_SERVER ?? 'src/server.js';

/**
 * The real server, with Node's options of `npm start`, ready, on a free port. It is killed with the test at the latest.
 * @param cgroup the file of a control group that it writes its number to
 * @throws Error with what it wrote, as soon as it ends instead
 */
export async function startProcess(
  t: { after(stop: () => void): void },
  settings: Record<string, string> = {},
  server = sources,
  cgroup?: string,
): Promise<ServerProcess> {
  const command = [process.execPath, '--initial-old-space-size=128', server];
  // A shell enters the group, and becomes the server.
  const [program, ...options] = cgroup ? ['sh', '-c', `echo $$ > ${cgroup} && exec "$0" "$@"`, ...command] : command;
  const child = spawn(program, options, {
    env: {
      ...outerEnvironment(),
      PORT: '0',
      HOST: '127.0.0.1',
      NORMA_WORKERS: '1',
      NORMA_STORE: 'memory:',
      NORMA_LOG_LEVEL: 'info',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit') as ServerProcess['ended'];
  const starting = new AbortController();
  let log = '';
  // Both are read to their end: a log that nobody reads holds the server up.
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (chunk: Buffer) => {
      if (!starting.signal.aborted) log += chunk;
      else if (output === child.stderr) process.stderr.write(chunk);
    });
  }
  const failed = (how: string) => new Error(`The server ${how} before it was ready:\n${log}`);
  const ready = whenReady(() => /listening at (http:[^"]+)/.exec(log)?.[1], starting.signal);
  const closed = once(child, 'close', starting).then(([code, signal]) => {
    throw failed(`ended with ${code ?? signal}`);
  });
  const late = wait(patience, undefined, starting).then(() => {
    throw failed(`took ${patience} ms`);
  });
  try {
    return { url: await Promise.race([ready, closed, late]), process: child, ended };
  } finally {
    starting.abort();
    // Whoever lost the race has nobody to tell.
    for (const loser of [ready, closed, late]) loser.catch(() => undefined);
  }
}

async function whenReady(address: () => string | undefined, signal: AbortSignal): Promise<string> {
  for (;;) {
    const url = address();
    if (url && (await isReady(url))) return url;
    await wait(10, undefined, { signal });
  }
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/health/ready`).then(
    async (answer) => {
      await answer.arrayBuffer();
      return answer.ok;
    },
    () => false,
  );
}

/** Bytes of a process that are in memory, by Linux: now, or at their peak so far. */
export function residentMemory({ pid }: ChildProcess, at: 'now' | 'peak' = 'now'): number {
  const name = at === 'now' ? 'VmRSS' : 'VmHWM';
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
}
