import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isShown, readBlocks } from './blocks.ts';

const page = `Text.

\`\`\`sh
echo 1
\`\`\`

prints

\`\`\`json
1
\`\`\`

<!-- not run: needs Docker -->
\`\`\`sh
docker build .
\`\`\`

\`\`\`python
print(2)
\`\`\`
`;

test('commands are read with their output, their line, and why they are not run', () => {
  assert.deepEqual(readBlocks(page), [
    { line: 3, command: 'echo 1', notRun: undefined, fails: false, output: '1' },
    { line: 14, command: 'docker build .', notRun: 'needs Docker', fails: false },
  ]);
});

test('an output is shown whatever its white space, with … for anything and any instant for an instant', () => {
  assert.ok(isShown('{"a": 1,\n "b": […]}', '{"a":1,"b":[1,2]}'));
  assert.ok(isShown('{"at":"2026-01-02T03:04:05.678Z"}', '{"at":"2027-11-12T13:14:15.100Z"}'));
  assert.ok(!isShown('{"a":1}', '{"a":2}'));
  assert.ok(!isShown('{"a":1}', '{"a":1,"b":2}'));
  assert.ok(!isShown('a.c', 'abc'));
});
