import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';

const service = z.looseObject({
  image: z.string(),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
  restart: z.literal('unless-stopped'),
});
const compose = z.object({
  name: z.string(),
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()),
});
export type Compose = z.infer<typeof compose>;

/** `deploy/`, which the paths in it are relative to. */
export const DEPLOY = fileURLToPath(new URL('../../deploy', import.meta.url));

/**
 * `deploy/compose.yaml` as Docker Compose would read it.
 * @param env for what stands in it as `${NAME}`
 * @throws Error where a variable is missing that it wants
 */
export async function readCompose(env: Readonly<Record<string, string>>): Promise<Compose> {
  const raw: unknown = parse(await readFile(`${DEPLOY}/compose.yaml`, 'utf8'), (_key, value) =>
    typeof value === 'string' ? filled(value, env) : value,
  );
  return compose.parse(raw);
}

function filled(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(
    /\$\{(\w+)(:[-?])?([^}]*)\}/g,
    (_all, name: string, operator: string | undefined, fallback: string) => {
      const value = env[name] ?? '';
      if (value !== '') return value;
      if (operator === ':?') throw new Error(`${name} is wanted by compose.yaml`);
      return fallback;
    },
  );
}
