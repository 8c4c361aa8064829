import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const entries = z.array(
  z.strictObject({
    name: z.string(),
    value: z.string().optional(),
    valueFrom: z
      .strictObject({ secretKeyRef: z.strictObject({ name: z.string(), key: z.string() }) })
      .optional(),
  }),
);

/** What a container has under `env`, as Kubernetes writes it. */
export type EnvEntries = z.infer<typeof entries>;

/** Secrets by their names, each with its keys. */
export type Secrets = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What the chart renders with `deploy/chart/ci/all.yaml`: see `deploy-chart-env.test.ts`, which holds it to that. */
export const CHART_ENV = new URL('chart-env.json', import.meta.url);

export async function readChartEnv(): Promise<EnvEntries> {
  return entries.parse(JSON.parse(await readFile(CHART_ENV, 'utf8')));
}

/**
 * The variables that a process in that container has of it.
 * @throws Error where a secret is missing, as the container then does not start
 */
export function containerEnv(env: EnvEntries, secrets: Secrets): Record<string, string> {
  return Object.fromEntries(
    env.map(({ name, value = '', valueFrom }) => {
      if (!valueFrom) return [name, value];
      const { name: secret, key } = valueFrom.secretKeyRef;
      const content = secrets[secret]?.[key];
      if (content === undefined) throw new Error(`the secret ${secret} has no ${key}`);
      return [name, content];
    }),
  );
}
