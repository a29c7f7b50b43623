import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { Problem } from '#errors.ts';

/** Enough for a platform's probes and a few scrapers. */
const maxConnections = 256;

/** Seconds for a request header to arrive. */
const headerTimeout = 5;

const adminSockets = new WeakSet<Socket>();

/** Whether a connection is on the admin port, where client limits do not apply. */
export function isAdminConnection(socket: Socket): boolean {
  return adminSockets.has(socket);
}

/**
 * A second port for probes and metrics, which client traffic cannot crowd out. Metrics are then served there only, health on
 * both.
 * @param onClientError answers invalid HTTP
 */
export function addAdminPort(
  app: FastifyInstance,
  { port, host }: { port: number; host: string },
  onClientError: (error: Error, socket: Socket) => void,
): void {
  let server: Server | undefined;
  app.addHook('onRequest', (request, _reply, done) => {
    const { access } = request.routeOptions.config;
    const isServed = isAdminConnection(request.raw.socket)
      ? access === 'health' || access === 'metrics'
      : access !== 'metrics';
    const path = request.url.split('?', 1)[0];
    done(isServed || request.is404 ? undefined : new Problem('not_found', `There is no path ${path} on this port.`));
  });
  app.addHook('onReady', async () => {
    // Importing node:http as a module would load all of fetch.
    const { createServer } = process.getBuiltinModule('node:http');
    server = createServer({ headersTimeout: headerTimeout * 1000, connectionsCheckingInterval: 1000 }, app.routing);
    server.maxConnections = maxConnections;
    server.on('connection', (socket) => adminSockets.add(socket)).on('clientError', onClientError);
    const listening = Promise.withResolvers<void>();
    server.once('error', listening.reject).listen(port, host, listening.resolve);
    await listening.promise;
    server.off('error', listening.reject);
    const { address, port: taken } = server.address() as AddressInfo;
    app.log.info(`Admin port at http://${address.includes(':') ? `[${address}]` : address}:${taken}`);
  });
  app.addHook('onClose', async () => {
    server?.close();
    server?.closeAllConnections();
  });
}
