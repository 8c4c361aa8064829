import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { render, renderAs, values, withoutHelm, type AnyObject } from '../support/chart.js';
import { brokenLinks } from '../support/cluster.js';
import { DEPLOY } from '../support/compose.js';
import { readSchemas } from '../support/schemas.js';

const schemas = readSchemas();

const faults = (objects: readonly AnyObject[]) => [
  ...objects.flatMap((one) => schemas.faultsOfObject(one).map((fault) => `${one.kind}: ${fault}`)),
  ...brokenLinks(objects),
];

const CASES: Readonly<Record<string, () => Promise<AnyObject[]>>> = {
  'as little as possible': () => render(...values('least')),
  'all that there is': () => render(...values('all')),
  'an autoscaler by CPU': () => render(...values('hpa')),
  'an autoscaler by load': () => render(...values('keda')),
  'metrics for the operator, with that': () =>
    render(...values('keda'), '--set', 'serviceMonitor.enabled=true'),
  'no policy and no budget': () =>
    render(
      ...values('least'),
      '--set',
      'networkPolicy.enabled=false,podDisruptionBudget.enabled=false',
    ),
  'secrets that an operator brings': () =>
    render(
      ...values('least'),
      '--set',
      'secrets.existingSecret=from-vault,secrets.livekitApiKey=livekit.key,secrets.more={store,e2ee}',
    ),
  'a thousand workers': () =>
    render(...values('all'), '--set', 'replicaCount=1000,podDisruptionBudget.maxUnavailable=10%'),
  'the longest name': () => renderAs('c'.repeat(53), ...values('all')),
  'a name with dots': () => renderAs('calls.7', ...values('all')),
  'a name that is a number': () => renderAs('77', ...values('keda')),
  'names that look like numbers': () => render(...values('numbers')),
};

describe.skipIf(withoutHelm)('a cluster takes the chart', () => {
  test.each(Object.keys(CASES))('with %s', async (name) => {
    const objects = (await CASES[name]?.()) ?? [];
    expect(objects.length).toBeGreaterThanOrEqual(4);
    expect(faults(objects)).toEqual([]);
  });

  test.each(['../../deploy/chart/README.md', '../../docs/deploying.md'])(
    'as %s has it installed',
    async (document) => {
      const text = await readFile(new URL(document, import.meta.url), 'utf8');
      const lines = text.replaceAll('\\\n', ' ').split('\n');
      const [install = ''] = lines.filter((line) => line.startsWith('helm install '));
      const [, , release = '', chart, ...args] = install.split(/ +/);
      expect(chart).toBe('deploy/chart');
      const objects = await renderAs(release, ...args);
      expect(objects.length).toBeGreaterThan(4);
      expect(faults(objects)).toEqual([]);
    },
  );

  test('but not with a field that does not exist, or a pod that has no policy', async () => {
    const objects = await render(...values('least'), '--set', 'podLabels.team=video');
    const [deployment] = objects.filter(({ kind }) => kind === 'Deployment');
    const text = JSON.stringify(deployment)
      .replace('"terminationGracePeriodSeconds":630', '"terminationGraceSeconds":630')
      .replace('"replicas":2', '"replicas":"2"')
      .replace('"team":"video"', '"app.kubernetes.io/name":"other"')
      .replace('"mountPath"', '"name":"calls","mountPath"');
    const broken = objects.map((one) =>
      one.kind === 'Deployment' ? (JSON.parse(text) as AnyObject) : one,
    );
    expect(faults(broken)).toEqual([
      'Deployment: /spec/replicas must be integer {"type":"integer"}',
      'Deployment: /spec/template/spec must NOT have additional properties {"additionalProperty":"terminationGraceSeconds"}',
      'no volume calls',
      'volume transcripts is not mounted',
      'Deployment selects nothing',
      'Service selects nothing',
      'PodDisruptionBudget selects nothing',
      'a pod has no NetworkPolicy',
    ]);
  });
});

test('a field that does not exist is found', () => {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'captions', label: {} },
    spec: { ports: [{ port: '8081' }], clusterIp: 'None' },
  };
  expect(schemas.faultsOfObject(service)).toEqual([
    '/metadata must NOT have additional properties {"additionalProperty":"label"}',
    '/spec must NOT have additional properties {"additionalProperty":"clusterIp"}',
    '/spec/ports/0/port must be integer {"type":"integer"}',
  ]);
  expect(schemas.faultsOfObject({ ...service, apiVersion: 'v2' })).toEqual([
    'no schema of "v2 Service"',
  ]);
});

test('compose takes its file, and finds what is no part of one', async () => {
  const text = await readFile(join(DEPLOY, 'compose.yaml'), 'utf8');
  expect(schemas.faultsOfCompose(parse(text))).toEqual([]);
  const broken = text.replace('stop_grace_period: 90s', 'stop_grace: 90s');
  expect(schemas.faultsOfCompose(parse(broken))).toEqual([
    '/services/worker must NOT have unevaluated properties {"unevaluatedProperty":"stop_grace"}',
  ]);
});
