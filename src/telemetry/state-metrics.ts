import { Counter, Gauge, type Registry } from 'prom-client';
import { counts } from './losses.ts';

/** What is read of the service whenever the metrics are. */
export interface ServiceState {
  /** Open connections of clients. */
  connections(): Promise<number>;
  /** Bytes of request bodies that are held, and bytes reserved for what is made of them. */
  heldBytes(): { bodies: number; memory: number };
  /** Undefined while the store is away. */
  store(): Promise<StoreSize | undefined>;
}

interface StoreSize {
  bytes: number;
  freeBytes?: number;
}

/** Gauges of the service's state, and counters of what it has lost. */
export function addStateMetrics(registry: Registry, { connections, heldBytes, store }: ServiceState): void {
  const registers = [registry];
  let measuring: Promise<StoreSize | undefined> | undefined;
  /** Gauges are collected side by side: those of one scrape share what was measured. */
  const measure = () => {
    measuring ??= store().finally(() => (measuring = undefined));
    return measuring;
  };
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
  for (const [name, help, read] of [
    ['norma_store_up', 'Whether the store responds and is the one that was opened.', (size) => (size ? 1 : 0)],
    ['norma_store_bytes', 'Bytes that the store takes; NaN while it is away.', (size) => size?.bytes ?? Number.NaN],
    [
      'norma_store_free_bytes',
      'Bytes free where a SQLite file is; NaN for other stores.',
      (size) => size?.freeBytes ?? Number.NaN,
    ],
  ] as const satisfies [string, string, (size: StoreSize | undefined) => number][])
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set(read(await measure()));
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
