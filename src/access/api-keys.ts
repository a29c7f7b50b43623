import { hash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Caller, highestOf, type Right } from './rights.ts';

/** An API key, known only by the SHA-256 of its text. */
export interface ApiKey {
  name: string;
  right: Right;
  digest: Buffer;
}

const entry = /^([\w.@-]{1,64}):((?:read|write|admin)(?:[+,](?:read|write|admin))*):([0-9a-f]{64})$/i;

/** Separator of entries: whitespace, or a comma after a digest; a comma between rights does not count. */
const separator = /(?<=:[0-9a-f]{64})\s*,|\s+/i;

/**
 * Reads `name:rights:sha256` entries, separated by commas or whitespace, or those of a file: `file:/run/secrets/keys`,
 * where `#` starts a comment. Rights are joined by `+`; the highest counts. A name may have several keys, so that a new
 * one can be handed out before the old one goes.
 * @throws Error that says which entry is wrong, without its content
 */
export function readApiKeys(setting: string): ApiKey[] {
  const file = fileOfKeys(setting);
  return file === undefined ? parseKeys(setting) : parseKeyFile(readFileSync(file, 'utf8'));
}

/** The file that a setting of keys names. */
export function fileOfKeys(setting: string): string | undefined {
  return setting.startsWith('file:') ? setting.slice('file:'.length) : undefined;
}

/** @throws as readApiKeys does */
export function parseKeyFile(text: string): ApiKey[] {
  return parseKeys(text.replaceAll(/#.*$/gm, ''));
}

function parseKeys(text: string): ApiKey[] {
  const keys = text.split(separator).filter(Boolean).map(readEntry);
  if (keys.length === 0) throw new Error('contains no key');
  const digests = new Set(keys.map(({ digest }) => digest.toString('hex')));
  if (digests.size < keys.length) throw new Error('contains the same digest twice');
  return keys;
}

function readEntry(text: string, at: number): ApiKey {
  const [, name, named, digest] = entry.exec(text) ?? [];
  const right = highestOf(named?.toLowerCase().split(/[+,]/) ?? []);
  if (right) return { name, right, digest: Buffer.from(digest, 'hex') };
  throw new Error(
    `entry ${at + 1} is not name:rights:sha256 with rights read, write or admin and the SHA-256 of the key as 64 hexadecimal digits`,
  );
}

/**
 * The caller with this key. Its digest is compared with every known digest over the full length, so that the time
 * reveals nothing about a key.
 */
export function callerWithKey(keys: readonly ApiKey[], given: string): Caller | undefined {
  const digest = hash('sha256', given, 'buffer');
  let found: Caller | undefined;
  for (const key of keys) if (timingSafeEqual(key.digest, digest)) found = key;
  return found && { name: found.name, right: found.right };
}
