import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout that this file is in. */
const here = fileURLToPath(new URL('..', import.meta.url));

/**
 * Another revision of this repository in a folder of its own, with what it needs to run: this checkout's packages where
 * both ask for the same ones. It is removed when the process exits.
 * @param revision whatever git takes for a commit
 * @returns the folder
 */
export function checkOut(revision: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'norma-'));
  const root = join(folder, 'checkout');
  const git = (...args: string[]) => execFileSync('git', args, { cwd: here, stdio: ['ignore', 'ignore', 'inherit'] });
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
    git('worktree', 'prune');
  });
  git('worktree', 'add', '--quiet', '--detach', root, revision);
  if (lockOf(root) === lockOf(here)) {
    symlinkSync(realpathSync(join(here, 'node_modules')), join(root, 'node_modules'));
  } else {
    console.log(`${revision} has other packages: npm ci`);
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: 'inherit' });
  }
  return root;
}

function lockOf(root: string): string {
  return readFileSync(join(root, 'package-lock.json'), 'utf8');
}
