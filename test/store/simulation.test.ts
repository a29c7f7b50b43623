/**
 * Seeded simulations of a store that fails and of clients that give up: fits in parts, versions, updates, aliases and idempotent creates,
 * against a model that is told only what was acknowledged. NORMA_SIMULATIONS says how many seeds; NORMA_SIMULATION_SEED which
 * one is the first.
 */
import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { after, test } from 'node:test';
import { Problem } from '#errors.ts';
import { migrate } from '#store/migrations.ts';
import { sqliteDatabase } from '#store/sqlite.ts';
import { openStoreIn, type Store } from '#store/store.ts';
import type { Database } from '#store/tables.ts';
import { seeded } from '../seeded.ts';

const seeds = Number(process.env.NORMA_SIMULATIONS ?? 100);
const first = Number(process.env.NORMA_SIMULATION_SEED ?? 1);

/** Steps of one simulation, and the simulated seconds between two of them at most. */
const steps = 40;
const mostSeconds = 200;
const ttlSeconds = 1000;

interface World {
  random(): number;
  /** Simulated seconds since 1970. */
  clock: number;
  /** The chance that a statement fails, before or after it is carried out. */
  faults: number;
}

/** A database whose clock and whose faults are those of the world. */
function simulated(database: Database, world: World): Database {
  const at = (seconds: number) => new Date((world.clock + seconds) * 1000).toISOString();
  const time: Database['time'] = {
    get now() {
      return sql<string>`${at(0)}`;
    },
    in: (seconds) => sql<string>`${at(seconds)}`,
  };
  return { ...database, time };
}

/** What the model knows of a name: versions by number, with their documents, and the highest number it was ever told. */
interface Name {
  versions: Map<number, string>;
  highest: number;
  /** Documents whose storing failed: they may be there, each once, or not. */
  unsure: string[];
}

