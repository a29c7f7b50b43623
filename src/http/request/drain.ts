import type { IncomingMessage } from 'node:http';

/** Maximum bytes of a refused body to read and discard; a client that sends more is disconnected. */
const maxDrainBytes = 2 ** 30;

/** Milliseconds without a byte after which the client is assumed to wait for its response. */
const pause = 1000;

/**
 * Discards the rest of a request that is answered early. Many clients send the whole body before they read, and would
 * otherwise hang although the response has been sent.
 * @returns a promise that resolves when the client has nothing more to send
 */
export async function drain(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return;
  request.unpipe();
  request.removeAllListeners('readable').removeAllListeners('data');
  // The stream notices only in the next tick that it has no reader; only then can it flow.
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

/** Closes the connection of an answered request once the client has nothing more to send. */
export async function closeWhenDrained(request: IncomingMessage): Promise<void> {
  await drain(request);
  if (!request.socket.writableEnded) request.socket.destroySoon();
}

/** Whether the connection closes after the response, which a client that is still sending would then lose. */
export function isLastRequest(request: IncomingMessage): boolean {
  return /\bclose\b/i.test(request.headers.connection ?? '') || request.httpVersion === '1.0';
}
