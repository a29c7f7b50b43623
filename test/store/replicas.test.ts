/** Several replicas of the service on one store: two processes, and many clients at once. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openStore } from '#store/store.ts';
import { seeded } from '../seeded.ts';
import { type ServerProcess, startProcess } from '../process.ts';
import { eachStore } from './each-store.ts';

/** How long clients go on. */
const seconds = Number(process.env.NORMA_HISTORY ?? 2);

const bytes = (text: string) => new TextEncoder().encode(text);

eachStore('two replicas', (kind) => {
  let replicas: ServerProcess[];
  const stops: (() => void)[] = [];
  before(async () => {
    const address = await kind.address();
    const NORMA_STORE =
      address.kind === 'sqlite' ? `sqlite:${address.file}` : address.kind === 'postgres' ? address.url : '';
    // Both at once on an empty database.
    replicas = await Promise.all(
      [1, 2].map(() => startProcess({ after: (stop) => stops.push(stop) }, { NORMA_STORE })),
    );
  });

  after(() => stops.forEach((stop) => stop()));

  async function call(method: string, url: string, body?: unknown): Promise<any> {
    const answer = await fetch(url, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${url}: ${answer.status} ${text}`);
    return JSON.parse(text);
  }

  test(`${seconds} s of updates, alias moves and deletes by 64 clients: each read fits some order, and nothing is lost`, {
    timeout: (seconds + 120) * 1000,
  }, async (t) => {
    const path = '/v1/normalizers/history';
    const zscore = { method: 'zscore' };
    await call('POST', `${replicas[0].url}${path}/versions`, { normalizer: zscore, data: [[0], [1]] });
    await call('PUT', `${replicas[0].url}${path}/aliases/live`, { version: 1 });
    const random = seeded(11);
    const until = performance.now() + seconds * 1000;
    const updates: { version: number; samples: number }[] = [];
    const moves: { from: number; to: number; begun: number; ended: number }[] = [];
    const reads: { version: number; begun: number; ended: number }[] = [];
    let deleted = 0;

    async function tryCall(method: string, url: string, body?: unknown): Promise<{ status: number; body: any }> {
      const headers = body === undefined ? undefined : { 'content-type': 'application/json' };
      const answer = await fetch(url, { method, headers, body: JSON.stringify(body) });
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
    }

    async function readAlias(url: string): Promise<number> {
      const begun = performance.now();
      const { status, body } = await tryCall('GET', `${url}${path}/aliases/live`);
      assert.equal(status, 200);
      reads.push({ version: body.version, begun, ended: performance.now() });
      return body.version;
    }

    async function act(url: string): Promise<void> {
      const what = random();
      if (what < 0.3) {
        const { status, body } = await tryCall('POST', `${url}${path}/update`, { data: [[1]], statistics: false });
        assert.equal(status, 201, JSON.stringify(body));
        updates.push({ version: body.version, samples: body.fitted.n_samples_seen });
      } else if (what < 0.5) {
        const from = await readAlias(url);
        const to = Math.max(0, ...updates.map(({ version }) => version));
        if (to <= from) return;
        const begun = performance.now();
        const { status, body } = await tryCall('PUT', `${url}${path}/aliases/live`, { version: to, if_version: from });
        assert.ok([200, 404, 412].includes(status), JSON.stringify(body));
        if (status === 200) moves.push({ from, to, begun, ended: performance.now() });
      } else if (what < 0.7) {
        const newest = Math.max(0, ...updates.map(({ version }) => version));
        const version = Math.ceil(random() * (newest - 1));
        if (version < 1) return;
        const { status, body } = await tryCall('DELETE', `${url}${path}/versions/${version}`);
        assert.ok([204, 404, 409].includes(status), JSON.stringify(body));
        if (status === 204) deleted++;
      } else if (what < 0.85) {
        await readAlias(url);
      } else {
        // Whatever it names is there.
        const { status, body } = await tryCall('POST', `${url}${path}/versions/live/transform`, { data: [[1]] });
        assert.equal(status, 200, JSON.stringify(body));
      }
    }

    await Promise.all(
      Array.from({ length: 64 }, async (_, client) => {
        while (performance.now() < until) await act(replicas[client % 2].url);
      }),
    );

    // Each update has seen what the one before has.
    updates.sort((a, b) => a.version - b.version);
    updates.forEach(({ version, samples }, at) => assert.deepEqual([version, samples], [at + 2, at + 3]));
    // The moves, which go upwards alone, follow each other: no two began at the same version.
    moves.sort((a, b) => a.from - b.from);
    let live = 1;
    for (const { from, to } of moves) {
      assert.equal(from, live);
      live = to;
    }
    // A read has what had been moved before it began, and nothing that was moved after it ended.
    for (const { version, begun, ended } of reads) {
      for (const move of moves) {
        if (move.ended < begun) assert.ok(version >= move.to, `${version} was read after ${move.to}`);
        if (move.begun > ended) assert.ok(version <= move.from, `${version} was read before ${move.to}`);
      }
    }
    assert.equal(await readAlias(replicas[1].url), live);
    assert.ok(updates.length > 0 && moves.length > 0 && deleted > 0);
    t.diagnostic(`${updates.length} updates, ${moves.length} moves, ${deleted} deletes, ${reads.length} reads`);
  });

  test('64 clients that create versions of one name at once: numbers without gaps or doubles, nothing lost', async () => {
    const clients = 64;
    const each = 2;
    const made = new Map<number, number>();
    await Promise.all(
      Array.from({ length: clients }, async (_, client) => {
        for (let at = 0; at < each; at++) {
          const value = client * each + at;
          const { url } = replicas[(client + at) % 2];
          const { version } = await call('POST', `${url}/v1/normalizers/busy/versions`, {
            normalizer: { method: 'minmax' },
            data: [[value], [value + 1]],
          });
          assert.ok(!made.has(version), `${version} was given twice`);
          made.set(version, value);
        }
      }),
    );
    const numbers = [...made.keys()].sort((a, b) => a - b);
    assert.deepEqual(
      numbers,
      Array.from({ length: clients * each }, (_, at) => at + 1),
    );
    for (const [version, value] of made) {
      const { parameters } = await call('GET', `${replicas[version % 2].url}/v1/normalizers/busy/versions/${version}`);
      assert.deepEqual(parameters.data_min, [value]);
    }
  });

  const random = seeded(11);
  const chosen = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)];

  /** Sends parts in random order to random replicas, some of them again and some wrong at first, and commits them. */
  async function fitInParts(normalizer: object, parts: readonly (number | null)[][][]): Promise<string> {
    const { id } = await call('POST', `${chosen(replicas).url}/v1/fits`, { normalizer });
    const send = (part: number, data: unknown) =>
      call('PUT', `${chosen(replicas).url}/v1/fits/${id}/parts/${part}`, { data });
    const order = parts.map((_, part) => ({ part, key: random() })).sort((a, b) => a.key - b.key);
    const clients = 6;
    await Promise.all(
      Array.from({ length: clients }, async (_, client) => {
        for (const { part } of order.filter((__, at) => at % clients === client)) {
          if (random() < 0.2) await send(part, [parts[part][0].map(() => 7)]);
          await Promise.all(Array.from({ length: random() < 0.3 ? 2 : 1 }, () => send(part, parts[part])));
        }
      }),
    );
    const request = { expected_parts: parts.length };
    const { fitted } = await call('POST', `${chosen(replicas).url}/v1/fits/${id}/commit`, request);
    return JSON.stringify(fitted);
  }

  test('40 parts in random order with random retries, ten times: the same bits, equal to one fit to 1e-12', async () => {
    const normalizer = { method: 'zscore', nan_policy: 'omit' };
    const parts = Array.from({ length: 40 }, (_, part) =>
      Array.from({ length: 1 + (part % 9) }, () => [1e4 + random(), random() < 0.1 ? null : 1e-9 * random()]),
    );
    const { fitted: whole } = await call('POST', `${replicas[0].url}/v1/fit`, { normalizer, data: parts.flat() });
    const documents: string[] = [];
    for (let time = 0; time < 10; time++) documents.push(await fitInParts(normalizer, parts));
    assert.equal(new Set(documents).size, 1);
    const fitted = JSON.parse(documents[0]);
    assert.deepEqual(fitted.n_samples_seen, whole.n_samples_seen);
    for (const name of ['mean', 'var', 'scale']) {
      const expected: number[] = whole.parameters[name];
      expected.forEach((value, at) => {
        const error = Math.abs(fitted.parameters[name][at] - value) / Math.abs(value);
        assert.ok(error <= 1e-12, `${name} ${at} is off by ${error}`);
      });
    }
  });

  test('more values than a sketch holds give an approximate median, the same bits in any order, within half a percent of rank', async () => {
    const parts = Array.from({ length: 12 }, () => Array.from({ length: 1500 }, () => [random() ** 3]));
    const documents = [await fitInParts({ method: 'robust' }, parts), await fitInParts({ method: 'robust' }, parts)];
    assert.equal(documents[0], documents[1]);
    const { approximate, parameters } = JSON.parse(documents[0]);
    assert.equal(approximate, true);
    const below = parts.flat().filter(([value]) => value < parameters.center[0]).length;
    assert.ok(Math.abs(below / (12 * 1500) - 0.5) <= 0.005);
  });
});

eachStore('replicas that start at once', (kind) => {
  test('migrate an empty database together, and one that is up to date', async () => {
    const address = await kind.address();
    for (let time = 0; time < 2; time++) {
      const stores = await Promise.all(Array.from({ length: 6 }, () => openStore(address, assert.ifError)));
      const added = await Promise.all(
        stores.map(({ versions }) => versions.add({ name: 'a', method: 'minmax', document: bytes('{}') })),
      );
      const numbers = added.map((one) => ('made' in one ? one.made.version : 0)).sort((a, b) => a - b);
      assert.deepEqual(
        numbers,
        [1, 2, 3, 4, 5, 6].map((number) => number + time * 6),
      );
      await Promise.all(stores.map((store) => store.close()));
    }
  });
});
