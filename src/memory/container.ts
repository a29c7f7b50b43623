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
