// Writes the OpenAPI document that the service serves: `node openapi/generate.ts`. With --check it compares instead.
import { readFileSync, writeFileSync } from 'node:fs';
import { pino } from 'pino';
import { stringify } from 'yaml';
import { openStore } from '#store/store.ts';
import { createPool } from '#pool/pool.ts';
import { createApp } from '../src/app.ts';
import { readConfig } from '../src/config/config.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

// No setting of the environment shows in the document.
const config = readConfig({ NORMA_WORKERS: '1', NORMA_LOG_LEVEL: 'silent' });
const pool = createPool(config.workers);
const store = await openStore({ kind: 'memory' }, console.error);
const app = await createApp({ config, pool, store, logger: pino({ level: config.logLevel }), version });
const served = await app.inject('/openapi.json');
await app.close();
await pool.close();
await store.close();

const document = served.json<object>();
const files = {
  'openapi.json': `${JSON.stringify(document, null, 2)}\n`,
  'openapi.yaml': stringify(document, { aliasDuplicateObjects: false, lineWidth: 120 }),
};

for (const [name, text] of Object.entries(files)) {
  const file = new URL(name, import.meta.url);
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readOrEmpty(file) !== text) {
    console.error(`openapi/${name} is not what the service serves: npm run openapi`);
    process.exitCode = 1;
  }
}

function readOrEmpty(file: URL): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
