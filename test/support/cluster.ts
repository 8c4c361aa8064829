import { z } from 'zod';
import type { AnyObject } from './chart.js';

const labels = z.record(z.string(), z.string());
type Labels = z.infer<typeof labels>;

const named = z.array(z.object({ name: z.string() })).default([]);
const probe = z.object({ httpGet: z.object({ port: z.string() }) }).optional();
const pod = z.object({
  metadata: z.object({ labels }),
  spec: z.object({
    serviceAccountName: z.string(),
    volumes: named,
    containers: z.array(
      z.object({
        env: named,
        ports: named,
        volumeMounts: named,
        startupProbe: probe,
        livenessProbe: probe,
        readinessProbe: probe,
      }),
    ),
  }),
});
type Pod = z.infer<typeof pod>;

const matchLabels = z.object({ matchLabels: labels }).transform((one) => one.matchLabels);
const workload = z.object({ spec: z.object({ selector: matchLabels, template: pod }) });
const service = z.object({
  metadata: z.object({ labels }),
  spec: z.object({ selector: labels, ports: z.array(z.object({ targetPort: z.string() })) }),
});
const selecting = z.object({ spec: z.object({ selector: matchLabels }) });
const policy = z.object({
  spec: z.object({
    podSelector: z.object({
      matchLabels: labels,
      matchExpressions: z.tuple([
        z.object({ key: z.string(), operator: z.literal('In'), values: z.array(z.string()) }),
      ]),
    }),
  }),
});
const scaling = z.object({ spec: z.object({ scaleTargetRef: z.object({ name: z.string() }) }) });

/**
 * What a cluster would refuse, or never find, in objects that are right each by itself, a line each: names and labels
 * that are none, selectors that select nothing, ports, volumes and accounts that are not there.
 */
export function brokenLinks(objects: readonly AnyObject[]): string[] {
  const parsed = <T>(kind: string, as: z.ZodType<T>): T[] =>
    objects.filter((one) => one.kind === kind).map((one) => as.parse(one));
  const workloads = parsed('Deployment', workload).map(({ spec }) => spec);
  const workers = workloads.map(({ template }) => template.metadata.labels);
  const services = parsed('Service', service);
  const pods = [...workloads.map(({ template }) => template), ...parsed('Pod', pod)];
  const found: string[] = [];
  const expect = (what: string, holds: boolean) => {
    if (!holds) found.push(what);
  };
  const selects = (what: string, selector: Labels, among: readonly Labels[]) => {
    expect(
      `${what} selects nothing`,
      among.some((one) => contains(one, selector)),
    );
  };

  for (const { kind, metadata } of objects) {
    expect(`${kind} has no name: ${metadata.name}`, isName(metadata.name));
    for (const fault of wrongLabels(labels.parse(metadata['labels']))) expect(fault, false);
  }
  for (const { metadata, spec } of pods) {
    for (const fault of [...wrongLabels(metadata.labels), ...brokenInPod(spec)]) found.push(fault);
  }
  for (const { selector } of workloads) selects('Deployment', selector, workers);
  for (const { spec } of services) {
    selects('Service', spec.selector, workers);
    const ports = workloads.flatMap((one) => one.template.spec.containers.flatMap(portsOf));
    for (const { targetPort } of spec.ports)
      expect(`no port ${targetPort}`, ports.includes(targetPort));
  }
  for (const { spec } of parsed('PodDisruptionBudget', selecting)) {
    selects('PodDisruptionBudget', spec.selector, workers);
  }
  for (const { spec } of parsed('ServiceMonitor', selecting)) {
    selects(
      'ServiceMonitor',
      spec.selector,
      services.map(({ metadata }) => metadata.labels),
    );
  }
  for (const { spec } of parsed('NetworkPolicy', policy)) {
    const { matchLabels: wanted, matchExpressions } = spec.podSelector;
    const [{ key, values }] = matchExpressions;
    const holds = (has: Labels) => contains(has, wanted) && values.includes(has[key] ?? '');
    expect(
      'a pod has no NetworkPolicy',
      pods.every(({ metadata }) => holds(metadata.labels)),
    );
  }
  const accounts = objects.filter(({ kind }) => kind === 'ServiceAccount');
  for (const { spec } of accounts.length > 0 ? pods : []) {
    const own = accounts.some(({ metadata }) => metadata.name === spec.serviceAccountName);
    expect(`no account ${spec.serviceAccountName}`, own);
  }
  for (const kind of ['HorizontalPodAutoscaler', 'ScaledObject']) {
    for (const { spec } of parsed(kind, scaling)) {
      const { name } = spec.scaleTargetRef;
      const there = objects.some((one) => one.kind === 'Deployment' && one.metadata.name === name);
      expect(`${kind} scales nothing`, there);
    }
  }
  return found;
}

const portsOf = ({ ports }: Pod['spec']['containers'][number]) => ports.map(({ name }) => name);

function brokenInPod({ containers, volumes }: Pod['spec']): string[] {
  return containers.flatMap((one) => {
    const names = one.env.map(({ name }) => name);
    const twice = names.filter((name, index) => names.indexOf(name) !== index);
    const mounted = one.volumeMounts.map(({ name }) => name);
    const missing = mounted.filter((name) => volumes.every((volume) => volume.name !== name));
    const unused = volumes.filter(({ name }) => !mounted.includes(name));
    const asked = [one.startupProbe, one.livenessProbe, one.readinessProbe].flatMap((probe) =>
      probe ? [probe.httpGet.port] : [],
    );
    return [
      ...twice.map((name) => `${name} is set twice`),
      ...missing.map((name) => `no volume ${name}`),
      ...unused.map(({ name }) => `volume ${name} is not mounted`),
      ...asked.filter((port) => !portsOf(one).includes(port)).map((port) => `no port ${port}`),
    ];
  });
}

function contains(has: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([name, value]) => has[name] === value);
}

function wrongLabels(all: Labels): string[] {
  const right = /^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?$/;
  return Object.entries(all).flatMap(([name, value]) =>
    value.length <= 63 && right.test(value) ? [] : [`label ${name} has no value: ${value}`],
  );
}

/** As a Service needs it, which is the strictest (before Kubernetes 1.34 it may not begin with a digit either). */
function isName(name: string): boolean {
  return name.length <= 63 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name);
}
