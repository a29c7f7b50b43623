import { crc32, createInflateRaw } from 'node:zlib';
import { Problem, quote } from '#errors.ts';
import {
  brokenZip,
  fixedSizes,
  lengthsOf,
  readDescriptor,
  readEnd,
  readMember,
  signatures,
  type ZipMember,
} from './zip-records.ts';
import type { ByteReader } from '#formats/stream/byte-reader.ts';

/** A member of a ZIP file. Its content must be read to the end before the next member is requested. */
export interface OpenMember {
  name: string;
  content: AsyncGenerator<Uint8Array, void>;
}

/** Bytes to inflate at once. */
const inflatedAtOnce = 2 ** 18;

/** The checked fields of a member, with their names for error messages. */
const checked = { packed: 'compressed size', size: 'size', crc: 'checksum' } as const;

/**
 * The members of a ZIP file in order, as it arrives. A ZIP file describes its members twice: each member's content is
 * checked against its header or descriptor, and the directory at the end must agree.
 *
 * @param storedSize determines the length of a stored member that does not declare it from its first bytes; null if
 *   there are too few of them
 * @throws Problem broken_body for any inconsistency
 */
export async function* zipMembers(
  reader: ByteReader,
  storedSize: (bytes: Uint8Array) => number | null,
): AsyncGenerator<OpenMember, void> {
  const members: ZipMember[] = [];
  let signature = await readSignature(reader);
  for (; signature === signatures.member; signature = await readSignature(reader)) {
    const member = await readHeader(reader, 'member');
    if (members.some(({ name }) => name === member.name)) throw brokenZip(`it contains ${shown(member.name)} twice`);
    members.push(member);
    let read = false;
    yield {
      name: member.name,
      content: (async function* () {
        yield* contentOf(reader, member, storedSize);
        read = true;
      })(),
    };
    if (!read) throw new Error(`The content of ${member.name} was not read.`);
  }
  await checkDirectory(reader, signature, members);
}

/** The content of a member, with sizes and checksum verified at its end. */
async function* contentOf(
  reader: ByteReader,
  member: ZipMember,
  storedSize: (bytes: Uint8Array) => number | null,
): AsyncGenerator<Uint8Array, void> {
  let packed = member.sizesFollow ? null : member.packed;
  if (!member.deflated && member.sizesFollow) packed = await reader.header(storedSize, () => 0);
  if (!member.deflated && packed === null) throw endsEarly(member);
  const read = { crc: 0, packed: 0, size: 0 };
  const pieces = member.deflated
    ? inflated(reader, packed, member, (bytes) => (read.packed = bytes))
    : stored(reader, packed as number, member);
  for await (const piece of pieces) {
    read.crc = crc32(piece, read.crc);
    read.size += piece.length;
    yield piece;
  }
  if (!member.deflated) read.packed = read.size;
  if (member.sizesFollow) Object.assign(member, await descriptorAfter(reader, member, read.crc));
  for (const [what, name] of Object.entries(checked) as [keyof typeof checked, string][]) {
    if (read[what] !== member[what])
      throw brokenZip(`the ${name} of ${shown(member.name)} is ${read[what]}, but its header says ${member[what]}`);
  }
}

async function* stored(reader: ByteReader, size: number, member: ZipMember): AsyncGenerator<Uint8Array, void> {
  for (let rest = size; rest > 0; ) {
    const piece = await reader.some(rest);
    if (piece.length === 0) throw endsEarly(member);
    rest -= piece.length;
    yield piece;
  }
}

/**
 * Inflates a member.
 * @param packed its compressed size, null if only the data determine their end
 * @param consumed called with the actual compressed size
 */
