import { Problem, excerpt } from '#errors.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { Store } from '#store/store.ts';
import type { Version } from '#store/versions.ts';
import { readFittedTask } from '#formats/json/fitted-document.task.ts';
import type { Pool } from '#pool/pool.ts';
import { describeMissing } from './missing-version.ts';

/** A stored normalizer, ready to apply, without its merging state. */
export interface CachedNormalizer {
  version: Version;
  fitted: Fitted;
}

/**
 * Finds a stored normalizer by name and version, by default the newest. Documents are cached in memory, but each call
 * asks the store whether the version still exists and is the newest, so that a deleted version is never applied again.
 * @throws Problem not_found, unavailable
 */
export type FindNormalizer = (name: string, version?: number) => Promise<CachedNormalizer>;

/** Maximum bytes of cached documents. */
const maxCachedBytes = 64 * 2 ** 20;

export function createNormalizerCache({ versions }: Store, pool: Pool): FindNormalizer {
  /** By digest, least recently used first. */
  const kept = new Map<string, { bytes: number; fitted: Promise<Fitted> }>();
  let bytes = 0;

  function keep(digest: string, size: number, fitted: Promise<Fitted>): void {
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

  async function read({ name, version, digest }: Version): Promise<Fitted> {
    const document = await versions.read(name, version);
    if (!document) throw versionNotFound(name, version);
    const present = kept.get(digest);
    if (present) return present.fitted;
    const fitted = pool.run(readFittedTask, document);
    keep(digest, document.length, fitted);
    return fitted;
  }

  return async (name, number) => {
    const version = await versions.find(name, number);
    if (!version) throw await describeMissing(versions, name, number);
    const present = kept.get(version.digest);
    if (!present) return { version, fitted: await read(version) };
    // Moves it to the end, as the most recently used.
    kept.delete(version.digest);
    kept.set(version.digest, present);
    return { version, fitted: await present.fitted };
  };
}

export function versionNotFound(name: string, version?: number | string): Problem {
  const what = version === undefined ? 'normalizer' : `version ${version} of a normalizer`;
  return new Problem('not_found', `There is no ${what} "${excerpt(name)}" in the store.`);
}
