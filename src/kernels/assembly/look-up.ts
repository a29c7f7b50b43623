// A table of 256 values for the bytes that there are.

/** Puts into `to` what a table has for each of `count` bytes. */
@inline
export function lookUp<T extends number>(table: usize, from: usize, count: i32, to: usize): void {
  const end = from + <usize>count;
  for (; from + 8 <= end; from += 8) {
    const eight = load<u64>(from);
    const low = <u32>eight, high = <u32>(eight >> 32);
    store<T>(to, imageOf<T>(table, low & 0xff));
    store<T>(to, imageOf<T>(table, (low >> 8) & 0xff), sizeof<T>());
    store<T>(to, imageOf<T>(table, (low >> 16) & 0xff), 2 * sizeof<T>());
    store<T>(to, imageOf<T>(table, low >> 24), 3 * sizeof<T>());
    store<T>(to, imageOf<T>(table, high & 0xff), 4 * sizeof<T>());
    store<T>(to, imageOf<T>(table, (high >> 8) & 0xff), 5 * sizeof<T>());
    store<T>(to, imageOf<T>(table, (high >> 16) & 0xff), 6 * sizeof<T>());
    store<T>(to, imageOf<T>(table, high >> 24), 7 * sizeof<T>());
    to += 8 * sizeof<T>();
  }
  for (; from < end; from++) {
    store<T>(to, imageOf<T>(table, load<u8>(from)));
    to += sizeof<T>();
  }
}

@inline
function imageOf<T extends number>(table: usize, byte: u32): T {
  return load<T>(table + (<usize>byte) * sizeof<T>());
}
