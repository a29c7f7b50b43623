import * as z from 'zod';

/** Where traces go, and how many of them. */
export interface TraceSettings {
  url: string;
  headers: Record<string, string>;
  /** Milliseconds that a collector has to answer. */
  timeout: number;
  /** What the resource is called and what else is known of it. */
  resource: Record<string, string>;
  /** The share of traces begun here that are kept, 0 to 1. */
  ratio: number;
  /** Whether a caller's own decision is followed. */
  followsParent: boolean;
}

/** `a=b,c=d`, percent-encoded as in W3C Baggage. */
function pairs(text: string): Record<string, string> {
  const entries = text.split(',').filter((part) => part.trim() !== '');
  return Object.fromEntries(
    entries.map((part) => {
      const [name, ...value] = part.split('=');
      return [name.trim(), decodeURIComponent(value.join('=').trim())];
    }),
  );
}

const url = z.url({ protocol: /^https?$/, error: 'is an http or https URL, such as http://collector:4318' });

const list = z.string().regex(/^([^=,]+=[^,]*)(,[^=,]+=[^,]*)*,?$/, 'is a list such as name=value,other=value');

const samplers = ['always_on', 'always_off', 'traceidratio'] as const;
const sampler = z.enum([...samplers, ...samplers.map((name) => `parentbased_${name}` as const)]);

/** OpenTelemetry's own settings (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). */
export const traceSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: url
    .optional()
    .describe('A collector of OpenTelemetry, such as http://collector:4318. Traces go to its /v1/traces as OTLP/JSON.'),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url.optional().describe('The same for traces alone, as a whole URL.'),
  OTEL_EXPORTER_OTLP_HEADERS: list.optional().describe('Headers for the collector, as name=value,other=value.'),
  OTEL_EXPORTER_OTLP_TIMEOUT: z.coerce
    .number()
    .int()
    .min(1)
    .default(10_000)
    .describe('Milliseconds that the collector has to answer.'),
  OTEL_SERVICE_NAME: z.string().default('norma').describe('What traces call the service.'),
  OTEL_RESOURCE_ATTRIBUTES: list.optional().describe('More attributes of the service in traces.'),
  OTEL_TRACES_SAMPLER: sampler
    .default('parentbased_always_on')
    .describe('Which traces are kept: always_on, always_off, traceidratio, each also with parentbased_ before it.'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1).describe('The share that traceidratio keeps.'),
} as const;

/** What the settings say of traces; nothing when they name no collector. */
export function toTraceSettings(read: z.output<z.ZodObject<typeof traceSettings>>): TraceSettings | undefined {
  const base = read.OTEL_EXPORTER_OTLP_ENDPOINT;
  const target = read.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (base && `${base.replace(/\/$/, '')}/v1/traces`);
  if (!target) return undefined;
  const name = read.OTEL_TRACES_SAMPLER;
  const ratio = name.endsWith('always_on') ? 1 : name.endsWith('always_off') ? 0 : read.OTEL_TRACES_SAMPLER_ARG;
  return {
    url: target,
    headers: pairs(read.OTEL_EXPORTER_OTLP_HEADERS ?? ''),
    timeout: read.OTEL_EXPORTER_OTLP_TIMEOUT,
    resource: { ...pairs(read.OTEL_RESOURCE_ATTRIBUTES ?? ''), 'service.name': read.OTEL_SERVICE_NAME },
    ratio,
    followsParent: name.startsWith('parentbased_'),
  };
}
