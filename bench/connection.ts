import { connect } from 'node:net';
import type { Message } from './send-request.ts';
import type { Server } from './servers.ts';

const endOfHead = '\r\n\r\n';
const lengthHeader = '\r\ncontent-length: ';

/** A connection that sends one request at a time. */
export interface Connection {
  send(): void;
  close(): void;
}

/** The requests that connections send in turns: bodies of a benchmark differ, since nobody sends the same one all day. */
export interface Requests {
  path: string;
  /** The next request, as it goes over the wire. */
  next(): Buffer;
}

export function inTurn(messages: readonly Message[]): Requests {
  const requests = messages.map(toBytes);
  let at = 0;
  return {
    path: messages[0].path,
    next() {
      at = (at + 1) % requests.length;
      return requests[at];
    },
  };
}

/**
 * Plain sockets and next to no parsing: the client must not be what is measured. Of a head only its end and the length of
 * the body are looked for.
 * @param answered is called with each whole answer
 * @param failed is called with an answer that is no 2xx, or when the server ends the connection
 */
export function openConnection(
  { port }: Server,
  requests: Requests,
  answered: () => void,
  failed: (error: Error) => void,
): Connection {
  const buffer = Buffer.alloc(2 ** 16);
  let answerLength = 0;
  let got = 0;
  function take(length: number): boolean {
    if (got === 0) answerLength = answerLengthOf(buffer.subarray(0, length));
    if (Number.isNaN(answerLength)) {
      failed(new Error(`${requests.path} answered ${buffer.toString('latin1', 0, Math.min(length, 800))}`));
      return false;
    }
    got += length;
    if (got < answerLength) return true;
    if (got > answerLength) failed(new Error(`${requests.path} gave more than it said.`));
    got = 0;
    answered();
    return true;
  }
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer, callback: take } });
  socket.on('error', failed);
  socket.on('close', () => failed(new Error('The server closed a connection.')));
  return { send: () => socket.write(requests.next()), close: () => socket.destroy() };
}

function toBytes({ path, type, accept, headers = {}, body }: Message): Buffer {
  const head = [`POST ${path} HTTP/1.1`, 'host: localhost', `content-type: ${type}`, `content-length: ${body.length}`];
  if (accept) head.push(`accept: ${accept}`);
  for (const [name, value] of Object.entries(headers)) head.push(`${name}: ${value}`);
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}${endOfHead}`), body]);
}

/** The bytes of an answer with its head; NaN for one that is no 2xx or does not say its length. */
function answerLengthOf(answer: Buffer): number {
  const isOk = answer[9] === 0x32;
  const body = answer.indexOf(endOfHead) + endOfHead.length;
  const length = answer.indexOf(lengthHeader);
  if (!isOk || body < endOfHead.length || length < 0 || length > body) return Number.NaN;
  return (
    body +
    Number.parseInt(answer.toString('latin1', length + lengthHeader.length, length + lengthHeader.length + 12), 10)
  );
}
