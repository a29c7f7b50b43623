import { execFileSync } from 'node:child_process';

/** Debian's Python: the test runner's environment may have another first on its PATH. */
export const python = '/usr/bin/python3';

/**
 * Why a test that needs a module of Python is skipped: false when the module is there, and where nothing may be skipped,
 * so that the test fails.
 */
export function withoutModule(name: string, debianPackage: string): string | false {
  if (process.env.NORMA_CI_STRICT) return false;
  try {
    execFileSync(python, ['-c', `import ${name}`], { stdio: 'ignore' });
    return false;
  } catch {
    return `Debian ${debianPackage} is not installed`;
  }
}
