import { toUnix } from './clock.ts';

/** A span, with times on the clock of `now`. */
export interface Span {
  traceId: string;
  spanId: string;
  parentId?: string;
  name: string;
  kind: 'server' | 'internal';
  from: number;
  to: number;
  attributes: Record<string, string | number | boolean | undefined>;
  failed: boolean;
}

/** Numbers of the protocol (opentelemetry/proto/trace/v1/trace.proto). */
const kinds = { internal: 1, server: 2 };
const errorStatus = 2;

/**
 * Spans as a message of OTLP/JSON: ids in hexadecimal, 64-bit numbers as text
 * (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding).
 */
export function toMessage(spans: readonly Span[], resource: Record<string, string>, version: string): object {
  return {
    resourceSpans: [
      {
        resource: { attributes: toAttributes({ ...resource, 'service.version': version }) },
        scopeSpans: [{ scope: { name: 'norma', version }, spans: spans.map(toSpan) }],
      },
    ],
  };
}

function toSpan({ traceId, spanId, parentId, name, kind, from, to, attributes, failed }: Span): object {
  return {
    traceId,
    spanId,
    parentSpanId: parentId,
    name,
    kind: kinds[kind],
    startTimeUnixNano: nanoseconds(from),
    endTimeUnixNano: nanoseconds(to),
    attributes: toAttributes(attributes),
    status: failed ? { code: errorStatus } : {},
  };
}

function nanoseconds(time: number): string {
  return BigInt(Math.round(toUnix(time) * 1e3)).toString() + '000';
}

function toAttributes(attributes: Span['attributes']): object[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: toValue(value) }],
  );
}

function toValue(value: string | number | boolean): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
