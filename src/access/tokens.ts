import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { JSONWebKeySet } from 'jose';
import { excerpt, Problem } from '#errors.ts';
import { type Caller, highestOf, type Right } from './rights.ts';

/** How to verify tokens. */
export interface TokenSettings {
  /** Where the issuer publishes its keys, or the keys themselves. */
  jwks: URL | JSONWebKeySet;
  issuer: string;
  audience: string;
  /** The claim with the rights, dots between nested ones. Default: scope. */
  rightsClaim?: string;
  /** Rights by other values of that claim. */
  rights?: Readonly<Record<string, Right>>;
  /** The claim that names the caller. Default: sub. */
  callerClaim?: string;
}

export type TokenVerifier = (token: string) => Promise<Caller>;

/** Signatures by a private key. Never `none`, and never HMAC, which would take a public key for a secret. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** Milliseconds that keys are used while their issuer does not answer. */
const maxStaleMs = 86_400_000;

/** Characters of a subject that a caller's name has. */
const maxSubjectLength = 128;

/** Maximum bytes of a key set. */
const maxKeysBytes = 2 ** 20;

/**
 * Milliseconds: response timeout of the issuer, cache time of its keys, and minimum time between fetches for unknown
 * keys.
 */
const fetchTimeoutMs = { timeoutDuration: 5_000, cacheMaxAge: 600_000, cooldownDuration: 30_000 };

/** Seconds by which two clocks may differ. */
const clockTolerance = 5;

/** Error codes of jose for unavailable keys; all other errors are the token's fault. */
const keysUnavailable = new Set(['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID']);

/** A scope may be prefixed with the service's name, for issuers with many services. */
const scopePrefix = /^norma:/;

/**
 * Reads a JWKS (RFC 7517) setting: an https URL, or a file. Plain http is accepted only for the loopback interface,
 * because anyone who can change the keys in transit can sign tokens.
 * @throws Error that says what is wrong
 */
export function readJwks(setting: string): TokenSettings['jwks'] {
  if (/^https?:/.test(setting)) {
    const url = new URL(setting);
    const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
    if (url.protocol === 'http:' && !local) throw new Error('must be https');
    return url;
  }
  const set = JSON.parse(readFileSync(setting.replace(/^file:/, ''), 'utf8')) as JSONWebKeySet;
  if (!Array.isArray(set?.keys)) throw new Error('is not a JSON Web Key Set: it has no "keys" list');
  return set;
}

/** Whether a credential looks like a JSON Web Token. */
export function looksLikeToken(credential: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(credential);
}

/**
 * Verifies JSON Web Tokens (RFC 7519, RFC 8725): signature, issuer, audience and expiry, which must be there. Rights come
 * from `scope` (RFC 8693) or another claim: `read`, `write`, `admin`, the same after `norma:`, or what is mapped to them.
 * @param onUnavailable called with the reason when the issuer's keys cannot be had
 * @returns a function that throws Problem unauthenticated, or unavailable while the issuer's keys cannot be had
 */
export async function createTokenVerifier(
  { jwks, issuer, audience, rightsClaim = 'scope', rights = {}, callerClaim = 'sub' }: TokenSettings,
  onUnavailable: (error: unknown) => void = () => undefined,
): Promise<TokenVerifier> {
  // Loaded only if tokens are used.
  const { createLocalJWKSet, createRemoteJWKSet, customFetch, errors, jwtVerify } = await import('jose');
  const keys =
    jwks instanceof URL
      ? createRemoteJWKSet(jwks, { ...fetchTimeoutMs, [customFetch]: fetchOrKeep(onUnavailable) })
      : createLocalJWKSet(jwks);
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms,
        issuer,
        audience,
        clockTolerance,
        requiredClaims: ['exp', callerClaim],
      });
      const named = wordsOf(payload, rightsClaim).map((word) =>
        Object.hasOwn(rights, word) ? rights[word] : word.replace(scopePrefix, ''),
      );
      return { name: callerName(String(payload[callerClaim])), right: highestOf(named) };
    } catch (error) {
      if (error instanceof KeysUnavailable || (error instanceof errors.JOSEError && keysUnavailable.has(error.code)))
        throw new Problem('unavailable', 'The key set for verifying tokens is currently unavailable.');
      if (error instanceof errors.JWTExpired) throw new Problem('unauthenticated', 'The token has expired.');
      const claim = error instanceof errors.JWTClaimValidationFailed ? `: wrong ${error.claim}` : '';
      throw new Problem('unauthenticated', `Invalid token${claim}.`);
    }
  };
}

/** The words of a claim: a list of texts, or a text with spaces; dots lead into objects. */
function wordsOf(payload: object, claim: string): string[] {
  // A name with dots, such as a URL, may be that of a claim as it stands.
  const found: unknown = Object.hasOwn(payload, claim)
    ? (payload as Record<string, unknown>)[claim]
    : claim
        .split('.')
        .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], payload);
  if (typeof found === 'string') return found.split(' ');
  return Array.isArray(found) ? found.filter((word) => typeof word === 'string') : [];
}

/** A caller's name, of which a long one keeps its beginning and a digest. */
function callerName(subject: string): string {
  if (subject.length <= maxSubjectLength) return `token:${subject}`;
  return `token:${excerpt(subject, maxSubjectLength)}${hash('sha256', subject).slice(0, 16)}`;
}

class KeysUnavailable extends Error {}

/**
 * Fetches the issuer's keys. While they cannot be had, those that were had last stay for a day.
 * @param onUnavailable called with the reason, once until they can be had again
 */
function fetchOrKeep(
  onUnavailable: (error: unknown) => void,
): (url: string, options: RequestInit) => Promise<Response> {
  let kept: { text: string; at: number } | undefined;
  let isTold = false;
  return async (url, options) => {
    try {
      const response = await fetchBounded(url, options);
      const text = await response.text();
      if (response.status !== 200) throw new Error(`The issuer answers ${response.status} for its keys.`);
      if (!Array.isArray((JSON.parse(text) as JSONWebKeySet).keys)) throw new Error('The issuer answers no key set.');
      kept = { text, at: Date.now() };
      isTold = false;
      return new Response(text);
    } catch (error) {
      if (!isTold) onUnavailable(error);
      isTold = true;
      if (kept && Date.now() - kept.at < maxStaleMs) return new Response(kept.text);
      throw new KeysUnavailable('The key set cannot be had.', { cause: error });
    }
  };
}

/** A fetch with a limit on the size of the response. */
async function fetchBounded(url: string, options: RequestInit): Promise<Response> {
  const response = await fetch(url, options);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response.body ?? []) {
    length += piece.length;
    if (length > maxKeysBytes) throw new Error(`The key set is larger than ${maxKeysBytes} bytes.`);
    pieces.push(piece);
  }
  return new Response(Buffer.concat(pieces), response);
}
