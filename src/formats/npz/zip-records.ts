import { Problem, quote } from '#errors.ts';

// The records of a ZIP file, in the order in which they appear.
// Format: APPNOTE.TXT 6.3, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT; the sections are named below.

/** The signature of each record. */
export const signatures = {
  member: 0x04034b50,
  descriptor: 0x08074b50,
  entry: 0x02014b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
  end: 0x06054b50,
} as const;

/** Bytes of the fixed part of each record, without the signature. */
export const fixedSizes = { member: 26, entry: 42, end64: 8, locator64: 16, end: 18 } as const;

const encrypted = 1 << 0;
const sizesFollow = 1 << 3;
const patched = 1 << 5;

/** The value of a field whose real value is in the zip64 extra field. */
const in64 = 0xffffffff;

const zip64Field = 0x0001;

/** A member, as described by its local header and again by the directory. */
export interface ZipMember {
  name: string;
  deflated: boolean;
  /** Whether checksum and sizes follow the data in a descriptor, because the writer could not seek. */
  sizesFollow: boolean;
  /** Whether the sizes take eight bytes each. */
  zip64: boolean;
  crc: number;
  /** Compressed size in bytes. */
  packed: number;
  /** Uncompressed size in bytes. */
  size: number;
}

/**
 * The lengths of name, extra field and comment, from the fixed part of a local header (4.3.7) or directory entry
 * (4.3.12).
 */
export function lengthsOf(record: 'member' | 'entry', fixed: Uint8Array): [name: number, extra: number, note: number] {
  const view = viewOf(fixed);
  const at = record === 'member' ? 22 : 24;
  const note = record === 'member' ? 0 : view.getUint16(at + 4, true);
  return [view.getUint16(at, true), view.getUint16(at + 2, true), note];
}

/**
 * Reads a local header (4.3.7) or a directory entry (4.3.12), without its signature.
 * @throws Problem broken_body for a member that is encrypted or neither stored nor deflated
 */
export function readMember(
  record: 'member' | 'entry',
  fixed: Uint8Array,
  name: Uint8Array,
  extra: Uint8Array,
): ZipMember {
  // A directory entry starts with two more bytes, "version made by".
  const view = viewOf(record === 'member' ? fixed : fixed.subarray(2));
  const flags = view.getUint16(2, true);
  const method = view.getUint16(4, true);
  const shown = shownName(name);
  if (flags & (encrypted | patched))
    throw brokenZip(`its member ${shown} is encrypted or a patch, which is not supported`);
  if (method !== 0 && method !== 8)
    throw brokenZip(`its member ${shown} uses compression method ${method}; supported: stored (0) and deflated (8)`);
  const sizes = { packed: view.getUint32(14, true), size: view.getUint32(18, true) };
  const long = zip64Sizes(extra, sizes, shown);
  return {
    name: decodeName(name),
    deflated: method === 8,
    sizesFollow: (flags & sizesFollow) !== 0,
    zip64: long !== null,
    crc: view.getUint32(10, true),
    ...(long ?? sizes),
  };
}

/** The sizes, from the zip64 extra field (4.5.3) if there is one: it has only those that do not fit 32 bits. */
function zip64Sizes(extra: Uint8Array, short: { packed: number; size: number }, name: string) {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = view.getUint16(at + 2, true);
    if (at + 4 + length > extra.length) throw brokenZip(`the extra field of ${name} ends early`);
    if (view.getUint16(at, true) === zip64Field) {
      const sizes = { ...short };
      let next = at + 4;
      for (const which of ['size', 'packed'] as const) {
        if (sizes[which] !== in64) continue;
        if (next + 8 > at + 4 + length) throw brokenZip(`the zip64 field of ${name} has no size`);
        const value = Number(view.getBigUint64(next, true));
        if (!Number.isSafeInteger(value)) throw brokenZip(`${name} declares a size of ${value} bytes`);
        sizes[which] = value;
        next += 8;
      }
      return sizes;
    }
    at += 4 + length;
  }
  return null;
}

/** Reads the checksum and the two sizes of a data descriptor (4.3.9), without its signature. */
export function readDescriptor(bytes: Uint8Array, zip64: boolean): Pick<ZipMember, 'crc' | 'packed' | 'size'> {
  const view = viewOf(bytes);
  const sizeAt = (at: number) =>
    zip64 ? Number(view.getBigUint64(4 + 8 * at, true)) : view.getUint32(4 + 4 * at, true);
  return { crc: view.getUint32(0, true), packed: sizeAt(0), size: sizeAt(1) };
}

/** The number of entries according to the end record (4.3.16), and the length of the comment after it. */
export function readEnd(bytes: Uint8Array): { entries: number; note: number } {
  const view = viewOf(bytes);
  return { entries: view.getUint16(6, true), note: view.getUint16(16, true) };
}

function decodeName(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

function shownName(bytes: Uint8Array): string {
  return quote(decodeName(bytes));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function brokenZip(what: string): Problem {
  return new Problem('broken_body', `This is not an npz file: ${what}.`);
}
