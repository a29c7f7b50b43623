// Runs clients/python/engines against two replicas on one PostgreSQL: `node .ci/engines.ts PYTHON [pytest's options]`.
import { spawnSync } from 'node:child_process';
import { outerEnvironment, startProcess } from '../test/process.ts';
import { startPostgres } from '../test/store/postgres.ts';

const [python, ...options] = process.argv.slice(2);
const stops: (() => unknown)[] = [];
let status: number | null = 1;
try {
  const postgres = await startPostgres();
  stops.push(() => postgres.close());
  const settings = { NORMA_STORE: await postgres.newDatabase() };
  const replicas = await Promise.all([1, 2].map(() => startProcess({ after: (stop) => stops.push(stop) }, settings)));
  const run = spawnSync(python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', ...options], {
    cwd: 'clients/python/engines',
    env: {
      ...outerEnvironment(),
      PYTHONPATH: process.cwd() + '/clients/python/engines',
      NORMA_TEST_REPLICAS: replicas.map(({ url }) => url).join(),
    },
    stdio: 'inherit',
  });
  ({ status } = run);
} finally {
  for (const stop of stops.toReversed()) await stop();
}
process.exit(status ?? 1);
