/** The Python client's own tests, against the real service: where Python has the packages that they need. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { outerEnvironment } from '../process.ts';

/** A Python with what `pip install './clients/python[test]'` installs; NORMA_CLIENT_PYTHON names another. */
const python = process.env.NORMA_CLIENT_PYTHON ?? 'python3';
const modules = ['numpy', 'httpx', 'pandas', 'pyarrow', 'sklearn', 'tqdm', 'pytest'];

function missingPackages(): string | false {
  if (process.env.NORMA_CI_STRICT) return false;
  try {
    execFileSync(python, ['-c', `import ${modules.join()}`], { stdio: 'ignore' });
    return false;
  } catch {
    return `${python} lacks one of ${modules.join(', ')}: pip install './clients/python[test]', and name it in NORMA_CLIENT_PYTHON`;
  }
}

test('the Python client passes its tests', { skip: missingPackages(), timeout: 110_000 }, (t) => {
  const { status, stdout, stderr } = spawnSync(python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider'], {
    cwd: 'clients/python',
    env: { ...outerEnvironment(), PYTHONPATH: 'src', PYTHONDONTWRITEBYTECODE: '1', NORMA_TEST_NODE: process.execPath },
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout + stderr);
  t.diagnostic(stdout.trim().split('\n').at(-1) ?? '');
});
