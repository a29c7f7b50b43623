declare module 'lz4js' {
  /** Decompresses the block at `sIndex` to `dIndex`, and returns where it ends there. Nothing is checked. */
  export function decompressBlock(
    src: Uint8Array,
    dst: Uint8Array,
    sIndex: number,
    sLength: number,
    dIndex: number,
  ): number;
}
