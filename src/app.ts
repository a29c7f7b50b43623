import { promisify } from 'node:util';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { createBodyStream } from './http/request/body-stream.ts';
import { isShort, readWhole } from './http/request/read-whole.ts';
import type { Lifecycle } from './http/plugins/graceful-shutdown.ts';
import { addAuth } from './http/plugins/auth.ts';
import { addAdminPort } from '#http/plugins/admin-port.ts';
import { addAdmission } from '#http/plugins/admission.ts';
import { addCompression } from './http/plugins/compression.ts';
import { addCors } from '#http/plugins/cors.ts';
import { addDocs } from '#http/plugins/docs.ts';
import { addInferenceProtocol } from './http/routes/inference/scope.ts';
import { addExchanges } from './http/plugins/exchanges.ts';
import { addMonitoring } from '#http/plugins/monitoring.ts';
import {
  addErrorHandler,
  answerClientError,
  answerFrameworkError,
  type Unrouted,
} from './http/plugins/error-handler.ts';
import { createUrlRewriter } from '#http/plugins/proxy.ts';
import { addRateLimit } from '#http/plugins/rate-limit.ts';
import { addGracefulShutdown } from './http/plugins/graceful-shutdown.ts';
import { addStoreCleanup } from './http/plugins/store-cleanup.ts';
import { addAliasRoutes } from '#http/routes/normalizers/aliases.ts';
import { addCommitRoute } from './http/routes/fits/commit.ts';
import { addCompareRoute } from './http/routes/data/compare.ts';
import { requestIdOf } from './http/headers/request-id.ts';
import { schemaController } from './http/openapi/schema-controller.ts';
import { addDataRoutes } from './http/routes/data/data.ts';
import { addDiffRoute } from '#http/routes/normalizers/diff.ts';
import { addDriftRoutes } from '#http/routes/normalizers/drift.ts';
import { addExportRoutes } from './http/routes/normalizers/export.ts';
import { addFitRoutes } from './http/routes/fits/fits.ts';
import { addHealthRoutes } from '#http/routes/health.ts';
import { addMergeRoute } from './http/routes/data/merge.ts';
import { addMetricsRoute } from '#http/routes/metrics.ts';
import { addMethodRoutes } from '#http/routes/methods.ts';
import { addNormalizerRoutes } from './http/routes/normalizers/normalizers.ts';
import { addPartRoute } from './http/routes/fits/parts.ts';
import { addStoredCallRoutes } from './http/routes/normalizers/apply.ts';
import { addUpdateRoute } from '#http/routes/normalizers/update.ts';
import { addVersionInfoRoutes } from '#http/routes/normalizers/version-info.ts';
import { addVersionListRoutes } from '#http/routes/normalizers/version-lists.ts';
import { addVersionRoute } from './http/routes/normalizers/versions.ts';
import { createNormalizerCache } from './http/normalizer-cache.ts';
import { addRootRoute } from '#http/routes/root.ts';
import { createMonitor } from '#drift/monitor.ts';
import type { Store } from '#store/store.ts';
import { createMetrics } from '#telemetry/metrics.ts';
import { timeStore } from './telemetry/time-store.ts';
import type { Pool } from './pool/pool.ts';
import type { Config } from './config/config.ts';

export interface AppParts {
  config: Readonly<Config>;
  pool: Pool;
  store: Store;
  logger: FastifyBaseLogger;
  version: string;
  /** Default: ready. */
  stage?: Lifecycle;
}