function createModel() {
  const names = new Map<string, Name>();
  return {
    names,
    of(name: string): Name {
      let known = names.get(name);
      if (!known) names.set(name, (known = { versions: new Map(), highest: 0, unsure: [] }));
      return known;
    },
  };
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (document: Uint8Array | undefined) => document && new TextDecoder().decode(document);

/** Fails calls as a store that goes away does: before anything is done, or after all is, with the answer lost. */
function faulty(store: Store, world: World): Store {
  const wrap = <Api extends object>(api: Api): Api =>
    Object.fromEntries(
      Object.entries(api).map(([name, member]) => {
        if (typeof member === 'object') return [name, wrap(member as object)];
        return [
          name,
          async (...given: unknown[]) => {
            if (world.random() < world.faults) throw new Problem('unavailable', 'before');
            const result: unknown = await (member as (...all: unknown[]) => Promise<unknown>)(...given);
            if (world.random() < world.faults) throw new Problem('unavailable', 'after');
            return result;
          },
        ];
      }),
    ) as Api;
  return wrap(store);
}

/** One database serves all simulations: its thread takes longer to start than one of them. */
async function empty({ db }: Database): Promise<void> {
  for (const table of ['norma_aliases', 'norma_versions', 'norma_names', 'norma_fits', 'norma_answers'] as const)
    await db.deleteFrom(table).execute();
}

async function simulate(seed: number, database: Database): Promise<void> {
  const random = seeded(seed);
  const world: World = { random, clock: 1_700_000_000, faults: random() < 0.3 ? 0 : random() * 0.3 };
  const whole = await openStoreIn(simulated(database, world));
  const store = faulty(whole, world);
  const model = createModel();
  const choose = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)];
  /** Runs what may fail; undefined says that nobody knows what became of it. */
  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Problem && error.code === 'unavailable') return undefined;
      throw error;
    }
  };
  const fits = new Map<string, { parts: Map<string, string>; unsure: Set<string>; expires: number; isOver: boolean }>();
  let made = 0;

  const actions: Record<string, () => Promise<void>> = {
    async store() {
      const name = choose(['a', 'b']);
      const known = model.of(name);
      const document = `{"at":${++made}}`;
      const done = await attempt(() => store.versions.add({ name, method: 'minmax', document: bytes(document) }));
      if (done && 'made' in done) {
        assert.ok(done.made.version > known.highest, `${name} ${done.made.version} is given twice`);
        known.highest = done.made.version;
        known.versions.set(done.made.version, document);
      } else known.unsure.push(document);
    },
    /** One request that is repeated until it is answered, as a client with an Idempotency-Key does. */
    async storeOnce() {
      const name = choose(['a', 'b']);
      const known = model.of(name);
      const document = `{"at":${++made}}`;
      const once = {
        key: `key ${made}`,
        digest: 'd',
        ttlSeconds,
        answer: ({ version }: { version: number }) => ({ status: 201, location: null, body: bytes(String(version)) }),
      };
      for (let tries = 0; tries < 100; tries++) {
        const done = await attempt(() =>
          store.versions.add({ name, method: 'minmax', document: bytes(document) }, once),
        );
        if (!done) continue;
        const version = 'made' in done ? done.made.version : Number(text(done.kept.body));
        assert.ok(!known.versions.has(version));
        known.versions.set(version, document);
        known.highest = Math.max(known.highest, version);
        return;
      }
      known.unsure.push(document);
    },
    async move() {
      const name = choose(['a', 'b']);
      const version = 1 + Math.floor(random() * 5);
      await attempt(() => store.aliases.move({ name, alias: 'live', version, by: null }));
    },
    async remove() {
      const name = choose(['a', 'b']);
      const known = model.of(name);
      const version = choose([...known.versions.keys(), 1]);
      const done = await attempt(() => store.versions.remove(name, version));
      if (done === 'removed' || done === 'nothing') known.versions.delete(version);
      // Nobody knows: what is there decides.
      if (done === undefined && (await whole.versions.find(name, version)) === undefined)
        known.versions.delete(version);
    },
    async begin() {
      const id = `fit ${++made}`;
      const done = await attempt(() => store.fits.create({ id, normalizer: '{}', ttlSeconds }));
      if (done) fits.set(id, { parts: new Map(), unsure: new Set(), expires: world.clock + ttlSeconds, isOver: false });
    },
    async part() {
      const id = choose([...fits.keys()]);
      const fit = fits.get(id);
      if (!fit) return;
      const part = choose(['x', 'y', 'z']);
      const document = `{"part":${++made}}`;
      const hasExpired = world.clock >= fit.expires;
      const put = { part, samples: made, shape: '[null]', document: bytes(document) };
      const done = await attempt(() => store.fits.put(id, put, ttlSeconds));
      if (done === 'kept') {
        assert.ok(!fit.isOver && !hasExpired, 'a part was kept by a fit that is over');
        fit.parts.set(part, document);
        fit.unsure.delete(part);
        fit.expires = world.clock + ttlSeconds;
      } else if (done === undefined) {
        fit.unsure.add(part);
        const there = await whole.fits.find(id);
        if (there) fit.expires = Date.parse(there.expiresAt) / 1000;
      } else assert.ok(fit.isOver || hasExpired, `${JSON.stringify(done)} of a fit that is open`);
    },
    async commit() {
      const id = choose([...fits.keys()]);
      const fit = fits.get(id);
      if (!fit) return;
      const found = await whole.fits.find(id);
      if (!found || found.committedAt) return;
      const known = model.of('fitted');
      const document = `{"fit":${++made}}`;
      const revision = found.revision - (random() < 0.2 ? 1 : 0);
      const version = { name: 'fitted', method: 'minmax', document: bytes(document) };
      const done = await attempt(() =>
        store.fits.commit(id, { revision, document: bytes(document), version, ttlSeconds }),
      );
      const after = await whole.fits.find(id);
      if (done && 'made' in done && !done.made) assert.notEqual(revision, found.revision, 'refused without a reason');
      if (!after?.committedAt) return;
      // All of it or nothing: the fit is over, its document is there, and the version is that document.
      assert.equal(revision, found.revision, 'committed what had changed');
      fit.isOver = true;
      fit.expires = world.clock + ttlSeconds;
      assert.equal(text(await whole.fits.committed(id)), document);
      assert.ok(after.version !== null && after.version > known.highest);
      assert.equal(text(await whole.versions.read('fitted', after.version)), document);
      known.highest = after.version;
      known.versions.set(after.version, document);
    },
    async sweep() {
      await attempt(() => store.sweep());
    },
  };

  for (let step = 0; step < steps; step++) {
    world.clock += random() < 0.05 ? 5 * ttlSeconds : random() * mostSeconds;
    // Now and then several clients at once, whose order is the store's.
    const together = random() < 0.3 ? 3 : 1;
    const chosen = Array.from({ length: together }, () => choose(Object.keys(actions)));
    if (together > 1 && chosen.every((name) => name === 'storeOnce' || name === 'move' || name === 'sweep'))
      await Promise.all(chosen.map((name) => actions[name]()));
    else for (const name of chosen) await actions[name]();
  }

  for (const [name, { versions, unsure }] of model.names) {
    const there = await whole.versions.list(name, 1000);
    const documents = await Promise.all(
      there.map(async ({ version }) => [version, text(await whole.versions.read(name, version))] as const),
    );
    for (const [version, document] of versions)
      assert.equal(new Map(documents).get(version), document, `${name} ${version} is lost or changed`);
    const others = documents.flatMap(([version, document]) => (versions.has(version) ? [] : [document]));
    assert.equal(new Set(others).size, others.length, `${name} has something twice`);
    for (const document of others)
      assert.ok(unsure.includes(String(document)), `${name} has ${document}, which nobody stored`);
    const live = await whole.aliases.find(name, 'live');
    if (live)
      assert.ok(
        there.some(({ version }) => version === live.version),
        'an alias names nothing',
      );
  }
  for (const [id, { parts, unsure, expires, isOver }] of fits) {
    const found = await whole.fits.find(id);
    assert.equal(found !== undefined, world.clock < expires, `${id} at ${world.clock}, ${expires}`);
    if (!found || isOver) continue;
    const names = (await whole.fits.parts(id)).map(({ part }) => part);
    for (const part of [...parts.keys(), ...names]) {
      if (unsure.has(part)) continue;
      assert.equal(text(await whole.fits.document(id, part)), parts.get(part), `${id} ${part}`);
    }
  }
}

test(`${seeds} simulations lose nothing, double nothing and leave nothing half made`, {
  timeout: 1_800_000,
}, async () => {
  const database = sqliteDatabase(':memory:');
  after(() => database.db.destroy());
  await migrate(database);
  for (let seed = first; seed < first + seeds; seed++) {
    try {
      await empty(database);
      await simulate(seed, database);
    } catch (error) {
      throw new Error(`NORMA_SIMULATION_SEED=${seed} NORMA_SIMULATIONS=1`, { cause: error });
    }
  }
});
