import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url);
const inDocs = readdirSync(new URL('docs/', root)).flatMap((file) => (file.endsWith('.md') ? [`docs/${file}`] : []));

for (const page of ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...inDocs]) {
  test(`the links of ${page} lead somewhere`, () => {
    const links = [...readFileSync(new URL(page, root), 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)];
    for (const [, link] of links) assert.ok(existsSync(new URL(link, new URL(page, root))), link);
  });
}
