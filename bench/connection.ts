import { connect } from 'node:net';
import type { Message } from './send-request.ts';
import type { Server } from './servers.ts';

const endOfHead = '\r\n\r\n';

/** A connection that sends the same request again and again, one at a time. */
export interface Connection {
  send(): void;
  close(): void;
}

/**
 * Plain sockets and next to no parsing: the client must not be what is measured. The bodies of the answers to one request
 * are equally long; of a head only its end is looked for.
 * @param answered is called with each whole answer
 * @param failed is called with an answer that is no 2xx, or when the server ends the connection
 */
export function openConnection(
  { port }: Server,
  message: Message,
  answered: () => void,
  failed: (error: Error) => void,
): Connection {
  const bytes = requestBytes(message);
  const buffer = Buffer.alloc(2 ** 16);
  let bodyLength = 0;
  let answerLength = 0;
  let got = 0;
  function take(length: number, chunk: Uint8Array): boolean {
    if (got === 0 && (bodyLength === 0 || !isOk(chunk))) {
      const text = buffer.toString('latin1', 0, length);
      bodyLength = isOk(chunk) ? bodyLengthOf(text) : Number.NaN;
      if (Number.isNaN(bodyLength)) failed(new Error(`${message.path} answered ${text.slice(0, 500)}`));
    }
    if (got === 0) answerLength = buffer.indexOf(endOfHead) + endOfHead.length + bodyLength;
    got += length;
    if (got < answerLength) return true;
    if (got > answerLength) failed(new Error(`${message.path} gave answers of different lengths.`));
    got = 0;
    answered();
    return true;
  }
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer, callback: take } });
  socket.on('error', failed);
  socket.on('close', () => failed(new Error('The server closed a connection.')));
  return { send: () => socket.write(bytes), close: () => socket.destroy() };
}

function requestBytes({ path, type, accept, body }: Message): Buffer {
  const head = [`POST ${path} HTTP/1.1`, 'host: localhost', `content-type: ${type}`, `content-length: ${body.length}`];
  if (accept) head.push(`accept: ${accept}`);
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

/** Whether an answer begins with "HTTP/1.1 2". */
function isOk(answer: Uint8Array): boolean {
  return answer[9] === 0x32;
}

/** The length of an answer's body by its head, NaN for one that does not say it. */
function bodyLengthOf(answer: string): number {
  const [, length] = /\r\ncontent-length: (\d+)/i.exec(answer.slice(0, answer.indexOf(endOfHead))) ?? [];
  return Number(length);
}
