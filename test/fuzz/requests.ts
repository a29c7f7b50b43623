import { deflateSync, gzipSync } from 'node:zlib';
import type { ApiDocument, Operation, Schema } from './document.ts';
import { mutateBytes, mutateJson } from './mutate.ts';
import type { Random } from './random.ts';
import { dataOf, valueOf } from './values.ts';

export interface Sent {
  operation: Operation;
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: Uint8Array;
}

/** What the answers so far hold that later requests can name. */
export interface Known {
  fitted: unknown[];
  names: string[];
  fits: string[];
}

const boundary = 'fuzz';

const json = 'application/json';

const methods = ['minmax', 'zscore', 'norm', 'maxabs', 'mean_range', 'robust', 'quantile', 'power', 'affine'];

/** Options as a query writes them, right and wrong ones. */
const options = [
  ...['axis=0', 'axis=-1', 'axis=null', 'axis=0,1', 'axis=9', 'clip=true', 'order=1', 'order=inf', 'feature_range=0,1'],
  ...['columns=0', 'columns=0,7', 'nan_policy=omit', 'on_constant=error', 'n_quantiles=10', 'power_method=box-cox'],
  ...['ddof=1', 'quantile_range=5,95', 'unknown=1', 'axis=%7B%7D', 'axis=1e400', 'feature_range=1,0'],
];

const statistics = ['true', 'false', '{"quantiles":[0.5]}', '{"histogram":{"bins":3}}', '{"axis":0}', '{"bins":', '[]'];

const accepts = [
  '*/*',
  json,
  'application/x-npy',
  'text/html',
  'image/svg+xml',
  'application/*;q=0.5',
  'nonsense',
  ';;',
];

