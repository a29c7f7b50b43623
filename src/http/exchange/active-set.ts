/** A set whose items change many times a second. Each knows its place in it, -1 while it is in none. */
export interface ActiveSet<Item extends { at: number }> {
  add(item: Item): void;
  /** Removes an item if it is there. */
  remove(item: Item): void;
  /** All items, in no particular order. */
  all(): Item[];
}

/**
 * Not a Set: V8 reallocates its table now and then, and the old table, which points to the new one, keeps everything
 * that either has held alive until the next major garbage collection. With an item per request that cost an eighth of
 * the event loop's time, and as much again in the garbage collector's threads.
 */
export function createActiveSet<Item extends { at: number }>(): ActiveSet<Item> {
  const items: Item[] = [];
  return {
    add(item) {
      item.at = items.length;
      items.push(item);
    },
    remove(item) {
      if (item.at < 0) return;
      const last = items.pop();
      if (last && last !== item) {
        items[item.at] = last;
        last.at = item.at;
      }
      item.at = -1;
    },
    all: () => [...items],
  };
}
