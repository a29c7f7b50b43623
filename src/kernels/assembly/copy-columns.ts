// Columns of whole rows and their copy side by side: elements go as integers, so that no bit of a NaN changes.

@inline
function copyElements<T>(whole: usize, part: usize, rows: i32, rowLength: i32, columns: usize, count: i32, isGather: bool): void {
  const step = (<usize>rowLength) * sizeof<T>();
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < count; at++) {
      const from = whole + (<usize>load<u32>(columns + ((<usize>at) << 2))) * sizeof<T>();
      if (isGather) store<T>(part, load<T>(from));
      else store<T>(from, load<T>(part));
      part += sizeof<T>();
    }
    whole += step;
  }
}

function copy<T>(whole: usize, part: usize, rows: i32, rowLength: i32, columns: usize, count: i32, isGather: bool): void {
  if (isGather) copyElements<T>(whole, part, rows, rowLength, columns, count, true);
  else copyElements<T>(whole, part, rows, rowLength, columns, count, false);
}

/**
 * Copies columns of `rows` whole rows of `width` bytes an element to `part`, or from there back to their places.
 * @param columns address of `count` indexes of 32 bits
 */
export function copy_columns(
  width: i32,
  whole: usize,
  part: usize,
  rows: i32,
  rowLength: i32,
  columns: usize,
  count: i32,
  isGather: bool,
): void {
  if (width == 8) copy<u64>(whole, part, rows, rowLength, columns, count, isGather);
  else if (width == 4) copy<u32>(whole, part, rows, rowLength, columns, count, isGather);
  else if (width == 2) copy<u16>(whole, part, rows, rowLength, columns, count, isGather);
  else copy<u8>(whole, part, rows, rowLength, columns, count, isGather);
}

/**
 * Copies samples of `bytes` each in another order: to their places in turn from where `order` says, or the way back.
 * @param order address of `count` indexes of 32 bits
 */
export function copy_samples(from: usize, to: usize, bytes: i32, order: usize, count: i32, isGather: bool): void {
  for (let at = 0; at < count; at++) {
    const inTurn = (<usize>at) * bytes;
    const placed = (<usize>load<u32>(order + ((<usize>at) << 2))) * bytes;
    if (isGather) memory.copy(to + inTurn, from + placed, bytes);
    else memory.copy(to + placed, from + inTurn, bytes);
  }
}
