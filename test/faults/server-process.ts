import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

export interface ServerProcess {
  url: string;
  process: ChildProcess;
  /** The exit code and the signal, once it has ended. */
  ended: Promise<[number | null, string | null]>;
}

/** The real server on a free port, which its log tells. It is killed with the test at the latest. */
export async function startServer(t: TestContext, settings: Record<string, string> = {}): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['--initial-old-space-size=128', 'src/server.ts'], {
    env: {
      ...process.env,
      ...{ PORT: '0', HOST: '127.0.0.1', NORMA_WORKERS: '2', NORMA_STORE: 'memory:', NORMA_LOG_LEVEL: 'info' },
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit') as ServerProcess['ended'];
  const url = await new Promise<string>((resolve, reject) => {
    let log = '';
    // Read to the end: a log that nobody reads holds the server up.
    child.stdout.on('data', (chunk) => {
      if (log.length < 10_000) log += chunk;
      const [, at] = /listening at (http:[^"]+)/.exec(log) ?? [];
      if (at) resolve(at);
    });
    child.once('exit', () => reject(new Error(`The server ended before it listened: ${log}`)));
  });
  while (!(await isReady(url))) await wait(20);
  return { url, process: child, ended };
}

async function isReady(url: string): Promise<boolean> {
  const { ok } = await fetch(`${url}/health/ready`);
  return ok;
}

/** MiB of a process that are in memory, by Linux. */
export function residentMemory({ pid }: ChildProcess): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** How many files, sockets and pipes a process has open, by Linux. */
export function descriptors({ pid }: ChildProcess): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
