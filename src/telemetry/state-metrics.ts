import { Counter, Gauge, type Registry } from 'prom-client';
import { counts } from './losses.ts';

/** What is read of the service whenever the metrics are. */
export interface ServiceState {
  /** Open connections of clients. */
  connections(): Promise<number>;
  /** Bytes of request bodies that are held, and bytes reserved for what is made of them. */
  heldBytes(): { bodies: number; memory: number };
  /** Undefined while the store is away. */
  store(): Promise<{ bytes: number; freeBytes?: number } | undefined>;
}

/** Gauges of the service's state, and counters of what it has lost. */
export function addStateMetrics(registry: Registry, { connections, heldBytes, store }: ServiceState): void {
  const registers = [registry];
  new Gauge({
    name: 'norma_connections',
    help: 'Open connections of clients.',
    registers,
    async collect() {
      this.set(await connections());
    },
  });
  new Gauge({
    name: 'norma_held_bytes',
    help: 'Bytes of request bodies that are held, and reserved for what is made of them.',
    labelNames: ['what'],
    registers,
    collect() {
      for (const [what, bytes] of Object.entries(heldBytes())) this.set({ what }, bytes);
    },
  });
  const bytes = new Gauge({ name: 'norma_store_bytes', help: 'Bytes that the store takes.', registers });
  const free = new Gauge({ name: 'norma_store_free_bytes', help: 'Bytes free where a SQLite file is.', registers });
  new Gauge({
    name: 'norma_store_up',
    help: 'Whether the store responds and is the one that was opened.',
    registers,
    async collect() {
      const size = await store();
      this.set(size ? 1 : 0);
      if (!size) return;
      bytes.set(size.bytes);
      if (size.freeBytes !== undefined) free.set(size.freeBytes);
    },
  });
  new Counter({
    name: 'norma_losses_total',
    help: 'Worker threads that ended, spans that no collector took, log lines that could not be written.',
    labelNames: ['what'],
    registers,
    collect() {
      this.reset();
      for (const [what, number] of Object.entries(counts)) this.inc({ what }, number);
    },
  });
}
