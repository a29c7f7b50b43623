import { randomUUID } from 'node:crypto';
import { countedColumns, countNames, slotCount } from '#statistics/drift/bin-counts.ts';
import type { TransformRecorder } from '#engine/monitoring/transform-recorder.ts';
import type { TransformCount, TransformCounts } from '#store/transform-counts.ts';
import { type Binning, meanOf } from './binning.ts';

/** How many values one version has transformed, by bin; per column where that was asked for. */
export interface TransformTotal {
  normalizer: string;
  version: string;
  column?: string;
  bin: string;
  count: number;
}

export interface MonitorOptions {
  counts: TransformCounts;
  /** Normalizers whose totals are told by column, or all. */
  columnsOf: readonly string[] | 'all';
  /** Seconds that counts are kept in the store. */
  lifetime: number;
}

/** What every transform by a stored normalizer is counted in, whatever the format. */
export interface Monitor {
  recorder(name: string, version: number, binning: Binning): TransformRecorder;
  /** Writes what is new to the store. */
  flush(): Promise<void>;
  /** Of all versions, since the service started. */
  totals(): TransformTotal[];
  /** Of the same, what share each bin had in the fit. */
  fittedShares(): TransformTotal[];
}

/** Milliseconds that are counted together in the store. */
export const spanMs = 5 * 60_000;

/** Maximum number of versions counted at once; the oldest is evicted. */
const maxVersions = 1000;

interface Counted {
  name: string;
  version: number;
  binning: Binning;
  totals: Float64Array;
  /** By the beginning of their span in milliseconds: those that the store may not have. */
  spans: Map<number, Span>;
}

interface Span {
  counts: Float64Array;
  isNew: boolean;
}

export function createMonitor({ counts: stored, columnsOf, lifetime }: MonitorOptions): Monitor {
  const replica = randomUUID();
  /** By name and version, the one counted first before the others. */
  const all = new Map<string, { counted: Counted; recorder: TransformRecorder }>();

  function createRecorder(key: string, name: string, version: number, binning: Binning): TransformRecorder {
    const counted: Counted = { name, version, binning, totals: emptyCounts(binning), spans: new Map() };
    const recorder: TransformRecorder = { ...binning, add: (counts) => add(spanOf(counted), counted.totals, counts) };
    all.set(key, { counted, recorder });
    for (const oldest of all.keys()) {
      if (all.size <= maxVersions) break;
      all.delete(oldest);
    }
    return recorder;
  }

  /** Numbers by bin, of each version, or of each of its columns where that was asked for. */
  function tell(numbersOf: (counted: Counted, column: number | undefined) => readonly number[]): TransformTotal[] {
    return [...all.values()].flatMap(({ counted }) => {
      const { name, version, binning } = counted;
      const isApart = columnsOf === 'all' || columnsOf.includes(name);
      const labels = { normalizer: name, version: String(version) };
      const byBin = (numbers: readonly number[], more = {}) =>
        numbers.map((count, at) => ({ ...labels, ...more, bin: countNames[at], count }));
      if (!isApart) return byBin(numbersOf(counted, undefined));
      return binning.names.flatMap((column, at) => byBin(numbersOf(counted, at), { column }));
    });
  }

  return {
    recorder(name, version, binning) {
      const key = `${version} ${name}`;
      return all.get(key)?.recorder ?? createRecorder(key, name, version, binning);
    },
    async flush() {
      const rows: TransformCount[] = [];
      const written: { isNew: boolean }[] = [];
      for (const { counted } of all.values()) {
        const { name, version, spans } = counted;
        for (const [start, span] of spans) {
          if (!span.isNew) {
            if (start + spanMs <= Date.now()) spans.delete(start);
            continue;
          }
          const times = { startedAt: toIso(start), ttlSeconds: spanMs / 1000 + lifetime };
          rows.push({ name, version, replica, ...times, counts: new Uint8Array(span.counts.slice().buffer) });
          written.push(span);
          span.isNew = false;
        }
      }
      if (rows.length === 0) return;
      try {
        await stored.put(rows);
      } catch (error) {
        // They are written with what comes until the next time.
        for (const span of written) span.isNew = true;
        throw error;
      }
    },
    totals: () => tell(({ totals }, column) => countNames.map((_, at) => sumOf(totals, at, column))),
    fittedShares: () =>
      tell(({ binning: { fittedShares } }, column) =>
        column === undefined ? meanOf(fittedShares) : fittedShares[column],
      ),
  };
}

function spanOf({ spans, binning }: Counted): Span {
  const now = Date.now();
  const start = now - (now % spanMs);
  let span = spans.get(start);
  if (!span) {
    span = { counts: emptyCounts(binning), isNew: true };
    spans.set(start, span);
  }
  return span;
}

function add(span: Span, totals: Float64Array, counts: Float64Array): void {
  span.isNew = true;
  for (let at = 0; at < counts.length; at++) {
    totals[at] += counts[at];
    span.counts[at] += counts[at];
  }
}

function emptyCounts({ bins }: Binning): Float64Array {
  return new Float64Array(countedColumns(bins) * slotCount);
}

/** Of one column, or of all. */
function sumOf(totals: Float64Array, slot: number, column: number | undefined): number {
  if (column !== undefined) return totals[column * slotCount + slot];
  let sum = 0;
  for (let at = slot; at < totals.length; at += slotCount) sum += totals[at];
  return sum;
}

function toIso(time: number): string {
  return new Date(time).toISOString();
}
