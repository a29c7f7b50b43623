import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const study = fileURLToPath(new URL('../docs/study.ts', import.meta.url));
const document = new URL('../docs/which-normalization.md', import.meta.url);

test('without MNIST the study says so and leaves the document as it is', () => {
  const before = readFileSync(document, 'utf8');
  const said = execFileSync(process.execPath, [study, '/nowhere'], { encoding: 'utf8' });
  assert.match(said, /^Skipped: MNIST is not here/);
  assert.equal(readFileSync(document, 'utf8'), before);
});

test('the document has SciPy’s figures of the question, to what float32 sums allow', () => {
  const [, row] = /^\| \[0, 1\] \| \(0, 1\) \| (.*) \|$/m.exec(readFileSync(document, 'utf8')) ?? [];
  const printed = [0.13066062, 0.09493039, 2.151106357574463, 2.9144181812310546];
  row.split(' | ').forEach((figure, i) => assert.ok(Math.abs(Number(figure) / printed[i] - 1) < 2e-6, figure));
});
