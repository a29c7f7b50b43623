import { Problem } from '#errors.ts';
import { countedColumns, slotCount } from '#statistics/drift/bin-counts.ts';
import { readFitted } from '#formats/json/fitted/fitted-document.ts';
import { defineTask } from '#pool/task.ts';
import { createBinning } from './binning.ts';
import { findWindowDrift } from './window.ts';

/** What a version transformed in a window of time beside what it was fitted on. */
interface DriftWindowTask {
  name: string;
  version: number;
  /** The fitted document as JSON. */
  document: Uint8Array;
  /** Of each replica and span: Float64 numbers, little-endian. */
  counts: Uint8Array[];
  /** Seconds. */
  window: number;
  alpha: number;
}

/** @throws Problem no_profile */
function findInWindow({ name, version, document, counts, window, alpha }: DriftWindowTask): string {
  const fitted = readFitted(document);
  const binning = createBinning(fitted);
  if (!binning || !fitted.profile)
    throw new Problem('no_profile', `Version ${version} of "${name}" has no profile of its data.`);
  const total = new Float64Array(countedColumns(binning.bins) * slotCount);
  for (const bytes of counts) {
    const own = new Float64Array(new Uint8Array(bytes).buffer);
    for (let at = 0; at < total.length; at++) total[at] += own[at] ?? 0;
  }
  return JSON.stringify({
    name,
    version,
    window_seconds: window,
    ...findWindowDrift(fitted, fitted.profile, total, alpha),
  });
}

/** The comparison as JSON. */
export const driftWindowTask = defineTask({ name: 'drift_window', run: findInWindow });
