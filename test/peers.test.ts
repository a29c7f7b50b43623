/** The service's answers against those of scikit-learn, SciPy, NumPy and Keras that fixtures/peers.py and peers_more.py have recorded. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { at, difference } from './closeness.ts';
import { startService } from './service.ts';

interface Case {
  name: string;
  peer: string;
  path: string;
  body: { normalizer?: { method: string } };
  expect: Record<string, unknown>;
  tolerance: number;
}

type Listed = { method: string };

const service = await startService();
after(() => service.close());

const known = await knownMethods();

for (const one of [...read('peers-core.json'), ...read('peers-more.json')]) check(one);

for (const one of read('peers-methods.json')) {
  const method = one.body.normalizer?.method ?? '';
  check(one, known?.has(method) === false ? `GET /v1/methods does not list ${method} yet` : undefined);
}

function check(one: Case, skip?: string): void {
  test(`${one.peer}: ${one.name}`, { skip }, async () => {
    const { status, body } = await service.post(one.path, one.body);
    assert.equal(status, 200, `${one.path} answered ${status}: ${JSON.stringify(body)}`);
    for (const [pointer, expected] of Object.entries(one.expect)) {
      const got = pointer.endsWith('/base64') ? decoded(body, pointer) : at(body, pointer);
      const differs = difference(got, expected, one.tolerance);
      if (differs) assert.fail(`${pointer}: ${differs}`);
    }
  });
}

function read(name: string): Case[] {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8')).cases;
}

/** Undefined where the service does not give the list: then every case runs, for none may be skipped by a broken route. */
async function knownMethods(): Promise<Set<string> | undefined> {
  const answer = await fetch(`${service.url}/v1/methods`);
  if (answer.status !== 200) return undefined;
  const body = (await answer.json()) as Listed[] | { methods: Listed[] };
  const list = Array.isArray(body) ? body : body.methods;
  return new Set(list.map(({ method }) => method));
}

/** The base64 member of a tensor in the flat JSON form of its elements, which is what the fixtures hold. */
function decoded(body: unknown, pointer: string): unknown {
  const base64 = at(body, pointer);
  if (typeof base64 !== 'string') return base64;
  const arrays = { float16: Float16Array, float32: Float32Array, float64: Float64Array };
  const dtype = at(body, pointer.replace(/base64$/, 'dtype')) as keyof typeof arrays;
  const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
  return Array.from(new arrays[dtype](bytes.buffer), (value) => {
    if (Number.isNaN(value)) return null;
    return Number.isFinite(value) ? value : String(value);
  });
}
