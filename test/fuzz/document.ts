import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

/** A schema as it stands in the document. */
export type Schema = Record<string, any>;

interface Content {
  [type: string]: { schema?: Schema; examples?: Record<string, { value: unknown }> };
}

export interface Operation {
  method: string;
  path: string;
  parameters: { name: string; in: string; schema: Schema }[];
  body: Content;
  answers: Record<string, { content?: Content }>;
}

export interface ApiDocument {
  operations: Operation[];
  /** The schema that a reference names, and any other as it is. */
  resolve(schema: Schema): Schema;
  /** What is wrong with a JSON value by a schema of the document; nothing when it fits. */
  misfit(schema: Schema, value: unknown): string | undefined;
}

/** Reads an OpenAPI 3.1 document: its schemas are JSON Schema 2020-12. */
export function readDocument(document: any): ApiDocument {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const id = 'openapi';
  ajv.addSchema({ $id: id, components: document.components });
  const validators = new Map<Schema, ValidateFunction>();

  function resolve(schema: Schema): Schema {
    if (!schema.$ref) return schema;
    const names = String(schema.$ref).slice(2).split('/');
    return resolve(names.reduce((part, name) => part[name], document));
  }

  const operations = Object.entries<any>(document.paths).flatMap(([path, methods]) =>
    Object.entries<any>(methods).map(
      ([method, { parameters = [], requestBody, responses }]): Operation => ({
        method: method.toUpperCase(),
        path,
        parameters,
        body: requestBody?.content ?? {},
        answers: responses,
      }),
    ),
  );

  return {
    operations,
    resolve,
    misfit(schema, value) {
      let validate = validators.get(schema);
      if (!validate) {
        validate = ajv.compile(absolute(schema, id) as Schema);
        validators.set(schema, validate);
      }
      return validate(value) ? undefined : ajv.errorsText(validate.errors, { separator: '; ' }).slice(0, 500);
    },
  };
}

/** References within the document are such to the document's id, for a schema that stands by itself. */
function absolute(value: unknown, id: string): unknown {
  if (Array.isArray(value)) return value.map((item) => absolute(item, id));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name === '$ref' && typeof member === 'string' ? id + member : absolute(member, id),
    ]),
  );
}
