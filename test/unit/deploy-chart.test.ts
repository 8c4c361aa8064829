import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { describeEnvironment, environmentSchema } from '../../src/config/environment.js';
import { VERSION } from '../../src/version.js';
import { CHART, render, runHelm, VALUES, values, withoutHelm, type AnyObject } from '../support/chart.js'; // prettier-ignore

const file = (name: string) => readFile(join(CHART, name), 'utf8');

/** As much of Kubernetes' objects as the tests look at. */
const variable = z.object({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z.object({ secretKeyRef: z.object({ name: z.string(), key: z.string() }) }).optional(),
});
const podSpec = z.looseObject({
  automountServiceAccountToken: z.literal(false),
  enableServiceLinks: z.literal(false),
  terminationGracePeriodSeconds: z.number().optional(),
  serviceAccountName: z.string(),
  securityContext: z.looseObject({ runAsNonRoot: z.literal(true), fsGroup: z.literal(1000) }),
  volumes: z.array(z.looseObject({ name: z.string() })).default([]),
  containers: z.tuple([
    z.looseObject({
      image: z.string(),
      env: z.array(variable),
      securityContext: z.object({
        allowPrivilegeEscalation: z.literal(false),
        readOnlyRootFilesystem: z.literal(true),
        capabilities: z.object({ drop: z.tuple([z.literal('ALL')]) }),
      }),
    }),
  ]),
});
const deployment = z.looseObject({
  spec: z.looseObject({
    replicas: z.number().optional(),
    template: z.looseObject({ spec: podSpec }),
  }),
});

test('the chart is of this version, and no secret can be among its values', async () => {
  expect(parse(await file('Chart.yaml'))).toMatchObject({ version: VERSION, appVersion: VERSION });
  const schema = await file('values.schema.json');
  const secret = describeEnvironment().filter(({ secret }) => secret);
  const set = ['HEALTH_PORT', 'DRAIN_SECONDS', 'TRANSCRIPT_DIR'];
  for (const name of [...secret.map(({ name }) => name), ...set]) {
    expect(schema).toContain(`"${name}"`);
  }
});

