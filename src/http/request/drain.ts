import type { IncomingMessage } from 'node:http';

/** Bytes of a refused body that are read and thrown away; a client that sends more is cut off. */
const maxDrainBytes = 2 ** 30;

/** Milliseconds without a byte after which a client is taken to wait for its answer. */
const pause = 1000;

/**
 * Reads the rest of a request that is answered before it has come. Many clients send a whole body before they read:
 * without this they would wait for ever, with their answer on the way to them.
 * @returns a promise that is kept when the client has nothing more to send
 */
export async function drain(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return;
  request.unpipe();
  request.removeAllListeners('readable').removeAllListeners('data');
  // The stream learns in the next tick that nobody pulls any more; only then can it flow.
  await new Promise((resolve) => setImmediate(resolve));
  if (request.complete || request.destroyed) return;
  await new Promise<void>((resolve) => {
    let bytes = 0;
    const timer = setTimeout(resolve, pause);
    request.on('data', (chunk: Buffer) => {
      timer.refresh();
      bytes += chunk.length;
      if (bytes > maxDrainBytes) request.destroy();
    });
    request.once('close', resolve);
    request.once('end', resolve);
    request.resume();
  });
}

/** Ends the connection of a request that is answered, as soon as its client has nothing more to send. */
export async function closeWhenDrained(request: IncomingMessage): Promise<void> {
  await drain(request);
  if (!request.socket.writableEnded) request.socket.destroySoon();
}

/** Whether the connection ends with the answer, so that a client still sending would lose it. */
export function isLastRequest(request: IncomingMessage): boolean {
  return /\bclose\b/i.test(request.headers.connection ?? '') || request.httpVersion === '1.0';
}
