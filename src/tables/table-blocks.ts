import { type CarriedColumn, ownCarried, sliceCarried } from '#tensor/carried.ts';
import type { BlockPlan } from '#tensor/blocks.ts';
import { itemSize } from '#tensor/dtype.ts';
import type { Block, Source } from '#tensor/source.ts';
import type { Tensor } from '#tensor/tensor.ts';
import { free } from '#memory/free.ts';
import { concatCarried } from './concat-carried.ts';

/** Some rows of a table: numbers of a width, row-major, and the columns that are carried. */
export interface RowPiece {
  elements: ArrayBuffer;
  rows: number;
  carried: readonly CarriedColumn[];
}

/**
 * Cuts rows that come in pieces of any length into the blocks of a plan, which has whole rows: the same blocks as of a tensor
 * that comes whole. What is carried is cut with them, and is each block's own.
 * @param rowBytes bytes of a row's numbers
 * @param columns numbers of a row
 */
export async function* rechunkRows(
  pieces: AsyncIterable<RowPiece> | Iterable<RowPiece>,
  { length }: BlockPlan,
  rowBytes: number,
  columns: number,
): AsyncGenerator<Block, void> {
  const perBlock = Math.max(Math.floor(length / columns), 1);
  let pending: RowPiece[] = [];
  let pendingRows = 0;
  let offset = 0;

  function blockOf(rows: number): Block {
    const block = joinPieces(pending, rows, rowBytes, { offset, count: rows * columns });
    for (const { elements } of pending) if (elements !== block.buffer) free(elements);
    offset += rows * columns;
    pending = [];
    pendingRows = 0;
    return block;
  }

  for await (const piece of pieces) {
    let from = 0;
    while (piece.rows - from >= perBlock - pendingRows) {
      const to = from + perBlock - pendingRows;
      pending.push(slicePiece(piece, from, to, rowBytes));
      from = to;
      yield blockOf(perBlock);
    }
    if (from === piece.rows) continue;
    pending.push(slicePiece(piece, from, piece.rows, rowBytes));
    pendingRows += piece.rows - from;
  }
  if (pendingRows > 0) yield blockOf(pendingRows);
}

function slicePiece(piece: RowPiece, from: number, to: number, rowBytes: number): RowPiece {
  if (from === 0 && to === piece.rows) return piece;
  return {
    elements: piece.elements.slice(from * rowBytes, to * rowBytes),
    rows: to - from,
    carried: piece.carried.map((column) => sliceCarried(column, from, to)),
  };
}

function joinPieces(
  pieces: readonly RowPiece[],
  rows: number,
  rowBytes: number,
  place: Pick<Block, 'offset' | 'count'>,
): Block {
  const [first] = pieces;
  const carried = first.carried.map((_, at) => ownCarried(concatCarried(pieces.map((piece) => piece.carried[at]))));
  if (pieces.length === 1) return { ...place, buffer: first.elements, carried };
  const whole = new Uint8Array(rows * rowBytes);
  let at = 0;
  for (const { elements } of pieces) {
    whole.set(new Uint8Array(elements), at);
    at += elements.byteLength;
  }
  return { ...place, buffer: whole.buffer, carried };
}

/** Rows that follow each other, as one piece. */
export function joinRows(pieces: readonly RowPiece[], rowBytes: number): RowPiece {
  if (pieces.length === 1) return pieces[0];
  const rows = pieces.reduce((sum, piece) => sum + piece.rows, 0);
  if (pieces.length === 0) return { elements: new ArrayBuffer(0), rows, carried: [] };
  const { buffer, carried = [] } = joinPieces(pieces, rows, rowBytes, { offset: 0, count: 0 });
  return { elements: buffer as ArrayBuffer, rows, carried };
}

/** A table in memory as a source. A table of one block hands over its own buffer. */
export function toRowSource({ dtype, shape, buffer }: Tensor, carried: readonly CarriedColumn[]): Source {
  const [rows, columns] = shape;
  const piece = { elements: buffer, rows, carried };
  const blocks = (plan: BlockPlan) => blocksOfRows(piece, plan, columns * itemSize(dtype), columns);
  return { dtype, shape, bigEndian: false, blocks };
}

function* blocksOfRows(
  { elements, rows, carried }: RowPiece,
  { length }: BlockPlan,
  rowBytes: number,
  columns: number,
): Generator<Block, void> {
  const perBlock = Math.max(Math.floor(length / columns), 1);
  for (let from = 0; from < rows; from += perBlock) {
    const to = Math.min(from + perBlock, rows);
    const isWhole = to - from === rows;
    yield {
      offset: from * columns,
      count: (to - from) * columns,
      buffer: isWhole ? elements : elements.slice(from * rowBytes, to * rowBytes),
      carried: carried.map((column) => ownCarried(sliceCarried(column, from, to))),
    };
  }
}
