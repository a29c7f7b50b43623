/** Who may call what: every path of the document, with every kind of credential. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { readApiKeys } from '#access/api-keys.ts';
import { covers, type Right, permissions } from '#access/rights.ts';
import { claimsOf, confusedToken, foreign, sha256, tokenOf, tokens, unsignedToken } from '../../access/token.ts';
import { startService } from '../../service.ts';

interface Operation {
  security: Record<string, Right[]>[];
}

const keyOf = (right: Right) => `a key with the right ${right}`.replaceAll(' ', '-');
const apiKeys = readApiKeys(permissions.map((right) => `${right}er:${right}:${sha256(keyOf(right))}`).join(','));

const service = await startService({ apiKeys, tokens, open: [] });
after(() => service.close());

const headers = { authorization: `Bearer ${keyOf('admin')}` };
const document = (await (await fetch(`${service.url}/openapi.json`, { headers })).json()) as {
  paths: Record<string, Record<string, Operation>>;
};

const hourAgo = Math.floor(Date.now() / 1000) - 3600;

/** What is not let in anywhere. */
const refused: [name: string, authorization: string | undefined][] = [
  ['no key', undefined],
  ['an empty key', 'Bearer '],
  ['another scheme', `Basic ${btoa(`readre:${keyOf('admin')}`)}`],
  ['a wrong key', 'Bearer wrong'],
  ['the digest instead of the key', `Bearer ${sha256(keyOf('admin'))}`],
  ['a key and more', `Bearer ${keyOf('admin')} ${keyOf('admin')}`],
  ['an expired token', `Bearer ${tokenOf(claimsOf('admin', { exp: hourAgo }))}`],
  ['a token that never expires', `Bearer ${tokenOf(claimsOf('admin', { exp: undefined }))}`],
  ['a token of the future', `Bearer ${tokenOf(claimsOf('admin', { nbf: hourAgo + 7200 }))}`],
  ['a token for another audience', `Bearer ${tokenOf(claimsOf('admin', { aud: 'another' }))}`],
  ['a token of another issuer', `Bearer ${tokenOf(claimsOf('admin', { iss: 'https://example.org' }))}`],
  ['a token signed by another key', `Bearer ${tokenOf(claimsOf('admin'), foreign)}`],
  ['a token with alg none', `Bearer ${unsignedToken(claimsOf('admin'))}`],
  ['a token signed with the public key as a secret', `Bearer ${confusedToken(claimsOf('admin'))}`],
  ['a token that was changed', `Bearer ${changed(tokenOf(claimsOf('read')))}`],
];

/** What is let in where its right covers the call's. */
const accepted: [name: string, authorization: string, right: Right | undefined][] = [
  ...permissions.flatMap((right): [string, string, Right][] => [
    [`a key to ${right}`, `Bearer ${keyOf(right)}`, right],
    [`a token to ${right}`, `bearer ${tokenOf(claimsOf(`openid norma:${right}`))}`, right],
  ]),
  ['a token without a scope', `Bearer ${tokenOf(claimsOf(undefined))}`, undefined],
  ['a token with the scope of something else', `Bearer ${tokenOf(claimsOf('admins other:admin'))}`, undefined],
];

const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, { security }]) => ({
    path: path.replaceAll(/\{[^}]+\}/g, '1'),
    method: method.toUpperCase(),
    wanted: security[0].bearer[0],
  })),
);

async function ask(path: string, method: string, authorization?: string) {
  const response = await fetch(service.url + path, { method, headers: authorization ? { authorization } : {} });
  const text = await response.text();
  const { code } = text.startsWith('{') ? (JSON.parse(text) as { code?: string }) : {};
  return { status: response.status, code, challenge: response.headers.get('www-authenticate') };
}

test('the document names calls of more than one right', () => {
  assert.ok(operations.length >= 8);
  assert.ok(operations.some(({ wanted }) => wanted === 'read'));
});

for (const { path, method, wanted } of operations) {
  describe(`${method} ${path} needs ${wanted}`, () => {
    for (const [name, authorization] of refused) {
      test(`${name}: 401`, async () => {
        const { status, code, challenge } = await ask(path, method, authorization);
        assert.deepEqual([status, code], [401, 'unauthenticated']);
        assert.match(challenge ?? '', authorization ? /^Bearer .*error="invalid_token"/ : /^Bearer realm="norma"$/);
      });
    }
    for (const [name, authorization, right] of accepted) {
      const passes = covers(right, wanted);
      test(`${name}: ${passes ? 'let in' : 403}`, async () => {
        const { status, code, challenge } = await ask(path, method, authorization);
        if (passes) {
          assert.ok(![401, 403].includes(status), `${status} ${code}`);
        } else {
          assert.deepEqual([status, code], [403, 'forbidden']);
          assert.match(challenge ?? '', new RegExp(`error="insufficient_scope", scope="${wanted}"`));
        }
      });
    }
  });
}

/** A token whose claims were raised, under the signature of the old ones. */
function changed(token: string): string {
  const [header, , signature] = token.split('.');
  return [header, tokenOf(claimsOf('admin')).split('.')[1], signature].join('.');
}
