import type { FastifyRequest } from 'fastify';
import { withoutDefaults } from '#normalizers/without-defaults.ts';
import type { CommonOptions } from '#normalizers/method.ts';
import { elementCount } from '#tensor/shape.ts';
import { nestedList } from '#formats/json/format-tensor.ts';
import { formats } from '#formats/formats.ts';
import type { SharedInput } from '#compare/compare.ts';

/** Up to this many values, the data are part of the command; more are expected in a file. */
const maxShownBytes = 64;

interface Sent {
  /** The members beside `data`, checked. */
  envelope: {
    normalizers?: CommonOptions[];
    labels?: unknown;
    task?: unknown;
    folds?: unknown;
    sample_weight?: unknown;
    statistics?: unknown;
  };
  input: SharedInput;
  /** The media type of the answer. */
  accept: string;
}

/** A shell command that repeats a request; long or binary data are expected in a file. */
export function curlCommand(request: FastifyRequest, { envelope, input, accept }: Sent): string {
  const type = (request.headers['content-type'] ?? '').split(';')[0].trim().toLowerCase();
  const coding = request.headers['content-encoding'];
  const isJson = type === formats.json.type;
  const url = `${request.protocol}://${request.host}${request.exchange.publicPrefix}${request.url}`;
  const members = isJson || type === formats.multipart.type ? membersOf(envelope) : {};
  const parts = ['curl', quoted(url), '-H', quoted(`accept: ${accept}`)];
  if (type === formats.multipart.type) {
    parts.push('-F', quoted(`request=${JSON.stringify(members)};type=${formats.json.type}`), '-F', 'data=@data');
    return parts.join(' ');
  }
  parts.push('-H', quoted(`content-type: ${type}`));
  const data = isJson ? shortData(input) : undefined;
  if (data !== undefined) return [...parts, '-d', quoted(JSON.stringify({ ...members, data }))].join(' ');
  if (coding) parts.push('-H', quoted(`content-encoding: ${coding}`));
  return [...parts, '--data-binary', isJson ? '@request.json' : '@data'].join(' ');
}

function membersOf({ normalizers, labels, sample_weight, ...others }: Sent['envelope']) {
  return {
    ...others,
    normalizers: normalizers?.map(withoutDefaults),
    labels: listed(labels),
    sample_weight: listed(sample_weight),
  };
}

/** Numbers that came in a binary file are written out; a list that came as JSON is one already. */
function listed(values: unknown): unknown {
  return values instanceof Float64Array ? [...values] : values;
}

function shortData({ source: { shape, buffer }, form }: SharedInput): unknown {
  if (form !== 'nested' || elementCount(shape) > maxShownBytes) return undefined;
  return nestedList(new Float64Array(buffer), shape);
}

/** Quotes a word for a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
