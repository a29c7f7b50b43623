import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Method } from './method.ts';

const folder = new URL('./methods/', import.meta.url);
const require = createRequire(folder);

/**
 * Every file in `methods/` is a method: adding one touches no other file. By require, which awaits nothing (see
 * worker/thread.ts); in the bundle docker/bundle.ts lists them.
 */
export const methods: readonly Method[] = readdirSync(folder)
  .sort()
  .map((file) => (require(`./${file}`) as { method: Method }).method);
