/** The Dask example as it is, on a real cluster: two workers, two replicas, PostgreSQL, and a worker killed in the middle. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { type ServerProcess, startProcess } from '../process.ts';
import { python, withoutModule } from '../python.ts';
import { noPostgres, startPostgres } from '../store/postgres.ts';

const partitions = 40;
const run = promisify(execFile);

describe('examples/dask_fit.py', { skip: noPostgres || withoutModule('distributed', 'python3-distributed') }, () => {
  const stops: (() => unknown)[] = [];
  let database: pg.Pool;
  let replicas: ServerProcess[];
  let scheduler: string;
  let workers: ChildProcess[];

  before(async () => {
    const postgres = await startPostgres();
    stops.push(() => postgres.close());
    const url = await postgres.newDatabase();
    const settings = { NORMA_STORE: url };
    replicas = await Promise.all([1, 2].map(() => startProcess({ after: (stop) => stops.push(stop) }, settings)));
    database = new pg.Pool({ connectionString: url });
    database.on('error', () => undefined);
    stops.push(() => database.end());
    scheduler = await startDask('dask_scheduler', ['--port', '0', '--no-dashboard'], /Scheduler at: +(tcp:\S+)/)
      .address;
    const started = [1, 2].map(() =>
      startDask(
        'dask_worker',
        [scheduler, '--no-nanny', '--nthreads', '1', '--no-dashboard'],
        /Registered to: +(tcp:\S+)/,
      ),
    );
    await Promise.all(started.map(({ address }) => address));
    workers = started.map(({ process: worker }) => worker);
  });
  after(async () => {
    // Whatever has been started, even where the rest was not.
    for (const stop of stops.toReversed()) await stop();
  });

  function startDask(
    module: string,
    options: string[],
    told: RegExp,
  ): { process: ChildProcess; address: Promise<string> } {
    const child = spawn(python, ['-m', `distributed.cli.${module}`, '--host', '127.0.0.1', ...options], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    stops.push(() => child.kill('SIGKILL'));
    const { promise: address, resolve, reject } = Promise.withResolvers<string>();
    const log: string[] = [];
    createInterface(child.stderr).on('line', (line) => {
      log.push(line);
      const found = told.exec(line)?.[1];
      if (found) resolve(found);
    });
    child.once('exit', () => reject(new Error(`${module} ended:\n${log.join('\n')}`)));
    address.catch(() => undefined);
    return { process: child, address };
  }

  const fitSpread = () =>
    run(python, ['examples/dask_fit.py', replicas.map(({ url }) => url).join(), scheduler], { timeout: 100_000 });

  async function partsSoFar(): Promise<number> {
    return Number((await database.query('select count(*) from norma_parts')).rows[0].count);
  }

  test('a worker that is killed in the middle changes nothing, not even a bit', { timeout: 110_000 }, async (t) => {
    const spread = fitSpread();
    let parts = 0;
    while (parts < 8) {
      parts = await partsSoFar();
      await wait(5);
    }
    workers[0].kill('SIGKILL');
    assert.ok(parts < partitions, 'nothing was left to be done');
    const { stdout } = await spread;
    assert.match(stdout, /^40 parts, 200000 rows, dask-example version 1\n/);
    t.diagnostic(`killed with ${parts} of ${partitions} parts there: ${stdout.trim().replace('\n', ', ')}`);

    assert.match((await fitSpread()).stdout, /^40 parts, 200000 rows, dask-example version 2\n/);
    const [disturbed, undisturbed] = await Promise.all(
      replicas.map(async ({ url }, at) =>
        (await fetch(`${url}/v1/normalizers/dask-example/versions/${at + 1}`)).text(),
      ),
    );
    assert.equal(disturbed, undisturbed);
    assert.equal(JSON.parse(disturbed).n_samples_seen, 200_000);
  });
});
