import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { settings } from '../../src/config/config.ts';

const page = readFileSync(new URL('../../docs/settings.md', import.meta.url), 'utf8');

for (const [name, schema] of Object.entries(settings)) {
  test(`the page of settings has ${name} and its description`, () => {
    assert.ok(page.includes(`| \`${name}\` |`));
    assert.ok(page.includes(schema.description?.split('.')[0] ?? ''), schema.description);
  });
}
