import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { python, withoutModule } from '../../python.ts';
import { startService } from '../../service.ts';

test('numpy.load opens the npz answers, and numpy.savez writes the requests', {
  skip: withoutModule('numpy', 'python3-numpy'),
}, async () => {
  const service = await startService();
  try {
    const { stdout } = await promisify(execFile)(python, ['test/formats/npy/numpy_client.py', service.url]);
    assert.equal(stdout, '(5, 3) there and back\n(400000, 3) there and back\n');
  } finally {
    await service.close();
  }
});
