/** ZIP files written and read byte by byte, by their description alone: the service's own code is not asked. */
import { crc32, deflateRawSync } from 'node:zlib';

/** A member, and what its records say where that is to be a lie. */
export interface Member {
  name: string;
  content: Uint8Array;
  deflate?: boolean;
  /** Whether checksum and sizes stand behind the content, in a descriptor with or without its signature. */
  descriptor?: 'signed' | 'unsigned';
  zip64?: boolean;
  flags?: number;
  method?: number;
  crc?: number;
  size?: number;
  packed?: number;
  /** What the directory says instead. */
  listed?: Partial<Pick<Member, 'name' | 'crc' | 'size' | 'packed' | 'method'>>;
}

export interface Archive {
  /** How many members the end record counts. */
  count?: number;
  comment?: string;
  /** Whether the end is written in zip64, too. */
  zip64?: boolean;
}

export function zipOf(
  members: readonly Member[],
  { count = members.length, comment = '', zip64 }: Archive = {},
): Buffer {
  const parts: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const written = local(member);
    parts.push(written);
    entries.push(entry(member, offset));
    offset += written.length;
  }
  const directory = Buffer.concat(entries);
  const end64 = zip64 ? endOf64(count, directory.length, offset) : Buffer.alloc(0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, directory, end64, end, Buffer.from(comment)]);
}

/** A file of one stored member for each array. */
export function npzOf(arrays: Record<string, Uint8Array>): Buffer {
  return zipOf(Object.entries(arrays).map(([name, content]) => ({ name: `${name}.npy`, content })));
}

/** The members of an answer by their names, through its directory; throws when checksums or sizes are wrong. */
export function unzip(file: Uint8Array): Record<string, Buffer> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const end = bytes.length - 22;
  if (bytes.readUInt32LE(end) !== 0x06054b50) throw new Error('no end record');
  const found: Record<string, Buffer> = {};
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    if (bytes.readUInt32LE(at) !== 0x02014b50) throw new Error('no directory entry');
    const size = bytes.readUInt32LE(at + 24);
    const nameLength = bytes.readUInt16LE(at + 28);
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    const header = bytes.readUInt32LE(at + 42);
    if (bytes.readUInt32LE(header) !== 0x04034b50) throw new Error(`no header of ${name}`);
    const start = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
    found[name] = bytes.subarray(start, start + size);
    if (crc32(found[name]) !== bytes.readUInt32LE(at + 16)) throw new Error(`the checksum of ${name} is wrong`);
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  if (at !== end) throw new Error('the directory ends elsewhere');
  return found;
}

function local(member: Member): Buffer {
  const { content, descriptor, zip64 } = member;
  const packed = packedOf(member);
  const open = descriptor !== undefined;
  const sizes = {
    crc: member.crc ?? crc32(content),
    packed: member.packed ?? packed.length,
    size: member.size ?? content.length,
  };
  const header = Buffer.concat([
    u32(0x04034b50),
    u16(zip64 ? 45 : 20),
    common(member, open ? { crc: 0, packed: 0, size: 0 } : sizes),
  ]);
  const extra = zip64 ? extraOf(open ? [0, 0] : [sizes.size, sizes.packed]) : Buffer.alloc(0);
  const name = Buffer.from(member.name);
  const after = open
    ? [
        ...(descriptor === 'signed' ? [u32(0x08074b50)] : []),
        u32(sizes.crc),
        ...[sizes.packed, sizes.size].map(zip64 ? u64 : u32),
      ]
    : [];
  return Buffer.concat([header, u16(name.length), u16(extra.length), name, extra, packed, ...after]);
}

function entry(member: Member, offset: number): Buffer {
  const said: Member = { ...member, ...member.listed };
  const packed = said.packed ?? packedOf(member).length;
  const sizes = { crc: said.crc ?? crc32(member.content), packed, size: said.size ?? member.content.length };
  const extra = member.zip64 ? extraOf([sizes.size, sizes.packed]) : Buffer.alloc(0);
  const name = Buffer.from(said.name);
  return Buffer.concat([
    ...[u32(0x02014b50), u16(45), u16(member.zip64 ? 45 : 20), common(said, sizes)],
    ...[u16(name.length), u16(extra.length), u16(0), u16(0), u16(0), u32(0), u32(offset), name, extra],
  ]);
}

/** Flags, method, time, date, checksum and sizes. */
function common(member: Member, { crc, packed, size }: { crc: number; packed: number; size: number }): Buffer {
  const flags = (member.flags ?? 0) | (member.descriptor ? 8 : 0);
  const method = member.method ?? (member.deflate ? 8 : 0);
  const sizes = member.zip64 ? [u32(0xffffffff), u32(0xffffffff)] : [u32(packed), u32(size)];
  return Buffer.concat([u16(flags), u16(method), u16(0), u16(33), u32(crc), ...sizes]);
}

function packedOf({ content, deflate }: Member): Buffer {
  return deflate ? deflateRawSync(content) : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}

function extraOf(sizes: number[]): Buffer {
  return Buffer.concat([u16(1), u16(8 * sizes.length), ...sizes.map(u64)]);
}

function endOf64(count: number, length: number, offset: number): Buffer {
  const end = [u32(0x06064b50), u64(44), u16(45), u16(45), u32(0), u32(0), ...[count, count, length, offset].map(u64)];
  return Buffer.concat([...end, u32(0x07064b50), u32(0), u64(offset + length), u32(1)]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
