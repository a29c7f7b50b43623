import { type IncomingMessage, request } from 'node:http';
import type { Server } from './servers.ts';

export interface Message {
  path: string;
  type: string;
  accept?: string;
  /** Further headers. */
  headers?: Record<string, string>;
  body: Uint8Array;
  /** An answer that is shorter than this is taken for a broken one. */
  answerAtLeast?: number;
}

/** Milliseconds after which an exchange that stands still is given up. */
const patience = 30_000;

/** Sends a body, throws the answer away while it comes, and gives the milliseconds that took. */
export function exchange({ port }: Server, { path, type, accept, body, answerAtLeast = 0 }: Message): Promise<number> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const headers = { 'content-type': type, 'content-length': body.length, ...(accept && { accept }) };
    const sent = request({ port, host: '127.0.0.1', method: 'POST', path, headers, timeout: patience }, (response) => {
      let length = 0;
      let beginning = '';
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (!isOk(response)) beginning += chunk;
      });
      response.on('end', () => {
        if (!isOk(response)) reject(new Error(`${path} answered ${response.statusCode}: ${beginning.slice(0, 300)}`));
        else if (length < answerAtLeast) reject(new Error(`${path} answered ${length} bytes of ${answerAtLeast}.`));
        else resolve(performance.now() - started);
      });
    });
    sent.on('error', reject);
    sent.on('timeout', () => sent.destroy(new Error(`${path} stands still.`)));
    sent.end(body);
  });
}

function isOk({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}
