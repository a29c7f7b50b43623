// What node:http costs by itself: a server that moves the same bytes as the service and computes nothing.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

const block = Buffer.alloc(2 ** 20, 1);

const routes: Record<string, (request: IncomingMessage, response: ServerResponse) => Promise<void>> = {
  '/read': (request, response) => writeTimes(0, request, response),
  '/write-1': (request, response) => writeTimes(1, request, response),
  '/write-4': (request, response) => writeTimes(4, request, response),
  '/json': parseAndStringify,
  '/health/live': async (_, response) => void response.end('{"status":"live"}'),
  '/health/ready': async (_, response) => void response.end('{"status":"ready"}'),
};

/** Answers with `times` bytes per byte read, from one buffer, while the body comes. */
async function writeTimes(times: number, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-length': times * Number(request.headers['content-length']) });
  let owed = 0;
  for await (const chunk of request) {
    owed += times * chunk.length;
    for (; owed >= block.length; owed -= block.length) {
      if (!response.write(block)) await once(response, 'drain');
    }
  }
  response.end(block.subarray(0, owed));
}

/** Reads the JSON whole and writes it again, all in this thread. */
async function parseAndStringify(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = JSON.stringify(JSON.parse(Buffer.concat(chunks).toString()));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text);
}

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  routes[request.url as string](request, response).catch((error: unknown) => response.destroy(error as Error));
});
server.listen(Number(process.env.PORT), process.env.HOST);
