import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { settings } from '../src/config/config.ts';
import { python, withoutModule } from './python.ts';
import { startService } from './service.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test('the Python example prints what the README shows', {
  skip: withoutModule('numpy', 'python3-numpy'),
}, async () => {
  const service = await startService();
  const { stdout } = await promisify(execFile)(python, ['examples/quickstart.py', service.url]);
  await service.close();
  assert.ok(readme.includes(`\`\`\`text\n${stdout}\`\`\``), stdout);
});

test('the first call of the README gives the answer it shows', async () => {
  const [, body] = /-d '(\{.*\})'/.exec(readme) ?? [];
  const [, shown] = /here with line breaks\):\n\n```json\n([\s\S]*?)```/.exec(readme) ?? [];
  const service = await startService();
  const answer = await service.post('/v1/normalize', JSON.parse(body));
  await service.close();
  assert.deepEqual(answer.body, JSON.parse(shown));
});

test('the README lists every setting', () => {
  for (const [name, schema] of Object.entries(settings)) {
    assert.ok(readme.includes(`| \`${name}\` |`), `${name} is missing`);
    assert.ok(readme.includes(schema.description?.split('.')[0] ?? ''), `${name} is described otherwise`);
  }
});
