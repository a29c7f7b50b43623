/** How `data` is written, from its name on. */
export interface DataMember {
  opening: string;
  text(piece: Uint8Array<ArrayBuffer>): Uint8Array | string;
  closing(): string;
}
