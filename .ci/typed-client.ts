// Runs the tests of clients/typescript against the service, once its packages are there: `node .ci/typed-client.ts`.
import { execFileSync } from 'node:child_process';
import { startServer } from '../bench/servers.ts';

const service = await startServer('service');
try {
  execFileSync('npm', ['test', '--silent'], {
    cwd: 'clients/typescript',
    env: { ...process.env, NORMA_URL: `http://127.0.0.1:${service.port}` },
    stdio: 'inherit',
  });
} finally {
  await service.stop();
}
