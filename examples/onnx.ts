/**
 * Fit with Norma, and compute in onnxruntime: in a browser, in Node, or in front of a model in the same file.
 *
 * Run: npm install onnxruntime-web && node onnx.ts [URL], the service's address being http://localhost:8080 unless given.
 */
import { InferenceSession, Tensor } from 'onnxruntime-web/wasm';

const [url = 'http://localhost:8080'] = process.argv.slice(2);
const stored = `${url}/v1/normalizers/for-onnx`;

const normalizer = { method: 'zscore' };
const data = { dtype: 'float32', shape: [3, 2], data: [1, 20, 2, 50, 6, 80] };
await fetch(`${stored}/versions`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ normalizer, data }),
});

const session = async (query: string) =>
  InferenceSession.create(await (await fetch(`${stored}/export?format=onnx${query}`)).arrayBuffer());

// Any number of rows: the batch dimension is free.
const input = new Tensor('float32', [3, 40], [1, 2]);
const { output } = await (await session('')).run({ input });
console.log('transformed', output.data);

const back = await (await session('&operation=inverse_transform')).run({ input: output });
console.log('taken back', back.output.data);
