import { setPriority } from 'node:os';

/** What Linux's scheduler takes off the workers' share: 10 is about a tenth of the event loop's when both want a core. */
const workerNiceness = 10;

// Where cores are few, the event loop goes first, also while both still load their modules: hence the order. On Linux this
// lowers the calling thread alone, not the process.
if (process.platform === 'linux') setPriority(0, workerNiceness);

/** What a thread of the pool runs. */
export default (await import('./worker.ts')).default;
