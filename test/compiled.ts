// Before each test file, in its threads and in the processes that it starts: what Node compiles is kept for the others.
import { enableCompileCache } from 'node:module';

const { directory } = enableCompileCache();
if (directory) process.env.NODE_COMPILE_CACHE = directory;
