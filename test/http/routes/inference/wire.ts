/** Requests of the Open Inference Protocol byte by byte, and its answers taken apart as its clients do it. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { gunzipSync, inflateSync } from 'node:zlib';
import type { Service } from '../../../service.ts';
import { bytesOf, type Dtype, type Element, elementsOf } from '../../../formats/arrays.ts';
import { exchange, jsonOf, type Reply } from '../../exchange.ts';

/** The datatypes that NumPy has, by its names for them. */
export const datatypes: Record<Dtype, string> = {
  bool: 'BOOL',
  uint8: 'UINT8',
  int8: 'INT8',
  uint16: 'UINT16',
  int16: 'INT16',
  uint32: 'UINT32',
  int32: 'INT32',
  uint64: 'UINT64',
  int64: 'INT64',
  float16: 'FP16',
  float32: 'FP32',
  float64: 'FP64',
};

/** Fits a normalizer to a tensor, stores it as the next version of a model, and gives its document. */
export async function storeModel(service: Service, name: string, normalizer: object, data: unknown): Promise<any> {
  const stored = await service.post(`/v1/normalizers/${name}/versions`, { normalizer, data, breaking: true });
  assert.equal(stored.status, 201, JSON.stringify(stored.body));
  return stored.body.fitted;
}

/** Sends a request as it is, byte by byte, on a connection of its own. */
export async function sendBytes(service: Service, head: readonly string[], body: Uint8Array): Promise<Reply> {
  const { hostname, port } = new URL(service.url);
  const socket = connect(Number(port), hostname);
  socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body]));
  let received = Buffer.alloc(0);
  for await (const piece of socket) {
    received = Buffer.concat([received, piece as Buffer]);
    const reply = parse(received);
    if (reply) {
      socket.destroy();
      return reply;
    }
  }
  throw new Error(`The connection ended after ${received.toString('latin1')}`);
}

/** A whole answer with a Content-Length, or none yet. */
function parse(received: Buffer): Reply | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [status, ...lines] = received.toString('latin1', 0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const body = received.subarray(end + 4);
  if (body.length < Number(headers['content-length'])) return undefined;
  return { status: Number(status.split(' ')[1]), headers, body, cut: false };
}

/** JSON and what follows it, with the header that says where the one ends; `undefined` leaves the header out. */
export async function infer(
  service: Service,
  model: string,
  request: unknown,
  tensor: Uint8Array = Buffer.alloc(0),
  headers: Record<string, string> = {},
): Promise<Reply> {
  const json = Buffer.from(typeof request === 'string' ? request : JSON.stringify(request));
  const length: Record<string, string> =
    tensor.length > 0 ? { 'inference-header-content-length': String(json.length) } : {};
  return exchange({
    url: `${service.url}/v2/models/${model}/infer`,
    headers: { ...length, ...headers },
    pieces: [json, tensor],
  });
}

export interface Output {
  json: any;
  shape: number[];
  datatype: string;
  /** As the answer has them, little-endian. */
  bytes: Buffer;
}

/** What tritonclient's InferResult makes of an answer: the coding undone, JSON up to the header, then the output's bytes. */
export function outputOf(reply: Reply): Output {
  assert.equal(reply.status, 200, reply.body.toString());
  const coding = reply.headers['content-encoding'];
  const body = coding === 'gzip' ? gunzipSync(reply.body) : coding === 'deflate' ? inflateSync(reply.body) : reply.body;
  const header = reply.headers['inference-header-content-length'];
  const json = JSON.parse(body.toString('utf8', 0, header === undefined ? body.length : Number(header)));
  assert.equal(json.outputs.length, 1);
  const [{ name, shape, datatype, parameters, data }] = json.outputs;
  assert.equal(name, 'output');
  const dtype = dtypeOf(datatype);
  if (header === undefined) {
    assert.equal(parameters, undefined);
    return {
      json,
      shape,
      datatype,
      bytes: bytesOf(
        dtype,
        (data as (number | null)[]).map((value) => value ?? NaN),
      ),
    };
  }
  assert.equal(data, undefined);
  const bytes = body.subarray(Number(header));
  assert.equal(parameters.binary_data_size, bytes.length);
  return { json, shape, datatype, bytes };
}

/** The numbers of an answer. */
export function valuesOf(reply: Reply): number[] {
  const { datatype, bytes } = outputOf(reply);
  return elementsOf(dtypeOf(datatype), bytes);
}

/** An input whose bytes follow the JSON, and these bytes. */
export function binaryInput(dtype: Dtype, shape: number[], elements: readonly Element[]): [object, Buffer] {
  const bytes = bytesOf(dtype, elements);
  const parameters = { binary_data_size: bytes.length };
  return [{ name: 'input', shape, datatype: datatypes[dtype], parameters }, bytes];
}

export function dtypeOf(datatype: string): Dtype {
  const found = (Object.keys(datatypes) as Dtype[]).find((dtype) => datatypes[dtype] === datatype);
  assert.ok(found, `no such datatype: ${datatype}`);
  return found;
}

/** What every answer but a 200 is, whoever reads it. */
export function isProblem(reply: Reply, status: number, code: string, error: RegExp, pointer?: string): void {
  assert.equal(reply.status, status, reply.body.toString());
  assert.equal(reply.headers['content-type'], 'application/problem+json');
  const problem = jsonOf(reply);
  assert.deepEqual([problem.status, problem.code, problem.error], [status, code, problem.detail]);
  assert.match(problem.error, error);
  assert.equal(problem.errors?.[0].pointer, pointer);
}