async function* inflated(
  reader: ByteReader,
  packed: number | null,
  member: ZipMember,
  consumed: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void> {
  const inflate = createInflateRaw({ chunkSize: inflatedAtOnce });
  const closed = new Promise((resolve) => inflate.once('close', resolve));
  let fault: Error | undefined;

  /** Feeds piece by piece, so that bytes after the end of the data can be put back. */
  async function feed(): Promise<void> {
    for (let fed = 0; packed === null || fed < packed; ) {
      const piece = await reader.some(packed === null ? Infinity : packed - fed);
      if (piece.length === 0) throw endsEarly(member);
      fed += piece.length;
      await Promise.race([new Promise((resolve) => inflate.write(piece, resolve)), closed]);
      const surplus = fed - inflate.bytesWritten;
      if (surplus > 0) {
        reader.unread(piece.subarray(piece.length - surplus));
        break;
      }
    }
    inflate.end();
  }

  const feeding = feed().catch((error: Error) => {
    fault = error;
    inflate.destroy();
  });
  try {
    yield* inflate;
    await feeding;
    consumed(inflate.bytesWritten);
  } catch (error) {
    throw fault ?? brokenZip(`${shown(member.name)} cannot be decompressed: ${(error as Error).message}`);
  } finally {
    inflate.destroy();
  }
}

/** The descriptor after a member; its signature is optional. */
async function descriptorAfter(reader: ByteReader, member: ZipMember, crc: number) {
  const length = member.zip64 ? 20 : 12;
  const first = await exactly(reader, 4);
  const signed =
    new DataView(first.buffer).getUint32(0, true) === signatures.descriptor && crc !== signatures.descriptor;
  const rest = await exactly(reader, signed ? length : length - 4);
  return readDescriptor(signed ? rest : Uint8Array.from([...first, ...rest]), member.zip64);
}

/**
 * Reads the rest of the file: the directory, the end records and the comment.
 * @throws Problem broken_body if they do not match the members
 */
async function checkDirectory(reader: ByteReader, first: number, members: readonly ZipMember[]): Promise<void> {
  let signature = first;
  for (const member of members) {
    if (signature !== signatures.entry) throw brokenZip(`its directory does not list ${shown(member.name)}`);
    const entry = await readHeader(reader, 'entry');
    for (const what of ['name', 'deflated', 'crc', 'packed', 'size'] as const) {
      if (entry[what] !== member[what])
        throw brokenZip(`its directory and its local headers disagree on the ${what} of ${shown(member.name)}`);
    }
    signature = await readSignature(reader);
  }
  if (signature === signatures.end64) {
    const size = Number(new DataView((await exactly(reader, fixedSizes.end64)).buffer).getBigUint64(0, true));
    if (!(size < 2 ** 16)) throw brokenZip('its zip64 end record is too long');
    await exactly(reader, size);
    if ((await readSignature(reader)) !== signatures.locator64) throw brokenZip('its zip64 locator is missing');
    await exactly(reader, fixedSizes.locator64);
    signature = await readSignature(reader);
  }
  if (signature !== signatures.end) throw brokenZip('there is unknown data between its members');
  const { entries, note } = readEnd(await exactly(reader, fixedSizes.end));
  if (entries !== members.length) throw brokenZip(`it declares ${entries} members but has ${members.length}`);
  await exactly(reader, note);
  if (!(await reader.ended())) throw brokenZip('it is followed by extra bytes');
}

async function readHeader(reader: ByteReader, record: 'member' | 'entry'): Promise<ZipMember> {
  const fixed = await exactly(reader, fixedSizes[record]);
  const [name, extra, note] = lengthsOf(record, fixed);
  const member = readMember(record, fixed, await exactly(reader, name), await exactly(reader, extra));
  await exactly(reader, note);
  return member;
}

async function readSignature(reader: ByteReader): Promise<number> {
  return new DataView((await exactly(reader, 4)).buffer).getUint32(0, true);
}

async function exactly(reader: ByteReader, count: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  if ((await reader.read(bytes)) < count) throw brokenZip('it ends early');
  return bytes;
}

function endsEarly({ name }: ZipMember): Problem {
  return brokenZip(`it ends within ${shown(name)}`);
}

function shown(name: string): string {
  return quote(name);
}
