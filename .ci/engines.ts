// Runs Python's tests of a folder against two replicas on one PostgreSQL: `node .ci/engines.ts FOLDER PYTHON`.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { outerEnvironment, startProcess } from '../test/process.ts';
import { startPostgres } from '../test/store/postgres.ts';

const [folder, python] = process.argv.slice(2);
const stops: (() => unknown)[] = [];
const failed: string[] = [];
try {
  const postgres = await startPostgres();
  stops.push(() => postgres.close());
  const settings = { NORMA_STORE: await postgres.newDatabase() };
  const replicas = await Promise.all([1, 2].map(() => startProcess({ after: (stop) => stops.push(stop) }, settings)));
  const env = {
    ...outerEnvironment(),
    PYTHONPATH: `${process.cwd()}/${folder}`,
    NORMA_TEST_REPLICAS: replicas.map(({ url }) => url).join(),
  };
  // A process for each file: two libraries with one protocol's messages do not stand one another.
  for (const file of readdirSync(folder).filter((name) => /^test_.*\.py$/.test(name))) {
    const command = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '-rs', file];
    const { status } = spawnSync(python, command, { cwd: folder, env, stdio: 'inherit' });
    if (status !== 0) failed.push(file);
  }
} finally {
  for (const stop of stops.toReversed()) await stop();
}
if (failed.length > 0) console.error(`Failed: ${failed.join(', ')}`);
process.exit(failed.length);
