import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A control group of Linux that bounds the memory of the processes in it, as a container's does. */
export interface MemoryCgroup {
  /** The file that a process writes its number to, to be in it. */
  procs: string;
  /** How many processes the kernel has killed for want of memory. */
  kills(): number;
  /** The most bytes that were in use so far. */
  peak(): number;
  remove(): void;
}

const versionOneRoot = '/sys/fs/cgroup/memory';
const versionTwoRoots = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'];

const read = (folder: string, file: string) => readFileSync(join(folder, file), 'utf8');

/**
 * @param bytes of memory; there is no swap
 * @throws Error where none can be made: it takes root, and a writable hierarchy with the memory controller
 */
export function createMemoryCgroup(bytes: number): MemoryCgroup {
  const name = `norma-test-${process.pid}-${Date.now()}`;
  return existsSync(join(versionOneRoot, 'memory.limit_in_bytes')) ? versionOne(name, bytes) : versionTwo(name, bytes);
}

function versionOne(name: string, bytes: number): MemoryCgroup {
  const folder = join(versionOneRoot, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'memory.limit_in_bytes'), String(bytes));
  if (existsSync(join(folder, 'memory.memsw.limit_in_bytes')))
    writeFileSync(join(folder, 'memory.memsw.limit_in_bytes'), String(bytes));
  return {
    procs: join(folder, 'cgroup.procs'),
    kills: () => Number(/^oom_kill (\d+)$/m.exec(read(folder, 'memory.oom_control'))?.[1] ?? 0),
    peak: () => Number(read(folder, 'memory.max_usage_in_bytes')),
    remove: () => rmdirSync(folder),
  };
}

function versionTwo(name: string, bytes: number): MemoryCgroup {
  const root = versionTwoRoots.find((path) => existsSync(join(path, 'cgroup.controllers')));
  if (!root || !read(root, 'cgroup.controllers').includes('memory'))
    throw new Error('there is no hierarchy with the memory controller');
  try {
    writeFileSync(join(root, 'cgroup.subtree_control'), '+memory');
  } catch {
    // What a container takes for the root has processes, which keep it from having groups with controllers below: they move.
    const rest = join(root, 'norma-test-rest');
    mkdirSync(rest, { recursive: true });
    for (const pid of read(root, 'cgroup.procs').split('\n').filter(Boolean))
      writeFileSync(join(rest, 'cgroup.procs'), pid);
    writeFileSync(join(root, 'cgroup.subtree_control'), '+memory');
  }
  const folder = join(root, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'memory.max'), String(bytes));
  if (existsSync(join(folder, 'memory.swap.max'))) writeFileSync(join(folder, 'memory.swap.max'), '0');
  return {
    procs: join(folder, 'cgroup.procs'),
    kills: () => Number(/^oom_kill (\d+)$/m.exec(read(folder, 'memory.events'))?.[1] ?? 0),
    peak: () => (existsSync(join(folder, 'memory.peak')) ? Number(read(folder, 'memory.peak')) : Number.NaN),
    remove: () => rmdirSync(folder),
  };
}
