// Writes to a store until it is killed, and tells what was acknowledged: `node writer.ts ADDRESS ROUND`.
import { createHash, randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { StoreAddress } from '#store/address.ts';
import { openStore } from '#store/store.ts';

const address = JSON.parse(process.argv[2]) as StoreAddress;
const round = process.argv[3];
const store = await openStore(address, (error) => {
  throw error;
});

/** From some bytes to what takes a while to be written. */
const sizes = [10, 5000, 300_000, 2_000_000];

function documentOf(size: number): Uint8Array {
  return Buffer.from(JSON.stringify({ values: randomBytes(size).toString('base64') }));
}

const tell = (...words: unknown[]) => writeSync(1, `${words.join(' ')}\n`);

async function writeVersions(name: string, writer: number): Promise<never> {
  for (let at = 0; ; at++) {
    const document = documentOf(sizes[at % sizes.length]);
    const once = {
      key: `${round} ${writer} ${at}`,
      digest: 'd',
      ttlSeconds: 600,
      answer: ({ version }: { version: number }) => ({
        status: 201,
        location: null,
        body: Buffer.from(String(version)),
      }),
    };
    const created = await store.versions.add({ name, method: 'minmax', document }, once);
    if ('kept' in created) throw new Error('A key was taken that nobody had used.');
    tell('version', name, created.made.version, createHash('sha256').update(document).digest('base64url'), once.key);
  }
}

async function writeParts(): Promise<never> {
  await store.fits.create({ id: `fit-${round}`, normalizer: '{}', ttlSeconds: 600 });
  for (let at = 0; ; at++) {
    const part = { part: String(at), samples: at, shape: '[null]', document: documentOf(sizes[at % 3]) };
    await store.fits.put(`fit-${round}`, part, 600);
    tell('part', `fit-${round}`, at, createHash('sha256').update(part.document).digest('base64url'));
  }
}

/** Moves an alias upwards, and counts. */
async function moveAlias(): Promise<never> {
  for (let counted = 1; ; counted++) {
    const newest = await store.versions.find('one');
    if (!newest) continue;
    const { version } = newest;
    await store.aliases.move({ name: 'one', alias: 'moved', version, by: null });
    tell('alias', 'one', version);
    await store.versions.label('one', version, { description: 'moved to' });
    tell('label', 'one', version);
    const counts = new Uint8Array(Float64Array.of(counted).buffer);
    const span = { startedAt: `2026-01-01T00:00:00.${round.padStart(3, '0')}Z`, ttlSeconds: 1e9 };
    await store.transformCounts.put([{ name: 'one', version: 1, replica: 'writer', ...span, counts }]);
    tell('counted', 'one', counted);
  }
}

tell('open');
await Promise.all([
  moveAlias(),
  ...[writeVersions('one', 1), writeVersions('one', 2), writeVersions('two', 3), writeParts()],
]);
