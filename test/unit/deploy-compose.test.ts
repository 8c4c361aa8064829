import dotenv from 'dotenv';
import { existsSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { describeEnvironment } from '../../src/config/environment.js';
import { VERSION } from '../../src/version.js';
import { DEPLOY, readCompose } from '../support/compose.js';

const run = promisify(execFile);
const SECRETS = {
  LIVEKIT_API_KEY: 'key',
  LIVEKIT_API_SECRET: 'a-secret',
  SMALLEST_API_KEY: 'pulse',
  STORE_SECRET_KEY: 'store',
  GRAFANA_PASSWORD: 'grafana',
};

test.each(Object.keys(SECRETS))('compose does not start without %s', async (name) => {
  await expect(readCompose({ ...SECRETS, [name]: '' })).rejects.toThrow(name);
});

test('what compose wants is in its example, and empty where it is a secret', async () => {
  const example = dotenv.parse(await readFile(join(DEPLOY, '.env.example'), 'utf8'));
  expect(Object.keys(example).sort()).toEqual(Object.keys(SECRETS).sort());
  const given = Object.entries(example).filter(([, value]) => value !== '');
  expect(given).toEqual([['LIVEKIT_API_KEY', 'captions']]);
});

test('every part has a version, a way to see that it is well, and waits for what it needs', async () => {
  const { services, volumes } = await readCompose(SECRETS);
  const names = Object.keys(services).sort();
  expect(names).toEqual(['grafana', 'livekit', 'prometheus', 'redis', 'store', 'worker']);
  for (const [name, { image, healthcheck, depends_on: needs }] of Object.entries(services)) {
    expect(image).toMatch(/:v?\d+\.\d+/);
    // The worker's is in its image.
    expect(healthcheck === undefined).toBe(name === 'worker');
    for (const needed of Object.keys(needs)) expect(names).toContain(needed);
  }
  expect(services['worker']?.image).toBe(`livekit-pulse-captions:${VERSION}`);
  const mounts = Object.values(services).flatMap(({ volumes }) => volumes);
  const named = mounts.filter((mount) => !mount.startsWith('.')).map((one) => one.split(':')[0]);
  expect(named.sort()).toEqual(Object.keys(volumes).sort());
});

test('what is mounted is there, and cannot be written', async () => {
  const { services } = await readCompose(SECRETS);
  const mounts = Object.values(services).flatMap(({ volumes }) => volumes);
  for (const mount of mounts.filter((one) => one.startsWith('.'))) {
    const [from = '', , mode] = mount.split(':');
    expect(mode).toBe('ro');
    expect(existsSync(join(DEPLOY, from)), from).toBe(true);
  }
});

test('nothing can be called from other machines unless told', async () => {
  const { services } = await readCompose(SECRETS);
  const ports = Object.values(services).flatMap(({ ports }) => ports);
  expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
});

test('the worker may do little, and has time to hand over', async () => {
  const { worker } = (await readCompose(SECRETS)).services;
  expect(worker).toMatchObject({
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    volumes: ['transcripts:/transcripts'],
  });
  const drain = Number(worker?.environment['DRAIN_SECONDS']);
  expect(worker?.['stop_grace_period']).toBe(`${drain + 30}s`);
  const known = describeEnvironment().map(({ name }) => name);
  const own = Object.keys(worker?.environment ?? {}).filter((name) => !name.startsWith('AWS_'));
  expect(own.filter((name) => !known.includes(name))).toEqual([]);
});

test('Prometheus finds the workers where they are, and Grafana finds Prometheus', async () => {
  const { services } = await readCompose(SECRETS);
  const read = async (file: string): Promise<unknown> =>
    parse(await readFile(join(DEPLOY, 'compose', file), 'utf8'));
  const port = Number(services['worker']?.environment['HEALTH_PORT']);
  expect(await read('prometheus.yml')).toMatchObject({
    rule_files: ['/etc/prometheus/rules/alerts.yml'],
    scrape_configs: [{ dns_sd_configs: [{ names: ['worker'], port }] }],
  });
  expect(await read('grafana/datasources.yml')).toMatchObject({
    datasources: [{ type: 'prometheus', url: 'http://prometheus:9090', isDefault: true }],
  });
  expect(await read('grafana/dashboards.yml')).toMatchObject({
    providers: [{ options: { path: '/etc/grafana/dashboards' } }],
  });
});

test('Prometheus itself takes its settings, with the rules that are mounted', async (context) => {
  const there = await run('promtool', ['--version']).catch(() => undefined);
  if (!there) return context.skip('no promtool');
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
  try {
    const settings = await readFile(join(DEPLOY, 'compose', 'prometheus.yml'), 'utf8');
    const file = join(folder, 'prometheus.yml');
    await writeFile(file, settings.replace('/etc/prometheus/rules', join(DEPLOY, 'prometheus')));
    const { stdout } = await run('promtool', ['check', 'config', file]);
    expect(stdout).toMatch(/SUCCESS: .*prometheus\.yml is valid/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
