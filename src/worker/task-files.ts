import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';

const root = new URL('../', import.meta.url);
const require = createRequire(root);

/**
 * The exports of all `*.task.ts` files, so that adding a task touches no other file. Loaded with require, which awaits
 * nothing (see worker/thread.ts); in the bundle, docker/bundle.ts lists them.
 */
export const taskFiles: readonly object[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.task.ts'))
  .sort()
  .map((file) => require(`./${file}`) as object);
