// Runs examples/typescript against the service, once its packages are there: `node .ci/typed-client.ts`.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startServer } from '../bench/servers.ts';

/** What the example must print. */
const expected = ['minmax keeps the scale of samples: true', 'taken back [[6,5]]', 'refused ragged_rows /data/1'];

const service = await startServer('service');
try {
  const url = `http://127.0.0.1:${service.port}`;
  const { stdout } = await promisify(execFile)(process.execPath, ['examples/typescript/client.ts', url]);
  console.log(stdout.trim());
  const missing = expected.filter((line) => !stdout.split('\n').includes(line));
  if (missing.length > 0) throw new Error(`It does not print: ${missing.join('; ')}`);
} finally {
  await service.stop();
}
