/**
 * A typed client of Norma: every path, body and answer is checked by types made of the service's OpenAPI document.
 *
 *     npm ci && npm run check && npm start [URL]
 *
 * needs Node.js 22.18 or later. The service's address is http://localhost:8080 unless given.
 */
import createClient from 'openapi-fetch';
import type { components, paths } from './schema.d.ts';

// What is sent and answered here is JSON; the service speaks npy, Arrow, CSV and more, which a typed client has no types for.
const norma = createClient<paths, 'application/json' | 'application/problem+json'>({
  baseUrl: process.argv[2] ?? 'http://localhost:8080',
});

/** What came, or the problem as an exception that says what was wrong and where. */
function answered<Data>({ data, error }: { data?: Data; error?: { detail: string } }): Data {
  if (data === undefined) throw new Error(error?.detail ?? 'no answer');
  return data;
}

const batch = [
  [3, 5],
  [6, 10],
  [7, 1],
];

// Which normalizer? Compare some; the options of each method are part of the types.
const normalizers: components['schemas']['Normalizer'][] = [
  { method: 'minmax', axis: 0, feature_range: [0, 1] },
  { method: 'zscore', axis: 0 },
  { method: 'norm', order: 2 },
];
const comparison = answered(await norma.POST('/v1/compare', { body: { data: batch, normalizers } }));
for (const entry of comparison.normalizers) {
  if ('problem' in entry) console.log(entry.normalizer.method, entry.problem.detail);
  else console.log(entry.normalizer.method, 'keeps the scale of samples:', entry.sample_scale.kept);
}

// Fit on the training data, transform at serving time, take it back.
const { fitted } = answered(
  await norma.POST('/v1/fit', { body: { data: batch, normalizer: { method: 'zscore', axis: 0 } } }),
);
if (!fitted) throw new Error('include leaves fitted out');
const scaled = answered(await norma.POST('/v1/transform', { body: { fitted, data: [[6, 5]] } }));
console.log('transformed', JSON.stringify(scaled.data));
const back = answered(await norma.POST('/v1/inverse-transform', { body: { fitted, data: scaled.data ?? [] } }));
console.log('taken back', JSON.stringify(back.data));

// Problems are typed, too.
const refused = await norma.POST('/v1/normalize', { body: { data: [[1], [2, 3]], normalizer: { method: 'norm' } } });
console.log('refused', refused.error?.code, refused.error?.errors?.[0]?.pointer);
