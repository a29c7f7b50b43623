import { readFileSync } from 'node:fs';
import { shutDown } from './http/plugins/graceful-shutdown.ts';
import type { Lifecycle } from './http/plugins/graceful-shutdown.ts';
import type { Store } from '#store/store.ts';
import { createLogDestination } from '#telemetry/log-destination.ts';
import { createLogger } from '#telemetry/logger.ts';
import { countLoss } from '#telemetry/losses.ts';
import { createPool } from './pool/pool.ts';
import { type Config, readConfig, shownSettings } from './config/config.ts';
import { handleSignals } from './shutdown.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

function readConfigOrExit(): Readonly<Config> {
  try {
    return readConfig(process.env);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}

async function openStoreOrExit(): Promise<Store> {
  try {
    return await openStore(config.store, (error) => logger.warn(reasonOf(error), 'the store is away'), {
      connections: config.storeConnections,
      migrates: config.migrates,
      quotas: config.quotas,
      retention: config.retention,
      onBack: () => logger.info('the store is back'),
    });
  } catch (error) {
    const { cause, message } = error as Error;
    console.error(`NORMA_STORE cannot be used: ${cause instanceof Error ? cause.message : message}`);
    process.exit(1);
  }
}

/** Why a connection failed, without a stack: that tells of the driver alone. */
function reasonOf(error: unknown): { reason: string; code?: string } {
  const { message, code } = error as NodeJS.ErrnoException;
  return { reason: message || String(error), code };
}

const config = readConfigOrExit();
const log = createLogDestination(process.stdout.fd, (dropped) => logger.warn({ dropped }, 'log lines were dropped'));
const logger = createLogger(config.logLevel, log);
const shutdown = handleSignals(logger, log, config.shutdownGrace * 1000);
logger.info({ version, node: process.version, settings: shownSettings(config) }, 'starting');
const pool = createPool(config.workers, {
  onLoss(err) {
    countLoss('worker_thread');
    logger.error({ err }, 'a worker thread exited');
  },
});
// The threads of the pool and of the store start while this thread loads the rest.
const { openStore } = await import('#store/store.ts');
const opening = openStoreOrExit();
const { createApp } = await import('./app.ts');
const store = await opening;
const stage: Lifecycle = { now: 'starting' };
const app = await createApp({ config, pool, store, logger, version, stage });

shutdown.begin({
  async drain() {
    await shutDown(app, stage);
    await pool.close();
    await store.close();
  },
  cut: () => stage.cut?.() ?? 0,
});

// Linux caps the backlog at its own limit. A connection that does not fit retries after one second, or three.
await app.listen({ port: config.port, host: config.host, backlog: config.connectionLimit });
await pool.warm();
if (stage.now === 'starting') {
  stage.now = 'ready';
  logger.info('ready');
}
