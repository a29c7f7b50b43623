import { type GradualReservation, reserveGradually } from '#memory/reservation.ts';
import { Problem } from '#errors.ts';
import { type FlatTable, rootTable } from './flatbuffer-reader.ts';

/** A message of an Arrow stream, without its body. */
export interface Message {
  kind: 'schema' | 'dictionary' | 'batch' | 'tensor';
  header: FlatTable;
  /** What the message was read from: another thread reads it again. */
  metadata: Uint8Array;
  /** Bytes of the body that follows. */
  bodyLength: number;
}

/** A record batch or a dictionary, as it is stored. */
export interface ArrowMessage {
  message: Message;
  body: Uint8Array;
  /** Of the body, and of what is made of it; released when that is gone. */
  memory: GradualReservation;
}

/** Bytes of a usual batch, which are not reserved. */
const usualBatchBytes = 2 ** 22;

/** For one message, before its body is read. */
export function reserveForMessage(): GradualReservation {
  return reserveGradually('A record batch', usualBatchBytes);
}

/** Maximum bytes of metadata: enough for a schema of 100,000 columns. */
export const maxMetadataBytes = 2 ** 24;

const kinds = [undefined, 'schema', 'dictionary', 'batch', 'tensor', 'tensor'] as const;

/** The fields of Message.fbs. */
const messageFields = { version: 0, headerType: 1, header: 2, bodyLength: 3 } as const;

/** MetadataVersion.V4, since Arrow 0.8. */
const oldestVersion = 3;

/** @throws Problem broken_body */
export function readMessage(metadata: Uint8Array): Message {
  return checked(() => {
    const message = rootTable(metadata);
    const version = message.int16(messageFields.version);
    if (version < oldestVersion) throw broken(`its metadata version V${version + 1} is older than V4`);
    const type = message.uint8(messageFields.headerType);
    const kind = kinds[type];
    if (!kind) throw broken(`unknown message type ${type}`);
    const bodyLength = message.int64(messageFields.bodyLength);
    if (!(bodyLength >= 0)) throw broken(`a message declares a body of ${bodyLength} bytes`);
    return { kind, header: message.table(messageFields.header), metadata, bodyLength };
  });
}

/** Reads parts of a flatbuffer, and turns invalid offsets and lengths into a Problem. */
export function checked<Part>(read: () => Part): Part {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw broken('the metadata of a message is not a valid flatbuffer');
    throw error;
  }
}

export function broken(why: string): Problem {
  return new Problem('broken_body', `The Arrow stream is broken: ${why}.`);
}
