// Compiles src/kernels/assembly to kernels.wasm, which is committed: `npm start` needs no compiler. CI builds it anew
// and compares.
import { main } from 'assemblyscript/asc';

const { error } = await main(
  [
    'src/kernels/assembly/index.ts',
    '--outFile',
    process.argv[2] ?? 'src/kernels/kernels.wasm',
    '--optimizeLevel',
    '3',
    '--noAssert',
    '--runtime',
    'stub',
    '--enable',
    'simd',
  ],
  { stderr: process.stderr },
);
if (error) process.exitCode = 1;
