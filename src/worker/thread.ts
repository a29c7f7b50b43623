import { createRequire } from 'node:module';
import { setPriority } from 'node:os';

/** What Linux's scheduler takes off the workers' share: 10 is about a tenth of the event loop's when both want a core. */
const workerNiceness = 10;

// Where cores are few, the event loop goes first, also while both still load their modules: hence the order. On Linux this
// lowers the calling thread alone, not the process.
if (process.platform === 'linux') setPriority(0, workerNiceness);

// By require, which refuses modules that await at their top level: a thread that is ended while it loads one ends the process
// with it (https://github.com/nodejs/node/issues/62114). So it does while require makes an object of a default export.
const { runJob } = createRequire(import.meta.url)('./worker.ts') as typeof import('./worker.ts');

/** What a thread of the pool runs. */
export default runJob;
