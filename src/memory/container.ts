import { totalmem } from 'node:os';

/**
 * Memory limit of the container in bytes; 0 or more than the physical memory if there is none. Read once, from files.
 */
const memoryOfContainer = process.constrainedMemory();

/**
 * A default in bytes: `most`, or a share of the container's memory if that is less.
 * @param parts the share is one part in this many
 */
export function shareOfMemory(most: number, parts: number, memory = memoryOfContainer): number {
  return memory > 0 ? Math.min(most, Math.floor(memory / parts)) : most;
}

/** Bytes that the process takes by itself, and per worker thread: measured, and rounded up. */
const [ownBytes, workerBytes] = [160 * 2 ** 20, 48 * 2 ** 20];

/** The share of the rest that requests may reserve, since estimates can be low and garbage is not collected at once. */
const reservableShare = 0.5;

/** Requests have this much, however small the container. */
const minRequestBytes = 64 * 2 ** 20;

/**
 * Bytes that requests may take beside their bodies.
 * @param memory of the container; without a limit, that of the machine counts
 */
export function memoryForRequests(workers: number, memory = memoryOfContainer): number {
  const all = memory > 0 ? Math.min(memory, totalmem()) : totalmem();
  return Math.max(minRequestBytes, Math.floor(reservableShare * (all - ownBytes - workers * workerBytes)));
}
