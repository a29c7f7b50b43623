import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Connection {
  socket: Socket;
  write(text: string | Uint8Array): void;
  /** What has come so far. */
  received(): string;
  /** All that came until the other side ended the connection. */
  ended(): Promise<string>;
}

/** A bare connection, for what no HTTP client would do. */
export async function openTo(url: string): Promise<Connection> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, 'connect');
  const received = () => Buffer.concat(chunks).toString('latin1');
  return {
    socket,
    write: (text) => void socket.write(text),
    received,
    async ended() {
      await closed;
      return received();
    },
  };
}

/** The head of a POST. */
export function head(path: string, headers: Record<string, string | number>): string {
  const lines = Object.entries({ host: 'norma', 'content-type': 'application/json', ...headers });
  return [`POST ${path} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
}
