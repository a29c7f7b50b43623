import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A PostgreSQL server of its own, in a temporary folder. */
export interface Postgres {
  /**
   * The address of a new, empty database.
   * @param folder where its files are; with the server's own when not given
   */
  newDatabase(folder?: string): Promise<string>;
  /** Stops the server as if its machine went away: connections are cut. */
  stop(): Promise<void>;
  /** Starts it again, on the same port. */
  start(): Promise<void>;
  /** Lets it answer nothing, and go on where it was. */
  freeze(): void;
  thaw(): void;
  /** Stops it and deletes its folder. */
  close(): Promise<void>;
}

const run = promisify(execFile);

const [programs] = globSync('/usr/lib/postgresql/*/bin').toSorted().toReversed();

/** Why tests that need PostgreSQL are skipped; false where it is installed. */
export const noPostgres = programs === undefined && skipped('Debian postgresql is not installed');

function skipped(why: string): string {
  if (process.env.NORMA_CI_STRICT) throw new Error(`${why}, and nothing may be skipped here.`);
  return why;
}

// Whoever ends this process ends the servers, too.
const children = new Set<() => void>();
process.once('exit', () => children.forEach((kill) => kill()));

export async function startPostgres(): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), 'norma-postgres-'));
  // The server refuses to run as root.
  const owner = process.getuid?.() === 0 ? ownerOf('postgres') : undefined;
  if (owner) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, 'data');
  await run(join(programs, 'initdb'), ['-D', data, '-U', 'norma', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
    ...owner,
    cwd: folder,
  });
  const port = await freePort();
  let stopServer = async () => {};
  let pid = 0;

  async function start(): Promise<void> {
    const options = {
      fsync: 'off',
      unix_socket_directories: folder,
      listen_addresses: '127.0.0.1',
      max_connections: 60,
    };
    const settings = Object.entries({ port, ...options }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const server = spawn(join(programs, 'postgres'), ['-D', data, ...settings], {
      ...owner,
      cwd: folder,
      stdio: 'ignore',
    });
    pid = server.pid as number;
    const ended = once(server, 'exit');
    const kill = () => void server.kill('SIGQUIT');
    children.add(kill);
    stopServer = async () => {
      children.delete(kill);
      kill();
      await ended;
    };
    while (!(await isReady())) {
      if (server.exitCode !== null) throw new Error('PostgreSQL did not start.');
    }
  }

  async function isReady(): Promise<boolean> {
    return run(join(programs, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]).then(
      () => true,
      () => false,
    );
  }

  await start();
  let databases = 0;
  return {
    async newDatabase(folder) {
      const name = `norma_${++databases}`;
      const server = ['-h', '127.0.0.1', '-p', String(port), '-U', 'norma'];
      if (folder) {
        if (owner) chownSync(folder, owner.uid, owner.gid);
        const create = `create tablespace space_${name} location '${folder}'`;
        await run(join(programs, 'psql'), [...server, '-d', 'postgres', '-c', create]);
      }
      await run(join(programs, 'createdb'), [...server, ...(folder ? ['-D', `space_${name}`] : []), name]);
      return `postgres://norma@127.0.0.1:${port}/${name}`;
    },
    stop: () => stopServer(),
    start,
    freeze: () => signalAll(pid, 'SIGSTOP'),
    thaw: () => signalAll(pid, 'SIGCONT'),
    async close() {
      await stopServer();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Signals a server and the processes it has for its connections. */
function signalAll(server: number, signal: NodeJS.Signals): void {
  const children = readFileSync(`/proc/${server}/task/${server}/children`, 'utf8').trim().split(' ');
  for (const pid of [server, ...children.map(Number)]) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      // A connection's process may have ended since it was listed.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function ownerOf(user: string): { uid: number; gid: number } {
  const of = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  return { uid: of('-u'), gid: of('-g') };
}

/** A TCP port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
