interface Parameter {
  example?: unknown;
  schema?: { examples?: unknown[]; example?: unknown };
}

/** The part of an OpenAPI document's paths that is read here. */
type Paths = Record<string, Record<string, { parameters?: Parameter[] }>>;

/** Copies the first example of each parameter's schema to the parameter, the only place where Swagger UI looks for one. */
export function showExamples(paths: object = {}): void {
  for (const operations of Object.values(paths as Paths)) {
    for (const parameter of Object.values(operations).flatMap(({ parameters = [] }) => parameters)) {
      const [example] = parameter.schema?.examples ?? [];
      if (example !== undefined) parameter.example = example;
    }
  }
}
