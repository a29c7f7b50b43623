import { free } from './free.ts';

/** Spare buffers at most, and milliseconds that they wait for their next use. */
const [mostSpares, patience] = [16, 1000];

/** Bytes of the buffers that were wanted last, and those of this size that are free. */
let wanted = 0;
let spares: ArrayBuffer[] = [];
let timer: NodeJS.Timeout | undefined;

/**
 * A buffer of so many bytes that is used again, if there is one: memory that is new to the process costs more than what is
 * computed into it. What it holds is what it held before.
 */
export function spareOf(length: number): ArrayBuffer | undefined {
  if (length !== wanted) freeSpares();
  wanted = length;
  return spares.pop();
}

/** Takes a buffer that nobody uses any more, for whoever wants one of its size; frees it otherwise. */
export function recycle(buffer: ArrayBuffer): void {
  if (buffer.byteLength !== wanted || wanted === 0 || spares.length === mostSpares) {
    free(buffer);
    return;
  }
  spares.push(buffer);
  timer ??= setTimeout(freeSpares, patience).unref();
  timer.refresh();
}

function freeSpares(): void {
  for (const buffer of spares) free(buffer);
  spares = [];
  clearTimeout(timer);
  timer = undefined;
}
