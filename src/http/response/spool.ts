import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { free } from '#memory/free.ts';
import { openUnnamedFile } from '#memory/unnamed-file.ts';
import { trackSentBuffers } from './free-sent.ts';

/** Bytes of a response to buffer in memory; the rest is buffered in a temporary file if possible. */
const enoughInMemory = 8 * 2 ** 20;

/** Bytes of a response to produce ahead of a slow reader that has sent its whole request. */
const maxReadAheadBytes = 4 * 2 ** 20;

type Waiting = Uint8Array | { position: number; length: number };

/**
 * Buffers a response that is produced while its request is still arriving. Python's http.client and requests send the whole
 * body before they read, so waiting for them to read would deadlock. So while the request arrives, the response is
 * produced and buffered here whether or not it is read; once the request is complete, a slow reader exerts
 * back-pressure.
 *
 * An error in `pieces` destroys the stream, which cuts the connection.
 * @param isComplete whether the request has been received in full
 * @param limit maximum bytes in memory if no temporary file can be written
 * @param onNoRoom called once with the reason why the temporary file cannot be written, such as a full disk
 * @param unsent bytes read from this stream but not yet flushed; flushed buffers are freed. Infinity if unknown
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
    file ??= await openUnnamedFile();
    // If the stream was destroyed meanwhile, there was no file to close yet.
    if (stream.destroyed) await file.close();
    const place = { position: written, length: piece.length };
    // A nearly full disk may accept only part of a piece.
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
