import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startService } from './service.ts';

const python = '/usr/bin/python3';

function hasNumpy(): boolean {
  try {
    execFileSync(python, ['-c', 'import numpy'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const skip = !process.env.NORMA_CI_STRICT && !hasNumpy() && 'Debian python3-numpy is not installed';

test('the Python example fits in parts, transforms by npy and takes it back', { skip }, async () => {
  const service = await startService();
  try {
    const { stdout } = await promisify(execFile)(python, ['examples/parts.py', service.url]);
    assert.deepEqual(stdout.trim().split('\n'), [
      'samples 3000 from 3 parts',
      'the mean of all of them True',
      'transformed float32 (1000, 2) deviations [1. 1.]',
      'taken back True',
    ]);
  } finally {
    await service.close();
  }
});
