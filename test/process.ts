import { type ChildProcess, spawn } from 'node:child_process';

export interface ServerProcess {
  url: string;
  process: ChildProcess;
}

/** The real server, as `npm start` starts it, on a free port, which its log tells. It ends with the test. */
export async function startProcess(
  t: { after(stop: () => void): void },
  settings: Record<string, string> = {},
): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['--initial-old-space-size=128', 'src/server.ts'], {
    env: {
      ...process.env,
      ...{
        PORT: '0',
        HOST: '127.0.0.1',
        NORMA_WORKERS: '1',
        NORMA_LOG_LEVEL: 'info',
        NORMA_STORE: 'memory:',
      },
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  let log = '';
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    log += chunk;
    const url = /listening at (http:[^"]+)/.exec(log)?.[1];
    if (!url) continue;
    child.stdout.resume();
    return { url, process: child };
  }
  throw new Error(`The server ended before it listened: ${log}`);
}
