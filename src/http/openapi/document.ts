/** As much of an OpenAPI document as is finished by hand here. */
export interface Document {
  paths?: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, object> };
}

export interface Operation {
  operationId: string;
  summary: string;
  parameters?: { name: string; in: string; example?: unknown }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { description?: string; content?: Record<string, Media> }>;
  security?: Record<string, string[]>[];
}

export interface Media {
  schema?: { examples?: unknown[] };
  example?: unknown;
  examples?: Record<string, Example>;
}

export interface Example {
  summary?: string;
  value: unknown;
}

/** Each operation with its path. */
export function operationsIn({ paths = {} }: Document): { path: string; method: string; operation: Operation }[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
}
