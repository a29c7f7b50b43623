import createApi from 'openapi-fetch';
import { decodeNpy, encodeNpy, type Tensor } from './npy.ts';
import { checkAnswer } from './problem.ts';
import { createRetryingFetch, type RetryOptions } from './retry.ts';
import type { components, paths } from './schema.ts';

type Schemas = components['schemas'];

/** A method with its options. */
export type Normalizer = Schemas['Normalizer'];

/** What a normalizer has learned: one document, which transforms years later, too. */
export type Fitted = Schemas['Fitted'];

/** A stored normalizer by its name: the newest version, or the one that a number or an alias says. */
export interface Stored {
  name: string;
  version?: number | string;
}

export interface ClientOptions extends RetryOptions {
  /** The service's address. Default http://localhost:8080. */
  url?: string;
  /** A key or token. */
  apiKey?: string;
  /** Milliseconds that one try may take. Default 300,000. */
  timeoutMs?: number;
  /** Default: the platform's own. */
  fetch?: typeof fetch;
}

export interface ApplyOptions {
  outputDtype?: 'float32' | 'float64';
}

/** A version that a fit stored, or would store. */
export interface StoreOptions {
  description?: string;
  tags?: Record<string, string>;
  /** Whether the version may take other data than the one before. */
  breaking?: boolean;
}

export type Client = ReturnType<typeof createClient>;

/**
 * A client of the service. Arrays travel as npy; `api` has every path of the OpenAPI document, typed, for whatever is JSON.
 * All calls throw a NormaError for what the service refuses.
 */
export function createClient(options: ClientOptions = {}) {
  const { url = 'http://localhost:8080', apiKey, timeoutMs = 300_000, fetch: given = fetch } = options;
  const base = url.replace(/\/+$/, '');
  const retrying = createRetryingFetch(
    (input, init) => given(input, { ...init, signal: AbortSignal.timeout(timeoutMs) }),
    options,
  );

  async function send(request: Request): Promise<Response> {
    if (apiKey) request.headers.set('authorization', `Bearer ${apiKey}`);
    return checkAnswer(await retrying(request));
  }

  const api = createApi<paths, 'application/json'>({ baseUrl: base, fetch: send });

  /** One call with an array, and with members beside it where there are some. */
  async function sendTensor(
    method: string,
    path: string,
    tensor: Tensor,
    accept: string,
    members?: Record<string, unknown>,
  ): Promise<Response> {
    const npy = new Blob([encodeNpy(tensor)], { type: 'application/x-npy' });
    const headers = { accept, ...(members ? {} : { 'content-type': npy.type }) };
    return send(new Request(base + path, { method, headers, body: members ? multipart(members, npy) : npy }));
  }

  async function apply(
    operation: string,
    tensor: Tensor,
    by: Fitted | Stored,
    { outputDtype }: ApplyOptions,
  ): Promise<Tensor> {
    const query = outputDtype ? `?output_dtype=${outputDtype}` : '';
    const path = 'name' in by ? `${pathOf(by)}/${operation}${query}` : `/v1/${operation}${query}`;
    const members = 'name' in by ? undefined : { fitted: by };
    const answer = await sendTensor('POST', path, tensor, 'application/x-npy', members);
    return decodeNpy(new Uint8Array(await answer.arrayBuffer()));
  }

  async function fit(tensor: Tensor, normalizer: Normalizer): Promise<Fitted> {
    const members = { normalizer, statistics: false };
    const answer = await sendTensor('POST', '/v1/fit', tensor, 'application/json', members);
    return ((await answer.json()) as { fitted: Fitted }).fitted;
  }

  async function store(
    name: string,
    tensor: Tensor,
    normalizer: Normalizer,
    storing: StoreOptions = {},
  ): Promise<{ version: number; fitted: Fitted }> {
    const members = { normalizer, statistics: false, ...storing };
    const answer = await sendTensor('POST', `${pathOf({ name })}/versions`, tensor, 'application/json', members);
    return (await answer.json()) as { version: number; fitted: Fitted };
  }

  return {
    api,
    /** Learns a normalizer's parameters. */
    fit,
    /** Learns them, and stores them as the next version of a name. */
    store,
    /** Applies a fitted document, or a stored normalizer. */
    transform: (tensor: Tensor, by: Fitted | Stored, applying: ApplyOptions = {}) =>
      apply('transform', tensor, by, applying),
    /** Takes transformed data back to their own units. */
    inverseTransform: (tensor: Tensor, by: Fitted | Stored, applying: ApplyOptions = {}) =>
      apply('inverse-transform', tensor, by, applying),

    /** Transforms chunks as they come, one at a time, in their order. */
    async *transformStream(
      chunks: Iterable<Tensor> | AsyncIterable<Tensor>,
      by: Fitted | Stored,
      applying: ApplyOptions = {},
    ): AsyncGenerator<Tensor, void> {
      for await (const chunk of chunks) yield await apply('transform', chunk, by, applying);
    },

    /** The document of a stored normalizer. */
    async load(stored: Stored): Promise<Fitted> {
      const answer = await send(new Request(base + pathOf(stored)));
      return (await answer.json()) as Fitted;
    },

    /**
     * Fits a data set that comes in parts, and stores the result. A part that is sent again replaces itself.
     * @throws NormaError not_mergeable for a method that has to see all data at once
     */
    async fitPartitions(
      name: string,
      parts: Iterable<Tensor> | AsyncIterable<Tensor>,
      normalizer: Normalizer,
      storing: StoreOptions = {},
    ): Promise<{ version: number; fitted: Fitted }> {
      const begun = await api.POST('/v1/fits', { body: { normalizer } });
      const path = `/v1/fits/${begun.data?.id}`;
      let count = 0;
      for await (const part of parts) await sendTensor('PUT', `${path}/parts/${count++}`, part, 'application/json');
      const body = JSON.stringify({ name, expected_parts: count, ...storing });
      const headers = { 'content-type': 'application/json' };
      const answer = await send(new Request(`${base}${path}/commit`, { method: 'POST', headers, body }));
      return (await answer.json()) as { version: number; fitted: Fitted };
    },
  };
}

function pathOf({ name, version }: Stored): string {
  const path = `/v1/normalizers/${encodeURIComponent(name)}`;
  return version === undefined ? path : `${path}/versions/${encodeURIComponent(version)}`;
}

function multipart(members: Record<string, unknown>, data: Blob): FormData {
  const form = new FormData();
  form.append('request', new Blob([JSON.stringify(members)], { type: 'application/json' }));
  form.append('data', data);
  return form;
}

export { decodeNpy, encodeNpy, type Tensor } from './npy.ts';
export { NormaError } from './problem.ts';
