/**
 * Documents that the service wrote before their state had an exponent (test/fixtures/fitted-1.json, recorded by /v1/fit,
 * /v1/transform, /v1/inverse-transform and /v1/merge of that time) are read, and give the same bits.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type Service, startService } from '../../service.ts';

interface Recorded {
  fitted: { normalizer: object; scope: string };
  other?: object;
  data: number[][];
  transformed: unknown;
  restored: unknown;
  merged?: object;
}

const path = new URL('../../fixtures/fitted-1.json', import.meta.url);
const records = JSON.parse(readFileSync(path, 'utf8')) as Recorded[];

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

for (const { fitted, other, data, transformed, restored, merged } of records) {
  test(JSON.stringify(fitted.normalizer), async () => {
    const there = await service.post('/v1/transform', { fitted, data, statistics: false });
    assert.deepEqual(there.body.data, transformed);
    const back = await service.post('/v1/inverse-transform', { fitted, data: transformed });
    assert.deepEqual(back.body.data, restored);
    if (!merged) return;
    const both = await service.post('/v1/merge', { fitted: [fitted, other] });
    assert.deepEqual(both.body.fitted.parameters, merged);
  });
}
