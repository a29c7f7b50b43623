/** The examples run as their headers say, and print what they promise. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { python, withoutModule } from './python.ts';
import { type Service, startService } from './service.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

async function printed(command: string, file: string): Promise<string> {
  const { stdout } = await promisify(execFile)(command, [`examples/${file}`, service.url]);
  return stdout;
}

test('a scaler of scikit-learn is served, and one fitted here is rebuilt there', {
  skip: withoutModule('sklearn', 'python3-sklearn'),
}, async () => {
  const lines = (await printed(python, 'scikit_learn.py')).split('\n');
  const [, here, served] = /^here \[(.*)\] served \[(.*)\]$/.exec(lines[0]) ?? [];
  assert.ok(here && here === served, lines[0]);
  assert.match(lines[1], /^RobustScaler\(.*\) \[ *0\.4 +-0\.3333/);
});

test('a model goes to onnxruntime, there and back', async () => {
  const lines = (await printed(process.execPath, 'onnx.ts')).split('\n');
  assert.match(lines[0], /^transformed Float32Array\(2\) \[ 0, -0\.40824/);
  assert.equal(lines[1], 'taken back Float32Array(2) [ 3, 40 ]');
});

test('a stored normalizer is called by the Open Inference Protocol', {
  skip: withoutModule('array', 'python3'),
}, async () => {
  assert.deepEqual((await printed(python, 'oip.py')).trim().split('\n'), [
    "{'name': 'input', 'datatype': 'FP32', 'shape': [-1, 2]} -> FP32",
    'transformed [[0.5, 0.25], [1.0, 1.0]]',
    'taken back [[5.0, 15.0], [10.0, 30.0]]',
  ]);
});
