import { countLoss } from './losses.ts';
import type { TraceSettings } from './settings.ts';
import { type Span, toMessage } from './spans.ts';

/** Maximum queued spans; more are dropped, so that an unreachable collector costs bounded memory. */
const maxQueuedSpans = 2048;

/** Maximum spans in one request. */
const maxBatchSpans = 512;

/** Milliseconds that spans wait for more spans. */
const delay = 1000;

export interface Exporter {
  add(spans: readonly Span[]): void;
  /** Sends the queued spans, and stops. */
  close(): Promise<void>;
}

/**
 * Sends spans to a collector in batches. Spans that it rejects or misses are dropped: traces must never fail a request.
 * @param onLoss called with the reason, once per series of failures
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
      countLoss('span', batch.length);
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
      if (waiting.length + spans.length > maxQueuedSpans) {
        countLoss('span', spans.length);
        return;
      }
      waiting.push(...spans);
      if (waiting.length >= maxBatchSpans) void flush();
      else timer ??= setTimeout(() => void flush(), delay).unref();
    },
    close: flush,
  };
}
