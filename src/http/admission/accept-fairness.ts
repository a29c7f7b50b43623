import type { Server } from 'node:http';

/** Requests started per turn of the event loop: while connections arrive, and while requests wait for their turn. */
const [whileCrowded, whileWaiting] = [1, 32];

/**
 * Starts a request.
 * @param waited seconds
 * @param waiting number of requests still waiting
 */
type Begin = (waited: number, waiting: number) => void;

/**
 * Accepts new connections fairly under load. Node accepts one connection per turn of its event loop, and in the same
 * turn handles everything that arrived on all others: when hundreds of clients connect at once, each would wait for the
 * requests of those before it, and so would a health probe. So while connections arrive, only one request is started
 * per turn.
 * @param now in seconds
 * @returns a function that starts a request, at once or in its turn
 */
export function createAcceptFairness(server: Server, now: () => number): (begin: Begin) => void {
  const waiting: Array<{ begin: Begin; since: number }> = [];
  /** How many more requests may start in this turn. */
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