/** Makes requests of a document: half of them meant to succeed, the others broken somewhere. */
export function requestsOf(document: ApiDocument, seeds: Record<string, Uint8Array[]>, known: Known) {
  /** With a body that is no JSON the method goes in the query, and with JSON hardly anything does. */
  function pathOf({ path, parameters }: Operation, type: string | undefined, random: Random): string {
    const inPath = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(segment(name, random)));
    const likely = (name: string) => {
      if (type === json || type === 'multipart/form-data') return 0.03;
      return name === 'method' || name === 'format' ? 0.9 : 0.15;
    };
    const asked = parameters.filter((parameter) => parameter.in === 'query' && random.chance(likely(parameter.name)));
    const query = asked.map(({ name, schema }) => queryOf(name, schema, random));
    return inPath + (query.length > 0 ? `?${query.join('&')}` : '');
  }

  function segment(name: string, random: Random): string {
    const broken = random.chance(0.1);
    if (broken) return random.pick(['..', '0', '-1', '%', 'a'.repeat(3000), '\0', 'ü', '1e3', '__proto__', ' ']);
    if (name === 'version') return random.pick(['1', '1', '1', '2', '3']);
    if (name === 'id' && known.fits.length > 0) return random.pick(known.fits);
    if (name === 'method') return random.pick(methods);
    if (name === 'part') return random.pick(['a', 'b', 'c']);
    return random.chance(0.7) && known.names.length > 0 ? random.pick(known.names) : `n${random.integer(20)}`;
  }

  function queryOf(name: string, schema: Schema, random: Random): string {
    if (random.chance(0.05)) return `${name}=${encodeURIComponent(random.pick(['\0', '[', '{', 'NaN', '1,,2', '']))}`;
    if (name === 'method')
      return `method=${random.pick(methods)}${random.chance(0.5) ? `&${random.pick(options)}` : ''}`;
    if (name === 'statistics') return `statistics=${encodeURIComponent(random.pick(statistics))}`;
    const value = valueOf(document, schema, random);
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    return `${name}=${encodeURIComponent(text.toWellFormed())}`;
  }

  function jsonOf(operation: Operation, random: Random): unknown {
    const { schema = {}, examples = {} } = operation.body[json];
    const given = Object.values(examples);
    const from = given.length > 0 && random.chance(0.4) ? structuredClone(random.pick(given).value) : undefined;
    const value = (from ?? valueOf(document, schema, random)) as Record<string, unknown>;
    if (typeof value === 'object' && value !== null) {
      if ('data' in value && random.chance(0.8)) value.data = dataOf(random);
      if ('normalizer' in value && random.chance(0.5)) value.normalizer = { method: random.pick(methods) };
      if ('fitted' in value && known.fitted.length > 0 && random.chance(0.8)) {
        const one = random.pick(known.fitted);
        value.fitted = Array.isArray(value.fitted) ? Array.from({ length: 1 + random.integer(3) }, () => one) : one;
        if ('data' in value) value.data = dataOf(random, shapeOf(one, random));
      }
    }
    return random.chance(0.3) ? mutateJson(value, random) : value;
  }

  function shapeOf(fitted: any, random: Random): number[] | undefined {
    return fitted?.input?.shape?.map((length: number | null) => length ?? 1 + random.integer(4));
  }

  function multipartOf(operation: Operation, random: Random): Uint8Array {
    const type = random.pick(Object.keys(seeds));
    const { request } = document.resolve(operation.body['multipart/form-data'].schema ?? {}).properties;
    const part = (name: string, content: Uint8Array, kind: string) => [
      Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\ncontent-type: ${kind}\r\n\r\n`),
      ...[content, Buffer.from('\r\n')],
    ];
    const members = Buffer.from(JSON.stringify(valueOf(document, request, random)));
    const parts = [...part('request', members, json), ...part('data', random.pick(seeds[type]), type)];
    return Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]);
  }

  function bodyOf(operation: Operation, type: string, random: Random): Uint8Array {
    if (type === json) {
      const text = Buffer.from(JSON.stringify(jsonOf(operation, random)) ?? '');
      return random.chance(0.1) ? mutateBytes(text, random) : text;
    }
    const sound = type === 'multipart/form-data' ? multipartOf(operation, random) : random.pick(seeds[type]);
    return random.chance(0.5) ? mutateBytes(sound, random) : sound;
  }

  // What works on data is asked most, and little is deleted, so that there is something to ask for.
  const weight = ({ method, body }: Operation) => (method === 'DELETE' ? 1 : 'application/x-npy' in body ? 8 : 3);
  const weighted = document.operations.flatMap((operation) => Array<Operation>(weight(operation)).fill(operation));

  return (random: Random): Sent => {
    const operation = random.pick(weighted);
    const headers: Record<string, string> = {};
    const answers = Object.keys((operation.answers[200] ?? operation.answers[201])?.content ?? { [json]: {} });
    if (random.chance(0.4)) headers.accept = random.pick(random.chance(0.8) ? answers : accepts);
    const types = Object.keys(operation.body);
    const type = types.length === 0 ? undefined : random.pick([json, ...types]);
    const sent: Sent = { operation, method: operation.method, path: pathOf(operation, type, random), headers };
    if (type === undefined) return sent;
    const said = random.chance(0.05) ? random.pick([...types, 'text/plain', ';', '']) : type;
    headers['content-type'] = said === 'multipart/form-data' ? `${said}; boundary=${boundary}` : said;
    sent.body = bodyOf(operation, type, random);
    if (random.chance(0.1)) {
      headers['content-encoding'] = random.pick(['gzip', 'deflate', 'identity', 'zstd', 'compress']);
      if (headers['content-encoding'] === 'gzip') sent.body = gzipSync(sent.body);
      if (headers['content-encoding'] === 'deflate') sent.body = deflateSync(sent.body);
      if (random.chance(0.3)) sent.body = mutateBytes(sent.body, random);
    }
    if (random.chance(0.05)) headers['inference-header-content-length'] = random.pick(['0', '10', '-1', '1e9', 'x']);
    if (random.chance(0.05)) headers['idempotency-key'] = random.pick(['a', '', 'x'.repeat(500)]);
    return sent;
  };
}