describe.skipIf(withoutHelm)('the rendered chart', () => {
  const rendered = new Map<string, AnyObject[]>();
  beforeAll(async () => {
    await Promise.all(
      VALUES.map(async (name) => rendered.set(name, await render(...values(name)))),
    );
  }, 60_000);

  const kinds = (name: string) => (rendered.get(name) ?? []).map(({ kind }) => kind).sort();
  const object = (name: string, kind: string): AnyObject => {
    const found = (rendered.get(name) ?? []).find((one) => one.kind === kind);
    if (!found) throw new Error(`no ${kind}`);
    return found;
  };
  const workers = (name: string) => deployment.parse(object(name, 'Deployment')).spec;
  const env = (name: string) => {
    const [{ env }] = workers(name).template.spec.containers;
    return Object.fromEntries(env.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));
  };

  test.each(VALUES)('the chart with %s has no lint', async (name) => {
    const said = await runHelm('lint', '--strict', CHART, ...values(name));
    expect(said).toContain('0 chart(s) failed');
  });

  test('what is made depends on the values', () => {
    const always = ['Deployment', 'Pod', 'Service'];
    const usual = [...always, 'NetworkPolicy', 'PodDisruptionBudget'];
    expect(kinds('least')).toEqual([...usual, 'ServiceAccount'].sort());
    expect(kinds('all')).toEqual(
      [...usual, 'ServiceAccount', 'PersistentVolumeClaim', 'ServiceMonitor'].sort(),
    );
    expect(kinds('hpa')).toEqual([...usual, 'HorizontalPodAutoscaler'].sort());
    expect(kinds('keda')).toEqual([...always, 'ScaledObject', 'ServiceAccount'].sort());
  });

  test.each(VALUES)('pods of %s can do little', (name) => {
    // Parsing them checks their security contexts.
    expect(() => workers(name)).not.toThrow();
    expect(() => podSpec.parse(object(name, 'Pod')['spec'])).not.toThrow();
  });

  test('secrets come by reference, and everything else is a variable that the worker knows', () => {
    expect(env('all')).toEqual({
      LIVEKIT_API_KEY: { secretKeyRef: { name: 'captions', key: 'key' } },
      LIVEKIT_API_SECRET: { secretKeyRef: { name: 'captions', key: 'LIVEKIT_API_SECRET' } },
      SMALLEST_API_KEY: { secretKeyRef: { name: 'captions', key: 'SMALLEST_API_KEY' } },
      LIVEKIT_URL: 'ws://livekit-server.livekit:80',
      AGENT_NAME: 'captions',
      PULSE_MAX_STREAMS: '1000000',
      PULSE_DIARIZE: 'true',
      TRANSCRIPT_STORE: 's3://calls/2026',
      TRANSCRIPT_DIR: '/transcripts',
      HEALTH_PORT: '9000',
      DRAIN_SECONDS: '3600',
    });
    const known = Object.keys(environmentSchema.shape);
    const unknown = Object.keys(env('all')).filter((name) => !known.includes(name));
    expect(unknown).toEqual(['PULSE_DIARIZE']);
  });

  test('a value reaches the worker as it was written', () => {
    expect(env('numbers')).toMatchObject({
      AGENT_NAME: '0123',
      PULSE_MAX_STREAMS: '12345678',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
      PULSE_DIARIZE: 'false',
      PULSE_KEYWORDS: 'it\'s: "a" # word\n',
    });
  });

  test.each(VALUES)('with %s the check has what a worker has, and runs where one does', (name) => {
    const shared = ({
      volumes,
      containers: [{ image, env }],
      ...spec
    }: z.infer<typeof podSpec>) => [
      volumes,
      image,
      env,
      ...['nodeSelector', 'tolerations', 'imagePullSecrets', 'serviceAccountName'].map(
        (field) => spec[field],
      ),
    ];
    const check = podSpec.parse(object(name, 'Pod')['spec']);
    expect(shared(check)).toEqual(shared(workers(name).template.spec));
  });

  test('a pod has half a minute more than its rooms, and is asked for its health', () => {
    const { terminationGracePeriodSeconds, containers } = workers('all').template.spec;
    expect(terminationGracePeriodSeconds).toBe(3630);
    expect(containers[0]).toMatchObject({
      image: 'registry.example.org/captions:1.2.3',
      livenessProbe: { httpGet: { path: '/healthz' } },
      readinessProbe: { httpGet: { path: '/readyz' } },
      ports: [{ name: 'health', containerPort: 9000 }],
      resources: { limits: { memory: '2Gi' } },
    });
    expect(workers('least').template.spec.containers[0].image).toMatch(`:${VERSION}`);
  });

  test('transcripts are in the pod, in a claim, in a claim of somebody else, or nowhere', () => {
    const volumes = (name: string) => workers(name).template.spec.volumes;
    expect(volumes('least')).toEqual([{ name: 'transcripts', emptyDir: { sizeLimit: '5Gi' } }]);
    const claim = (claimName: string) => [
      { name: 'transcripts', persistentVolumeClaim: { claimName } },
    ];
    expect(volumes('all')).toEqual(claim('captions-transcripts'));
    expect(volumes('keda')).toEqual(claim('calls'));
    expect(volumes('hpa')).toEqual([]);
    expect(env('hpa')).toMatchObject({ TRANSCRIPT_DIR: '' });
  });

  test('an autoscaler has the number of workers to itself, and takes them away slowly', () => {
    expect([workers('all').replicas, workers('hpa').replicas]).toEqual([4, undefined]);
    const slowly = {
      scaleDown: { stabilizationWindowSeconds: 600, policies: [{ type: 'Pods', value: 1 }] },
    };
    expect(object('hpa', 'HorizontalPodAutoscaler')).toMatchObject({
      spec: { scaleTargetRef: { name: 'captions' }, behavior: slowly, maxReplicas: 20 },
    });
    expect(object('keda', 'ScaledObject')).toMatchObject({
      spec: {
        advanced: { horizontalPodAutoscalerConfig: { behavior: slowly } },
        triggers: [{ metadata: { threshold: '0.4' } }],
      },
    });
  });

  test('nobody may call a worker, except for its health, and it may not ask the cloud about itself', () => {
    expect(object('all', 'NetworkPolicy')).toMatchObject({
      spec: {
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ ports: [{ port: 'health' }], from: [{ namespaceSelector: {} }] }],
        egress: [
          { ports: [{ port: 53 }, { port: 53 }] },
          { to: [{ ipBlock: { except: ['169.254.169.254/32'] } }, { ipBlock: {} }] },
        ],
      },
    });
  });

  test.each([
    [['--set', 'config.LIVEKIT_URL=wss://x'], 'existingSecret'],
    [['--set', 'secrets.existingSecret=s'], 'LIVEKIT_URL'],
    [['--set', 'config.SMALLEST_API_KEY=secret'], 'SMALLEST_API_KEY'],
    [['--set', 'config.DRAIN_SECONDS=1'], 'DRAIN_SECONDS'],
    [['--set', 'autoscaling.type=vpa'], 'autoscaling'],
    [['--set', 'podLabels.helm\\.sh/chart=mine'], 'podLabels'],
    [['--set', 'livekit.url=wss://x'], 'livekit'],
  ])('%j is refused with the reason', async (args, named) => {
    const least = named === 'existingSecret' || named === 'LIVEKIT_URL' ? [] : values('least');
    await expect(render(...least, ...args)).rejects.toThrow(named);
  });
});
