import type { Server } from 'node:http';

/** Requests that are begun in one turn of the event loop: while connections come, and while requests wait for their turn. */
const [whileCrowded, whileWaiting] = [1, 32];

/**
 * Begins a request.
 * @param waited seconds
 * @param waiting how many still wait
 */
type Begin = (waited: number, waiting: number) => void;

/**
 * Lets new connections in while requests keep coming. Node accepts one connection in a turn of its event loop, and in the same
 * turn handles whatever came over all the others: when hundreds of clients connect at once, each would wait for the requests
 * of those before it, and so would a probe of the service's health. So requests are begun one by one until all that
 * wait to connect have done so.
 * @param now in seconds
 * @returns what begins a request, now or in its turn
 */
export function createAcceptFairness(server: Server, now: () => number): (begin: Begin) => void {
  const waiting: Array<{ begin: Begin; since: number }> = [];
  /** How many requests may yet be begun in this turn. */
  let room = Infinity;
  let hasConnected = false;

  function endTurn(): void {
    if (!hasConnected && waiting.length === 0) {
      room = Infinity;
      return;
    }
    room = hasConnected ? whileCrowded : whileWaiting;
    hasConnected = false;
    const next = waiting.splice(0, room);
    room -= next.length;
    for (const { begin, since } of next) begin(now() - since, waiting.length);
    setImmediate(endTurn);
  }

  server.on('connection', () => {
    hasConnected = true;
    if (room < Infinity) return;
    room = whileCrowded;
    setImmediate(endTurn);
  });

  return (begin) => {
    if (room === 0) {
      waiting.push({ begin, since: now() });
      return;
    }
    room -= 1;
    begin(0, 0);
  };
}
