import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { free } from '#memory/free.ts';
import { trackSentBuffers } from './free-sent.ts';

/** Bytes of an answer that wait in memory; what more there is waits in a temporary file, as long as there is room for one. */
const enoughInMemory = 8 * 2 ** 20;

/** Bytes of an answer that are made ahead of a client that has sent everything and reads slowly. */
const maxReadAheadBytes = 4 * 2 ** 20;

type Waiting = Uint8Array | { position: number; length: number };

/**
 * An answer that is made while its request still comes. Python's http.client and requests send a whole body before they
 * read: the service that waited for them to read would wait for ever. So, as long as the request comes, the answer is made
 * whether or not it is read, and waits here; once the request is complete, a slow reader slows the work down.
 *
 * A fault in `pieces` destroys the stream, which cuts the connection.
 * @param isComplete whether the request has been received in full
 * @param limit bytes that one request may hold in memory, which it does where no temporary file takes them
 * @param onNoRoom told, once, why a temporary file does not: its disk is full, or cannot be written
 * @param unsent bytes that were read from here and are not sent yet: what is, is freed at once. Infinity where nobody knows
 */
export function spoolResponse(
  pieces: AsyncGenerator<Uint8Array, void>,
  isComplete: () => boolean,
  limit = Infinity,
  onNoRoom: (error: unknown) => void = () => undefined,
  unsent: () => number = () => Infinity,
): Readable {
  const enough = Math.min(enoughInMemory, limit);
  const waiting: Waiting[] = [];
  const sent = trackSentBuffers();
  let bytes = 0;
  let inMemory = 0;
  let ended = false;
  let file: FileHandle | undefined;
  let written = 0;
  let hadNoRoom = false;
  let wakeWriter: (() => void) | undefined;
  let wakeReader: (() => void) | undefined;

  async function wait(piece: Uint8Array): Promise<void> {
    if (isComplete() && bytes > maxReadAheadBytes) await new Promise<void>((resolve) => (wakeWriter = resolve));
    if (stream.destroyed) return;
    bytes += piece.length;
    waiting.push(bytes <= enough ? toMemory(piece) : await toFile(piece).catch((error) => withoutFile(piece, error)));
    wakeReader?.();
  }

  function toMemory(piece: Uint8Array): Uint8Array {
    inMemory += piece.length;
    return piece;
  }

  function withoutFile(piece: Uint8Array, error: unknown): Uint8Array {
    if (!hadNoRoom) onNoRoom(error);
    hadNoRoom = true;
    if (inMemory + piece.length > limit) throw error;
    return toMemory(piece);
  }

  async function toFile(piece: Uint8Array): Promise<Waiting> {
    file ??= await openUnnamed();
    // Whoever destroyed the stream meanwhile found no file to close.
    if (stream.destroyed) await file.close();
    const place = { position: written, length: piece.length };
    // A disk that is nearly full takes a part of a piece.
    for (let at = 0; at < piece.length; )
      at += (await file.write(piece, at, piece.length - at, place.position + at)).bytesWritten;
    written += piece.length;
    if (piece.byteLength === piece.buffer.byteLength) free(piece.buffer);
    return place;
  }

  async function fromFile({ position, length }: { position: number; length: number }): Promise<Uint8Array> {
    const piece = new Uint8Array(length);
    const read = await file?.read(piece, 0, length, position);
    if (read?.bytesRead !== length)
      throw new Error('The temporary file of a response is shorter than what was written to it.');
    return piece;
  }

  async function write(): Promise<void> {
    try {
      for await (const piece of pieces) {
        await wait(piece);
        if (stream.destroyed) return;
      }
      ended = true;
      wakeReader?.();
    } catch (error) {
      stream.destroy(error as Error);
    }
  }

  async function read(): Promise<void> {
    while (waiting.length === 0 && !ended) await new Promise<void>((resolve) => (wakeReader = resolve));
    const next = waiting.shift();
    if (stream.destroyed) return;
    if (!next) {
      stream.push(null);
      return;
    }
    bytes -= next.length;
    wakeWriter?.();
    if (next instanceof Uint8Array) inMemory -= next.length;
    const piece = next instanceof Uint8Array ? next : await fromFile(next);
    if (stream.destroyed) return;
    sent.free(stream.readableLength + unsent());
    sent.add(piece);
    stream.push(piece);
  }

  const stream = new Readable({
    highWaterMark: 2 ** 20,
    read: () => void read().catch((error: Error) => stream.destroy(error)),
    destroy(error, callback) {
      wakeWriter?.();
      wakeReader?.();
      void pieces.return();
      void file?.close();
      callback(error);
    },
  });
  void write();
  return stream;
}

/** A file without a name: it is gone with the process, however that ends. */
async function openUnnamed(): Promise<FileHandle> {
  const path = join(tmpdir(), `norma-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
}
