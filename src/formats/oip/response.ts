import type { FloatDtype } from '#tensor/dtype.ts';
import { itemSize } from '#tensor/dtype.ts';
import { elementCount } from '#tensor/shape.ts';
import type { OutputColumn } from './columns/output-column.ts';
import { datatypeOf } from './datatypes.ts';
import { outputName } from './request.ts';

/** The members of every inference response. */
export interface InferenceMembers {
  model_name: string;
  model_version: string;
  id?: string;
  /** As the header Norma-Warnings has them: the protocol's parameters are texts, numbers and booleans. */
  warnings?: string;
  /** What MLServer's codecs say of the request. */
  contentType?: string;
}

/** A response with one output, beside its numbers. */
export interface InferenceAnswer extends InferenceMembers {
  dtype: FloatDtype;
  shape: readonly number[];
}

/** What comes before and after the numbers. */
export interface Frame {
  opening: Uint8Array;
  closing: Uint8Array;
  /** Bytes of the output, if it is returned as bytes. */
  size?: number;
}

const utf8 = new TextEncoder();

/**
 * Frames an output that follows the JSON as little-endian bytes. The opening is the JSON; its length goes into the
 * Inference-Header-Content-Length header.
 */
export function binaryFrame(answer: InferenceAnswer): Frame {
  const { dtype, shape } = answer;
  const size = elementCount(shape) * itemSize(dtype);
  const output = { name: outputName, shape, datatype: datatypeOf(dtype), parameters: { binary_data_size: size } };
  const opening = utf8.encode(JSON.stringify({ ...membersOf(answer), outputs: [output] }));
  return { opening, closing: new Uint8Array(0), size };
}

/** Frames an output that is part of the JSON, as one flat list. */
export function jsonFrame(answer: InferenceAnswer): Frame {
  const output = { name: outputName, shape: answer.shape, datatype: datatypeOf(answer.dtype), data: [] };
  const text = JSON.stringify({ ...membersOf(answer), outputs: [output] });
  const closing = ']}]}';
  return { opening: utf8.encode(text.slice(0, -closing.length)), closing: utf8.encode(closing) };
}

/**
 * A whole response with one output for each column.
 * @param data of each column: bytes, or a JSON list without its brackets
 * @returns `headerLength` where bytes follow the JSON
 */
export function frameColumns(
  members: InferenceMembers,
  columns: readonly OutputColumn[],
  data: readonly Uint8Array[],
  rows: number,
): { body: Buffer; headerLength?: number } {
  const json: Uint8Array[] = [utf8.encode(`${JSON.stringify(membersOf(members)).slice(0, -1)},"outputs":[`)];
  columns.forEach(({ name, datatype, isBinary, isDeep, contentType }, at) => {
    const binary = isBinary ? { binary_data_size: data[at].length } : undefined;
    const parameters = contentType === undefined ? binary : { ...binary, content_type: contentType };
    const output = JSON.stringify({ name, shape: isDeep ? [rows, 1] : [rows], datatype, parameters });
    json.push(utf8.encode(`${at > 0 ? ',' : ''}${isBinary ? output : `${output.slice(0, -1)},"data":[`}`));
    if (!isBinary) json.push(data[at], utf8.encode(']}'));
  });
  json.push(utf8.encode(']}'));
  const bytes = data.filter((_, at) => columns[at].isBinary);
  const body = Buffer.concat([...json, ...bytes]);
  if (bytes.length === 0) return { body };
  return { body, headerLength: json.reduce((sum, { length }) => sum + length, 0) };
}

function membersOf({ model_name, model_version, id, warnings, contentType }: InferenceMembers) {
  const told = warnings === undefined ? undefined : { warnings };
  const parameters = contentType === undefined ? told : { ...told, content_type: contentType };
  return { model_name, model_version, id, parameters };
}
