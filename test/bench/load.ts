import { connect } from 'node:net';
import type { Message } from './exchange.ts';
import type { Server } from './servers.ts';

/** Milliseconds after which a load is given up. */
const patience = 60_000;

const endOfHead = '\r\n\r\n';

/**
 * Sends the same request `count` times over `connections` connections, one after the other on each, and gives the
 * requests per second. Plain sockets and next to no parsing: the client must not be what is measured. The bodies of the
 * answers to one request are equally long; of a head only its end is looked for.
 */
export async function load({ port }: Server, message: Message, connections: number, count: number): Promise<number> {
  const bytes = requestBytes(message);
  const { promise: finished, resolve, reject } = Promise.withResolvers<void>();
  let sent = 0;
  let answered = 0;

  function open() {
    const buffer = Buffer.alloc(2 ** 16);
    let bodyLength = 0;
    let answerLength = 0;
    let got = 0;
    function take(length: number, chunk: Uint8Array): boolean {
      if (got === 0 && (bodyLength === 0 || !isOk(chunk))) {
        const text = buffer.toString('latin1', 0, length);
        bodyLength = isOk(chunk) ? bodyLengthOf(text) : Number.NaN;
        if (Number.isNaN(bodyLength)) reject(new Error(`${message.path} answered ${text.slice(0, 500)}`));
      }
      if (got === 0) answerLength = buffer.indexOf(endOfHead) + endOfHead.length + bodyLength;
      got += length;
      if (got < answerLength) return true;
      if (got > answerLength) reject(new Error(`${message.path} gave answers of different lengths.`));
      got = 0;
      answered += 1;
      if (answered === count) resolve();
      else send();
      return true;
    }
    const socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: { buffer, callback: take },
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`The server closed a connection after ${answered} answers.`)));
    function send(): void {
      if (sent === count) return;
      sent += 1;
      socket.write(bytes);
    }
    send();
    return socket;
  }

  const started = performance.now();
  const sockets = Array.from({ length: connections }, open);
  const timer = setTimeout(() => reject(new Error(`${answered} of ${count} answers after ${patience} ms.`)), patience);
  try {
    await finished;
    return (1000 * count) / (performance.now() - started);
  } finally {
    clearTimeout(timer);
    for (const socket of sockets) socket.destroy();
  }
}

function requestBytes({ path, type, body }: Message): Buffer {
  const head = [`POST ${path} HTTP/1.1`, 'host: localhost', `content-type: ${type}`, `content-length: ${body.length}`];
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
