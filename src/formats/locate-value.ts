import { unravel } from '#tensor/unravel.ts';
import type { JsonForm } from './json/parse-tensor.ts';

/** The form a tensor had in the request: one of JSON's, or a binary body. */
export type TensorForm = JsonForm | 'binary';

/** Returns a function that locates a flat index in the request, as an index tuple and as a JSON pointer (RFC 6901). */
export function createLocator(
  shape: readonly number[],
  form: TensorForm,
): (flat: number) => { index: string; pointer: string } {
  return (flat) => {
    const index = unravel(flat, shape);
    const pointer = {
      nested: ['/data', ...index].join('/'),
      flat: `/data/data/${flat}`,
      base64: '/data/base64',
      binary: '/data',
    };
    return { index: `[${index.join(', ')}]`, pointer: pointer[form] };
  };
}
