import { Problem, excerpt } from '#errors.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { Store } from '#store/store.ts';
import type { Version } from '#store/versions.ts';
import { readFittedTask } from '#formats/json/fitted-document.task.ts';
import type { Pool } from '#pool/pool.ts';

/** A stored normalizer, ready to be applied; it holds nothing that only merging needs. */
export interface CachedNormalizer {
  version: Version;
  fitted: Fitted;
}

/**
 * Stored normalizers by name and version, the newest without a version. What has been read once is kept in memory; that it
 * still is in the store, and is the newest, is asked there every time: a deleted version is not applied again.
 * @throws Problem not_found, unavailable
 */
export type FindNormalizer = (name: string, version?: number) => Promise<CachedNormalizer>;

/** Bytes of documents whose normalizers are kept in memory. */
const maxCachedBytes = 64 * 2 ** 20;

export function createNormalizerCache({ versions }: Store, pool: Pool): FindNormalizer {
  /** By digest, the one used longest ago first. */
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
    if (!version) throw versionNotFound(name, number);
    const present = kept.get(version.digest);
    if (!present) return { version, fitted: await read(version) };
    // Used last: at the end.
    kept.delete(version.digest);
    kept.set(version.digest, present);
    return { version, fitted: await present.fitted };
  };
}

export function versionNotFound(name: string, version?: number | string): Problem {
  const what = version === undefined ? 'normalizer' : `version ${version} of a normalizer`;
  return new Problem('not_found', `There is no ${what} "${excerpt(name)}" in the store.`);
}
