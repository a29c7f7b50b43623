import { elementCount } from '#tensor/shape.ts';
import { itemSize } from '#tensor/dtype.ts';
import { type ArrowTable, batchMessage, columnStride } from './encode-messages.ts';

/**
 * Returns a function that frames pieces of row-major bytes as record batches: a column of lists has the same memory
 * layout as a tensor. A piece is a number of whole rows, or part of one row.
 */
export function listBatches(table: ArrowTable): (piece: Uint8Array) => Uint8Array[] {
  const rowBytes = elementCount(table.listShape ?? []) * itemSize(table.dtype);
  let rest = 0;
  let padding = 0;
  return (piece) => {
    const around: Uint8Array[] = [];
    if (rest === 0) {
      const rows = Math.max(piece.length / rowBytes, 1);
      around.push(batchMessage(table, 1, rows));
      rest = rows * rowBytes;
      padding = columnStride(table, rows) - rest;
    }
    around.push(piece);
    rest -= piece.length;
    if (rest === 0 && padding > 0) around.push(new Uint8Array(padding));
    return around;
  };
}
