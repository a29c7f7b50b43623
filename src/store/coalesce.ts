/**
 * Coalesces identical concurrent queries. A caller that arrives during a query waits for the next one, so no result
 * predates its request.
 */
export function coalesce<Asked extends unknown[], Result>(
  ask: (...asked: Asked) => Promise<Result>,
): (...asked: Asked) => Promise<Result> {
  const running = new Map<string, Promise<unknown>>();
  const following = new Map<string, Promise<Result>>();

  function start(key: string, asked: Asked): Promise<Result> {
    following.delete(key);
    const result = ask(...asked);
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    running.set(key, settled);
    void settled.then(() => {
      if (running.get(key) === settled) running.delete(key);
    });
    return result;
  }

  return (...asked) => {
    const key = JSON.stringify(asked);
    const current = running.get(key);
    if (!current) return start(key, asked);
    const next = following.get(key) ?? current.then(() => start(key, asked));
    following.set(key, next);
    return next;
  };
}
