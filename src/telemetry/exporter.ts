import type { TraceSettings } from './settings.ts';
import { type Span, toMessage } from './spans.ts';

/** Spans that wait at most; more are dropped, so that a collector that is away costs no more than that. */
const maxQueuedSpans = 2048;

/** Spans that are sent at once at most. */
const maxBatchSpans = 512;

/** Milliseconds that spans wait for others. */
const delay = 1000;

export interface Exporter {
  add(spans: readonly Span[]): void;
  /** Sends what waits, and stops. */
  close(): Promise<void>;
}

/**
 * Sends spans to a collector in batches. What it refuses or misses is gone: a trace is not worth a request.
 * @param onLoss told, once for each fault in a row, why spans were lost
 */
export function createExporter(
  { url, headers, timeout, resource }: TraceSettings,
  version: string,
  onLoss: (why: unknown) => void,
): Exporter {
  let waiting: Span[] = [];
  let timer: NodeJS.Timeout | undefined;
  let sending = Promise.resolve();
  let losing = false;

  async function send(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, maxBatchSpans);
      waiting = waiting.slice(maxBatchSpans);
      await post(batch);
    }
  }

  async function post(batch: readonly Span[]): Promise<void> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(toMessage(batch, resource, version)),
        signal: AbortSignal.timeout(timeout),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`the collector answered ${response.status}`);
      losing = false;
    } catch (error) {
      if (!losing) onLoss(error);
      losing = true;
    }
  }

  function flush(): Promise<void> {
    sending = sending.then(send);
    return sending;
  }

  return {
    add(spans) {
      if (waiting.length + spans.length > maxQueuedSpans) return;
      waiting.push(...spans);
      if (waiting.length >= maxBatchSpans) void flush();
      else timer ??= setTimeout(() => void flush(), delay).unref();
    },
    close: flush,
  };
}
