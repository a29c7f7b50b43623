import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Service, startService } from '../../service.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

async function fit(normalizer: object, data: number[][]) {
  const { status, body } = await service.post('/v1/fit', { normalizer, data });
  assert.equal(status, 200, JSON.stringify(body));
  return body.fitted;
}

test('documents of two parts become the one of both', async () => {
  const normalizer = { method: 'zscore' };
  const parts = [await fit(normalizer, [[1], [2]]), await fit(normalizer, [[3]])];
  const { status, body } = await service.post('/v1/merge', { fitted: parts });
  assert.equal(status, 200);
  assert.deepEqual(body.fitted, await fit(normalizer, [[1], [2], [3]]));
});

test('what does not merge is a 422 that says why and where', async () => {
  const zscore = await fit({ method: 'zscore' }, [[1], [2]]);
  const wide = await fit({ method: 'zscore' }, [[1, 2]]);
  const refused: [unknown[], string][] = [
    [[await fit({ method: 'power' }, [[1], [2], [4]])], '/fitted/0'],
    [[await fit({ method: 'norm' }, [[1], [2]])], '/fitted/0'],
    [[zscore, await fit({ method: 'minmax' }, [[1]])], '/fitted/1'],
    [[zscore, await fit({ method: 'zscore', ddof: 0, with_mean: false }, [[1], [2]])], '/fitted/1'],
    [[zscore, wide], '/fitted/1'],
    [[zscore, { ...zscore, state: undefined }], '/fitted/1'],
  ];
  for (const [fitted, pointer] of refused) {
    const { status, body } = await service.post('/v1/merge', { fitted });
    assert.deepEqual(
      [status, body.code, body.errors?.[0].pointer],
      [422, 'not_mergeable', pointer],
      JSON.stringify(body),
    );
  }
});

test('a transform tells how many values lie outside the fitted range, and none inside', async () => {
  for (const method of ['minmax', 'maxabs', 'mean_range', 'quantile']) {
    const fitted = await fit({ method }, [[-5], [2], [5]]);
    const told = async (data: number[][]) => {
      const { body } = await service.post('/v1/transform', { fitted, data });
      return body.warnings.find(({ code }: { code: string }) => code === 'out_of_range')?.count;
    };
    assert.equal(await told([[-5.5], [5], [7], [0]]), 2, method);
    assert.equal(await told([[-5], [5], [0]]), undefined, method);
  }
});

test('a name or a version that is none is a 400 that says where', async () => {
  const document = await fit({ method: 'zscore' }, [[1], [2]]);
  const refused: [object, string][] = [
    [{ name: null, version: '' }, '/fitted/1/name'],
    [{ name: 'a', version: 0.5 }, '/fitted/1/version'],
    [{ name: 'a', other: 1 }, '/fitted/1/other'],
  ];
  for (const [reference, pointer] of refused) {
    const { status, body } = await service.post('/v1/merge', { fitted: [document, reference] });
    assert.deepEqual([status, body.errors?.[0].pointer], [400, pointer], JSON.stringify(body));
  }
});
