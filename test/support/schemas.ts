import { readFileSync } from 'node:fs';
import { Ajv2020, type AnySchemaObject, type ValidateFunction } from 'ajv/dist/2020.js';

/** What `src/devkit/schemas/main.ts` makes of the projects' own schemas: fields that are not known are errors. */
const FILES = ['kubernetes', 'keda', 'prometheus-operator'];

export interface Schemas {
  /** What is wrong in an object for a cluster, a line each; so is a kind that there is no schema for. */
  faultsOfObject(object: unknown): string[];
  /** What is wrong in a compose file, as it is read from its YAML. */
  faultsOfCompose(file: unknown): string[];
}

export function readSchemas(): Schemas {
  // `strict` is about the schemas themselves, which use words of their own.
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  const kinds = new Map<string, string>();
  for (const file of FILES) {
    const schema = readSchema(file);
    ajv.addSchema(schema, file);
    for (const kind of Object.keys(schema['kinds'] as object)) {
      kinds.set(kind, `${file}#/kinds/${kind.replaceAll('/', '~1').replaceAll(' ', '%20')}`);
    }
  }
  const compose = ajv.compile(readSchema('compose'));
  return {
    faultsOfObject: (object) => {
      const { apiVersion, kind } = object as {
        readonly apiVersion?: string;
        readonly kind?: string;
      };
      const name = `${apiVersion ?? ''} ${kind ?? ''}`;
      const id = kinds.get(name);
      const validate = id === undefined ? undefined : ajv.getSchema(id);
      return validate ? faults(validate, object) : [`no schema of "${name}"`];
    },
    faultsOfCompose: (file) => faults(compose, file),
  };
}

function readSchema(name: string): AnySchemaObject {
  const text = readFileSync(new URL(`schemas/${name}.json`, import.meta.url), 'utf8');
  return JSON.parse(text) as AnySchemaObject;
}

function faults(validate: ValidateFunction, value: unknown): string[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${instancePath || '/'} ${message ?? ''} ${JSON.stringify(params)}`,
  );
}
