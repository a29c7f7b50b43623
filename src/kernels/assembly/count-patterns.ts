// How often each bit pattern of an 8- or 16-bit dtype occurs in each slice: one table of u32 counters per slice.

/** Bytes of a table with a u32 for every pattern of a byte or of two. */
const BYTE_TABLE: usize = 4 * 256;
const WORD_TABLE: usize = 4 * 65536;

/** A shorter run does not repay clearing and adding up the interleaved tables. */
const LONG_RUN = 512;

const interleaved = memory.data(4 * 4 * 256, 16);

@inline
function increment(counter: usize): void {
  store<u32>(counter, load<u32>(counter) + 1);
}

@inline
function countEach<T extends number>(from: usize, end: usize, table: usize): void {
  for (; from < end; from += sizeof<T>()) increment(table + ((<usize>load<T>(from)) << 2));
}

/**
 * In a run of equal bytes, such as a picture's background, every increment of one counter would wait for the one before:
 * neighbours count in four tables in turn.
 */
function countBytes(from: usize, count: i32, table: usize): void {
  const end = from + <usize>count;
  if (count >= LONG_RUN) {
    memory.fill(interleaved, 0, 4 * BYTE_TABLE);
    for (; from + 8 <= end; from += 8) {
      const eight = load<u64>(from);
      increment(interleaved + ((<usize>eight & 0xff) << 2));
      increment(interleaved + BYTE_TABLE + ((<usize>(eight >> 8) & 0xff) << 2));
      increment(interleaved + 2 * BYTE_TABLE + ((<usize>(eight >> 16) & 0xff) << 2));
      increment(interleaved + 3 * BYTE_TABLE + ((<usize>(eight >> 24) & 0xff) << 2));
      increment(interleaved + ((<usize>(eight >> 32) & 0xff) << 2));
      increment(interleaved + BYTE_TABLE + ((<usize>(eight >> 40) & 0xff) << 2));
      increment(interleaved + 2 * BYTE_TABLE + ((<usize>(eight >> 48) & 0xff) << 2));
      increment(interleaved + 3 * BYTE_TABLE + (<usize>(eight >> 56) << 2));
    }
    for (let at: usize = 0; at < BYTE_TABLE; at += 16) {
      const sum0 = i32x4.add(v128.load(interleaved + at), v128.load(interleaved + BYTE_TABLE + at));
      const sum1 = i32x4.add(v128.load(interleaved + 2 * BYTE_TABLE + at), v128.load(interleaved + 3 * BYTE_TABLE + at));
      v128.store(table + at, i32x4.add(v128.load(table + at), i32x4.add(sum0, sum1)));
    }
  }
  countEach<u8>(from, end, table);
}

/** Four equal neighbours are counted at once, for the same reason: four tables of 256 KiB would fill the cache. */
function countWords(from: usize, count: i32, table: usize): void {
  const end = from + ((<usize>count) << 1);
  for (; from + 8 <= end; from += 8) {
    const four = load<u64>(from);
    if (four == rotl<u64>(four, 16)) {
      const counter = table + ((<usize>four & 0xffff) << 2);
      store<u32>(counter, load<u32>(counter) + 4);
    } else {
      increment(table + ((<usize>four & 0xffff) << 2));
      increment(table + ((<usize>(four >> 16) & 0xffff) << 2));
      increment(table + ((<usize>(four >> 32) & 0xffff) << 2));
      increment(table + (<usize>(four >> 48) << 2));
    }
  }
  countEach<u16>(from, end, table);
}

/** Columns whose tables stay in the first-level cache, more or less, while a tile's rows go by. */
const STRIP = 32;

/** Neighbours belong to different slices, so that their counters differ. */
@inline
function countColumns<T extends number>(from: usize, step: usize, rows: i32, columns: i32, tables: usize): void {
  const tableBytes: usize = sizeof<T>() == 1 ? BYTE_TABLE : WORD_TABLE;
  for (let column = 0; column < columns; column += STRIP) {
    const width = min(STRIP, columns - column);
    let rowAt = from + <usize>column * sizeof<T>();
    for (let row = 0; row < rows; row++) {
      const end = rowAt + <usize>width * sizeof<T>();
      let table = tables;
      for (let at = rowAt; at < end; at += sizeof<T>()) {
        increment(table + ((<usize>load<T>(at)) << 2));
        table += tableBytes;
      }
      rowAt += step;
    }
    tables += <usize>STRIP * tableBytes;
  }
}

/**
 * Counts the patterns of a rectangle of elements of `width` 1 or 2 bytes, `stride` elements from row to row.
 * @param tables of its first slice: 256 or 65,536 counters for each of its rows (`rowIsSlice`) or columns
 */
export function count_patterns(
  width: i32,
  from: usize,
  stride: i32,
  rows: i32,
  columns: i32,
  rowIsSlice: bool,
  tables: usize,
): void {
  const step = <usize>stride * <usize>width;
  if (!rowIsSlice) {
    if (width == 1) countColumns<u8>(from, step, rows, columns, tables);
    else countColumns<u16>(from, step, rows, columns, tables);
    return;
  }
  for (let row = 0; row < rows; row++) {
    if (width == 1) countBytes(from, columns, tables + <usize>row * BYTE_TABLE);
    else countWords(from, columns, tables + <usize>row * WORD_TABLE);
    from += step;
  }
}
