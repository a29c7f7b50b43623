import type { Service } from '../service.ts';

const data = [
  [3, 5],
  [6, 10],
];

/** A path of the OpenAPI document with something that exists in the place of each parameter; it is made where needed. */
export async function filledPath(service: Service, path: string): Promise<string> {
  // An alias needs a first version that nobody deletes.
  const name = path.includes('{alias}') ? 'aliased' : 'pixels';
  let filled = path.replace('{method}', 'norm').replace('{name}', name).replace('{part}', '0');
  if (path.includes('{name}')) {
    const stored = await service.post(`/v1/normalizers/${name}/versions`, {
      normalizer: { method: 'zscore' },
      data,
      breaking: true,
    });
    filled = filled.replace('{version}', String(stored.body.version));
  }
  if (path.includes('{alias}')) {
    await service.send('PUT', `/v1/normalizers/${name}/aliases/production`, { version: 1 });
    filled = filled.replace('{alias}', 'production');
  }
  if (path.includes('{id}')) {
    const { id } = (await service.post('/v1/fits', { normalizer: { method: 'minmax' } })).body;
    await service.send('PUT', `/v1/fits/${id}/parts/0`, { data });
    filled = filled.replace('{id}', id);
  }
  return filled;
}
