import { randomBytes } from 'node:crypto';

/** The position of a request in a trace (https://www.w3.org/TR/trace-context/). */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits: the caller's span. */
  parentId: string;
  sampled: boolean;
}

/** Version 00 has these four fields and no more; a later version may have more after them. */
const traceparent = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** Reads the header `traceparent`; undefined if it is malformed. */
export function readTraceparent(header: string | string[] | undefined): TraceContext | undefined {
  const [, version, traceId, parentId, flags, more] = traceparent.exec(String(header)) ?? [];
  if (!version || (version === '00' && more !== undefined)) return undefined;
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function newTraceId(): string {
  return randomBytes(16).toString('hex');
}

export function newSpanId(): string {
  return randomBytes(8).toString('hex');
}
