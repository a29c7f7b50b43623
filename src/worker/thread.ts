import { createRequire } from 'node:module';
import { setPriority } from 'node:os';

/** Niceness of the workers: at 10 they get about a tenth of the event loop's share when both compete for a core. */
const workerNiceness = 10;

// With few cores the event loop goes first, also while both still load their modules, so this precedes the import. On
// Linux it lowers the priority of the calling thread only, not of the process.
if (process.platform === 'linux') setPriority(0, workerNiceness);

// Loaded with require, which rejects modules with top-level await: terminating a thread while it loads one ends the
// process (https://github.com/nodejs/node/issues/62114), as it does while require wraps a default export.
const { runJob } = createRequire(import.meta.url)('./worker.ts') as typeof import('./worker.ts');

/** What a thread of the pool runs. */
export default runJob;
