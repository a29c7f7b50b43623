import * as z from 'zod';

/** Where to send traces, and how many. */
export interface TraceSettings {
  url: string;
  headers: Record<string, string>;
  /** Milliseconds to wait for the collector. */
  timeout: number;
  /** Resource attributes, with the service name. */
  resource: Record<string, string>;
  /** Fraction of traces started here that are kept, 0 to 1. */
  ratio: number;
  /** Whether to follow the caller's sampling decision. */
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

// fetch refuses credentials in a URL, and an error would show them.
const url = z
  .url({ protocol: /^https?$/, error: 'is an http or https URL, such as http://collector:4318' })
  .refine((text) => !/\/\/[^/]*@/.test(text), 'has a user or password; put them into OTEL_EXPORTER_OTLP_HEADERS');

const listForm = 'is a list such as name=value,other=value, percent-encoded';
const list = z
  .string()
  .regex(/^([^=,]+=[^,]*)(,[^=,]+=[^,]*)*,?$/, listForm)
  .transform((text, context) => {
    try {
      return pairs(text);
    } catch {
      context.addIssue(listForm);
      return z.NEVER;
    }
  });

const timeout = z.coerce.number().int().min(1);

const samplers = ['always_on', 'always_off', 'traceidratio'] as const;
const sampler = z.enum([...samplers, ...samplers.map((name) => `parentbased_${name}` as const)]);

const protocol = z.enum(
  ['http/json'],
  'is http/json: gRPC and protobuf are not spoken; a collector takes JSON on port 4318',
);

/** OpenTelemetry's own settings (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). */
export const traceSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: url
    .optional()
    .describe(
      'OpenTelemetry collector, such as http://collector:4318. Traces are sent to its /v1/traces as OTLP/JSON.',
    ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url
    .optional()
    .describe('Full URL for traces; overrides OTEL_EXPORTER_OTLP_ENDPOINT.'),
  OTEL_EXPORTER_OTLP_HEADERS: list.optional().describe('Headers sent to the collector, as name=value,other=value.'),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: list
    .optional()
    .describe('Headers for traces; overrides OTEL_EXPORTER_OTLP_HEADERS.'),
  OTEL_EXPORTER_OTLP_TIMEOUT: timeout.default(10_000).describe('Milliseconds to wait for the collector.'),
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: timeout
    .optional()
    .describe('The same for traces; overrides OTEL_EXPORTER_OTLP_TIMEOUT.'),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol.optional().describe('Protocol of the collector: http/json and no other.'),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol.optional().describe('The same for traces.'),
  OTEL_TRACES_EXPORTER: z
    .enum(['otlp', 'none'], 'is otlp or none')
    .default('otlp')
    .describe('none exports no traces, whatever endpoint is set.'),
  OTEL_SDK_DISABLED: z
    .string()
    .default('false')
    .transform((text) => text.toLowerCase() === 'true')
    .describe('true exports no traces, whatever endpoint is set.'),
  OTEL_SERVICE_NAME: z.string().default('norma').describe('Service name in traces.'),
  OTEL_RESOURCE_ATTRIBUTES: list.optional().describe('Additional resource attributes in traces.'),
  OTEL_TRACES_SAMPLER: sampler
    .default('parentbased_always_on')
    .describe('Trace sampler: always_on, always_off or traceidratio, each optionally prefixed with parentbased_.'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('Fraction of traces that traceidratio keeps.'),
} as const;

/** The trace settings; undefined if there is no collector. */
export function toTraceSettings(read: z.output<z.ZodObject<typeof traceSettings>>): TraceSettings | undefined {
  const base = read.OTEL_EXPORTER_OTLP_ENDPOINT;
  const target = read.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (base && `${base.replace(/\/$/, '')}/v1/traces`);
  if (!target || read.OTEL_SDK_DISABLED || read.OTEL_TRACES_EXPORTER === 'none') return undefined;
  const name = read.OTEL_TRACES_SAMPLER;
  const ratio = name.endsWith('always_on') ? 1 : name.endsWith('always_off') ? 0 : read.OTEL_TRACES_SAMPLER_ARG;
  return {
    url: target,
    headers: read.OTEL_EXPORTER_OTLP_TRACES_HEADERS ?? read.OTEL_EXPORTER_OTLP_HEADERS ?? {},
    timeout: read.OTEL_EXPORTER_OTLP_TRACES_TIMEOUT ?? read.OTEL_EXPORTER_OTLP_TIMEOUT,
    resource: { ...read.OTEL_RESOURCE_ATTRIBUTES, 'service.name': read.OTEL_SERVICE_NAME },
    ratio,
    followsParent: name.startsWith('parentbased_'),
  };
}
