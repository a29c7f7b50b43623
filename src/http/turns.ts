import type { Server } from 'node:http';

/** Requests that are begun in one turn of the event loop: while connections come, and while requests wait for their turn. */
const [whileCrowded, whileWaiting] = [2, 32];

/**
 * Begins a request.
 * @param waited seconds
 * @param waiting how many still wait
 */
type Begin = (waited: number, waiting: number) => void;

/**
 * Lets new connections in while requests keep coming. Node accepts one connection in a turn of its event loop, and in the same
 * turn handles whatever came over all the others: when hundreds of clients connect at once, each would wait for the requests
 * of those before it, and so would a probe of the service's health. So requests are begun a few at a time until all that
 * wait to connect have done so.
 * @param now in seconds
 * @returns what begins a request, now or in its turn
 */
export function takeTurns(server: Server, now: () => number): (begin: Begin) => void {
  const waiting: Array<{ begin: Begin; since: number }> = [];
  let isCrowded = false;
  let hasCome = false;
  let begun = 0;

  function endTurn(): void {
    isCrowded = hasCome;
    hasCome = false;
    begun = Math.min(waiting.length, isCrowded ? whileCrowded : whileWaiting);
    for (const { begin, since } of waiting.splice(0, begun)) begin(now() - since, waiting.length);
    if (isCrowded || waiting.length > 0) setImmediate(endTurn);
  }

  server.on('connection', () => {
    hasCome = true;
    if (isCrowded || waiting.length > 0) return;
    isCrowded = true;
    setImmediate(endTurn);
  });

  return (begin) => {
    if (waiting.length === 0 && (!isCrowded || begun < whileCrowded)) {
      begun += 1;
      begin(0, 0);
    } else waiting.push({ begin, since: now() });
  };
}
