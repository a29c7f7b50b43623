import type { FloatDtype } from '#tensor/dtype.ts';
import { itemSize } from '#tensor/dtype.ts';
import { elementCount } from '#tensor/shape.ts';
import { datatypeOf } from './datatypes.ts';
import { outputName } from './request.ts';

/** The members of an inference response beside its numbers. */
export interface InferenceAnswer {
  model_name: string;
  model_version: string;
  id?: string;
  dtype: FloatDtype;
  shape: readonly number[];
  /** As the header Norma-Warnings has them: the protocol's parameters are texts, numbers and booleans. */
  warnings?: string;
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

function membersOf({ model_name, model_version, id, warnings }: InferenceAnswer) {
  const parameters = warnings === undefined ? {} : { parameters: { warnings } };
  return { model_name, model_version, ...(id === undefined ? {} : { id }), ...parameters };
}
