import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { callerWithKey, readApiKeys } from '#access/api-keys.ts';
import { covers, permissions } from '#access/rights.ts';
import { readConfig } from '../../src/config/config.ts';
import { sha256 } from './token.ts';

const [one, two, three] = ['one', 'two', 'three'].map(sha256);

const shown = (setting: string) => readApiKeys(setting).map(({ name, right }) => `${name}:${right}`);

describe('NORMA_API_KEYS', () => {
  test('takes entries separated by commas or whitespace, and rights joined by +', () => {
    assert.deepEqual(shown(`a:read:${one},b:write:${two}`), ['a:read', 'b:write']);
    assert.deepEqual(shown(`  a:read:${one}\n\tb:read+write:${two.toUpperCase()} ,c:admin:${three}\n`), [
      ...['a:read', 'b:write', 'c:admin'],
    ]);
    assert.deepEqual(shown(`a:read,write:${one},b:read,write,admin:${two}`), ['a:write', 'b:admin']);
  });

  test('takes two keys of one name, so that a key can be changed without a gap', () => {
    assert.deepEqual(shown(`a:read:${one} a:read:${two}`), ['a:read', 'a:read']);
  });

  test('reads a file with comments', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'keys-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'keys');
    writeFileSync(file, `# who: what\na:read:${one} # until spring\n\nb:admin:${two}\n`);
    assert.deepEqual(shown(`file:${file}`), ['a:read', 'b:admin']);
    assert.throws(() => readApiKeys(`file:${file}x`), /ENOENT/);
    writeFileSync(file, '# nobody\n');
    assert.throws(() => readApiKeys(`file:${file}`), /contains no key/);
  });

  const bad = [
    'hunter2',
    'ci:read',
    `a:read:${one.slice(1)}`,
    `a:read:${one}0`,
    `a:reed:${one}`,
    `a::${one}`,
    `:read:${one}`,
    `a:b:read:${one}`,
    `a:read:${one} b:read:${one}`,
    `a:read:${one};b:read:${two}`,
  ];
  for (const setting of bad) {
    test(`${setting.replaceAll(/[0-9a-f]{30,}/g, '…')} stops the start, and is not repeated in the message`, () => {
      assert.throws(
        () => readConfig({ NORMA_API_KEYS: setting }),
        ({ message }: Error) => message.startsWith('Bad settings: NORMA_API_KEYS: ') && !message.includes(setting),
      );
    });
  }
});

test('each right covers those before it', () => {
  const table = permissions.map((held) => permissions.map((wanted) => covers(held, wanted)));
  assert.deepEqual(table, [
    [true, false, false],
    [true, true, false],
    [true, true, true],
  ]);
  assert.ok(!covers(undefined, 'read'));
});

describe('a key that is given', () => {
  const keys = readApiKeys(`first:read:${one} middle:write:${two} last:admin:${three}`);

  test('is found by its digest, wherever it stands', () => {
    assert.deepEqual(callerWithKey(keys, 'one'), { name: 'first', right: 'read' });
    assert.deepEqual(callerWithKey(keys, 'three'), { name: 'last', right: 'admin' });
    for (const wrong of ['', 'On', 'One', 'one ', one, 'four']) assert.equal(callerWithKey(keys, wrong), undefined);
  });

  test('is compared with all keys over their whole length, the one that fits included', () => {
    let reads = 0;
    const watched = keys.map((key) => ({
      ...key,
      get digest() {
        reads++;
        return key.digest;
      },
    }));
    for (const given of ['one', 'two', 'three', 'four']) {
      reads = 0;
      callerWithKey(watched, given);
      assert.equal(reads, keys.length, given);
    }
  });

  test('takes no longer to refuse where its beginning is right', () => {
    const key = 'k'.repeat(43);
    const real = readApiKeys(`a:read:${sha256(key)}`);
    const wrong = [0, 10, 21, 32, 42].map((right) => key.slice(0, right) + 'x'.repeat(43 - right));
    const least = new Array<number>(wrong.length).fill(Infinity);
    // The least of many interleaved rounds is what the work takes when nothing else runs.
    for (let round = 0; round < 200; round++) {
      for (const [at, given] of wrong.entries()) {
        const started = process.hrtime.bigint();
        for (let times = 0; times < 50; times++) callerWithKey(real, given);
        least[at] = Math.min(least[at], Number(process.hrtime.bigint() - started));
      }
    }
    const ratio = Math.max(...least) / Math.min(...least);
    // A comparison that stopped early would show here as a trend; half as much again leaves room for a busy machine.
    assert.ok(ratio < 1.5, `${least.map((time) => time / 50)} ns`);
  });
});
