import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { python } from '../../test/python.ts';

/** A process that computes with NumPy, SciPy and scikit-learn. */
export interface Python {
  load(array: Uint8Array | Float32Array | Float64Array, shape: readonly number[]): Promise<void>;
  /** Milliseconds of each of `times` computations; nothing for what it has no counterpart of. */
  time(by: 'numpy' | 'sklearn', what: string, axis: number | null, times?: number): Promise<number | undefined>;
  stop(): void;
}

const script = fileURLToPath(new URL('in_process.py', import.meta.url));

export function startPython(): Python {
  const child = spawn(python, ['-B', '-W', 'ignore', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  async function ask(command: object): Promise<unknown> {
    child.stdin.write(`${JSON.stringify(command)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error('The Python process ended.');
    return JSON.parse(value);
  }
  return {
    async load(array, shape) {
      const folder = mkdtempSync(join(tmpdir(), 'array-'));
      const file = join(folder, 'array');
      try {
        writeFileSync(file, array);
        await ask({ file, dtype: dtypeOf(array), shape });
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    async time(by, what, axis, times = 1) {
      return ((await ask({ by, what, axis, times })) as number | null) ?? undefined;
    },
    stop: () => child.stdin.end(),
  };
}

function dtypeOf(array: Uint8Array | Float32Array | Float64Array): string {
  if (array instanceof Uint8Array) return 'uint8';
  return array instanceof Float32Array ? 'float32' : 'float64';
}
