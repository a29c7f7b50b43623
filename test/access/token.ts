/** JSON Web Tokens made with node:crypto alone, and the key sets that go with them. */
import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { TokenSettings } from '#access/tokens.ts';

export const issuer = 'https://issuer.example.org';
export const audience = 'norma';

export const issuing = keyPair('one');

/** Another issuer's, under the same name. */
export const foreign = keyPair('one');

export const tokens: TokenSettings = { jwks: keySet(issuing), issuer, audience };

export interface Pair {
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

export function keyPair(kid: string): Pair {
  return { kid, ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
}

export function keySet(...pairs: Pair[]) {
  const keys = pairs.map(({ kid, publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256' }));
  return { keys: keys as ((typeof keys)[number] & { kty: string })[] };
}

const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');

/** Claims of a token that is good for a minute. */
export function claimsOf(scope: string | undefined, changed: Record<string, unknown> = {}) {
  const now = Math.floor(Date.now() / 1000);
  return { iss: issuer, aud: audience, sub: 'someone', iat: now, exp: now + 60, scope, ...changed };
}

/** A token signed with RS256. */
export function tokenOf(claims: object, pair: Pair = issuing): string {
  const signed = `${part({ alg: 'RS256', typ: 'JWT', kid: pair.kid })}.${part(claims)}`;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), pair.privateKey).toString('base64url')}`;
}

/** A token that says it needs no signature. */
export function unsignedToken(claims: object): string {
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`;
}

/** A token signed with the public key as if that were a shared secret. */
export function confusedToken(claims: object): string {
  const signed = `${part({ alg: 'HS256', typ: 'JWT', kid: issuing.kid })}.${part(claims)}`;
  const secret = issuing.publicKey.export({ format: 'pem', type: 'spki' });
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
