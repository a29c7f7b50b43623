import { Problem, excerpt } from '#errors.ts';
import type { Binning } from '#drift/binning.ts';
import type { Monitor } from '#drift/monitor.ts';
import { readNormalizerTask } from '#drift/read-normalizer.task.ts';
import type { TransformRecorder } from '#engine/monitoring/transform-recorder.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { shareEdges } from '#statistics/drift/bin-counts.ts';
import type { Store } from '#store/store.ts';
import type { VersionReference } from '#store/version-details.ts';
import type { Version } from '#store/versions.ts';
import type { Pool } from '#pool/pool.ts';
import { describeMissing } from './missing-version.ts';

/** A stored normalizer, ready to apply, without its merging state. */
export interface CachedNormalizer {
  version: Version;
  fitted: Fitted;
  /** What its transforms are counted in; nothing where they are not. */
  recorder?: TransformRecorder;
}

/**
 * Finds a stored normalizer by name and version or alias, by default the newest. Documents are cached in memory, but each call
 * asks the store whether the version still exists and is the newest, so that a deleted version is never applied again.
 * @throws Problem not_found, unavailable
 */
export type FindNormalizer = (name: string, version?: VersionReference) => Promise<CachedNormalizer>;

interface ReadFitted {
  fitted: Fitted;
  binning?: Binning;
}

/** Maximum bytes of cached documents. */
const maxCachedBytes = 64 * 2 ** 20;

export function createNormalizerCache({ versions }: Store, pool: Pool, monitor?: Monitor): FindNormalizer {
  /** By digest, least recently used first. */
  const kept = new Map<string, { bytes: number; fitted: Promise<ReadFitted> }>();
  let bytes = 0;

  function keep(digest: string, size: number, fitted: Promise<ReadFitted>): void {
    kept.set(digest, { bytes: size, fitted });
    bytes += size;
    fitted.catch(() => drop(digest));
    for (const oldest of kept.keys()) {
      if (bytes <= maxCachedBytes || oldest === digest) break;
      drop(oldest);
    }
  }

  function drop(digest: string): void {
    bytes -= kept.get(digest)?.bytes ?? 0;
    kept.delete(digest);
  }

  async function read({ name, version, digest }: Version): Promise<ReadFitted> {
    const document = await versions.read(name, version);
    if (!document) throw versionNotFound(name, version);
    const present = kept.get(digest);
    if (present) return present.fitted;
    const fitted = pool.run(readNormalizerTask, document).then(({ fitted: one, binning }) => ({
      fitted: one,
      binning: monitor && binning && { ...binning, bins: shareEdges(binning.bins) },
    }));
    keep(digest, document.length, fitted);
    return fitted;
  }

  function withRecorder(version: Version, { fitted, binning }: ReadFitted): CachedNormalizer {
    return { version, fitted, recorder: binning && monitor?.recorder(version.name, version.version, binning) };
  }

  return async (name, number) => {
    const version = await versions.find(name, number);
    if (!version) throw await describeMissing(versions, name, number);
    const present = kept.get(version.digest);
    if (!present) return withRecorder(version, await read(version));
    // Moves it to the end, as the most recently used.
    kept.delete(version.digest);
    kept.set(version.digest, present);
    return withRecorder(version, await present.fitted);
  };
}

export function versionNotFound(name: string, version?: number | string): Problem {
  const what = version === undefined ? 'normalizer' : `version ${version} of a normalizer`;
  return new Problem('not_found', `There is no ${what} "${excerpt(name)}" in the store.`);
}
