// What is done with the store beside serving it: `node src/server.js migrate | backup FILE | restore FILE`.
import { readConfig } from './config/config.ts';
import { type BackupCounts, backUp, restore } from '#store/backup.ts';
import { migrate } from '#store/migrations.ts';
import { databaseAt } from '#store/store.ts';

const usage = `The commands are:
  migrate                     brings the tables of NORMA_STORE up to date
  backup FILE                 copies the store into FILE while the service goes on
  restore FILE                puts a backup into an empty store
    --replace                 deletes what the store holds first
    --keep-schema             leaves the tables as the release had them that made the backup, for going back to it
Without a command the service starts. Its settings are environment variables.`;

const flags = ['--replace', '--keep-schema'];

const [command, file, ...more] = process.argv.slice(2);
try {
  console.log(await run());
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function run(): Promise<string> {
  if (command === 'migrate' && file === undefined) return migrateStore();
  if (command === 'backup' && file !== undefined && more.length === 0)
    return `${describe(await backUp(store(), file))} in ${file}`;
  if (command === 'restore' && file !== undefined && more.every((flag) => flags.includes(flag))) {
    const options = { replaces: more.includes(flags[0]), keepsSchema: more.includes(flags[1]) };
    return `${describe(await restore(store(), file, options))} restored from ${file}`;
  }
  throw new Error(usage);
}

function store() {
  const address = readConfig(process.env).store;
  if (address.kind === 'memory') throw new Error('NORMA_STORE=memory: has nothing to keep or to restore');
  return address;
}

async function migrateStore(): Promise<string> {
  const database = await databaseAt(store(), 1);
  try {
    const { from, to } = await migrate(database);
    return from === to ? `The tables are of schema ${to} already.` : `Migrated from schema ${from} to ${to}.`;
  } finally {
    await database.db.destroy();
  }
}

function describe({ names, versions, fits }: BackupCounts): string {
  return `${versions} versions of ${names} names and ${fits} fits`;
}
