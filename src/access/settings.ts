import * as z from 'zod';
import { type ApiKey, fileOfKeys, readApiKeys } from './api-keys.ts';
import type { Rate } from './rate.ts';
import { type OpenGroup, openGroups, permissions, type Right } from './rights.ts';
import { readJwks, type TokenSettings } from './tokens.ts';

/** A setting parsed by a function, whose error is the error message. */
function readBy<Value>(read: (text: string) => Value) {
  return z.string().transform((text, context) => {
    try {
      return read(text.trim());
    } catch (error) {
      context.addIssue((error as Error).message);
      return z.NEVER;
    }
  });
}

interface Keys {
  keys: readonly ApiKey[];
  file?: string;
}

/** Items separated by commas or whitespace. */
const list = z.string().transform((text) => text.split(/[\s,]+/).filter(Boolean));

/** Seconds. */
const windows: Record<string, number> = { s: 1, min: 60, h: 3600 };

const rate = z
  .string()
  .regex(/^[1-9]\d{0,8}\/(s|min|h)$/, 'is a number of requests, such as 50/s, 600/min or 10000/h')
  .transform((text): Rate => {
    const [requests, unit] = text.split('/');
    return { requests: Number(requests), window: windows[unit] };
  });

const origins = list.refine(
  (all) => all.every((origin) => origin === '*' || (URL.canParse(origin) && new URL(origin).origin === origin)),
  'is a list of origins, such as https://notebook.example.org, or *',
);

const rightsMap = list.transform((pairs, context) => {
  const entries = pairs.map((pair) => pair.split('='));
  const isMap = entries.every(([name, right, ...rest]) => name && permissions.includes(right as Right) && !rest.length);
  if (!isMap) context.addIssue('is a list such as norma-users=read,norma-admins=admin');
  return Object.fromEntries(entries) as Record<string, Right>;
});

const groups = list
  .transform((names) => (names.join() === 'none' ? [] : names))
  .pipe(z.array(z.enum(openGroups, `is none, or a list of ${openGroups.join(', ')}`)));

/** Who may use the service, and how much. */
export const accessSettings = {
  NORMA_API_KEYS: readBy((text): Keys => ({ keys: readApiKeys(text), file: fileOfKeys(text) }))
    .default({ keys: [] })
    .describe(
      'API keys as name:rights:sha256, separated by commas or whitespace, or file:PATH of a file with them. Empty means open to everyone.',
    ),
  NORMA_JWKS: readBy(readJwks)
    .optional()
    .describe(
      'JSON Web Key Set to verify JSON Web Tokens with, as an https URL or a file. Tokens are accepted in addition to API keys.',
    ),
  NORMA_JWT_ISSUER: z.string().optional().describe('Required issuer of a token; needed with NORMA_JWKS.'),
  NORMA_JWT_AUDIENCE: z.string().optional().describe('Required audience of a token; needed with NORMA_JWKS.'),
  NORMA_JWT_RIGHTS_CLAIM: z
    .string()
    .regex(/^[^.]+(\.[^.]+)*$/, 'is the name of a claim, such as scope, roles or realm_access.roles')
    .default('scope')
    .describe('The claim of a token that has its rights, as a list or as words: scope, roles, realm_access.roles, …'),
  NORMA_JWT_RIGHTS: rightsMap
    .default({})
    .describe(
      'Rights of other values of that claim, such as norma-users=read,norma-admins=admin. read, write, admin, and the same behind norma:, always count.',
    ),
  NORMA_JWT_CALLER_CLAIM: z
    .string()
    .default('sub')
    .describe('The claim that names the caller in logs, rates and quotas; a token without it is refused.'),
  NORMA_REQUIRE_AUTH: z
    .enum(['true', 'false'])
    .default('false')
    .describe(
      'true refuses to start without NORMA_API_KEYS or NORMA_JWKS, so that a lost setting cannot open the service.',
    ),
  NORMA_OPEN: groups
    .default(['health', 'docs'])
    .describe('Routes that need no key: a list of health, docs, metrics; or none.'),
  NORMA_RATE_LIMIT: rate
    .optional()
    .describe('Rate limit per key, such as 50/s, 600/min or 10000/h; per address where no key is needed.'),
  NORMA_CORS_ORIGINS: origins.default([]).describe('Origins that may call the service from a browser (CORS), or *.'),
} as const;

export interface AccessConfig {
  apiKeys: readonly ApiKey[];
  /** Where they are read again when it changes. */
  apiKeysFile?: string;
  tokens?: TokenSettings;
  open: readonly OpenGroup[];
  rateLimit?: Rate;
  corsOrigins: readonly string[];
}

/**
 * @throws Error if token settings are incomplete, since tokens of another service or issuer must not be accepted; or if
 *   there are no keys where they are required
 */
export function toAccessConfig(read: z.output<z.ZodObject<typeof accessSettings>>): AccessConfig {
  const { NORMA_JWKS: jwks, NORMA_JWT_ISSUER: issuer, NORMA_JWT_AUDIENCE: audience } = read;
  const given = [jwks, issuer, audience].filter((setting) => setting !== undefined).length;
  if (given === 1 || given === 2) throw new Error('NORMA_JWKS, NORMA_JWT_ISSUER and NORMA_JWT_AUDIENCE go together');
  if (read.NORMA_REQUIRE_AUTH === 'true' && read.NORMA_API_KEYS.keys.length === 0 && !jwks)
    throw new Error('NORMA_REQUIRE_AUTH=true needs NORMA_API_KEYS or NORMA_JWKS, and neither is set');
  return {
    apiKeys: read.NORMA_API_KEYS.keys,
    apiKeysFile: read.NORMA_API_KEYS.file,
    tokens:
      jwks && issuer && audience
        ? {
            jwks,
            issuer,
            audience,
            rightsClaim: read.NORMA_JWT_RIGHTS_CLAIM,
            rights: read.NORMA_JWT_RIGHTS,
            callerClaim: read.NORMA_JWT_CALLER_CLAIM,
          }
        : undefined,
    open: read.NORMA_OPEN,
    rateLimit: read.NORMA_RATE_LIMIT,
    corsOrigins: read.NORMA_CORS_ORIGINS,
  };
}
