import { crc32 } from 'node:zlib';
import { concatBytes } from '#memory/concat.ts';
import { signatures } from './zip-records.ts';

/** Writes a ZIP file sequentially, with uncompressed members. */
export interface ZipWriter {
  /** The header of a member whose content is written piece by piece. */
  open(name: string, size: number): Uint8Array;
  /** Adds the next piece of that content to the checksum. */
  add(piece: Uint8Array): void;
  /** The descriptor after that content. */
  close(): Uint8Array;
  /** The directory and the end records. */
  end(): Uint8Array;
}

interface Written {
  name: Uint8Array;
  /** Offset of its header in the file. */
  offset: number;
  crc: number;
  size: number;
  zip64: boolean;
}

/** From this value on, a number needs the eight bytes of a zip64 record. */
const limit32 = 0xffffffff;
const limit16 = 0xffff;

const version = { plain: 20, zip64: 45 } as const;

/** Checksum and sizes follow the content; names are UTF-8. */
const flags = (1 << 3) | (1 << 11);

/** 1980-01-01, the earliest date in ZIP and the one NumPy writes, so that equal answers have equal bytes. */
const date = (1 << 5) | 1;

/**
 * Creates a streaming ZIP writer by APPNOTE.TXT 6.3 (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT): each
 * member's checksum follows it (4.3.9), the directory comes last (4.3.12), in zip64 (4.3.14) if 32 bits are too few.
 */
export function zipWriter(): ZipWriter {
  const members: Written[] = [];
  let offset = 0;

  function placed(bytes: Uint8Array): Uint8Array {
    offset += bytes.length;
    return bytes;
  }

  return {
    open(text, size) {
      const member = { name: Buffer.from(text), offset, crc: 0, size: 0, zip64: size >= limit32 };
      members.push(member);
      const size32 = member.zip64 ? limit32 : 0;
      const extra = member.zip64 ? zip64Field(0, 0) : empty;
      return placed(
        concatBytes([
          u32(signatures.member),
          ...common(member, 0, size32),
          u16(member.name.length, extra.length),
          member.name,
          extra,
        ]),
      );
    },
    add(piece) {
      const member = members[members.length - 1];
      member.crc = crc32(piece, member.crc);
      member.size += piece.length;
      offset += piece.length;
    },
    close() {
      const { crc, size, zip64 } = members[members.length - 1];
      return placed(concatBytes([u32(signatures.descriptor, crc), zip64 ? u64(size, size) : u32(size, size)]));
    },
    end() {
      const start = offset;
      const entries = concatBytes(members.map(directoryEntry));
      placed(entries);
      const tooLarge = start >= limit32 || members.length >= limit16;
      const end64 = tooLarge ? zip64End(members.length, entries.length, start, offset) : empty;
      const count = Math.min(members.length, limit16);
      return concatBytes([
        entries,
        end64,
        u32(signatures.end),
        u16(0, 0, count, count),
        u32(Math.min(entries.length, limit32), Math.min(start, limit32)),
        u16(0),
      ]);
    },
  };
}

function directoryEntry(member: Written): Uint8Array {
  const { name, offset, crc, size, zip64 } = member;
  const far = offset >= limit32;
  const large = [...(zip64 ? [size, size] : []), ...(far ? [offset] : [])];
  const extra = large.length > 0 ? zip64Field(...large) : empty;
  return concatBytes([
    u32(signatures.entry),
    u16(zip64 || far ? version.zip64 : version.plain),
    ...common(member, crc, zip64 ? limit32 : size),
    u16(name.length, extra.length, 0, 0, 0),
    u32(0, far ? limit32 : offset),
    name,
    extra,
  ]);
}

/** The common part of a local header and a directory entry. */
function common({ zip64, offset }: Written, crc: number, size: number): Uint8Array[] {
  const needed = zip64 || offset >= limit32 ? version.zip64 : version.plain;
  return [u16(needed, flags, 0, 0, date), u32(crc, size, size)];
}

function zip64Field(...values: number[]): Uint8Array {
  return concatBytes([u16(1, 8 * values.length), u64(...values)]);
}

/** The zip64 end record (4.3.14) and its locator (4.3.15). */
function zip64End(count: number, length: number, start: number, own: number): Uint8Array {
  return concatBytes([
    u32(signatures.end64),
    u64(44),
    u16(version.zip64, version.zip64),
    u32(0, 0),
    u64(count, count, length, start),
    u32(signatures.locator64, 0),
    u64(own),
    u32(1),
  ]);
}

const empty = new Uint8Array(0);

function u16(...values: number[]): Uint8Array {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, at) => bytes.writeUInt16LE(value, 2 * at));
  return bytes;
}

function u32(...values: number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, at) => bytes.writeUInt32LE(value, 4 * at));
  return bytes;
}

function u64(...values: number[]): Uint8Array {
  const bytes = Buffer.alloc(8 * values.length);
  values.forEach((value, at) => bytes.writeBigUInt64LE(BigInt(value), 8 * at));
  return bytes;
}
