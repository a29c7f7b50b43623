import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { seeded } from '../seeded.ts';
import { type Service, startService } from '../service.ts';
import { npyFile } from '../formats/arrays.ts';

const npy = { 'content-type': 'application/x-npy' };
const path = (name: string) => `/v1/normalizers/${name}`;

let service: Service;
before(async () => {
  service = await startService({ workers: 1 });
});
after(() => service.close());

const random = seeded(7);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const rows = (count: number, shift = 0) => Array.from({ length: count }, () => [normal(), 10 + 2 * normal() + shift]);

async function ok(answer: Promise<{ status: number; body: any }>): Promise<any> {
  const { status, body } = await answer;
  assert.ok(status < 300, JSON.stringify(body));
  return body;
}

const store = (name: string, body: object) => ok(service.post(`${path(name)}/versions`, body));
const drift = (name: string, body: object) => ok(service.post(`${path(name)}/drift`, body));

const zscore = { method: 'zscore' };
const training = rows(2000);

test('a batch like the data that were fitted has not drifted, and one that moved has, by column', async () => {
  await store('a', { normalizer: zscore, data: training });
  const same = await drift('a', { data: rows(300) });
  assert.deepEqual([same.drifted, same.reasons, same.n_samples, same.n_fitted], [false, [], 300, 2000]);
  const moved = await drift('a', { data: rows(300, 2) });
  assert.deepEqual(
    moved.columns.map(({ name, drifted }: { name: number; drifted: boolean }) => [name, drifted]),
    [
      [0, false],
      [1, true],
    ],
  );
  const [, column] = moved.columns;
  assert.ok(Math.abs(column.mean_shift - 1) < 0.15 && Math.abs(column.wasserstein - 1) < 0.15, JSON.stringify(column));
  assert.ok(Math.abs(column.std_ratio - 1) < 0.15 && column.p_value < 1e-10);
  assert.match(moved.reasons[0], /^column 1: /);
});

test('the figures are those of the definitions', async () => {
  const data = Array.from({ length: 100 }, (_, at) => [at]);
  await store('defined', { normalizer: { method: 'minmax', nan_policy: 'omit' }, data });
  const batch = [...Array.from({ length: 40 }, (_, at) => [at]), [200], [null]];
  const { columns } = await drift('defined', { data: batch });
  const [column] = columns;
  assert.deepEqual(column.deciles, [9, 19, 29, 39, 49, 59, 69, 79, 89]);
  const shares = [10, 10, 10, 10, 0, 0, 0, 0, 0, 1].map((count) => count / 41);
  assert.deepEqual(column.shares, shares);
  const psi = shares.reduce((sum, share) => {
    const p = Math.max(share, 0.5 / 41);
    return sum + (p - 0.1) * Math.log(p / 0.1);
  }, 0);
  assert.ok(Math.abs(column.psi - psi) < 1e-12, `${column.psi}, not ${psi}`);
  assert.ok(Math.abs(column.ks - (40 / 41 - 0.4)) < 1e-12);
  const mean = (780 + 200) / 41;
  const deviation = Math.sqrt((100 ** 2 - 1) / 12);
  assert.ok(Math.abs(column.mean_shift - (mean - 49.5) / deviation) < 1e-12);
  assert.deepEqual([column.nan_share, column.fitted_nan_share, column.out_of_range_share], [1 / 42, 0, 1 / 41]);
});

test('a drift can be drawn, and read as a page', async () => {
  await store('drawn', { normalizer: zscore, data: training });
  const body = { data: rows(50, 3) };
  const svg = await service.post(`${path('drawn')}/drift`, body, { accept: 'image/svg+xml' });
  assert.match(new TextDecoder().decode(svg.body), /^<svg [^]*drawn, version 1: drifted[^]*<\/svg>\n$/);
  const page = await service.post(`${path('drawn')}/versions/1/drift`, body, { accept: 'text/html' });
  assert.match(new TextDecoder().decode(page.body), /<h2 id="reasons">Why<\/h2>/);
  assert.ok(page.headers.get('content-security-policy'));
});

