import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { clientProblems } from '#http/openapi/problem-examples.ts';
import { type Service, startService } from '../../service.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

test('GET / leads a browser to the page', async () => {
  const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
  const answer = await fetch(service.url, { headers: { accept } });
  assert.equal(answer.url, `${service.url}/docs/`);
  assert.match(await answer.text(), /swagger-ui/);
});

for (const accept of ['*/*', 'application/json']) {
  test(`GET / tells a program where the document is (${accept})`, async () => {
    const answer = await fetch(service.url, { headers: { accept }, redirect: 'error' });
    const { openapi } = (await answer.json()) as { openapi: string };
    const document = await fetch(new URL(openapi, service.url));
    assert.match(((await document.json()) as { openapi: string }).openapi, /^3\.1\./);
  });
}

const refused: Record<keyof typeof clientProblems, object> = {
  unknown_option: { normalizer: { method: 'norm', p: 1 }, data: [[3, 5]] },
  ragged_rows: { normalizer: { method: 'norm' }, data: [[3, 5], [6]] },
  not_finite: { normalizer: { method: 'minmax' }, data: [[3, null]] },
};

for (const [name, request] of Object.entries(refused)) {
  test(`the documentation shows ${name} as it is told`, async () => {
    const { body } = await service.post('/v1/normalize', request);
    const { value } = clientProblems[name as keyof typeof clientProblems];
    assert.deepEqual({ ...body, instance: value.instance }, value);
  });
}
