import { promisify } from 'node:util';
import type { DestinationStream } from 'pino';
import { type Config, readConfig } from '../src/config/config.ts';
import { createApp } from '../src/app.ts';
import { openStore } from '#store/store.ts';
import { createLogger } from '#telemetry/logger.ts';
import { createPool, type Pool } from '#pool/pool.ts';

export interface Answer {
  status: number;
  headers: Headers;
  /** Whatever the test says it must be. */
  body: any;
}

export interface Service {
  url: string;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Any other method; without a body when that is undefined. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** How many connections are open. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

/**
 * The whole service on a free port, with the settings given, and with a pool of its own where none is given.
 * @param log where its log goes, when a test reads it
 */
export async function startService(
  settings: Partial<Config> = {},
  given?: Pool,
  log?: DestinationStream,
): Promise<Service> {
  const config = {
    ...readConfig({
      PORT: '0',
      HOST: '127.0.0.1',
      NORMA_WORKERS: '2',
      NORMA_LOG_LEVEL: 'silent',
      NORMA_STORE: 'memory:',
    }),
    ...settings,
  };
  const pool = given ?? createPool(config.workers);
  const store = await openStore(config.store, () => undefined, {
    connections: config.storeConnections,
    quotas: config.quotas,
    retention: config.retention,
  });
  const app = await createApp({ config, pool, store, logger: createLogger(config.logLevel, log), version: '0.0.0' });
  await pool.warm();
  const url = await app.listen({ port: config.port, host: config.host });
  /** JSON unless the body is bytes. */
  const send: Service['send'] = async (method, path, body, headers = {}) => {
    const bytes = body instanceof Uint8Array;
    const response = await fetch(url + path, {
      method,
      headers: { ...(bytes || body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: bytes ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body),
    });
    const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
    const content = new Uint8Array(await response.arrayBuffer());
    const { status, headers: received } = response;
    return {
      status,
      headers: received,
      body: isJson ? JSON.parse(new TextDecoder().decode(content) || 'null') : content,
    };
  };
  return {
    url,
    send,
    post: (path, body, given) => send('POST', path, body, given),
    connections: () => promisify(app.server.getConnections.bind(app.server))(),
    async close() {
      await app.close();
      await pool.close();
      await store.close();
    },
  };
}
