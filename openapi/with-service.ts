import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { openStore } from '#store/store.ts';
import { createPool } from '#pool/pool.ts';
import { createApp } from '../src/app.ts';
import { readConfig } from '../src/config/config.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** What comes of a service of its own, which is empty; no setting of the environment shows in it. */
export async function withService<Result>(use: (url: string) => Promise<Result>): Promise<Result> {
  const config = readConfig({ NORMA_WORKERS: '1', NORMA_LOG_LEVEL: 'silent' });
  const pool = createPool(config.workers);
  const store = await openStore({ kind: 'memory' }, console.error);
  const app = await createApp({ config, pool, store, logger: pino({ level: config.logLevel }), version });
  try {
    return await use(await app.listen({ port: 0, host: '127.0.0.1' }));
  } finally {
    await app.close();
    await pool.close();
    await store.close();
  }
}
