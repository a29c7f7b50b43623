/** Bytes that the container may use; 0 or more than there are where nothing limits it. Files say so: they are read once. */
const memoryOfContainer = process.constrainedMemory();

/**
 * Bytes for a default: so many, or less where a container has so little memory that it would be more than its share.
 * @param parts into how many the memory is shared
 */
export function shareOfMemory(most: number, parts: number, memory = memoryOfContainer): number {
  return memory > 0 ? Math.min(most, Math.floor(memory / parts)) : most;
}
