/**
 * Arrow and Parquet with bytes changed, sent to the service: each is read, or refused as the client's fault, and memory stays
 * flat. NORMA_TEST_MUTATIONS says how many of each format.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bytesOfMixed, mixedTables } from '../formats/mixed-tables.ts';
import { mutateBytes } from '../formats/mutate-bytes.ts';
import { seeded } from '../seeded.ts';
import { type Service, startService } from '../service.ts';

const copies = Number(process.env.NORMA_TEST_MUTATIONS ?? 250);

/** Requests at once. */
const width = 8;

/** Growth of memory that is none: buffers that are kept for the next request, and what the collector has not looked at yet. */
const flatBytes = 400 * 2 ** 20;

const types: Record<string, string> = {
  arrows: 'application/vnd.apache.arrow.stream',
  arrow: 'application/vnd.apache.arrow.file',
  feather: 'application/vnd.apache.arrow.file',
  parquet: 'application/vnd.apache.parquet',
};

let service: Service;
before(async () => {
  service = await startService({ bodyLimit: 2 ** 24 });
});
after(() => service.close());

/** What came back: its status, or that the answer was cut after it had begun. */
async function send(path: string, type: string, accept: string, body: Uint8Array): Promise<number | 'cut'> {
  const response = await fetch(service.url + path, {
    method: 'POST',
    headers: { 'content-type': type, accept },
    body: new Uint8Array(body),
  });
  const { status } = response;
  const text = await response.text().catch(() => undefined);
  if (text === undefined) return 'cut';
  if (status === 200) return 200;
  const problem = JSON.parse(text);
  assert.equal(problem.status, status);
  assert.ok(problem.detail.length > 10 && !/undefined|TypeError|NaN bytes/.test(problem.detail), problem.detail);
  return status;
}

for (const format of ['arrow', 'parquet']) {
  test(`broken ${format} is read or refused, and memory stays flat`, async () => {
    const files = mixedTables(format).map(({ name }) => name);
    const random = seeded(copies + format.length);
    const found = new Map<number | 'cut', number>();
    let begun = 0;
    let rssAfterFirst = 0;
    async function sender(): Promise<void> {
      while (begun < copies) {
        const at = begun++;
        const name = files[at % files.length];
        const type = types[name.slice(name.lastIndexOf('.') + 1)] ?? types[format];
        const answer = at % 3 === 2 ? types.arrows : type === types.parquet ? types.parquet : 'application/json';
        const path =
          at % 2 === 0 ? '/v1/normalize?method=zscore&nan_policy=omit' : '/v1/fit?method=robust&nan_policy=omit';
        const status = await send(path, type, at % 2 === 0 ? answer : '*/*', mutateBytes(bytesOfMixed(name), random));
        found.set(status, (found.get(status) ?? 0) + 1);
        if (at === Math.min(1000, Math.floor(copies / 2))) rssAfterFirst = process.memoryUsage().rss;
      }
    }
    await Promise.all(Array.from({ length: width }, sender));
    const allowed = [200, 400, 413, 422, 'cut'];
    const others = [...found.keys()].filter((status) => !allowed.includes(status));
    const told = JSON.stringify([...found]);
    assert.deepEqual(others, [], told);
    assert.ok((found.get(400) ?? 0) > copies / 10, told);
    const grown = process.memoryUsage().rss - rssAfterFirst;
    assert.ok(grown < flatBytes, `memory grew by ${grown} bytes: ${told}`);
    if (process.env.NORMA_TEST_MUTATIONS) console.log(format, told, 'grown by', grown);
  });
}

test('the service still answers', async () => {
  const answer = await service.post('/v1/normalize', { normalizer: { method: 'minmax' }, data: [[1], [3]] });
  assert.deepEqual(answer.body.data, [[0], [1]]);
});
