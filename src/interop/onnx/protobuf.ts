/**
 * Fields of a protobuf message, as bytes in pieces, so that large ones are copied once.
 * Format: https://protobuf.dev/programming-guides/encoding/
 */
export type Fields = readonly Uint8Array[];

const wireTypes = { varint: 0, lengthDelimited: 2 } as const;

const utf8 = new TextEncoder();

/** A field of type int32, int64, bool or an enumeration; not negative. */
export function integer(field: number, value: number): Fields {
  return [Uint8Array.from([...varint(field * 8 + wireTypes.varint), ...varint(value)])];
}

/** A field of type bytes. */
export function bytes(field: number, value: Uint8Array): Fields {
  return [Uint8Array.from([...varint(field * 8 + wireTypes.lengthDelimited), ...varint(value.length)]), value];
}

/** A field of type string. */
export function text(field: number, value: string): Fields {
  return bytes(field, utf8.encode(value));
}

/** A field that is a message itself. */
export function message(field: number, ...members: Fields[]): Fields {
  const pieces = members.flat();
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return [Uint8Array.from([...varint(field * 8 + wireTypes.lengthDelimited), ...varint(length)]), ...pieces];
}

/** Seven bits a byte, the lowest first; all but the last have their highest bit set. */
function varint(value: number): number[] {
  const groups: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) groups.push((rest % 128) + 128);
  return [...groups, rest];
}
