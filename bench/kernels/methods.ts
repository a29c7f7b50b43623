import { methods } from '#normalizers/registry.ts';
import { Normalizer } from '#normalizers/normalizer.ts';
import { blockLength } from '#tensor/blocks.ts';
import { elementCount as countOf } from '#tensor/shape.ts';
import type { Source } from '#tensor/source.ts';
import { runCall } from '#engine/run-call.ts';
import { inlineRunner } from '#engine/run-inline.ts';
import type { Call } from '#engine/plan-call.ts';
import type { Case, Given } from './cases.ts';

const axes = [0, -1, null] as const;

/** A method that learns nothing needs to be told. */
const constants = { affine: { rescale: 2, mean: 0.5, std: 3 } };

/**
 * Every method over every axis: fitting and transforming from one array into another, in this thread. Bytes become
 * float32, floats keep their dtype.
 */
export function methodCases({ dtype, elements, shape }: Given): Case[] {
  const outputDtype = dtype === 'float64' ? 'float64' : 'float32';
  const output = new Uint8Array(countOf(shape) * (outputDtype === 'float64' ? 8 : 4));
  const width = elements.BYTES_PER_ELEMENT;
  const source: Source = {
    dtype,
    shape,
    bigEndian: false,
    async *blocks(plan) {
      for (let offset = 0; offset < elements.length; ) {
        const count = blockLength(plan, offset, elements.length);
        yield { offset, count, buffer: elements.buffer, start: offset * width };
        offset += count;
      }
    },
  };
  const input = { source, form: 'binary', inMemory: true } as const;
  return methods
    .filter(({ composition }) => !composition)
    .flatMap(({ name }) =>
      (name in constants ? ([null] as const) : axes).map((axis): Case => {
        const options = name in constants ? constants[name as keyof typeof constants] : { axis };
        const normalizer = Normalizer.parse({ method: name, ...options });
        const call: Call = {
          operation: 'normalize',
          normalizer,
          statistics: false,
          include: ['data'],
          outputDtype,
        };
        return {
          what: name,
          axis,
          async compute() {
            let at = 0;
            for await (const piece of runCall(call, input, 'bytes', inlineRunner, Infinity)) {
              output.set(piece, at);
              at += piece.length;
            }
          },
        };
      }),
    );
}
