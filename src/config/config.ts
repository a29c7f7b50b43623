import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import * as z from 'zod';
import { type AccessConfig, accessSettings, toAccessConfig } from '#access/settings.ts';
import { traceSettings, type TraceSettings, toTraceSettings } from '#telemetry/settings.ts';
import { nearestName } from '#nearest-name.ts';
import { anyAddress, type ProxyConfig, proxySettings, toProxyConfig } from './proxy.ts';
import { type Limits, limitSettings, toLimits } from './limits.ts';
import { memoryForRequests, shareOfMemory } from '#memory/container.ts';
import { isSecretFile, readSecretFiles, secrets } from './secret-files.ts';
import { bytes, duration, seconds } from './setting-types.ts';
import { type StoreConfig, storeSettings, toStoreConfig } from './store.ts';

function integer(what: string, least: number, most: number) {
  const message = `is ${what}, an integer from ${least} to ${most}`;
  return z.coerce.number(message).int(message).min(least, message).max(most, message);
}

/** Every setting with its default and description; the README's table repeats them. */
export const settings = {
  PORT: integer('a port', 0, 65535).default(8080).describe('Port to listen on; 0 takes a free one.'),
  HOST: z
    .string()
    .min(1)
    .default(anyAddress())
    .describe('Address to listen on. The default is ::, all of IPv4 and IPv6; 0.0.0.0 where the machine has no IPv6.'),
  NORMA_ADMIN_PORT: integer('a port', 0, 65535)
    .optional()
    .describe(
      'A second port for health and metrics only, which client traffic cannot crowd out; metrics then move to it.',
    ),
  NORMA_WORKERS: integer('a number of threads', 1, 256)
    .default(coresOfCgroup())
    .describe('Worker threads for numeric work. Default: the number of cores in the cgroup.'),
  NORMA_BODY_LIMIT: bytes
    .default(shareOfMemory(256 * 2 ** 20, 4))
    .describe('Bytes one request may hold in memory, decompressed. Binary bodies that stream are not held.'),
  ...limitSettings,
  ...storeSettings,
  NORMA_MONITOR: z
    .enum(['on', 'off'])
    .default('on')
    .describe('Whether the values of stored transforms are counted by their fitted deciles, for drift.'),
  NORMA_MONITOR_COLUMNS: z
    .string()
    .default('')
    .describe('Normalizers whose counts /metrics has by column, separated by commas, or *. Default: none.'),
  NORMA_MONITOR_TTL: duration.default(7 * 86_400).describe('How long these counts are kept in the store.'),
  NORMA_SHUTDOWN_GRACE: seconds.default(10).describe('Seconds that requests in progress have to finish after SIGTERM.'),
  ...proxySettings,
  ...accessSettings,
  ...traceSettings,
  NORMA_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Minimum log level.'),
} as const;

export interface Config extends AccessConfig, Limits, ProxyConfig, StoreConfig {
  port: number;
  host: string;
  /** Absent where there is no second port. */
  adminPort?: number;
  workers: number;
  /** Bytes. */
  bodyLimit: number;
  /** Bytes that requests may take beside their bodies: what the machine or the container leaves for them. */
  memory: number;
  /** Absent where transforms are not counted. */
  monitor?: { columnsOf: readonly string[] | 'all'; lifetime: number };
  /** Seconds. */
  shutdownGrace: number;
  logLevel: string;
  /** Absent if traces are not exported. */
  traces?: TraceSettings;
}

/**
 * Reads the settings from the environment.
 * @throws Error with one line that names each invalid variable and what it may be
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Readonly<Config> {
  // An empty variable counts as unset, because compose files and charts write those.
  const set = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const given = readSecretFiles(set);
  const unknown = Object.keys(given).filter((name) => name.startsWith('NORMA_') && !isKnown(name));
  const read = z.object(settings).safeParse(given);
  if (!read.success || unknown.length > 0) {
    const faults = (read.error?.issues ?? []).map(({ path, message }) => {
      const name = String(path[0]);
      const value = secrets.some((secret) => secret === name) ? '' : `=${withoutPassword(given[name] ?? '')}`;
      return `${name}${value}: ${message}`;
    });
    throw new Error(`Bad settings: ${[...unknown.map(unknownSetting), ...faults].join('; ')}`);
  }
  const { data } = read;
  return Object.freeze({
    adminPort: data.NORMA_ADMIN_PORT,
    memory: memoryForRequests(data.NORMA_WORKERS),
    port: data.PORT,
    host: data.HOST,
    workers: data.NORMA_WORKERS,
    bodyLimit: data.NORMA_BODY_LIMIT,
    shutdownGrace: data.NORMA_SHUTDOWN_GRACE,
    logLevel: data.NORMA_LOG_LEVEL,
    monitor: toMonitor(data),
    ...toStoreConfig(data),
    ...toLimits(data),
    ...toAccessConfig(data),
    ...toProxyConfig(data),
    traces: toTraceSettings(data),
  });
}

/** Kubernetes injects some names for a Service called norma; they are not settings. */
function isKnown(name: string): boolean {
  return name in settings || isSecretFile(name) || /^NORMA_(SERVICE_.*|PORT|PORT_.*)$/.test(name);
}

function unknownSetting(name: string): string {
  const nearest = nearestName(name, Object.keys(settings));
  return `${name} is not a setting${nearest ? `; did you mean ${nearest}?` : ''}`;
}

/** The settings for the log, without keys and passwords. */
export function shownSettings({ store, apiKeys, tokens, traces, ...rest }: Readonly<Config>): Record<string, unknown> {
  return { ...rest, store: store.kind, apiKeys: apiKeys.length, tokens: tokens?.issuer, traces: traces !== undefined };
}

function toMonitor(data: {
  NORMA_MONITOR: string;
  NORMA_MONITOR_COLUMNS: string;
  NORMA_MONITOR_TTL: number;
}): Config['monitor'] {
  if (data.NORMA_MONITOR === 'off') return undefined;
  const names = data.NORMA_MONITOR_COLUMNS.split(',').map((name) => name.trim());
  const columnsOf = names.includes('*') ? 'all' : names.filter((name) => name !== '');
  return { columnsOf, lifetime: data.NORMA_MONITOR_TTL };
}

/** A value for a message, without what comes before an @, which may be a password, slashes and all. */
function withoutPassword(value: string): string {
  return value.replace(/^.*@/s, '…@');
}

/** The cores available: the cgroup v2 quota (cpu.max) if there is one, otherwise those of the process. */
function coresOfCgroup(): number {
  const cores = availableParallelism();
  try {
    const [quota, period] = readFileSync('/sys/fs/cgroup/cpu.max', 'utf8').split(' ').map(Number);
    return quota > 0 ? Math.min(cores, Math.max(1, Math.ceil(quota / period))) : cores;
  } catch {
    return cores;
  }
}
