import { Counter, type Registry } from 'prom-client';

/** Sums by the values of a label. */
export type LabelSums = Record<string, number>;

/** A cheap counter for every request: it adds to a plain object, which is read when the metrics are scraped. */
export function sumCounter(registry: Registry, name: string, help: string, label: string): LabelSums {
  const sums: LabelSums = Object.create(null);
  new Counter({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const [value, sum] of Object.entries(sums)) this.labels(value).inc(sum);
    },
  });
  return sums;
}

/** Like `sumCounter`, with two labels. */
export function pairSumCounter(registry: Registry, name: string, help: string, labelNames: [string, string]) {
  const sums: Record<string, LabelSums> = Object.create(null);
  new Counter({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      for (const [first, inner] of Object.entries(sums))
        for (const [second, sum] of Object.entries(inner)) this.labels(first, second).inc(sum);
    },
  });
  return (first: string): LabelSums => (sums[first] ??= Object.create(null) as LabelSums);
}

/** Adds to the sum of a label value. */
export function add(sums: LabelSums, value: string, amount: number): void {
  sums[value] = (sums[value] ?? 0) + amount;
}
