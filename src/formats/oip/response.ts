import type { FloatDtype } from '#tensor/dtype.ts';
import { itemSize } from '#tensor/dtype.ts';
import { elementCount } from '#tensor/shape.ts';
import { datatypeOf } from './datatypes.ts';
import { outputName } from './request.ts';

/** What an answer of the Open Inference Protocol says beside its numbers. */
export interface InferenceAnswer {
  model_name: string;
  model_version: string;
  id?: string;
  dtype: FloatDtype;
  shape: readonly number[];
}

/** What stands before and after the numbers. */
export interface Frame {
  opening: Uint8Array;
  closing: Uint8Array;
  /** Bytes of the output, where it comes as bytes. */
  size?: number;
}

const utf8 = new TextEncoder();

/**
 * An answer whose output follows as little-endian bytes. The opening is the JSON, and its length that of the header
 * Inference-Header-Content-Length.
 */
export function binaryFrame(answer: InferenceAnswer): Frame {
  const { dtype, shape } = answer;
  const size = elementCount(shape) * itemSize(dtype);
  const output = { name: outputName, shape, datatype: datatypeOf(dtype), parameters: { binary_data_size: size } };
  const opening = utf8.encode(JSON.stringify({ ...membersOf(answer), outputs: [output] }));
  return { opening, closing: new Uint8Array(0), size };
}

/** An answer whose output stands in the JSON, as one flat list. */
export function jsonFrame(answer: InferenceAnswer): Frame {
  const output = { name: outputName, shape: answer.shape, datatype: datatypeOf(answer.dtype), data: [] };
  const text = JSON.stringify({ ...membersOf(answer), outputs: [output] });
  const closing = ']}]}';
  return { opening: utf8.encode(text.slice(0, -closing.length)), closing: utf8.encode(closing) };
}

function membersOf({ model_name, model_version, id }: InferenceAnswer) {
  return { model_name, model_version, ...(id === undefined ? {} : { id }) };
}
