import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { outerEnvironment } from '../test/process.ts';
import { python } from '../test/python.ts';

/** A server in a process of its own, on the loopback interface. */
export interface Server {
  port: number;
  pid: number;
  /** Milliseconds from the process' start to its first 200 on /health/ready. */
  readyAfter: number;
  stop(): Promise<void>;
}

/** Milliseconds that a server may take to start, and to stop. */
const patience = 20_000;

/** `bundle` is the service as the image has it. */
export type ServerName = 'service' | 'bundle' | 'bare' | 'baseline' | 'echo' | 'peer';

/** The checkout that this file is in. */
const here = fileURLToPath(new URL('..', import.meta.url));

export interface StartOptions {
  /** The checkout whose service is started. */
  root?: string;
  /** Options for the service's Node besides those of `npm start`. */
  nodeOptions?: readonly string[];
}

// Whoever ends this process ends the servers, too: 'exit' is not emitted when a signal ends it.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

/** Starts the service, or one of the servers it is compared with. */
export async function startServer(name: ServerName, options: StartOptions = {}): Promise<Server> {
  const [program, ...args] = commandOf(name, options);
  const port = await freePort();
  const started = performance.now();
  const child = spawn(program, args, {
    env: {
      ...outerEnvironment(),
      PORT: String(port),
      HOST: '127.0.0.1',
      NORMA_STORE: 'memory:',
    },
    // The log is written as it always is.
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const exited = once(child, 'exit');
  let stopping = false;
  child.once('exit', (code, signal) => {
    if (!stopping) console.error(`The ${name} ended by itself: ${signal ?? code}.`);
  });
  while (!(await isReady(port))) {
    if (child.exitCode !== null || child.signalCode !== null || performance.now() - started > patience) {
      kill();
      throw new Error(`The ${name} did not start.`);
    }
    await sleep(2);
  }
  return {
    port,
    pid: child.pid as number,
    readyAfter: performance.now() - started,
    async stop() {
      stopping = true;
      const timer = setTimeout(kill, patience);
      child.kill('SIGTERM');
      await exited;
      clearTimeout(timer);
      process.off('exit', kill);
    },
  };
}

function commandOf(name: ServerName, { root = here, nodeOptions = [] }: StartOptions): string[] {
  if (name === 'peer') return [python, fileURLToPath(new URL('peer.py', import.meta.url))];
  if (name !== 'service' && name !== 'bundle')
    return [process.execPath, fileURLToPath(new URL(name === 'bare' ? 'bare.js' : `${name}.ts`, import.meta.url))];
  // What `npm start` gives Node.
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { start: string } };
  const [, ...given] = scripts.start.replace(/^exec /, '').split(' ');
  const sources = join(root, given[given.length - 1]);
  return [process.execPath, ...nodeOptions, ...given.with(-1, name === 'bundle' ? bundleOf(root, sources) : sources)];
}

const bundled = new Set<string>();

/** The file that a checkout's image runs, made anew once; the images of older ones run the sources. */
function bundleOf(root: string, sources: string): string {
  const maker = join(root, 'docker/bundle.ts');
  if (!existsSync(maker)) return sources;
  if (!bundled.has(root)) execFileSync(process.execPath, [maker], { stdio: 'inherit' });
  bundled.add(root);
  return join(root, 'dist/server.js');
}

async function freePort(): Promise<number> {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  holder.close();
  await once(holder, 'close');
  return port;
}

function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ port, host: '127.0.0.1', path: '/health/ready', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => resolve(false));
  });
}
