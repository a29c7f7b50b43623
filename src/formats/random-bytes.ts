/** Bytes that can be read in any order: of a file, or in memory. */
export interface RandomBytes {
  size: number;
  /** Exactly these bytes, for a reader that has made sure that they are there. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}
