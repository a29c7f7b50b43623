/**
 * Maps items as they arrive, `width` at a time, and yields the results in order. Each is yielded as soon as it is
 * ready, without waiting for the next item.
 */
export async function* mapInOrder<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  width: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const underWay: Promise<Result>[] = [];
  let coming: Promise<IteratorResult<Item>> | null = null;
  let ended = false;
  try {
    while (!ended || underWay.length > 0) {
      if (!ended && !coming && underWay.length < width) {
        coming = Promise.resolve(source.next());
        // A rejection is handled when it is awaited; until then it must not count as unhandled.
        coming.catch(() => undefined);
      }
      const next =
        coming && underWay.length > 0 ? await Promise.race([coming, settled(underWay[0])]) : coming && (await coming);
      if (next && 'done' in next) {
        coming = null;
        if (next.done) ended = true;
        else underWay.push(started(work(next.value)));
      } else {
        yield await (underWay.shift() as Promise<Result>);
      }
    }
  } finally {
    // Not awaited: a source that waits for its client would delay the end.
    void source.return?.();
  }
}

function started<Result>(work: Promise<Result>): Promise<Result> {
  work.catch(() => undefined);
  return work;
}

function settled(work: Promise<unknown>): Promise<null> {
  return work.then(
    () => null,
    () => null,
  );
}
