// The process. What is set here holds for every module that is loaded after it. JavaScript: to strip the types of one file, before
// anything that was stripped can be kept, would load a compiler (a tenth of the start).
import { setFlagsFromString } from 'node:v8';

// A static import of what an older Node lacks would be a syntax error.
if (Number.parseInt(process.versions.node, 10) < 26) {
  console.error(
    `Norma needs Node.js 26 or later, and this is ${process.versions.node}. npm ci brings one for Linux with glibc, macOS and Windows (optional dependencies); elsewhere install it yourself.`,
  );
  process.exit(1);
}
const { enableCompileCache } = await import('node:module');

// The kernel drops signals that process 1 has no handler for, so handlers come before everything else.
const endAtOnce = () => process.exit(0);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, endAtOnce);

// Blocks of a megabyte come and go with every request. Counted by themselves, as V8 does by default, they set off a full
// collection of the whole heap every few dozen; counted with the heap they do not (a third less time for 47 MB of pixels).
setFlagsFromString('--external-memory-accounted-in-global-limit');

// V8 puts what one place in the code makes straight into the old generation, once much of it has stayed alive. Where it comes
// to that for what requests are made of, as in one process of five, each dead one keeps all that it points to until a full
// collection, and every small collection takes 6 ms instead of 1.5.
setFlagsFromString('--no-allocation-site-pretenuring');

// What is compiled is kept for the next start, which takes a third less time then; where nothing can be written, it is
// not. The threads go by the variable.
const { directory } = enableCompileCache();
if (directory) process.env.NODE_COMPILE_CACHE = directory;

if (process.argv.length > 2) await import('./commands.ts');
else await import('./service.ts');
