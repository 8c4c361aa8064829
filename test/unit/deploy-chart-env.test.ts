import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadConfig } from '../../src/config/config.js';
import { render, values, withoutHelm } from '../support/chart.js';
import { containerEnv, readChartEnv } from '../support/chart-env.js';

const deployment = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({ containers: z.tuple([z.looseObject({ env: z.unknown() })]) }),
    }),
  }),
});

test.skipIf(withoutHelm)(
  'the environment that tests take for the chart’s is what the chart renders',
  async () => {
    const objects = await render(...values('all'));
    const worker = deployment.parse(objects.find(({ kind }) => kind === 'Deployment'));
    expect(worker.spec.template.spec.containers[0].env).toEqual(await readChartEnv());
  },
);

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
