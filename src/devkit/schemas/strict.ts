/** A JSON schema, or a part of one. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

const DEFINITIONS = '#/definitions/';

/**
 * A schema of Kubernetes (its OpenAPI, or that of a custom resource) as plain JSON Schema in which a field that is not
 * known is an error, without the words for people.
 */
export function strict(schema: Schema): Schema {
  const made: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === '$ref') {
      made[keyword] = String(value).replace('#/components/schemas/', DEFINITIONS);
    } else if (isOneOf(keyword, ['properties', 'patternProperties'])) {
      made[keyword] = mapValues(asSchema(value), (one) => strict(asSchema(one)));
    } else if (isOneOf(keyword, ['items', 'additionalProperties', 'not'])) {
      made[keyword] = typeof value === 'boolean' ? value : strict(asSchema(value));
    } else if (isOneOf(keyword, ['allOf', 'anyOf', 'oneOf'])) {
      made[keyword] = (value as readonly Schema[]).map(strict);
    } else if (!isLeftOut(keyword)) {
      made[keyword] = value;
    }
  }
  if (schema['nullable'] === true) made['type'] = [schema['type'], 'null'];
  const open =
    schema['x-kubernetes-preserve-unknown-fields'] === true || 'additionalProperties' in schema;
  if ('properties' in schema && !open) made['additionalProperties'] = false;
  return made;
}

/** Without the field that the cluster alone writes. */
export function withoutStatus(schema: Schema): Schema {
  const fields = Object.entries(asSchema(schema['properties']));
  return {
    ...schema,
    properties: Object.fromEntries(fields.filter(([name]) => name !== 'status')),
  };
}

/** The definitions that these need, with themselves. */
export function closure(
  names: readonly string[],
  all: Readonly<Record<string, Schema>>,
): Record<string, Schema> {
  const needed = new Map<string, Schema>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const schema = all[name];
    if (!schema) throw new Error(`There is no definition of ${name}.`);
    if (needed.has(name)) continue;
    needed.set(name, schema);
    const refs = JSON.stringify(schema).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g);
    for (const [, ref = ''] of refs) open.push(ref);
  }
  return Object.fromEntries([...needed].sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

export function asSchema(value: unknown): Schema {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`This is no schema: ${JSON.stringify(value)}`);
  }
  return value as Schema;
}

/** What says nothing about whether an object is right. */
function isLeftOut(keyword: string): boolean {
  return (
    keyword.startsWith('x-kubernetes-') ||
    isOneOf(keyword, ['description', 'default', 'format', 'nullable', 'title'])
  );
}

function isOneOf(keyword: string, keywords: readonly string[]): boolean {
  return keywords.includes(keyword);
}
