import { refusalReasons } from '#errors.ts';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { addStateMetrics, type ServiceState } from './state-metrics.ts';
import { add, sumCounter, pairSumCounter } from './sum-counter.ts';
import { phases, type Timeline } from './timeline.ts';

/** Buckets in seconds, from a small batch on an idle machine to an array of gigabytes. */
const durations = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Buckets in seconds for the wait for a thread and for store operations. */
const waits = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** A request that was answered, or whose client disconnected. */
export interface Answered {
  method: string;
  /** The route pattern; absent for an unknown path. */
  route?: string;
  status: number;
  /** Seconds. */
  duration: number;
  /** Bytes on the wire, headers included. */
  received: number;
  sent: number;
  timeline: Timeline;
}

/** Values that a version has transformed, of one bin. */
export interface TransformedValues {
  normalizer: string;
  version: string;
  column?: string;
  bin: string;
  count: number;
}

/** Counts of transformed values, and the shares of the same bins in the fit; asked for whenever somebody reads. */
export interface TransformMetrics {
  totals(): readonly TransformedValues[];
  fittedShares(): readonly TransformedValues[];
}

/** How busy the worker threads are. */
export interface Load {
  threads: number;
  /** Busy threads. */
  busy: number;
  /** Tasks and small calls waiting for a thread. */
  waiting: number;
}

export interface Metrics {
  /** The media type of `text`. */
  contentType: string;
  /** All metrics in the Prometheus text format. */
  text(): Promise<string>;
  begun(): void;
  answered(request: Answered): void;
  /** Reports the state of the service. */
  tellState(state: ServiceState): void;
  /** Records why a request was refused. */
  denied(reason: string): void;
  /** Records a request refused before routing. */
  refused(method: string, status: number): void;
  /** Reports counts of transformed values. */
  tellTransforms(of: TransformMetrics, byColumn: boolean): void;
  /** Records a finished store operation. */
  stored(operation: string, seconds: number, failed: boolean): void;
}

/**
 * The metrics, named by Prometheus' conventions: base units, and `_total` for counters.
 * @param load called whenever the metrics are read
 */
export function createMetrics(version: string, load: () => Load): Metrics {
  const registry = new Registry();
  const registers = [registry];
  // Three of its gauges end in _total, as in every Node service: names of metrics stay as they are.
  collectDefaultMetrics({ register: registry });
  new Gauge({ name: 'norma_info', help: 'The version.', labelNames: ['version'], registers }).set({ version }, 1);

  const active = new Gauge({ name: 'http_requests_in_progress', help: 'Requests in progress.', registers });
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request header to the last byte of the response.',
    labelNames: ['method', 'route', 'status_code'],
    buckets: durations,
    registers,
  });
  const received = sumCounter(registry, 'http_received_bytes_total', 'Bytes received, headers included.', 'route');
  const sent = sumCounter(registry, 'http_sent_bytes_total', 'Bytes sent, headers included.', 'route');

  const by: [string, string] = ['method', 'format'];
  const values = pairSumCounter(registry, 'norma_processed_values_total', 'Values processed.', by);
  const bytes = pairSumCounter(
    registry,
    'norma_processed_bytes_total',
    'Bytes processed, in the dtype of the input.',
    by,
  );
  const spent = sumCounter(
    registry,
    'norma_phase_seconds_total',
    'Time spent in each phase, summed over concurrent tasks.',
    'phase',
  );
  const wait = new Histogram({
    name: 'norma_queue_wait_seconds',
    help: 'Time tasks waited for a thread: the mean of a request.',
    buckets: waits,
    registers,
  });
  const refusals = sumCounter(registry, 'norma_refusals_total', 'Requests refused, by the reason.', 'reason');
  for (const reason of refusalReasons) refusals[reason] = 0;
  const store = new Histogram({
    name: 'norma_store_duration_seconds',
    help: 'Store operations.',
    labelNames: ['operation', 'outcome'],
    buckets: waits,
    registers,
  });
  for (const [name, help, member] of [
    ['norma_pool_threads', 'Worker threads.', 'threads'],
    ['norma_pool_busy_threads', 'Worker threads that are busy.', 'busy'],
    ['norma_queue_depth', 'Tasks and small calls waiting for a thread.', 'waiting'],
  ] as const) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(load()[member]);
      },
    });
  }

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    begun: () => active.inc(),
    answered({ method, route = 'none', status, timeline, ...request }) {
      active.dec();
      duration.observe({ method, route, status_code: status }, request.duration);
      add(received, route, request.received);
      add(sent, route, request.sent);
      const { stretches, format = 'none', processed } = timeline;
      for (const data of processed) {
        add(values(data.method), format, data.values);
        add(bytes(data.method), format, data.bytes);
      }
      for (const name of phases) {
        const stretch = stretches[name];
        if (stretch) add(spent, name, stretch.spent / 1000);
      }
      const { queue } = stretches;
      if (queue) wait.observe(queue.spent / queue.pieces / 1000);
    },
    refused(method, status) {
      duration.observe({ method, route: 'none', status_code: status }, 0);
    },
    tellState: (state) => addStateMetrics(registry, state),
    denied: (reason) => add(refusals, reason, 1),
    tellTransforms({ totals, fittedShares }, byColumn) {
      const labelNames = ['normalizer', 'version', ...(byColumn ? ['column'] : []), 'bin'];
      new Gauge({
        name: 'norma_fitted_share',
        help: 'The share of a bin in the data that a stored normalizer was fitted on, of those that transformed values.',
        labelNames,
        registers,
        collect() {
          this.reset();
          for (const { count, ...labels } of fittedShares()) this.set(labels, count);
        },
      });
      new Counter({
        name: 'norma_transform_values_total',
        help: 'Values that stored normalizers transformed, by the fitted decile they fall into.',
        labelNames,
        registers,
        collect() {
          this.reset();
          for (const { count, ...labels } of totals()) this.inc(labels, count);
        },
      });
    },
    stored(operation, seconds, failed) {
      store.observe({ operation, outcome: failed ? 'error' : 'ok' }, seconds);
    },
  };
}
