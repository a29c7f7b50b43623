import { createSpares } from './buffer-pool.ts';

/** Buffers that wait for their next use at most, and milliseconds that they wait. */
const [mostSpares, patience] = [16, 1000];

const spares = createSpares(mostSpares);
let timer: NodeJS.Timeout | undefined;

/** A buffer of so many bytes that was sent before, for the next output. */
export const sentBuffer = spares.take;

/** Takes the buffer of what has been sent. */
export function giveSent(buffer: ArrayBuffer): void {
  spares.give(buffer);
  timer ??= setTimeout(spares.clear, patience).unref();
  timer.refresh();
}
