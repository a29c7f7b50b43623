// Draws the README's picture by asking the service for it: `npm run figures`. With --check it only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { withService } from '../openapi/with-service.ts';

const file = new URL('figures/before-after.svg', import.meta.url);
const customers = readFileSync(new URL('../examples/customers.csv', import.meta.url), 'utf8');
const income = customers.split('\n').map((row) => row.split(',')[2]);

const normalizers = JSON.stringify([{ method: 'zscore' }, { method: 'robust' }, { method: 'power' }]);
const query = new URLSearchParams({ normalizers });
const picture = await withService(async (url) => {
  const answer = await fetch(`${url}/v1/compare?${query}`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv', accept: 'image/svg+xml' },
    body: income.join('\n'),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.text();
});

if (!process.argv.includes('--check')) writeFileSync(file, picture);
else if (readFileSync(file, 'utf8') !== picture) {
  console.error('docs/figures/before-after.svg is not what the service draws: npm run figures');
  process.exitCode = 1;
}
