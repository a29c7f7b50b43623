interface Parameter {
  example?: unknown;
  schema?: { examples?: unknown[]; example?: unknown };
}

/** As much of an OpenAPI document's paths as is looked at here. */
type Paths = Record<string, Record<string, { parameters?: Parameter[] }>>;

/** Writes the first example of each parameter's schema beside the schema: Swagger UI fills in no other. */
export function showExamples(paths: object = {}): void {
  for (const operations of Object.values(paths as Paths)) {
    for (const parameter of Object.values(operations).flatMap(({ parameters = [] }) => parameters)) {
      const [example] = parameter.schema?.examples ?? [];
      if (example !== undefined) parameter.example = example;
    }
  }
}
