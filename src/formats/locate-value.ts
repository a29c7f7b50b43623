import { quote } from '#errors.ts';
import { unravel } from '#tensor/unravel.ts';
import type { JsonForm } from './json/parse-tensor.ts';

/** The form a tensor had in the request: one of JSON's, a table's in JSON, or a body of its own. */
export type TensorForm = JsonForm | 'split' | 'records' | 'binary';

/**
 * Tells where a flat position stands in the request: as an index, and as a JSON pointer (RFC 6901).
 * @param names of the columns, where the data are a table
 */
export function createLocator(
  shape: readonly number[],
  form: TensorForm,
  names?: readonly string[],
): (flat: number) => { index: string; pointer: string } {
  return (flat) => {
    const index = unravel(flat, shape);
    const name = names?.[index[1]];
    const pointer = {
      nested: ['/data', ...index].join('/'),
      split: ['/data/data', ...index].join('/'),
      records: `/data/${index[0]}/${escapePointer(name ?? String(index[1]))}`,
      flat: `/data/data/${flat}`,
      base64: '/data/base64',
      binary: '/data',
    };
    const place = name === undefined ? index.join(', ') : `${index[0]}, ${quote(name)}`;
    return { index: `[${place}]`, pointer: pointer[form] };
  };
}

function escapePointer(name: string): string {
  return name.slice(0, 80).replaceAll('~', '~0').replaceAll('/', '~1');
}
