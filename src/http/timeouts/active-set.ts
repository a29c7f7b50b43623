/** Items that come and go, many a second. */
export interface ActiveSet<Item> {
  /** Adds an item, and returns what takes it out again. */
  add(item: Item): () => void;
  /** Those that are there, in no order. */
  all(): Item[];
}

/**
 * Not a Set: V8 gives it a new table now and then, and the old one, which points to the new, keeps all that either has held
 * until the next major collection. Where each request is an item, that was an eighth of the event loop's
 * time, and as much again in the threads that collect garbage.
 */
export function createActiveSet<Item>(): ActiveSet<Item> {
  const places: { item: Item; at: number }[] = [];
  return {
    add(item) {
      const place = { item, at: places.length };
      places.push(place);
      return () => {
        if (place.at < 0) return;
        const last = places.pop();
        if (last && last !== place) {
          places[place.at] = last;
          last.at = place.at;
        }
        place.at = -1;
      };
    },
    all: () => places.map(({ item }) => item),
  };
}