test('a profile comes of any form of the data, of parts, and of updates, and is the same', async () => {
  const values = training.flat();
  const whole = await store('whole', { normalizer: zscore, data: training });
  const file = npyFile('float64', [2000, 2], values);
  const binary = await ok(service.post(`${path('binary')}/versions?method=zscore`, file, npy));
  assert.deepEqual(binary.fitted.profile, whole.fitted.profile);
  const { id } = await ok(service.post('/v1/fits', { normalizer: zscore }));
  for (const part of [1, 0]) {
    const data = training.slice(part * 1000, (part + 1) * 1000);
    await ok(service.send('PUT', `/v1/fits/${id}/parts/${part}`, { data }));
  }
  const committed = await ok(service.post(`/v1/fits/${id}/commit`, { name: 'parts' }));
  await store('updated', { normalizer: zscore, data: training.slice(0, 1000) });
  const updated = await ok(service.post(`${path('updated')}/update`, { data: training.slice(1000) }));
  for (const { profile } of [committed.fitted, updated.fitted]) {
    const expected = whole.fitted.profile;
    for (const name of ['count', 'min', 'max', 'nan_share', 'zero_share'])
      assert.deepEqual(profile[name], expected[name], name);
    for (const [slice, shares] of profile.shares.entries())
      for (const share of shares) assert.ok(Math.abs(share - 0.1) < 0.01, `${share} in slice ${slice}`);
    for (const [slice, deciles] of profile.deciles.entries())
      for (const [at, decile] of deciles.entries())
        assert.ok(
          Math.abs(decile - expected.deciles[slice][at]) < 0.05 * (slice + 1),
          `decile ${at} of slice ${slice}`,
        );
  }
});

test('data that are many are profiled by a sample, whose size the verdict knows', async () => {
  const count = 3_000_000;
  const values = Float64Array.from({ length: count }, (_, at) => (at * 7919) % 1_000_003);
  const file = npyFile('float64', [count, 1], Array.from(values));
  const { fitted } = await ok(service.post(`${path('large')}/versions?method=maxabs`, file, npy));
  assert.equal(fitted.profile.count, count);
  for (const [at, decile] of fitted.profile.deciles[0].entries())
    assert.ok(Math.abs(decile - 100_000 * (at + 1)) < 2_000, `${decile} at ${at}`);
});

test('only what has a profile is compared', async () => {
  const codeOf = async (name: string) => {
    const { status, body } = await service.post(`${path(name)}/drift`, { data: training.slice(0, 5) });
    return [status, body.code];
  };
  await store('without', { normalizer: zscore, data: training, profile: false });
  assert.deepEqual(await codeOf('without'), [409, 'no_profile']);
  await store('per-sample', { normalizer: { method: 'norm' }, data: training });
  assert.deepEqual(await codeOf('per-sample'), [409, 'no_profile']);
  const { fitted } = await ok(service.post('/v1/fit', { normalizer: zscore, data: training }));
  assert.equal(fitted.profile, undefined);
  const profiled = await ok(service.post('/v1/fit', { normalizer: zscore, data: training, profile: true }));
  await store('taken', { fitted: profiled.fitted });
  assert.equal((await drift('taken', { data: rows(50) })).drifted, false);
  assert.deepEqual(await codeOf('nothing'), [404, 'not_found']);
});

test('the columns that a normalizer picks are those that are compared', async () => {
  await store('picked', { normalizer: { ...zscore, columns: [1] }, data: training });
  const { columns } = await drift('picked', { data: rows(100, 3).map(([, b]) => [1e9, b]) });
  assert.deepEqual(
    columns.map(({ name, drifted }: { name: number; drifted: boolean }) => [name, drifted]),
    [[1, true]],
  );
});

test('a profile that somebody edited is refused at its place', async () => {
  const { fitted } = await ok(service.post('/v1/fit', { normalizer: zscore, data: training, profile: true }));
  const edited = {
    ...fitted,
    state: { ...fitted.state, profile: { ...fitted.state.profile, sketches: ['AAAA', 'AAAA'] } },
  };
  const { status, body } = await service.post(`${path('edited')}/versions`, { fitted: edited });
  assert.deepEqual([status, body.errors[0].pointer], [400, '/fitted/state/profile/sketches/0']);
});
