import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadConfig } from '../../src/config/config.js';
import { findHelm } from '../../src/devkit/helm.js';
import { containerEnv, readChartEnv } from '../support/chart-env.js';

const CHART = fileURLToPath(new URL('../../deploy/chart', import.meta.url));
const deployment = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({ containers: z.tuple([z.looseObject({ env: z.unknown() })]) }),
    }),
  }),
});

test('the environment that tests take for the chart’s is what the chart renders', async (context) => {
  const helm = findHelm();
  if (!helm) return context.skip('There is no Helm: the chart is not rendered.');
  const args = ['template', 'captions', CHART, '-f', `${CHART}/ci/all.yaml`];
  const only = ['--show-only', 'templates/deployment.yaml'];
  const { stdout } = await promisify(execFile)(helm, [...args, ...only]);
  const { containers } = deployment.parse(parse(stdout)).spec.template.spec;
  expect(containers[0].env).toEqual(await readChartEnv());
});

test('a worker takes the environment of the chart for a configuration', async () => {
  const env = await readChartEnv();
  const secret = { key: 'key', LIVEKIT_API_SECRET: 'secret', SMALLEST_API_KEY: 'pulse' };
  expect(loadConfig(containerEnv(env, { captions: secret }))).toMatchObject({
    livekit: { url: 'ws://livekit-server.livekit:80', apiKey: 'key' },
    worker: { agentName: 'captions', maxStreams: 1_000_000, healthPort: 9000 },
    transcript: { directory: '/transcripts', store: { bucket: 'calls', prefix: '2026/' } },
  });
  expect(() => containerEnv(env, {})).toThrow('the secret captions has no key');
});
