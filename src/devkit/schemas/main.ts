import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { asSchema, closure, mapValues, strict, withoutStatus, type Schema } from './strict.js';

/*
 * Writes the schemas with which the tests check the chart and the compose file. They come from the projects' own sources,
 * which the Go module proxy keeps, so this needs Go:
 *
 *   node dist/devkit/schemas/main.js
 */
const FOLDER = fileURLToPath(new URL('../../../test/support/schemas', import.meta.url));
const run = promisify(execFile);

const KUBERNETES = {
  module: 'k8s.io/kubernetes@v1.37.2',
  folder: 'api/openapi-spec/v3',
  files: {
    'api__v1_openapi.json': ['Pod', 'Service', 'ServiceAccount', 'PersistentVolumeClaim'],
    'apis__apps__v1_openapi.json': ['Deployment'],
    'apis__autoscaling__v2_openapi.json': ['HorizontalPodAutoscaler'],
    'apis__networking.k8s.io__v1_openapi.json': ['NetworkPolicy'],
    'apis__policy__v1_openapi.json': ['PodDisruptionBudget'],
  },
} as const;

const CUSTOM_RESOURCES = [
  {
    name: 'keda',
    module: 'github.com/kedacore/keda/v2@v2.21.0',
    file: 'config/crd/bases/keda.sh_scaledobjects.yaml',
  },
  {
    name: 'prometheus-operator',
    module: 'github.com/prometheus-operator/prometheus-operator@v0.93.1',
    file: 'example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml',
  },
] as const;

const COMPOSE = {
  module: 'github.com/compose-spec/compose-go/v2@v2.16.2',
  file: 'schema/compose-spec.json',
} as const;

/** Where Go keeps a module. */
async function download(module: string, cwd: string): Promise<string> {
  const { stdout } = await run('go', ['mod', 'download', '-json', module], { cwd });
  return (JSON.parse(stdout) as { readonly Dir: string }).Dir;
}

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

async function kubernetes(cwd: string): Promise<Schema> {
  const folder = join(await download(KUBERNETES.module, cwd), KUBERNETES.folder);
  const kinds: Record<string, Schema> = {};
  let definitions: Record<string, Schema> = {};
  for (const [file, names] of Object.entries(KUBERNETES.files)) {
    const { components } = JSON.parse(await readFile(join(folder, file), 'utf8')) as {
      readonly components: { readonly schemas: Record<string, Schema> };
    };
    const found = new Map<string, string>();
    for (const [id, schema] of Object.entries(components.schemas)) {
      const gvk = schema['x-kubernetes-group-version-kind'] as GroupVersionKind[] | undefined;
      const [only] = gvk ?? [];
      if (only && gvk?.length === 1 && names.some((name) => name === only.kind)) {
        found.set(id, kindOf(only));
      }
    }
    const all = mapValues(components.schemas, strict);
    for (const [id, kind] of found) {
      all[id] = withoutStatus(asSchema(all[id]));
      kinds[kind] = { $ref: `#/definitions/${id}` };
    }
    definitions = { ...definitions, ...closure([...found.keys()], all) };
  }
  return { $comment: KUBERNETES.module, kinds, definitions };
}

async function customResource(
  { module, file }: { readonly module: string; readonly file: string },
  cwd: string,
): Promise<Schema> {
  const text = await readFile(join(await download(module, cwd), file), 'utf8');
  const { spec } = parse(text) as {
    readonly spec: {
      readonly group: string;
      readonly names: { readonly kind: string };
      readonly versions: readonly {
        readonly name: string;
        readonly schema: { readonly openAPIV3Schema: Schema };
      }[];
    };
  };
  const kinds = spec.versions.map(({ name, schema }) => [
    kindOf({ group: spec.group, version: name, kind: spec.names.kind }),
    withoutStatus(strict(schema.openAPIV3Schema)),
  ]);
  return { $comment: module, kinds: Object.fromEntries(kinds) as Schema };
}

function kindOf({ group, version, kind }: GroupVersionKind): string {
  return `${group ? `${group}/` : ''}${version} ${kind}`;
}

async function compose(cwd: string): Promise<Schema> {
  const path = join(await download(COMPOSE.module, cwd), COMPOSE.file);
  return { $comment: COMPOSE.module, ...withoutWords(JSON.parse(await readFile(path, 'utf8'))) };
}

/** It is strict already. */
function withoutWords(value: unknown): Schema {
  const text = JSON.stringify(value, (key, part: unknown) =>
    key === 'description' && typeof part === 'string' ? undefined : part,
  );
  return asSchema(JSON.parse(text));
}

/** One line for each definition, so that the next version's changes can be read. */
function print(schema: Schema): string {
  const parts = Object.entries(schema).map(([key, value]) => {
    const long = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!long) return `${JSON.stringify(key)}: ${JSON.stringify(value)}`;
    const lines = Object.entries(value).map(
      ([name, one]) => `    ${JSON.stringify(name)}: ${JSON.stringify(one)}`,
    );
    return `${JSON.stringify(key)}: {\n${lines.join(',\n')}\n  }`;
  });
  return `{\n  ${parts.join(',\n  ')}\n}\n`;
}

// Outside of any module, so that Go changes none.
const scratch = await mkdtemp(join(tmpdir(), 'schemas-'));
try {
  const made: [string, Schema][] = [
    ['kubernetes', await kubernetes(scratch)],
    ['compose', await compose(scratch)],
  ];
  for (const one of CUSTOM_RESOURCES) made.push([one.name, await customResource(one, scratch)]);
  for (const [name, schema] of made) {
    await writeFile(join(FOLDER, `${name}.json`), print(schema));
    console.log(`${name}.json: ${String(schema['$comment'])}`);
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