/** Assembles the service in one explicit order; it does not listen yet. */
export async function createApp({
  config,
  pool,
  logger,
  version,
  stage = { now: 'ready' },
  ...parts
}: AppParts): Promise<FastifyInstance> {
  const metrics = createMetrics(version, pool.load);
  const onRefusal = ({ id, method = 'none', ...refused }: Unrouted) => {
    logger.info({ request_id: id, method, ...refused, complete: true }, 'request');
    metrics.refused(method, refused.status);
  };
  const onClientError = answerClientError(onRefusal);
  const app = Fastify({
    loggerInstance: logger,
    genReqId: requestIdOf,
    schemaController,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    forceCloseConnections: 'idle',
    // New work gets a problem document instead (see graceful-shutdown.ts).
    return503OnClosing: false,
    // Part names may be long, and longer still when percent-encoded.
    routerOptions: { maxParamLength: 2000 },
    frameworkErrors: answerFrameworkError(onRefusal),
    trustProxy: config.isTrustedProxy ?? false,
    rewriteUrl: createUrlRewriter(config),
    clientErrorHandler: onClientError,
    keepAliveTimeout: config.keepAliveTimeout * 1000,
    http: {
      maxHeaderSize: config.headerLimit,
      headersTimeout: config.headerTimeout * 1000,
      connectionsCheckingInterval: 1000,
      // Refused by a problem document instead (see headers/expectations.ts).
      requireHostHeader: false,
    },
  });
  const isReady = () => stage.now === 'ready';
  const store = timeStore(parts.store, metrics.stored);
  const measureStore = () =>
    parts.store
      .ping()
      .then(parts.store.measure)
      .catch(() => undefined);
  addErrorHandler(app, metrics.denied);
  const exchanges = addExchanges(app, metrics, config);
  // Loaded only if traces are exported.
  if (config.traces) {
    const { addTracing } = await import('#http/plugins/tracing.ts');
    addTracing(app, exchanges, config.traces, version);
  }
  addGracefulShutdown(app, stage, exchanges);
  if (config.adminPort !== undefined) addAdminPort(app, { port: config.adminPort, host: config.host }, onClientError);
  if (config.corsOrigins.length > 0) addCors(app, config.corsOrigins);
  await addAuth(app, config);
  if (config.rateLimit) addRateLimit(app, config.rateLimit, config.open);
  const heldBytes = addAdmission(app, config, pool.tidy);
  await addCompression(app);
  // Routes read the others as streams, because their media types and limits differ.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', ({ exchange }, payload, done) => {
    if (isShort(exchange, config.bodyLimit)) readWhole(exchange, done);
    else done(null, createBodyStream(payload, exchange));
  });
  addDocs(app, version);
  addRootRoute(app, version);
  const resources = { pool, limit: config.bodyLimit, elementLimit: config.elementLimit };
  // In the order in which a newcomer needs them; the OpenAPI document keeps it.
  addCompareRoute(app, resources);
  addDataRoutes(app, resources);
  addMethodRoutes(app);
  const monitor = config.monitor && createMonitor({ counts: store.transformCounts, ...config.monitor });
  if (monitor) {
    metrics.tellTransforms(monitor, config.monitor?.columnsOf.length !== 0);
    addMonitoring(app, monitor);
  }
  const storing = {
    ...resources,
    store,
    find: createNormalizerCache(store, pool, monitor),
    monitor,
    answerLifetime: config.answerLifetime,
    fitLifetime: config.fitLifetime,
  };
  addMergeRoute(app, storing);
  addVersionRoute(app, storing);
  addUpdateRoute(app, storing);
  addVersionListRoutes(app, storing);
  addNormalizerRoutes(app, storing);
  addVersionInfoRoutes(app, storing);
  addAliasRoutes(app, storing);
  addDiffRoute(app, storing);
  addStoredCallRoutes(app, storing);
  addDriftRoutes(app, storing);
  addExportRoutes(app, storing);
  addFitRoutes(app, storing);
  addPartRoute(app, storing);
  addCommitRoute(app, storing);
  addStoreCleanup(app, store);
  addHealthRoutes(app, store, isReady);
  await addInferenceProtocol(app, { resources: storing, version, isReady });
  metrics.tellState({
    connections: promisify(app.server.getConnections.bind(app.server)),
    heldBytes,
    store: measureStore,
  });
  addMetricsRoute(app, metrics);
  return app;
}
